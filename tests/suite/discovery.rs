//! Which files are Dockerfiles, and where a project ends.

use super::support::{Project, git};

const BAD: &str = "FROM python:3.13-slim\nRUN ls\n";

/// The Dockerfiles that are checked, with the rule on RUN.
fn checked(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let project = Project::with_rule(files);
    let lines = project.lines(arguments);
    let names = lines
        .lines()
        .map(|line| line.split(':').next().unwrap().to_owned());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn by_name_and_by_how_they_begin() {
    let files = [
        ("Dockerfile-prod", BAD),
        ("Dockerfile_dev", BAD),
        ("docker/web.docker", BAD),
        ("api-dockerfile", BAD),
        (".env.docker", "A=1\n"),
        ("dockerfile-notes", "How to write one\n"),
        ("static/dockerfile.js", "FROM x\nRUN ls\n"),
        ("static/Dockerfile.md", "FROM x\nRUN ls\n"),
    ];
    assert_eq!(
        checked(&files, &[]),
        "Dockerfile-prod Dockerfile_dev api-dockerfile docker/web.docker"
    );
}

#[test]
fn what_was_committed_although_git_ignores_it() {
    let ignored = [
        (".gitignore", "Dockerfile\n"),
        ("Dockerfile", BAD),
        ("web/Dockerfile.prod", BAD),
    ];
    let project = Project::with_rule(&ignored);
    git(project.path(), &["init", "-q"]);
    let names = || {
        let lines = project.lines(&[]);
        let names = lines
            .lines()
            .map(|line| line.split(':').next().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(), "web/Dockerfile.prod");
    git(project.path(), &["add", "-f", "Dockerfile"]);
    assert_eq!(names(), "Dockerfile web/Dockerfile.prod");
}

#[test]
fn by_those_who_build_them() {
    let workflow = "\
jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
          file: images/pushed
      - run: docker build -t x --file images/typed .
      - uses: codecov/codecov-action@v4
        with: {file: coverage.xml}
";
    let files = [
        (
            "compose.yaml",
            concat!(
                "services:\n",
                "  a: {build: {context: images, dockerfile: composed}}\n",
                "  b: {build: {context: ., dockerfile: '${FILE:-images/default}'}}\n",
            ),
        ),
        (
            "docker-bake.hcl",
            "target \"x\" {\n  context = \"images\"\n  dockerfile = \"baked\"\n}\n",
        ),
        (".github/workflows/ci.yml", workflow),
        (
            ".gitlab-ci.yml",
            "build:\n  script:\n    - docker build -f images/lab .\n",
        ),
        ("images/composed", BAD),
        ("images/default", BAD),
        ("images/baked", BAD),
        ("images/pushed", BAD),
        ("images/typed", BAD),
        ("images/lab", BAD),
        ("images/unnamed", BAD),
        ("coverage.xml", "<x/>"),
    ];
    let all = "images/baked images/composed images/default images/lab images/pushed images/typed";
    assert_eq!(checked(&files, &[]), all);
    // The same from inside of a repository, and for a changed file.
    let files = [&files[..], &[(".git/HEAD", "")]].concat();
    assert_eq!(checked(&files, &["images"]), all);
    assert_eq!(checked(&files, &["compose.yaml", "--force-exclude"]), all);
}

#[test]
fn nothing_found_is_an_error() {
    let project = Project::with_rule(&[("app/manage.py", "")]);
    let ran = project.own(&["."]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.contains("no Dockerfile was found here"),
        "{}",
        ran.out
    );
    assert_eq!(project.own(&[]).code, 2);
    assert_eq!(project.own(&["app"]).code, 2);
    assert_eq!(project.own(&["app", "--allow-empty"]).code, 0);
    assert_eq!(project.own(&["app/manage.py"]).code, 0);
    let json = project.own(&["--format", "json", "app"]).json();
    assert_eq!(json["errors"][0]["file"], "app");
}

#[test]
fn templates_are_named() {
    let project = Project::with_rule(&[
        ("Dockerfile", BAD),
        ("Dockerfile.j2", "FROM {{ image }}\n"),
        ("{{cookiecutter.slug}}/Dockerfile", "FROM python:3.13\n"),
        ("deploy/Dockerfile", "{% if x %}\nFROM python:3.13\n"),
        ("{{cookiecutter.slug}}/compose.yml", "services: {}\n"),
    ]);
    let ran = project.own(&["--format", "concise"]);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert_eq!(
        ran.err,
        "3 templates are not checked: `Dockerfile.j2`, `deploy/Dockerfile`, `{{cookiecutter.slug}}/Dockerfile`\n"
    );
    assert_eq!(project.own(&["-q"]).err, "");
    let only = Project::with_rule(&[("Dockerfile.j2", "FROM {{ image }}\n")]);
    let ran = only.own(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("only templates"), "{}", ran.out);
}

/// Without a repository the directory on the command line is the project.
#[test]
fn a_project_without_a_repository() {
    let files = [
        (
            "compose.yaml",
            "services:\n  web:\n    build: {context: ., dockerfile: app/Dockerfile}\n",
        ),
        ("requirements.txt", "django==5.2.9\n"),
        ("app/manage.py", ""),
        (
            "app/Dockerfile",
            "FROM python:3.13-slim-trixie\nCOPY requirements.txt gone.txt ./\n",
        ),
    ];
    let project = Project::new(&files);
    let found = |arguments: &[&str]| {
        let base = ["--format", "concise", "--select", "copied-file-missing"];
        let ran = project.run(&[&base, arguments].concat());
        ran.out
    };
    // `requirements.txt` is there, because the context is the directory above.
    let out = found(&["."]);
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.contains("gone.txt"), "{out}");
    let lone = Project::new(&[
        ("x/start.sh", "#!/bin/sh\n"),
        (
            "x/Dockerfile",
            "FROM python:3.13-slim-trixie\nCOPY start.sh gone.sh ./\n",
        ),
    ]);
    let ran = lone.run(&[
        "x",
        "--format",
        "concise",
        "--select",
        "copied-file-missing",
    ]);
    assert!(ran.out.contains("gone.sh"), "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
}

/// What is there and cannot be read is a problem, also when it names no file to check.
#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_a_problem() {
    use std::os::unix::fs::PermissionsExt as _;
    for name in [
        ".dockerignore",
        ".gitignore",
        "requirements.txt",
        "compose.yaml",
    ] {
        let project = Project::new(&[
            (".git/HEAD", ""),
            (
                "Dockerfile",
                "FROM python:3.13-slim-trixie\nCOPY requirements.txt ./\nRUN pip install --no-cache-dir -r \
                    requirements.txt\nUSER 1000\n",
            ),
            ("requirements.txt", "django==5.2.9\n"),
            (name, ""),
        ]);
        let path = project.path().join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        if std::fs::read(&path).is_ok() {
            // Whoever may read everything cannot be kept out.
            continue;
        }
        let ran = project.run(&["--format", "concise"]);
        assert_eq!(ran.code, 2, "{name}: {}{}", ran.out, ran.err);
        assert!(
            ran.out.contains(&format!("{name}: ")),
            "{name}: {}",
            ran.out
        );
    }
    let project = Project::new(&[
        (".git/HEAD", ""),
        ("Dockerfile", "FROM python:3.13-slim-trixie\nUSER 1000\n"),
    ]);
    std::os::unix::fs::symlink("/nowhere/at/all", project.path().join(".dockerignore")).unwrap();
    let ran = project.run(&["--format", "concise"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(".dockerignore: "), "{}", ran.out);
}

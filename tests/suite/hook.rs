//! The commit hook over names that real projects have: which files it runs for, and that the command
//! takes whatever it is given.

use regex::Regex;

use super::support::{Project, root};

/// The pattern of a key of the first hook.
fn pattern(key: &str) -> Regex {
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let lines = hooks.lines().skip_while(|line| {
        let line = line.trim_start();
        !line.starts_with(&format!("{key}: &{key} |"))
    });
    let body = lines.skip(1).take_while(|line| line.starts_with("    "));
    let text: Vec<&str> = body.map(str::trim).collect();
    Regex::new(&text.join("\n")).unwrap()
}

/// What is copied for a hook of one's own is what the hook has.
#[test]
fn the_local_hook_runs_for_the_same_files() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (hooks, example) = (
        read(".pre-commit-hooks.yaml"),
        read("examples/pre-commit-python.yaml"),
    );
    let start = hooks.find("  files: &files |").unwrap();
    let end = hooks.find("- id: seatrial-system").unwrap();
    let lines = hooks[start..end].trim_end().lines();
    let shown: Vec<String> = lines
        .map(|line| {
            format!(
                "      {}",
                line.replace("&files ", "").replace("&exclude ", "")
            )
        })
        .collect();
    assert!(example.contains(&shown.join("\n")), "{}", shown.join("\n"));
}

/// `+ path` and `- path`: whether the hook runs for it.
fn paths() -> Vec<(bool, String)> {
    let text = std::fs::read_to_string(root().join("fixtures/hook/paths.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (sign, path) = line.split_once(' ').unwrap();
            (sign == "+", path.to_owned())
        })
        .collect()
}

#[test]
fn the_hook_runs_for_what_can_change_a_finding() {
    let (files, exclude) = (pattern("files"), pattern("exclude"));
    let paths = paths();
    assert!(paths.len() > 3000);
    let wrong: Vec<&str> = paths
        .iter()
        .filter(|(runs, path)| (files.is_match(path) && !exclude.is_match(path)) != *runs)
        .map(|(_, path)| path.as_str())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever starts images by a file is told of: the hook runs for it, a changed one stands for the Dockerfile below it,
/// and the README says that it is read.
#[test]
fn files_that_start_images_are_known_everywhere() {
    let (files, exclude) = (pattern("files"), pattern("exclude"));
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let names = seatrial::made::deployment_files();
    assert!(names.len() > 3);
    for name in names {
        assert!(
            files.is_match(name) && !exclude.is_match(name),
            "the hook leaves {name} out"
        );
        let shown = match name.contains("compose") {
            true => "compose files",
            false => name,
        };
        assert!(readme.contains(shown), "README.md does not name {name}");
        let project = Project::with_rule(&[(
            "harbor/Dockerfile",
            "FROM python:3.13-slim-trixie\nRUN ls\n",
        )]);
        project.write(name, "");
        let report = project
            .run(&["check", "--force-exclude", "-f", "json", name])
            .json();
        assert_eq!(report["files_checked"], 1, "{name}: {report:#}");
    }
}

/// What a file of that name may hold.
fn content(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap();
    let lower = name.to_ascii_lowercase();
    if lower.contains("compose") && (lower.ends_with(".yml") || lower.ends_with(".yaml")) {
        return "services:\n  web:\n    image: busybox:1.37\n";
    }
    let is_other = [
        ".js",
        ".ts",
        ".py",
        ".json",
        ".md",
        ".vim",
        ".sublime-syntax",
        ".j2",
        ".in",
    ];
    let words = ["dockerfile", "containerfile"];
    if (words.iter().any(|word| lower.contains(word)) || lower.ends_with(".docker"))
        && !is_other.iter().any(|ending| lower.ends_with(ending))
        && !lower.ends_with("ignore")
    {
        return "FROM python:3.13-slim-trixie\nUSER 1000\n";
    }
    match lower.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "py" => "from os import environ\n",
        "sh" => "#!/bin/sh\nexec \"$@\"\n",
        "json" => "{}\n",
        "txt" | "in" => "django==5.2.9\n",
        "sql" => "CREATE TABLE berth (id int);\n",
        "js" => ";(function() {})();\n",
        "ini" | "cfg" | "conf" => "[uwsgi]\n",
        "toml" | "lock" | "yml" | "yaml" => "",
        "env" => "A=1\n",
        "gitignore" | "dockerignore" => "*.pyc\n",
        "python-version" => "3.13\n",
        "png" | "jpg" | "woff" => "\u{fffd}\u{0}\u{1}",
        _ => "From: somebody\n\nsome text\n",
    }
}

/// Nothing that a hook may be handed ends it, and all of it finds what a check of the directory finds.
#[test]
fn the_command_takes_what_a_hook_is_given() {
    let paths = paths();
    let project = Project::with_rule(&[(".git/HEAD", ""), (".git/config", "")]);
    for (_, path) in paths
        .iter()
        .filter(|(_, path)| !path.ends_with("seatrial.toml"))
    {
        project.write(path, content(path));
    }
    project.write(
        "harbor/worker.Dockerfile",
        "FROM python:3.13-slim-trixie\nRUN ls\n",
    );
    let given = |runs: bool| -> Vec<&str> {
        let paths = paths.iter().filter(|(it_runs, _)| *it_runs || !runs);
        let paths = paths.map(|(_, path)| path.as_str());
        let mut paths: Vec<&str> = paths
            .filter(|path| !path.ends_with("seatrial.toml"))
            .collect();
        paths.push("harbor/worker.Dockerfile");
        paths
    };
    let whole = project.own(&["--format", "concise", "."]);
    assert_eq!(whole.code, 1, "{}{}", whole.out, whole.err);
    for runs in [true, false] {
        let given = given(runs);
        let ran = project.own(&[&["--format", "concise", "--force-exclude"], &given[..]].concat());
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert_eq!(ran.out, whole.out);
    }
    // One at a time it is the same: none of them is an error.
    for (at, (runs, path)) in paths.iter().enumerate() {
        if *runs && at % 97 == 0 || at % 499 == 0 {
            let ran = project.own(&["--format", "concise", "--force-exclude", path]);
            assert!(ran.code < 2, "{path}: {}{}", ran.out, ran.err);
        }
    }
}

/// What is named and is no Dockerfile is an error that says what to do; in a hook it is passed over.
#[test]
fn what_is_named_and_is_no_dockerfile() {
    let project = Project::with_rule(&[
        (".git/HEAD", ""),
        ("Dockerfile", "FROM python:3.13-slim\n"),
        ("3.12", "3.12\n"),
        ("docker/web", "# the image\nFROM python:3.13-slim\nRUN ls\n"),
        ("docker/dockerfile.js", ";(function() {})();\n"),
    ]);
    let ran = project.own(&["--format", "concise", "3.12"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.contains("rename it to `3.12.Dockerfile`"),
        "{}",
        ran.out
    );
    assert_eq!(project.own(&["docker/dockerfile.js"]).code, 2);
    for path in ["3.12", "docker/dockerfile.js"] {
        assert_eq!(project.own(&["--force-exclude", path]).code, 0, "{path}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", project.path().join("link")).unwrap();
        assert_eq!(project.own(&["--force-exclude", "link"]).code, 0);
        assert_eq!(project.own(&["link"]).code, 2);
    }
    assert_eq!(project.own(&["docker/web"]).code, 1);
    assert_eq!(project.own(&["--force-exclude", "docker/web"]).code, 1);
}

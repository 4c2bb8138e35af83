//! What lies in a project and is no file to read: pipes, devices, links out of it, files without end. A check of it
//! ends, shows nothing from outside, and whatever it could not use is a problem. What it writes, it writes whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use seatrial::{Files, Found, Memory, MemoryFile, Names, Request, Workspace};

use crate::support::{Project, RULE, Ran, finish};

const DOCKERFILE: &str = "FROM python:3.13-slim-trixie\nWORKDIR /app\nCOPY . .\n\
    RUN pip install --no-cache-dir -r requirements.txt\nCMD [\"gunicorn\", \"shop.wsgi\"]\n";
/// Stands in files outside of the project.
const SECRET: &str = "outside-4711";

/// The project, in a directory with another one beside it.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(&[
        ("project/Dockerfile", DOCKERFILE),
        ("project/.git/HEAD", "ref: refs/heads/main\n"),
        ("outside/requirements.txt", "django==1.0 # outside-4711\n"),
        ("outside/rule.toml", "outside-4711 = \n"),
    ]);
    for (path, text) in files {
        project.write(&format!("project/{path}"), text);
    }
    project
}

fn check(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command(&[&["check", "--format", "concise"], arguments].concat());
    command.current_dir(project.path().join("project"));
    let begin = Instant::now();
    let ran = finish(command, None);
    assert!(begin.elapsed() < Duration::from_secs(30), "{arguments:?}");
    assert!(
        !format!("{}{}", ran.out, ran.err).contains(SECRET),
        "{}{}",
        ran.out,
        ran.err
    );
    ran
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let told = |name: &str| match name {
        "seatrial.toml" | "pyproject.toml" | ".dockerignore" | "Dockerfile" => 2,
        _ => 1,
    };
    for name in [
        "seatrial.toml",
        "pyproject.toml",
        ".git/config",
        ".git/info/exclude",
        ".gitignore",
        ".ignore",
        ".dockerignore",
        "requirements.txt",
        "compose.yaml",
        "Dockerfile",
    ] {
        for is_pipe in [true, false] {
            let project = project(&[(".git/info/x", "")]);
            let path = project.path().join("project").join(name);
            let _ = std::fs::remove_file(&path);
            if is_pipe {
                let made = std::process::Command::new("mkfifo").arg(&path).status();
                assert!(made.expect("mkfifo is there").success());
            } else {
                std::os::unix::fs::symlink("/dev/zero", &path).expect("it is linked");
            }
            let paths: &[&str] = if name == "Dockerfile" {
                &["Dockerfile"]
            } else {
                &["."]
            };
            let ran = check(&project, paths);
            assert_eq!(ran.code, told(name), "{name}: {}{}", ran.out, ran.err);
        }
    }
    let project = project(&[]);
    let ran = check(&project, &["--baseline", "/dev/zero"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("not a regular file"), "{}", ran.err);
}

#[test]
fn standard_input_has_an_end() {
    let project = project(&[]);
    project.write("long", "#".repeat(5_000_000));
    let input = std::fs::File::open(project.path().join("long")).expect("it opens");
    let output = project.command(&["check", "-"]).stdin(input).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("standard input has more than"), "{told}");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_are_not_followed() {
    for name in [
        "seatrial.toml",
        ".seatrial.toml",
        "pyproject.toml",
        "Dockerfile",
    ] {
        let project = project(&[]);
        project.write("outside/secret", "outside-4711 = \"seatrial\n");
        let path = project.path().join("project").join(name);
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink("../outside/secret", &path).expect("it is linked");
        let ran = check(&project, &["."]);
        assert_eq!(ran.code, 2, "{name}");
        assert!(
            ran.out.contains("link to outside the project"),
            "{name}: {}",
            ran.out
        );
        std::fs::remove_file(&path).expect("it is removed");
        std::os::unix::fs::symlink("nowhere", &path).expect("it is linked");
        assert_eq!(check(&project, &["."]).code, 2, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_dockerfile_may_be_a_link_within_the_project() {
    let project = project(&[(
        "docker/production.txt",
        "FROM python\nRUN pip install django\n",
    )]);
    let path = project.path().join("project/Dockerfile");
    std::fs::remove_file(&path).expect("it is removed");
    std::os::unix::fs::symlink("docker/production.txt", &path).expect("it is linked");
    let ran = check(&project, &["."]);
    assert!(
        ran.code == 1 && ran.out.contains("Dockerfile:1:6"),
        "{}",
        ran.out
    );
}

#[test]
fn a_configuration_names_nothing_outside_of_its_project() {
    for key in [
        "rules = [\"../outside\"]",
        "rules = [\"/\"]",
        "context = \"../outside\"",
        "context = \"/\"",
    ] {
        let project = project(&[("seatrial.toml", key)]);
        let ran = check(&project, &["."]);
        assert_eq!(ran.code, 2, "{key}");
        assert!(
            ran.out.contains("is outside the project"),
            "{key}: {}",
            ran.out
        );
    }
    // Who runs the command may.
    let project = project(&[("requirements.txt", "gunicorn\n")]);
    let ran = check(&project, &[".", "--context", "../outside"]);
    assert!(!ran.out.contains("is outside"), "{}", ran.out);
}

#[test]
fn a_table_of_ours_is_found_however_it_is_written() {
    for text in [
        "[tool]\nseatrial = { selekt = [] }\n",
        "[tool.\"seatrial\"]\nselekt = []\n",
        "[ tool . seatrial ]\nselekt = []\n",
        "tool.seatrial.selekt = []\n",
        "[tool.seatrial]\nselekt = [\n",
    ] {
        let project = project(&[("pyproject.toml", text)]);
        assert_eq!(check(&project, &["."]).code, 2, "{text}");
    }
    let project = project(&[]);
    project.write(
        "project/pyproject.toml",
        b"[tool.seatrial]\nignore = [\"\xe9\"]\n",
    );
    assert!(check(&project, &["."]).out.contains("not UTF-8"));
    project.write(
        "project/pyproject.toml",
        "[dependency-groups]\ndev = [\"seatrial\"]\n",
    );
    assert_eq!(check(&project, &["."]).code, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = project(&[]);
    let name = std::ffi::OsStr::from_bytes(b"Dockerfile.\xff");
    std::fs::write(project.path().join("project").join(name), "FROM x\n").expect("it is written");
    let ran = check(&project, &["."]);
    assert!(
        ran.code == 2 && ran.out.contains("not UTF-8"),
        "{}",
        ran.out
    );
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_printed_is_an_error() {
    let project = project(&[]);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("it opens");
    let status = project.command(&["--help"]).stdout(full).status();
    assert_eq!(status.expect("it runs").code(), Some(2));
}

/// Fails where it should answer.
#[derive(Debug)]
struct Faulty(Memory);

impl Files for Faulty {
    fn entry(&self, path: &Path) -> io::Result<Found> {
        self.0.entry(path)
    }

    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names> {
        self.0.list(directory, limit)
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        assert!(!path.ends_with("b/Dockerfile"), "nobody reads this");
        self.0.read(path, most)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonical(path)
    }
}

#[test]
fn a_fault_in_one_check_silences_no_other() {
    let file = |path: &str, text: &str| (path.to_owned(), MemoryFile::new(text));
    let files = [
        file("p/.git/HEAD", "x"),
        file("p/a/Dockerfile", DOCKERFILE),
        file("p/a/requirements.txt", "django==1.0\n"),
        file("p/b/Dockerfile", DOCKERFILE),
        file("p/b/requirements.txt", "django==1.0\n"),
        file("p/c/Dockerfile", "FROM python\n"),
    ];
    let workspace = Workspace::new(Arc::new(Faulty(Memory::new(files.into()))));
    let request = Request::new("/p", jiff::civil::date(2026, 11, 22)).paths(["."]);
    let checked = workspace.check(&request);
    let [problem] = checked.outcome.problems.as_slice() else {
        panic!("{:?}", checked.outcome.problems);
    };
    assert_eq!(problem.file, "b/Dockerfile");
    assert!(
        problem.message.contains("nobody reads this")
            && problem.message.contains("please report this bug")
    );
    let found = |name: &str| {
        let mut findings = checked.outcome.findings.iter();
        findings.any(|one| {
            checked
                .sources
                .place(one.finding.primary)
                .file
                .starts_with(name)
        })
    };
    assert!(found("a/") && found("c/"));
}

/// A rule whose fix leaves what it finds, as it is or one more each time.
fn useless() -> String {
    let fix = "[fix]\ntitle = \"add a comment\"\nsafety = \"safe\"\nedits = [{ insert_before = \"instruction\", text \
        = \"# mended\\n\" }]\n\n";
    RULE.replacen("[[bad]]", &format!("{fix}[[bad]]"), 1)
}

#[test]
fn a_fix_that_does_not_cure_is_taken_back() {
    let text = "FROM python:3.13-slim\nRUN ls\n";
    let rule = useless();
    let project = Project::new(&[
        ("Dockerfile", text),
        ("house/own/run-forbidden.toml", &rule),
    ]);
    let ran = project.run(&["check", "--rules", "house", "--select", "own", "--fix"]);
    assert_eq!(project.read("Dockerfile"), text);
    assert!(
        ran.err
            .contains("does not work in `Dockerfile` and was undone"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(ran.code, 1);
}

#[test]
fn what_was_read_is_not_replaced_by_a_report() {
    let project = project(&[]);
    for arguments in [
        ["--output-file", "Dockerfile"],
        ["--report", "json=Dockerfile"],
    ] {
        let ran = check(&project, &arguments);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("is not replaced"), "{}", ran.err);
        assert_eq!(project.read("project/Dockerfile"), DOCKERFILE);
    }
}

#[test]
fn a_broken_baseline_is_written_anew() {
    let project = project(&[("known.json", "{")]);
    let ran = check(&project, &["--baseline", "known.json"]);
    assert!(
        ran.code == 2 && ran.err.contains("--write-baseline"),
        "{}",
        ran.err
    );
    let ran = check(&project, &["--baseline", "known.json", "--write-baseline"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(check(&project, &["--baseline", "known.json"]).code, 0);
    let names = std::fs::read_dir(project.path().join("project")).expect("it is listed");
    let mut names = names.map(|entry| entry.expect("it is listed").file_name());
    assert!(names.all(|name| !name.to_string_lossy().starts_with(".seatrial-")));
}

/// A rule with a message of its own, and perhaps more.
fn rule_with(message: &str, more: &str) -> String {
    let rule = RULE.replacen(
        "message = \"`RUN` is forbidden\"",
        &format!("message = '''{message}'''"),
        1,
    );
    rule.replacen("[[bad]]", &format!("{more}\n[[bad]]"), 1)
}

#[test]
fn rules_of_users_make_no_texts_without_end() {
    let long = "a".repeat(20_000);
    let dockerfile = format!("FROM python:3.13-slim\nRUN e {long}\n");
    let doubled = "|replace('a', 'aaaaaaaaaa')".repeat(9);
    let looped = "{% for a in instruction.text|split('a') %}{% for b in instruction.text|split('a') %}{{ b }}aaaa{% \
        endfor %}{% endfor %}";
    let nothing = "RUN is forbidden (the rule's message is empty)";
    for (message, told) in [
        (
            format!("{{{{ instruction.text{doubled} }}}}"),
            nothing.to_owned(),
        ),
        (looped.to_owned(), nothing.to_owned()),
        ("{% if false %}x{% endif %}".to_owned(), nothing.to_owned()),
        (
            "`{{ instruction.text }}`".to_owned(),
            format!("`e {}…`", "a".repeat(398)),
        ),
    ] {
        let edit = format!(
            "[fix]\ntitle = \"x\"\nsafety = \"safe\"\nedits = [{{ replace = \"instruction\", text = '''{message}''' \
                }}]\n"
        );
        let project = Project::new(&[
            ("Dockerfile", &dockerfile),
            ("house/own/run-forbidden.toml", &rule_with(&message, &edit)),
        ]);
        for format in ["json", "sarif"] {
            let ran = project.run(&[
                "check", "--rules", "house", "--select", "own", "--format", format,
            ]);
            assert_eq!(ran.code, 1, "{}", ran.err);
            assert!(ran.out.contains(&told), "{message}: {}", ran.out.len());
            assert!(ran.out.len() < 1_000_000, "{message}: {}", ran.out.len());
        }
    }
}

#[test]
fn a_large_file_may_be_excused() {
    let large = "# much\n".repeat(700_000);
    let project = project(&[
        ("requirements.txt", "django==5.2.8\n"),
        ("poetry.lock", &large),
        ("pyproject.toml", "[tool.poetry]\n"),
    ]);
    project.write(
        "project/Dockerfile",
        "FROM python:3.13-slim-trixie\nCOPY . .\nRUN poetry install\nUSER app\n",
    );
    let ran = check(&project, &["."]);
    assert!(
        ran.code == 2 && ran.out.contains("`allow-unread` in the configuration"),
        "{}",
        ran.out
    );
    project.write("project/seatrial.toml", "allow-unread = [\"*.lock\"]\n");
    let ran = check(&project, &["."]);
    assert!(
        ran.code < 2 && !ran.out.contains("are not read"),
        "{}",
        ran.out
    );
    // A Dockerfile is what is checked: nothing excuses it.
    project.write("project/seatrial.toml", "allow-unread = [\"*\"]\n");
    project.write("project/Dockerfile", &large);
    let ran = check(&project, &["."]);
    assert!(
        ran.code == 2 && ran.out.matches("are not read").count() == 1,
        "{}",
        ran.out
    );
}

#[test]
fn values_are_cut_in_every_format() {
    let value = format!("sk_live_{}", "a1B2".repeat(2_000));
    let runs = "RUN pip install $A==1 && apt-get install -y $A\nEXPOSE $A\nUSER $A\n".repeat(10);
    let text = format!(
        "FROM python:3.13-slim-trixie AS {value}\nENV A={value} SECRET_KEY={value}\nWORKDIR {value}\n{runs}FRMO \
            {value}\n"
    );
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("requirements.txt", &value),
        (
            "compose.yaml",
            &format!("services: {{a: {{build: ., {value}}}}}"),
        ),
    ]);
    let reports = super::hostile::FORMATS.map(|format| format!("--report={format}={format}"));
    let reports = reports.iter().map(String::as_str);
    let arguments: Vec<&str> = ["check", "--select", "all", "--show-undecided"]
        .into_iter()
        .chain(reports)
        .collect();
    let ran = project.run(&arguments);
    assert_eq!(ran.code, 2, "{}", ran.err);
    for format in super::hostile::FORMATS {
        let told = project.read(format);
        assert!(
            !told.contains(&"a1B2".repeat(500)),
            "{format}: {}",
            told.len()
        );
        assert!(told.contains("a1B2a1B2"), "{format}: {told}");
    }
}

#[test]
fn what_is_too_much_is_told_once() {
    let value = "a".repeat(60_000);
    let many = format!(
        "FROM python:3.13-slim-trixie\nENV A={value}\n{}",
        "RUN e $A\n".repeat(300)
    );
    let variables: String = (0..400).map(|number| format!("V{number}=1\n")).collect();
    let files: String = (0..100)
        .map(|number| format!("      - e{number}.env\n"))
        .collect();
    let services: String = (0..300)
        .map(|number| format!("  s{number}:\n    build: .\n    env_file:\n{files}"))
        .collect();
    let project = Project::new(&[
        ("Dockerfile", &many),
        ("compose.yaml", &format!("services:\n{services}")),
    ]);
    for number in 0..100 {
        project.write(&format!("e{number}.env"), &variables);
    }
    let ran = project.run(&["check", "--format", "concise"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(
        ran.out.matches("take more than 1 MiB").count(),
        1,
        "{}",
        ran.out
    );
    assert_eq!(
        ran.out
            .matches("variables of services are not read")
            .count(),
        1,
        "{}",
        ran.out
    );
}

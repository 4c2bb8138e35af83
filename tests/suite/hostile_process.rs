//! Compose files, scripts and configuration files that are made to be slow: each ends soon, and with an
//! error where it cannot be used.

use std::time::{Duration, Instant};

use crate::support::Project;

/// For a build without optimisation on a busy machine; a release takes under a second each.
const LIMIT: Duration = Duration::from_secs(120);

const DOCKERFILE: &str = "FROM python:3.13-slim-trixie\nWORKDIR /code\nCOPY --chmod=755 . /code/\n\
    ENTRYPOINT [\"/code/e.sh\"]\nCMD [\"uwsgi\", \"--ini\", \"u.ini\"]\n";

/// Each line made of its number and the one before.
fn lines(count: usize, line: impl Fn(usize, usize) -> String) -> String {
    (1..count).map(|at| line(at, at - 1)).collect()
}

/// A name, one file, and what is said of it.
fn cases() -> Vec<(&'static str, &'static str, String, &'static str)> {
    let bomb = lines(1000, |at, before| {
        format!(
            "x{at}: &x{at} {{<<: [*x{before}, *x{before}, *x{before}], k: [*x{before}, *x{before}]}}\n"
        )
    });
    let anchors = lines(1000, |at, before| {
        format!("x{at}: &e{at} {{n: *e{before}}}\n")
    });
    let chain = lines(3000, |at, before| {
        format!("  s{at}: {{extends: s{before}}}\n")
    });
    let functions = lines(300, |at, before| {
        format!("f{at}() {{ f{before}; f{before}; }}\n")
    });
    let growth = lines(300, |_, _| "A=\"$A$A\"\n".to_owned());
    let refused = "invalid-compose-file";
    let unread = "are not followed";
    let deep = "too deep";
    vec![
        (
            "an alias bomb",
            "compose.yaml",
            format!("x0: &x0 {{a: 1}}\n{bomb}services:\n  web: *x999\n"),
            unread,
        ),
        (
            "anchors a thousand deep",
            "compose.yaml",
            format!("services:\n  web:\n    environment: &e0 {{A: 1}}\n{anchors}"),
            unread,
        ),
        (
            "services that extend each other",
            "compose.yaml",
            "services:\n  a: {extends: b}\n  b: {extends: a}\n".to_owned(),
            refused,
        ),
        (
            "a chain of three thousand services",
            "compose.yaml",
            format!("services:\n  s0: {{image: x}}\n{chain}"),
            "are not read",
        ),
        (
            "ten megabytes",
            "compose.yaml",
            format!(
                "services:\n  web:\n    environment:\n{}",
                "      - A=b\n".repeat(900_000)
            ),
            "are not read",
        ),
        (
            "brackets without end",
            "compose.yaml",
            format!("services: {}", "[".repeat(100_000)),
            refused,
        ),
        (
            "branches twenty thousand deep",
            "e.sh",
            format!(
                "#!/bin/sh\n{}b\n{}",
                "if a; then\n".repeat(20_000),
                "fi\n".repeat(20_000)
            ),
            deep,
        ),
        (
            "substitutions without end",
            "e.sh",
            format!("#!/bin/sh\n{}", "$(".repeat(20_000)),
            "script-syntax-error",
        ),
        (
            "a script of two megabytes",
            "e.sh",
            format!("#!/bin/sh\n{}", "migrate $A\n".repeat(200_000)),
            "is not read",
        ),
        (
            "a script of ten megabytes",
            "e.sh",
            format!("#!/bin/sh\n{}", "echo a\n".repeat(1_500_000)),
            "are not read",
        ),
        (
            "functions that call two others",
            "e.sh",
            format!("#!/bin/sh\nf0() {{ x; }}\n{functions}f299\n"),
            "",
        ),
        (
            "a variable that doubles",
            "e.sh",
            format!("#!/bin/sh\nA=x\n{growth}eval \"$A\"\n"),
            "",
        ),
        (
            "a script that starts itself",
            "e.sh",
            format!(
                "#!/bin/sh\n{}",
                "/code/e.sh\n. /code/e.sh\nsh /code/e.sh\n".repeat(2000)
            ),
            "",
        ),
        (
            "lists of braces",
            "e.sh",
            format!(
                "#!/bin/bash\necho {}\nfor i in {{1..1000000000}}; do a $i; done\n",
                "{a,b}".repeat(40)
            ),
            "",
        ),
        (
            "a file that includes itself",
            "u.ini",
            format!("[uwsgi]\nini = u.ini\n{}", "a = %(a)%(a)\n".repeat(50_000)),
            "",
        ),
        (
            "fifty thousand options",
            "u.ini",
            format!("[uwsgi]\n{}", "static-map = /a=/b\n".repeat(50_000)),
            "",
        ),
    ]
}

#[test]
fn hostile_projects_end_soon() {
    for (name, file, text, said) in cases() {
        let project = Project::new(&[]);
        project.write("Dockerfile", DOCKERFILE);
        project.write("manage.py", "");
        project.write("e.sh", "#!/bin/sh\nexec \"$@\"\n");
        project.write("u.ini", "[uwsgi]\nhttp = :8000\n");
        project.write(file, text);
        let begin = Instant::now();
        let ran = project.run(&["check", ".", "--format", "concise"]);
        let took = begin.elapsed();
        println!("{name}: {took:?}");
        assert!(took < LIMIT, "{name}: {took:?}");
        let all = format!("{}{}", ran.out, ran.err);
        assert!(all.contains(said), "{name}: {all}");
    }
}

#[test]
fn scripts_that_start_two_hundred_scripts_end_soon() {
    let project = Project::new(&[]);
    project.write("Dockerfile", DOCKERFILE);
    project.write("manage.py", "");
    let all = lines(201, |at, _| format!("/code/s{at}.sh\n"));
    project.write("e.sh", format!("#!/bin/sh\n{all}"));
    for at in 1..201 {
        project.write(&format!("s{at}.sh"), format!("#!/bin/sh\n{all}"));
    }
    let begin = Instant::now();
    project.run(&["check", "."]);
    let took = begin.elapsed();
    assert!(took < LIMIT, "{took:?}");
}

//! What people see on a terminal: how much of it, in which order, how wide, in which colours.

use seatrial::{Format, Report, Request, Workspace};

use super::support::{Project, TODAY};

const FOUR: &str = "FROM python:3.13-slim\nRUN a\nRUN b\nRUN c\nRUN d\n";

#[test]
fn repeats_are_shown_once_but_for_errors() {
    let project = Project::with_rule(&[("Dockerfile", FOUR)]);
    for level in ["info", "warning"] {
        let severity = format!("run-forbidden={level}");
        let options = ["--severity", severity.as_str()];
        let shown = project.own(&options).out;
        assert_eq!(shown.matches("[run-forbidden]").count(), 1, "{shown}");
        assert!(
            shown.contains(" = note: 3 more like this in this file, lines 3, 4, 5\n"),
            "{shown}"
        );
        assert!(
            shown.contains(&format!("4 {level}s in 1 Dockerfile")),
            "{shown}"
        );
        let each = project.own(&[&options[..], &["--format", "concise"]].concat());
        assert_eq!(each.out.lines().count(), 4);
    }
    let errors = project.own(&["--severity", "run-forbidden=error"]).out;
    assert_eq!(
        errors.matches("error[run-forbidden]").count(),
        4,
        "{errors}"
    );
}

#[test]
fn what_is_less_severe_than_wanted_does_not_count() {
    let project = Project::with_rule(&[("Dockerfile", FOUR)]);
    let hidden = project.own(&["--min-severity", "error"]);
    assert_eq!(hidden.code, 0);
    assert_eq!(
        hidden.out,
        "no findings in 1 Dockerfile (production) · 4 below the minimum severity\n"
    );
    let json = project
        .own(&["--min-severity", "error", "-f", "json"])
        .json();
    assert_eq!(json["findings"].as_array().unwrap().len(), 0);
    assert_eq!(json["summary"]["hidden"], 4);
    assert_eq!(project.own(&["--min-severity", "warning"]).code, 1);
    project.write("seatrial.toml", "min-severity = \"error\"\n");
    assert_eq!(project.own(&[]).code, 0);
    assert_eq!(project.own(&["--min-severity", "info"]).code, 1);
    // What is hidden still needs its comment, and stands in a baseline.
    project.write(
        "Dockerfile",
        "FROM python:3.13-slim\n# seatrial: ignore[run-forbidden] why\nRUN a\nRUN b\n",
    );
    assert_eq!(project.own(&["--severity", "unused-ignore=error"]).code, 0);
    let write = ["--baseline", "known.json", "--write-baseline"];
    assert_eq!(project.own(&write).code, 0);
    assert!(project.read("known.json").contains("run-forbidden"));
}

#[test]
fn the_gravest_is_next_to_the_prompt() {
    let project = Project::new(&[(
        "Dockerfile",
        "FROM python:3.8\nENV A B\nUSER nobody\nCOPY --from=x a b\n",
    )]);
    let shown = project.run(&["check", "--today", TODAY]).out;
    let words: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.split_once('[').map(|(word, _)| word))
        .filter(|word| ["info", "warning", "error"].contains(word))
        .collect();
    let mut sorted = words.clone();
    let order = |word: &&str| {
        ["info", "warning", "error"]
            .iter()
            .position(|it| it == word)
    };
    sorted.sort_by_key(order);
    assert_eq!(words, sorted, "{shown}");
    assert!(words.len() > 1, "{shown}");
}

#[test]
fn a_finding_elsewhere_names_its_image() {
    let settings = "DEBUG = True\nSECRET_KEY = 'x'\n";
    let dockerfile = "FROM python:3.13-slim-trixie AS app\nWORKDIR /app\nCOPY . .\nUSER 1000\n\
        RUN pip install --no-cache-dir django==5.2.1 gunicorn==23.0.0\nENV DJANGO_SETTINGS_MODULE=shop.settings\n\
        CMD [\"gunicorn\", \"shop.wsgi\"]\n";
    let project = Project::new(&[
        ("Dockerfile", dockerfile),
        (
            "manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/settings.py", settings),
        ("shop/wsgi.py", "application = None\n"),
    ]);
    let json = project.run(&["check", "-f", "json"]).json();
    let all = json["findings"].as_array().unwrap();
    let elsewhere = all
        .iter()
        .find(|one| one["file"] == "shop/settings.py")
        .unwrap();
    assert_eq!(elsewhere["dockerfile"], "Dockerfile", "{elsewhere:#}");
    assert_eq!(elsewhere["image"], "app", "{elsewhere:#}");
    let shown = project.run(&["check"]).out;
    assert!(
        shown.contains(" = image: Dockerfile, stage `app`\n"),
        "{shown}"
    );
}

/// The report of a project, as a terminal would get it.
fn shown(project: &Project, colour: bool, width: Option<usize>) -> String {
    let request = Request::new(project.path(), TODAY.parse().unwrap()).paths(["."]);
    let checked = Workspace::disk().check(&request);
    let mut text = Vec::new();
    let report = Report {
        outcome: &checked.outcome,
        sources: &checked.sources,
        rules: &[],
        colour,
        links: colour,
        width,
        show_undecided: true,
        statistics: false,
        quiet: false,
    };
    seatrial::write(Format::Human, &report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn lines_fit_the_terminal() {
    let word = "a-long-name-of-a-file-that-nobody-reads ".repeat(12);
    let project = Project::new(&[(
        "Dockerfile",
        &format!("FROM python:3.8\nRUN echo {word}; apt-get install gcc; echo {word}\nUSER app\n"),
    )]);
    let mut seen = 0;
    for width in [60, 80, 100] {
        let text = shown(&project, false, Some(width));
        for line in text.lines() {
            // What is marked, and what a label says of it, stays whole.
            let is_source = line.contains('│') || line.contains('┌');
            let length = line.chars().count();
            assert!(
                length <= width || is_source && length <= width + 40,
                "{width}: {line}"
            );
            seen += usize::from(length > 50);
        }
    }
    assert!(seen > 5, "{seen} long lines");
}

#[test]
fn colours_and_links_change_nothing_of_the_text() {
    let project = Project::new(&[("Dockerfile", "FROM python:3.8\nUSER app\n")]);
    let plain = shown(&project, false, None);
    let coloured = shown(&project, true, None);
    assert!(coloured.contains("\u{1b}]8;;https://"), "{coloured:?}");
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = match after.strip_prefix("]8;;") {
            Some(link) => link.split_once("\u{1b}\\").unwrap().1,
            None => after.split_once('m').unwrap().1,
        };
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

#[test]
fn the_environment_asks_for_colours() {
    let project = Project::with_rule(&[("Dockerfile", FOUR)]);
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = project.command(&["check", "--rules", "house", "--select", "own"]);
        for name in [
            "NO_COLOR",
            "FORCE_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "TERM",
        ] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        super::support::finish(command, None).out.contains('\u{1b}')
    };
    assert!(!coloured(&[]));
    assert!(coloured(&[("FORCE_COLOR", "1")]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("FORCE_COLOR", "0")]));
    assert!(!coloured(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
}

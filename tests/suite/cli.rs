//! The command as people and scripts use it.

use std::io::Read as _;
use std::process::Stdio;

use super::support::{Project, assert_kept, root};

const CLEAN: &str = "FROM python:3.13-slim\n";
const BAD: &str = "FROM python:3.13-slim\nRUN ls\n";

#[test]
fn exit_codes() {
    let project = Project::with_rule(&[("good/Dockerfile", CLEAN), ("bad/Dockerfile", BAD)]);
    let code = |arguments: &[&str]| project.own(arguments).code;
    assert_eq!(code(&["good"]), 0);
    assert_eq!(code(&["bad"]), 1);
    assert_eq!(code(&["bad", "--exit-zero"]), 0);
    assert_eq!(code(&["bad", "--severity", "run-forbidden=info"]), 0);
    assert_eq!(
        code(&[
            "bad",
            "--severity",
            "run-forbidden=info",
            "--fail-on",
            "info"
        ]),
        1
    );
    let note = ["--severity", "run-forbidden=note", "--fail-on", "note"];
    assert_eq!(code(&[&["bad"], &note[..]].concat()), 1);
    assert_eq!(code(&["bad", "--fail-on", "error"]), 0);
    assert_eq!(code(&["bad", "nowhere"]), 2);
    assert_eq!(code(&["bad", "nowhere", "--exit-zero"]), 2);
    assert_eq!(code(&["--frobnicate"]), 2);
    assert_eq!(code(&["--today", "yesterday"]), 2);
}

#[test]
fn what_cannot_be_read_silences_nothing_else() {
    let project = Project::with_rule(&[
        ("a/Dockerfile", BAD),
        (
            "b/Dockerfile",
            "FROM python:3.13-slim\nFROBNICATE\nRUN ls\n",
        ),
    ]);
    let ran = project.own(&["--format", "concise", ".", "nowhere/Dockerfile"]);
    assert_eq!(ran.code, 2);
    let found: Vec<&str> = ran
        .out
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        found,
        [
            "a/Dockerfile:2:1:",
            "b/Dockerfile:3:1:",
            "b/Dockerfile:2:1:",
            "nowhere/Dockerfile:"
        ]
    );
}

#[test]
fn json_is_one_object_whatever_happens() {
    let project = Project::with_rule(&[("Dockerfile", BAD)]);
    let report = project.own(&["--format", "json", ".", "nowhere"]);
    assert_eq!(report.code, 2);
    let json = report.json();
    assert_eq!(json["errors"][0]["file"], "nowhere");
    assert_eq!(json["errors"][0]["range"], serde_json::Value::Null);
    assert_eq!(json["findings"][0]["file"], "Dockerfile");
    assert_eq!(json["findings"][0]["url"], "https://example.org/run");
    assert_eq!(json["summary"]["warning"], 1);

    for wrong in [
        &["--frobnicate"][..],
        &["--baseline", "nowhere"],
        &["--today", "now"],
    ] {
        let ran = project.own(&[&["--format", "json"], wrong].concat());
        assert_eq!(ran.code, 2);
        assert_eq!(ran.json()["errors"][0]["file"], "command line", "{wrong:?}");
    }
    for short in [
        &["-f", "json"][..],
        &["-fjson"],
        &["-f=json"],
        &["-qf", "json"],
    ] {
        let ran = project.run(&[short, &["--frobnicate"]].concat());
        assert_eq!(ran.json()["errors"][0]["file"], "command line", "{short:?}");
    }
    let refused = project.own(&["--format", "json", "--ignore", "run-forbiden"]);
    assert_eq!(refused.code, 2);
    let message = refused.json()["errors"][0]["message"].to_string();
    assert!(
        message.contains("did you mean `run-forbidden`?"),
        "{message}"
    );
}

#[test]
fn columns_are_characters_and_offsets_are_bytes() {
    let project = Project::with_rule(&[(
        "Dockerfile",
        "FROM python:3.13-slim\r\nLABEL a=\"é🙂\" \r\n RUN ls é\r\n",
    )]);
    let json = project.own(&["--format", "json"]).json();
    let range = &json["findings"][0]["range"];
    assert_eq!(range["start"]["line"], 3);
    assert_eq!(range["start"]["column"], 2);
    assert_eq!(range["start"]["offset"], 43);
    assert_eq!(range["end"]["column"], 10);
    assert_eq!(range["end"]["offset"], 52);
}

#[test]
fn the_same_bytes_for_any_order_and_any_number_of_threads() {
    let project = Project::with_rule(&[]);
    let names: Vec<String> = (0..40).map(|i| format!("d{i}/Dockerfile")).collect();
    for name in &names {
        project.write(name, BAD);
    }
    let forward: Vec<&str> = names.iter().map(String::as_str).collect();
    let backward: Vec<&str> = forward.iter().rev().copied().collect();
    let base = [
        "check", "--rules", "house", "--select", "own", "--format", "json",
    ];
    let run = |arguments: &[&str], threads: &str| {
        let mut command = project.command(&[&base, arguments].concat());
        command.env("RAYON_NUM_THREADS", threads);
        super::support::finish(command, None).out
    };
    let first = run(&forward, "1");
    assert_eq!(first.matches("\"rule\"").count(), 40);
    assert_eq!(run(&backward, "4"), first);
    assert_eq!(run(&["."], "3"), first);
    assert_eq!(run(&[".", "d1/Dockerfile", "d1"], "2"), first);
}

#[test]
fn standard_input() {
    let project = Project::with_rule(&[
        (
            "app/seatrial.toml",
            "severity = { run-forbidden = \"error\" }",
        ),
        ("app/manage.py", ""),
    ]);
    let base = [
        "check", "--rules", "house", "--select", "own", "--format", "concise", "-",
    ];
    let lone = project.stdin(&base, BAD);
    assert_eq!(
        lone.out,
        "-:2:1: warning[run-forbidden] `RUN` is forbidden\n"
    );
    let named = [&base[..], &["--stdin-filename", "app/Dockerfile"]].concat();
    let named = project.stdin(&named, BAD);
    assert_eq!(
        named.out,
        "app/Dockerfile:2:1: error[run-forbidden] `RUN` is forbidden\n"
    );
    let settings = ["check", "--rules", "house", "--show-settings", "-"];
    let lone = project.stdin(&settings, BAD);
    assert!(lone.out.starts_with("# no configuration\n"), "{}", lone.out);
    for name in ["app/Dockerfile", "app/Dockerfile.new"] {
        let named = [&settings[..], &["--stdin-filename", name]].concat();
        let named = project.stdin(&named, BAD);
        let told = "# from app/seatrial.toml\n";
        assert!(named.out.starts_with(told), "{name}: {}", named.out);
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let project = Project::with_rule(&[
        ("Dockerfile", "FROM python:3.13-slim AS app\nRUN ls\n"),
        ("other/Dockerfile", BAD),
    ]);
    let refused = |arguments: &[&str], told: &str| {
        let ran = project.own(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        let all = format!("{}{}", ran.out, ran.err);
        assert!(all.contains(told), "{arguments:?}: {all}");
        assert_eq!(all.matches(told).count(), 1, "{all}");
    };
    refused(
        &["--stdin-filename", "x"],
        "there is no `-` among the paths",
    );
    refused(
        &["--context", "nowhere"],
        "the build context `nowhere` is not a directory",
    );
    refused(&["--target", "ap"], "there is no stage `ap`");
    refused(
        &["--config", "nowhere.toml"],
        "nowhere.toml: cannot be read: no such file",
    );
    refused(&["nowhere"], "nowhere: no such file or directory");
    refused(&["--baseline", "Dockerfile"], "this is not a baseline");
    refused(&["--config", "x", "--no-config"], "cannot be used with");
    refused(&["rules"], "`seatrial rules ...`");
    for dropped in [
        "--report=json=report.json",
        "--output-file=report.txt",
        "--statistics",
        "--write-baseline",
        "--prune-baseline",
    ] {
        refused(&["--fix-only", dropped], "cannot be used with");
    }
    let misspelt = project.run(&["chek"]);
    assert_eq!(misspelt.code, 2);
    assert!(
        misspelt.err.contains("did you mean `seatrial check`?"),
        "{}",
        misspelt.err
    );
    assert_eq!(project.own(&["--target", "app"]).code, 1);
    assert_eq!(project.own(&["--target", "0"]).code, 1);
    assert!(
        project
            .own(&["nowhere"])
            .out
            .ends_with("nothing was checked; 1 problem\n")
    );
    let wrong = project.run(&["rules", "test", "nowhere"]);
    assert_eq!(
        (wrong.code, wrong.err.as_str()),
        (2, "error: there is no directory `nowhere`\n")
    );
}

#[test]
fn quiet_says_nothing_of_nothing() {
    let project = Project::with_rule(&[("good/Dockerfile", CLEAN), ("bad/Dockerfile", BAD)]);
    assert_eq!(project.own(&["good", "-q"]).out, "");
    let loud = project.own(&["bad"]).out;
    let quiet = project.own(&["bad", "--quiet"]).out;
    assert_eq!(
        loud,
        format!(
            "{quiet}1 warning in 1 Dockerfile (production) · `seatrial explain run-forbidden`\n"
        )
    );
}

#[test]
fn standard_input_is_mended_on_standard_output() {
    let before = "FROM python:3.13-slim-trixie\nENV A B\n";
    let project = Project::new(&[("Dockerfile", before)]);
    let after = {
        let ran = project.run(&["check", "--fix", "Dockerfile"]);
        assert!(ran.code < 2, "{}", ran.err);
        project.read("Dockerfile")
    };
    assert_ne!(before, after);
    for arguments in [
        &["check", "--fix", "-"][..],
        &["check", "--fix", "-", "--stdin-filename", "Dockerfile"],
    ] {
        let ran = project.stdin(arguments, before);
        assert_eq!(ran.out, after, "{}", ran.err);
        assert!(!ran.err.contains("not changed"), "{}", ran.err);
    }
    // Nothing to mend: the text as it was.
    let ran = project.stdin(&["check", "--fix", "-"], &after);
    assert_eq!(ran.out, after);
}

#[test]
fn no_configuration_when_none_is_wanted() {
    let project = Project::with_rule(&[
        ("Dockerfile", BAD),
        ("seatrial.toml", "exclude = [\"Dockerfile\"]"),
    ]);
    assert_eq!(project.own(&["."]).code, 0);
    assert_eq!(project.own(&[".", "--no-config"]).code, 1);
    assert_eq!(project.own(&[".", "--isolated"]).code, 1);
    let dotted = Project::with_rule(&[
        ("Dockerfile", BAD),
        (".seatrial.toml", "exclude = [\"Dockerfile\"]"),
    ]);
    assert_eq!(dotted.own(&["."]).code, 0);
}

/// Where compose says what the build context is, a changed file belongs to those that hold it.
#[test]
fn a_changed_file_checks_the_images_that_are_built_with_it() {
    let project = Project::with_rule(&[
        (".git/HEAD", ""),
        (
            "compose.yaml",
            "services:\n  a: {build: a}\n  b: {build: {context: ., dockerfile: b/Dockerfile}}\n",
        ),
        ("a/Dockerfile", BAD),
        ("a/requirements.txt", ""),
        ("b/Dockerfile", BAD),
        ("b/manage.py", ""),
        ("requirements.txt", ""),
    ]);
    let checked = |paths: &[&str]| {
        let lines = project.lines(paths);
        let names = lines
            .lines()
            .map(|line| line.split(':').next().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(checked(&["requirements.txt"]), "b/Dockerfile");
    assert_eq!(
        checked(&["a/requirements.txt"]),
        "a/Dockerfile b/Dockerfile"
    );
    assert_eq!(checked(&["b/manage.py"]), "b/Dockerfile");
    assert_eq!(
        checked(&["compose.yaml", "requirements.txt"]),
        "a/Dockerfile b/Dockerfile"
    );
    assert_eq!(
        checked(&["requirements.txt", "b/Dockerfile"]),
        "b/Dockerfile"
    );
}

#[test]
fn bare_seatrial_checks() {
    let project = Project::with_rule(&[("x/Dockerfile", BAD)]);
    let bare = project.run(&[
        "x", "--rules", "house", "--select", "own", "--format", "concise",
    ]);
    assert_eq!(bare.out, project.lines(&["x"]));
    assert_eq!(bare.code, 1);
}

#[test]
fn a_reader_may_go_away() {
    let project = Project::with_rule(&[]);
    for i in 0..2000 {
        project.write(&format!("d{i}/Dockerfile"), BAD);
    }
    let mut command = project.command(&["check", "--rules", "house", "--select", "own"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut few = [0; 100];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut few).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn nothing_of_a_file_reaches_the_terminal_as_a_command() {
    let project = Project::with_rule(&[(
        "a\u{1b}[31m/Dockerfile",
        "FROM python:3.13-slim\nRUN echo \u{1b}]0;owned\u{7} \u{202e}\u{9b}1m\n\u{1b}[2J\n",
    )]);
    for format in ["human", "concise"] {
        for colour in ["never", "always"] {
            let ran = project.own(&["--format", format, "--color", colour]);
            assert_eq!(ran.code, 2);
            for (text, may_colour) in [(&ran.out, colour == "always"), (&ran.err, false)] {
                let bare = if may_colour && format == "human" {
                    strip_colours(text)
                } else {
                    text.clone()
                };
                let wild = bare
                    .chars()
                    .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
                assert_eq!(wild, None, "{format}: {text:?}");
            }
        }
    }
}

/// Without `ESC [ digits m`.
fn strip_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('m').filter(|end| {
            part[..*end]
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';')
        });
        match end {
            Some(end) => bare.push_str(&part[end + 1..]),
            None => bare.push_str(&format!("\u{1b}[{part}")),
        }
    }
    bare
}

#[test]
fn reports_go_where_they_are_sent() {
    let project = Project::with_rule(&[("Dockerfile", BAD)]);
    let ran = project.own(&[
        "--output-file",
        "out.json",
        "--format",
        "json",
        "--report",
        "concise=out.txt",
        "--report",
        "sarif=out.sarif",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let json: serde_json::Value = serde_json::from_str(&project.read("out.json")).unwrap();
    assert_eq!(json["findings"][0]["rule"], "run-forbidden");
    assert_eq!(project.read("out.txt"), project.lines(&[]));
    assert!(project.read("out.sarif").contains("\"2.1.0\""));
    let lost = project.own(&["--output-file", "no/such/place"]);
    assert_eq!(lost.code, 2);
    assert!(
        lost.err.contains("cannot write `no/such/place`"),
        "{}",
        lost.err
    );
}

#[test]
fn statistics_count() {
    let project = Project::with_rule(&[("Dockerfile", "FROM python:3.13\nRUN a\nRUN b\n")]);
    let ran = project.own(&["--statistics"]);
    assert_eq!(
        ran.out,
        "2  warning  run-forbidden\n2 warnings in 1 Dockerfile (production) · `seatrial explain run-forbidden`\n"
    );
    let json = project.own(&["--statistics", "--format", "json"]).json();
    assert_eq!(json["statistics"][0]["count"], 2);
}

#[test]
fn syntax_prints_one_object_a_line() {
    let project = Project::new(&[("a", "FROM x\n"), ("b", "FROM y\nFROM\n")]);
    let ran = project.run(&["syntax", "--format", "json", "a", "b"]);
    assert_eq!(ran.code, 0);
    let files: Vec<String> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["file"].to_string())
        .collect();
    assert_eq!(files, ["\"a\"", "\"b\""]);
    assert_eq!(project.run(&["syntax", "a", "nowhere"]).code, 2);
}

#[test]
fn rules_are_listed_explained_and_begun() {
    let project = Project::with_rule(&[]);
    let list = project.run(&["rules", "list", "--rules", "house"]);
    for part in ["run-forbidden", "runs-as-root", "unused-ignore"] {
        assert!(list.out.contains(part), "{part}: {}", list.out);
    }
    let explained = project.run(&["explain", "DL9001", "--rules", "house"]);
    assert!(
        explained.out.starts_with("# run-forbidden\n"),
        "{}",
        explained.out
    );
    assert!(
        project
            .run(&["explain", "unused-ignore"])
            .out
            .contains("hides")
    );
    // What depends on the facts is shown as for the first bad example.
    for line in list.out.lines() {
        let Some(id) = line
            .strip_prefix("  ")
            .and_then(|line| line.split(' ').next())
        else {
            continue;
        };
        let text = project.run(&["explain", id, "--rules", "house"]).out;
        let spoken = text.split("\n## Bad").next().unwrap();
        let is_raw = ["{{", "{%"].iter().any(|open| spoken.contains(open));
        assert!(!is_raw, "{id}: {spoken}");
    }
    let unknown = project.run(&["explain", "runs-as-rot"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("`runs-as-root`"), "{}", unknown.err);

    assert_eq!(project.run(&["rules", "test", "house"]).code, 0);
    assert_eq!(project.run(&["rules", "new", "house/own/my-rule"]).code, 0);
    assert_eq!(project.run(&["rules", "new", "house/own/my-rule"]).code, 2);
    assert_eq!(project.run(&["rules", "new", "house/own/My_Rule"]).code, 2);
    let tested = project.run(&["rules", "test", "house"]);
    assert!(tested.out.contains(" in 2 rules"), "{}", tested.out);
}

#[test]
fn facts_are_json() {
    let project = Project::new(&[("Dockerfile", "ARG X\nFROM $X\nENV A=1\n")]);
    let ran = project.run(&["facts"]);
    assert_eq!(ran.code, 0);
    let json = ran.json();
    assert_eq!(json[0]["dockerfile"], "Dockerfile");
    assert_eq!(json[0]["env"][0]["name"], "A");
    assert!(ran.out.contains("\"unknown\": true"), "{}", ran.out);
}

/// Each `fixtures/bad-config/*.toml` beside what is said about it.
#[test]
fn mistakes_in_configurations_are_shown() {
    let directory = root().join("fixtures/bad-config");
    let mut count = 0;
    let entries = std::fs::read_dir(&directory).unwrap();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        count += 1;
        let project = Project::with_rule(&[("Dockerfile", BAD)]);
        project.write("seatrial.toml", std::fs::read(&path).unwrap());
        let ran = project.run(&["check", "--color", "never"]);
        assert_eq!(ran.code, 2, "{}: {}", path.display(), ran.out);
        assert_kept(&path.with_extension("txt"), &ran.out);
    }
    assert!(count >= 8, "{count} fixtures");
}

//! Findings that another one brings about, and findings that are reported as one.

use super::support::{Project, Ran};

/// A rule on commands called `name`, with further keys.
fn rule(name: &str, keys: &str) -> String {
    format!(
        r#"
summary = "`{name}` is forbidden"
severity = "warning"
intent = "any"
scope = "any"
select = {{ command = ["{name}"] }}
at = "command.name"
message = "`{name}` is forbidden"
{keys}

[fix]
title = "call it `true`"
safety = "safe"
replace = "command.name"
text = "true"

[[bad]]
dockerfile = '''
FROM python:3.13-slim
RUN «{name}»
'''

[[good]]
dockerfile = '''
FROM python:3.13-slim
'''
"#
    )
}

fn run(rules: &[(&str, &str, &str)], dockerfile: &str, arguments: &[&str]) -> (Project, Ran) {
    let project = Project::new(&[("Dockerfile", dockerfile)]);
    for (id, name, keys) in rules {
        project.write(&format!("house/own/{id}.toml"), rule(name, keys));
    }
    let fixed = ["check", "--rules", "house", "--select", "own,policy"];
    let ran = project.run(&[&fixed, arguments].concat());
    (project, ran)
}

fn lines(rules: &[(&str, &str, &str)], dockerfile: &str) -> String {
    let (_, ran) = run(rules, dockerfile, &["--format", "concise", "-q"]);
    ran.out + &ran.err
}

#[test]
fn what_another_finding_brings_about_is_not_reported() {
    let first = ("first", "ls", "");
    let same = ("second", "ls", "follows = [\"first\"]");
    let found = lines(&[first, same], "FROM x\nRUN ls\n");
    assert!(found.contains("warning[first]"), "{found}");
    assert!(!found.contains("[second]"), "{found}");
    // Elsewhere it is a fault of its own.
    let other = ("second", "rm", "follows = [\"first\"]");
    let found = lines(&[first, other], "FROM x\nRUN ls && rm x\n");
    assert!(
        found.contains("[first]") && found.contains("[second]"),
        "{found}"
    );
    // Unless the rule says how far the other one reaches.
    let far = (
        "second",
        "rm",
        "follows = [{ rule = \"first\", at = \"command.layer\" }]",
    );
    let found = lines(&[first, far], "FROM x\nRUN ls && rm x\nRUN rm y\n");
    assert!(found.contains(":2:5: warning[first]"), "{found}");
    assert!(!found.contains(":2:11:"), "{found}");
    assert!(found.contains(":3:5: warning[second]"), "{found}");
}

#[test]
fn a_rule_that_is_off_hides_nothing() {
    let first = ("first", "ls", "default = false");
    let second = ("second", "ls", "follows = [\"first\"]");
    let (_, ran) = run(
        &[first, second],
        "FROM x\nRUN ls\n",
        &["--format", "concise", "--ignore", "first"],
    );
    assert!(ran.out.contains("[second]"), "{}", ran.out);
}

#[test]
fn a_comment_for_what_is_hidden_is_not_unused() {
    let rules = [
        ("first", "ls", ""),
        ("second", "ls", "follows = [\"first\"]"),
    ];
    let found = lines(&rules, "FROM x\n# seatrial: ignore[second] known\nRUN ls\n");
    assert!(!found.contains("unused"), "{found}");
}

#[test]
fn a_rule_follows_only_rules_that_are_there() {
    let (_, ran) = run(
        &[
            ("first", "ls", ""),
            ("second", "ls", "follows = [\"frist\"]"),
        ],
        "FROM x\nRUN ls\n",
        &[],
    );
    assert_eq!(ran.code, 2);
    let all = ran.out + &ran.err;
    assert!(all.contains("there is no rule `frist` to follow"), "{all}");
    assert!(all.contains("did you mean `first`?"), "{all}");
}

const LAYERS: &str = "FROM x\nRUN ls a && ls b && ls c\nRUN ls d\n";
const GROUP: (&str, &str, &str) = ("first", "ls", "group = \"command.layer\"");

#[test]
fn a_group_is_one_finding_with_every_mark() {
    let (_, ran) = run(&[GROUP], LAYERS, &["--format", "json"]);
    let json = ran.json();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2);
    assert_eq!(
        findings[0]["message"],
        "`ls` is forbidden (and 2 more places)"
    );
    assert_eq!(findings[0]["related"].as_array().unwrap().len(), 2);
    assert_eq!(findings[1]["message"], "`ls` is forbidden");
    let (project, _) = run(&[GROUP], LAYERS, &["--fix"]);
    assert_eq!(
        project.read("Dockerfile"),
        "FROM x\nRUN true a && true b && true c\nRUN true d\n"
    );
}

#[test]
fn one_of_a_group_can_be_silenced() {
    let dockerfile =
        "FROM x\nRUN ls a \\\n    # seatrial: ignore[first] needed\n    && ls b \\\n    && ls c\n";
    let found = lines(&[GROUP], dockerfile);
    assert!(
        found.contains(":2:5: warning[first] `ls` is forbidden (and 1 more place)"),
        "{found}"
    );
    assert!(!found.contains("unused"), "{found}");
}

#[test]
fn a_baseline_knows_each_of_a_group() {
    let write = ["--baseline", "known.json", "--write-baseline"];
    let (project, _) = run(&[GROUP], LAYERS, &write);
    // The first one is gone, the others are still known.
    project.write("Dockerfile", "FROM x\nRUN ls b && ls c\nRUN ls d\n");
    let ran = project.run(&[
        "check",
        "--rules",
        "house",
        "--select",
        "own",
        "--baseline",
        "known.json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    project.write(
        "Dockerfile",
        "FROM x\nRUN ls b && ls c && ls new && ls more\nRUN ls d\n",
    );
    let ran = project.run(&[
        "check",
        "--rules",
        "house",
        "--select",
        "own",
        "--baseline",
        "known.json",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.out);
}

const PIPED: (&str, &str, &str) = (
    "first",
    "ls",
    r#"severity_when = { info = "command.pipeline_length > 1", error = "not command.is_certain" }"#,
);

#[test]
fn the_severity_of_a_finding_depends_on_conditions() {
    let dockerfile = "FROM x\nRUN ls\nRUN ls | cat\nRUN while true; do ls; done\n\
                      RUN while true; do ls | cat; done\n";
    let found = lines(&[PIPED], dockerfile);
    for place in [
        "2:5: warning",
        "3:5: info",
        "4:20: error",
        // Of two that hold the mildest counts.
        "5:20: info",
    ] {
        assert!(found.contains(place), "{place}: {found}");
    }
    let (_, ran) = run(
        &[PIPED],
        dockerfile,
        &["--format", "concise", "--severity", "first=warning"],
    );
    assert_eq!(ran.out.matches("warning[first]").count(), 4, "{}", ran.out);
    // What is only information does not fail.
    let (_, ran) = run(&[PIPED], "FROM x\nRUN ls | cat\n", &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

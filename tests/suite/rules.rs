//! The rules of this repository keep the conventions of their folder, their examples hold, and what is generated from
//! them and from the facts is up to date.

use std::path::{Path, PathBuf};

use crate::support::{assert_kept, finish, root, seatrial};

/// What may begin a message in upper case.
const PROPER_NAMES: &[&str] = &[
    "Alpine", "Compose", "Debian", "Django", "Docker", "Postgre", "PyMySQL", "Python", "Ubuntu",
    "{",
];

/// The files of the rules.
fn files() -> Vec<PathBuf> {
    let list = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).expect("it can be listed");
        entries.map(|entry| entry.expect("it can be listed").path())
    };
    let folders =
        list(root().join("rules")).filter(|path| path.is_dir() && !path.ends_with("data"));
    let mut files: Vec<PathBuf> = folders.flat_map(list).collect();
    files.sort();
    files
}

fn shown(file: &Path) -> String {
    let below = file.strip_prefix(root()).expect("it is below");
    below.display().to_string()
}

#[test]
fn rules_keep_the_conventions() {
    let mut wrong = String::new();
    let mut say = |path: &str, what: &str| wrong.push_str(&format!("{path}: {what}\n"));
    for file in files() {
        let path = &*shown(&file);
        let id = file.file_stem().expect("a name").to_string_lossy();
        let rule = std::fs::read_to_string(&file).expect("it can be read");
        let table: toml::Table = rule.parse().expect("a rule parses");
        let text = |key: &str| {
            table
                .get(key)
                .and_then(toml::Value::as_str)
                .unwrap_or_default()
        };
        let list = |key: &str| {
            let found = table.get(key).and_then(toml::Value::as_array);
            found.cloned().unwrap_or_default()
        };
        if id.bytes().any(|byte| byte.is_ascii_digit()) {
            say(path, "an id has no numbers");
        }
        if id.starts_with("no-") {
            say(
                path,
                "an id names the fault and reads after `allow`: no `no-`",
            );
        }
        for what in ["bad", "good"] {
            if list(what).len() < 2 {
                say(path, &format!("two `[[{what}]]` examples at least"));
            }
        }
        let why = text("why");
        if why.trim().is_empty() {
            say(path, "a rule says `why`");
        }
        if why.contains("{{") || why.contains("{%") {
            say(path, "`why` is no template");
        }
        if list("references").is_empty() && !why.bytes().any(|byte| byte.is_ascii_digit()) {
            say(path, "`why` needs a figure or the rule a reference");
        }
        let evidence = text("evidence");
        if !evidence.is_empty() && !evidence.trim_start().starts_with("20") {
            say(path, "`evidence` begins with the day: `2026-11-29: `");
        }
        for reference in list("references") {
            if !reference
                .as_str()
                .is_some_and(|url| url.starts_with("https://"))
            {
                say(path, "a reference is an `https://` address");
            }
        }
        let message = text("message").trim();
        // Keywords keep their case: `ADD copies ...`.
        let first = message.split_whitespace().next().unwrap_or_default();
        let is_keyword = first.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_name = is_keyword || PROPER_NAMES.iter().any(|name| message.starts_with(name));
        let starts_upper = message.starts_with(|c: char| c.is_uppercase());
        if starts_upper && !is_name || message.ends_with('.') || message.contains('\n') {
            say(
                path,
                "a message is one clause in lower case without a period",
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_example_holds() {
    let mut command = seatrial();
    command.current_dir(root()).args(["rules", "test", "rules"]);
    let ran = finish(command, None);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn the_reference_is_up_to_date() {
    let text = seatrial::made::reference();
    for rest in ["{filters}", "{tests}", "{facts}", "{index}"] {
        assert!(!text.contains(rest));
    }
    assert_kept(&root().join("rules/README.md"), &text);
}

#[test]
fn the_schema_of_facts_is_up_to_date() {
    assert_kept(
        &root().join("schemas/facts.json"),
        &seatrial::made::facts_schema(),
    );
}

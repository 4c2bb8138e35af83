//! What `seatrial facts` prints of every fixture project, so that moving code changes no fact. Rewritten with
//! `SEATRIAL_BLESS=1`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::report::{assert_valid, closed};
use crate::support::{Project, git, root};

/// One line a fact, in the order of the output: its kind, then its fields. What is null, false or empty is left out,
/// for size alone: a field that gets a value adds it to the line, one that loses it leaves the line.
fn lines(facts: &Value) -> String {
    let mut text = String::new();
    for dockerfile in facts.as_array().expect("a list of Dockerfiles") {
        for (kind, value) in dockerfile.as_object().expect("kinds of facts") {
            let one = std::slice::from_ref(value);
            for fact in value.as_array().map_or(one, Vec::as_slice) {
                text.push_str(kind);
                text.push(' ');
                text.push_str(&without_nothing(fact).to_string());
                text.push('\n');
            }
        }
    }
    text
}

fn without_nothing(fact: &Value) -> Value {
    let Value::Object(fields) = fact else {
        return fact.clone();
    };
    let is_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    let kept = fields.iter().filter(|(_, value)| !is_nothing(value));
    Value::Object(
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

fn copy(from: &Path, to: &Path) {
    // `cp -R` keeps modes and links, which are facts.
    let status = Command::new("cp")
        .arg("-R")
        .arg(from.join("."))
        .arg(to)
        .status();
    assert!(status.expect("cp runs").success(), "{}", from.display());
}

#[cfg(unix)]
#[test]
fn the_facts_of_every_fixture_project_are_as_before() {
    let bless = std::env::var_os("SEATRIAL_BLESS").is_some_and(|value| value == "1");
    // The one that the code makes: the kept one may be about to be written.
    let schema = closed(&seatrial::made::facts_schema());
    let mut changed = String::new();
    for directory in crate::fixtures::projects() {
        let name = directory
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let project = Project::new(&[]);
        copy(&directory, project.path());
        git(project.path(), &["init", "--quiet"]);
        git(project.path(), &["add", "--all"]);
        let ran = project.run(&["facts", "."]);
        // 2: some fixtures hold files that cannot be read; their facts count all the same.
        assert!([0, 2].contains(&ran.code), "{name}: {}", ran.err);
        let facts = ran.json();
        assert_valid(&schema, &facts);
        let now = lines(&facts);
        let path = root().join(format!("tests/suite/facts/{name}.txt"));
        if bless {
            std::fs::write(&path, &now).expect("it can be written");
        }
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = similar::TextDiff::from_lines(&before, &now);
        let difference = difference.unified_diff().context_radius(0).to_string();
        if !difference.is_empty() {
            changed.push_str(&format!("{name}\n{difference}"));
        }
    }
    assert!(
        changed.is_empty(),
        "facts changed; if that is meant: SEATRIAL_BLESS=1 cargo test\n{changed}"
    );
}

//! The project of the post, broken in one place at a time: requirements, settings, static files and
//! build context. Each change gives exactly its findings, in the right file, at the right text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::rules::root;
use crate::support::{copy_tree, findings};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    mutation: Vec<Mutation>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    recommendation: String,
    what: String,
    #[serde(default)]
    change: Vec<Change>,
    #[serde(default)]
    write: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    rename: BTreeMap<String, String>,
    expected: Vec<Expected>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    from: String,
    to: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    rule: String,
    file: String,
    text: String,
}

fn found(project: &Path) -> Vec<Expected> {
    let mut found: Vec<Expected> = findings(project)
        .into_iter()
        .map(|(rule, file, text)| Expected { rule, file, text })
        .collect();
    found.sort();
    found
}

/// Applies a change to a fresh copy of the project.
fn mutate(project: &Path, mutation: &Mutation) {
    for (from, to) in &mutation.rename {
        std::fs::rename(project.join(from), project.join(to)).expect("it can be renamed");
    }
    for change in &mutation.change {
        let path = project.join(&change.file);
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {}: {error}", mutation.what, change.file));
        let count = text.matches(&change.from).count();
        assert_eq!(
            count, 1,
            "{}: `{}` in {}",
            mutation.what, change.from, change.file
        );
        std::fs::write(&path, text.replace(&change.from, &change.to)).expect("it can be written");
    }
    for (path, text) in &mutation.write {
        let path = project.join(path);
        let parent = path.parent().expect("a directory");
        std::fs::create_dir_all(parent).expect("it can be made");
        std::fs::write(&path, text).expect("it can be written");
    }
    for path in &mutation.remove {
        std::fs::remove_file(project.join(path)).expect("it can be removed");
    }
}

#[test]
fn each_change_gives_exactly_its_findings() {
    let table = root().join("fixtures/mutations/project.toml");
    let text = std::fs::read_to_string(&table).expect("it can be read");
    let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let original = root().join("fixtures/projects/the-post");
    let mut wrong = String::new();
    for mutation in &table.mutation {
        let directory = tempfile::tempdir().expect("a directory");
        copy_tree(&original, directory.path());
        mutate(directory.path(), mutation);
        let mut expected = mutation.expected.clone();
        expected.sort();
        let found = found(directory.path());
        if found != expected {
            let name = format!("{} {}", mutation.recommendation, mutation.what);
            wrong += &format!("\n{name}\n  expected: {expected:?}\n  found:    {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let covered: BTreeSet<&str> = table
        .mutation
        .iter()
        .map(|mutation| mutation.recommendation.as_str())
        .collect();
    let wanted = [
        "R02", "R04", "R06", "R12", "R13", "R14", "R17", "R18", "R19", "R20", "R25", "R26", "R29",
        "R30", "R31", "R32", "R33", "R34", "R35", "R62", "R68",
    ];
    for recommendation in wanted {
        assert!(covered.contains(recommendation), "{recommendation}");
    }
}

//! The project of Caktus' guide, broken in one place at a time: requirements, settings, static files and
//! build context. Each change gives exactly its findings, in the right file, at the right text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use seatrial::Catalogue;

use crate::support::root;
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
    /// A directory of fixtures/projects; absent: `caktus-guide`.
    project: Option<String>,
    /// Files that get this mode.
    #[serde(default)]
    mode: BTreeMap<String, u32>,
    /// Files whose lines then end with CR LF.
    #[serde(default)]
    windows: Vec<String>,
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
    for (path, mode) in &mutation.mode {
        set_mode(&project.join(path), *mode);
    }
    for path in &mutation.windows {
        let path = project.join(path);
        let text = std::fs::read_to_string(&path).expect("it can be read");
        std::fs::write(&path, text.replace('\n', "\r\n")).expect("it can be written");
    }
    for path in &mutation.remove {
        std::fs::remove_file(project.join(path)).expect("it can be removed");
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode is set");
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

/// Applies each mutation of a table of fixtures/mutations; gives what it covers: recommendations and rules.
pub(crate) fn check(table: &str) -> BTreeSet<String> {
    let table = root().join("fixtures/mutations").join(table);
    let text = std::fs::read_to_string(&table).expect("it can be read");
    let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let mut wrong = String::new();
    let mut covered = BTreeSet::new();
    for mutation in table.mutation {
        let project = mutation.project.as_deref().unwrap_or("caktus-guide");
        let directory = tempfile::tempdir().expect("a directory");
        copy_tree(
            &root().join("fixtures/projects").join(project),
            directory.path(),
        );
        mutate(directory.path(), &mutation);
        let mut expected = mutation.expected.clone();
        expected.sort();
        let found = found(directory.path());
        if found != expected {
            let name = format!("{project}, {} {}", mutation.recommendation, mutation.what);
            wrong += &format!("\n{name}\n  expected: {expected:?}\n  found:    {found:?}\n");
        }
        covered.insert(mutation.recommendation);
        covered.extend(mutation.expected.into_iter().map(|one| one.rule));
    }
    assert!(wrong.is_empty(), "{wrong}");
    covered
}

#[test]
fn each_change_gives_exactly_its_findings() {
    let covered = check("project.toml");
    let wanted = [
        "R02", "R04", "R06", "R12", "R13", "R14", "R17", "R18", "R19", "R20", "R25", "R26", "R29",
        "R30", "R31", "R32", "R33", "R34", "R35", "R62", "R68",
    ];
    for recommendation in wanted {
        assert!(covered.contains(recommendation), "{recommendation}");
    }
    let topics = [
        "base-image",
        "build-context",
        "django",
        "static-files",
        "python-packages",
    ];
    // Of what starts, which has its own table.
    let elsewhere = [
        "celery-client-missing",
        "collected-at-build-and-start",
        "migrate-at-every-start",
        "number-variable-is-word-in-env",
        "query-at-import",
        "runserver-as-server",
    ];
    let missing: Vec<String> = Catalogue::embedded()
        .rules()
        .filter(|rule| topics.contains(&rule.topic()) && rule.is_default())
        .map(|rule| rule.id().to_owned())
        .filter(|rule| !covered.contains(rule) && !elsewhere.contains(&rule.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

//! The fixtures: whole projects and single Dockerfiles, each with everything that may be found in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seatrial::{Buffer, Checked, Request, Workspace};

use crate::support::TODAY;
use crate::support::root;

/// One finding as the tables name it: marked text, not positions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// From the project's root; empty for single Dockerfiles.
    #[serde(default)]
    file: String,
    rule: String,
    text: String,
}

fn run(directory: &Path, paths: Vec<PathBuf>, buffer: Option<Buffer>) -> Vec<Expected> {
    let today = TODAY.parse().expect("a day");
    let mut request = Request::new(directory.to_path_buf(), today).paths(paths);
    if let Some(buffer) = buffer {
        request = request.buffer(buffer);
    }
    let Checked {
        sources, outcome, ..
    } = Workspace::disk().check(&request);
    let mut found: Vec<Expected> = outcome
        .findings
        .iter()
        .map(|reported| {
            let span = reported.finding.primary;
            Expected {
                file: sources.get(span.file).name.clone(),
                rule: reported.finding.rule.to_string(),
                text: sources.slice(span),
            }
        })
        .collect();
    found.sort();
    found
}

/// Directories of `fixtures/projects`.
pub(crate) fn projects() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("fixtures/projects")).expect("it can be listed");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.is_dir())
        .collect();
    paths.sort();
    paths
}

#[test]
fn projects_give_what_is_expected() {
    let mut count = 0;
    for project in projects() {
        let table = project.join("expected.json");
        let text = std::fs::read_to_string(&table)
            .unwrap_or_else(|error| panic!("{}: {error}", table.display()));
        let mut expected: Vec<Expected> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", table.display()));
        expected.sort();
        let found = run(&project, vec![PathBuf::from(".")], None);
        assert_eq!(found, expected, "{}", project.display());
        count += 1;
    }
    assert!(count >= 10, "{count} projects");
}

/// `file`, `rule` and `text` of an `expected.tsv`; a file without findings has `-` for both.
fn table(folder: &Path) -> BTreeMap<String, Vec<Expected>> {
    let path = folder.join("expected.tsv");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut table: BTreeMap<String, Vec<Expected>> = BTreeMap::new();
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let [file, rule, text] = cells[..] else {
            panic!("{}: `{line}` has not three cells", path.display());
        };
        let findings = table.entry(file.to_string()).or_default();
        if rule != "-" {
            findings.push(Expected {
                file: String::new(),
                rule: rule.to_string(),
                text: text.to_string(),
            });
        }
    }
    table
}

/// Checks every Dockerfile of a folder alone, as if nothing lay beside it.
fn single_dockerfiles(folder: &str) -> usize {
    let folder = root().join("fixtures").join(folder);
    let mut table = table(&folder);
    let empty = tempfile::tempdir().expect("a directory");
    let mut count = 0;
    let entries = std::fs::read_dir(&folder).expect("it can be listed");
    for entry in entries {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.and_then(|name| name.strip_suffix(".Dockerfile")) else {
            continue;
        };
        let mut expected = table
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        let buffer = Buffer {
            path: None,
            text: std::fs::read(&path).expect("it can be read"),
        };
        let mut found = run(empty.path(), Vec::new(), Some(buffer));
        for finding in &mut found {
            finding.file.clear();
        }
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{name}");
        count += 1;
    }
    assert!(table.is_empty(), "without a file: {:?}", table.keys());
    count
}

#[test]
fn healthy_dockerfiles_are_left_alone() {
    assert_eq!(single_dockerfiles("healthy"), 4);
}

#[test]
fn what_others_wrongly_flag_is_left_alone() {
    assert!(single_dockerfiles("must-not-flag") >= 29);
}

#[test]
fn weaknesses_of_others_are_answered() {
    assert!(single_dockerfiles("weaknesses") >= 25);
}

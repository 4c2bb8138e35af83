//! The projects of the fixtures, broken in one place at a time: what starts, and what runs beside it. Each
//! change gives exactly its findings, in the right file, at the right text.

use std::collections::BTreeSet;

use seatrial::Catalogue;

use crate::mutations_project::check;
use crate::support::findings;
use crate::support::root;

/// Rules of these topics that no change stands for, and why.
const WITHOUT: [(&str, &str); 1] = [(
    "shell-missing",
    "without a shell the base image has nothing else of what the projects need",
)];

#[test]
fn the_project_of_the_guide_has_no_finding() {
    let found = findings(&root().join("fixtures/projects/caktus-guide"));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
#[cfg(unix)]
fn each_change_gives_exactly_its_findings() {
    let covered = check("process.toml");
    for number in 36..=61 {
        let recommendation = format!("R{number}");
        assert!(covered.contains(&recommendation), "{recommendation}");
    }
    let topics = ["startup", "compose", "uwsgi"];
    let without: BTreeSet<&str> = WITHOUT.iter().map(|(rule, _)| *rule).collect();
    let mut missing = Vec::new();
    for rule in Catalogue::embedded().rules() {
        let is_of_half = topics.contains(&rule.topic()) && rule.is_default();
        if is_of_half && !covered.contains(rule.id()) && !without.contains(rule.id()) {
            missing.push(rule.id().to_owned());
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

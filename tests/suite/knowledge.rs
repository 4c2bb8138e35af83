//! The tables of `rules/data` and the rules fit each other.

use std::collections::BTreeMap;

use seatrial::Catalogue;

use crate::support::root;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    recommendation: Vec<Recommendation>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Recommendation {
    id: String,
    title: String,
    /// Why no rule can check it.
    unchecked: Option<String>,
}

fn recommendations() -> Vec<Recommendation> {
    let path = root().join("rules/data/recommendations.toml");
    let text = std::fs::read_to_string(path).expect("the table can be read");
    let table: Table = toml::from_str(&text).expect("the table is well formed");
    table.recommendation
}

/// Which rules check a recommendation.
fn rules_by_recommendation() -> BTreeMap<String, Vec<String>> {
    let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rule in Catalogue::embedded().rules() {
        for id in rule.recommendations() {
            rules
                .entry(id.to_owned())
                .or_default()
                .push(rule.id().to_owned());
        }
    }
    rules
}

#[test]
fn the_table_of_recommendations_is_complete() {
    let table = recommendations();
    let ids: Vec<&str> = table.iter().map(|row| row.id.as_str()).collect();
    let wanted: Vec<String> = (1..=68).map(|number| format!("R{number:02}")).collect();
    assert_eq!(ids, wanted);
    let unchecked: Vec<&str> = table
        .iter()
        .filter(|row| row.unchecked.is_some())
        .map(|row| row.id.as_str())
        .collect();
    assert_eq!(unchecked, ["R63", "R64", "R65", "R66", "R67"]);
    for row in &table {
        assert!(
            !row.title.ends_with('.') && row.title.len() < 80,
            "{}",
            row.id
        );
    }
}

#[test]
fn rules_name_recommendations_that_can_be_checked() {
    let table = recommendations();
    for (id, rules) in rules_by_recommendation() {
        let row = table.iter().find(|row| row.id == id);
        assert!(
            row.is_some_and(|row| row.unchecked.is_none()),
            "{id}, named by {rules:?}"
        );
    }
}

#[test]
fn every_recommendation_has_a_rule() {
    let rules = rules_by_recommendation();
    let table = recommendations();
    let without: Vec<&str> = table
        .iter()
        .filter(|row| row.unchecked.is_none() && !rules.contains_key(&row.id))
        .map(|row| row.id.as_str())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_table_says_what_it_holds_and_from_where() {
    let folder = root().join("rules/data");
    let files = std::fs::read_dir(folder).expect("the folder can be read");
    let mut count = 0;
    for file in files {
        let path = file.expect("the folder can be listed").path();
        if path.extension().is_none_or(|ending| ending != "tsv") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a table can be read");
        let comments: String = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        for wanted in ["As of 20", "# row: "] {
            assert!(
                comments.contains(wanted),
                "{}: no `{wanted}`",
                path.display()
            );
        }
        let is_sourced = comments.contains("From ") || comments.contains("Ours, ");
        assert!(is_sourced, "{}: no source", path.display());
        count += 1;
    }
    assert!(count > 20, "{count} tables");
}

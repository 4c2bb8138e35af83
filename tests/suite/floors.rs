//! The floors of `src/facts`: which stands on which, as ARCHITECTURE.md says it.

use std::collections::BTreeSet;

use super::architecture::{graph, quoted};
use super::support::root;

/// The floors of `src/facts`, from the ground, each with those it uses. A floor is a file or a folder.
const FLOORS: &[(&str, &[&str])] = &[
    ("table", &[]),
    ("ci", &[]),
    ("intent", &["table"]),
    ("surroundings", &["table", "intent"]),
    ("inputs", &["table", "surroundings"]),
    ("model", &["table", "surroundings"]),
    ("build", &["table", "intent", "inputs", "model"]),
    ("files", &["ci", "model", "build"]),
    ("python", &["model", "build", "files"]),
    ("system", &["table", "model", "build", "files", "python"]),
    (
        "start",
        &["intent", "model", "build", "files", "python", "system"],
    ),
    (
        "django",
        &["intent", "model", "build", "files", "python", "start"],
    ),
    (
        "deploy",
        &[
            "table", "ci", "intent", "model", "build", "files", "python", "start", "django",
        ],
    ),
    (
        "nodes",
        &[
            "table", "intent", "model", "build", "files", "python", "system", "start", "django",
            "deploy",
        ],
    ),
    ("limits", &["model", "nodes"]),
    (
        "shown",
        &[
            "model", "nodes", "table", "build", "python", "start", "django", "deploy",
        ],
    ),
    ("json", &["table", "nodes"]),
    ("schema", &["table", "nodes"]),
];

#[test]
fn each_floor_of_facts_uses_lower_ones_only() {
    let floor = |file: &str| {
        let below = file.strip_prefix("facts/")?;
        let name = below.split(['/', '.']).next()?;
        // What puts the floors together uses all of them, and no floor uses it.
        Some(name.to_owned()).filter(|_| below != "mod.rs")
    };
    let mut wrong = Vec::new();
    for (file, uses) in graph() {
        let Some(own) = floor(&file) else { continue };
        let Some((_, lower)) = FLOORS.iter().find(|(name, _)| *name == own) else {
            wrong.push(format!(
                "src/{file}: `{own}` has no place in FLOORS of tests/suite/floors.rs: give it one, from \
                 the ground, or move the file to the floor whose question it answers"
            ));
            continue;
        };
        for (used, names) in uses {
            let above = match floor(&used) {
                _ if used == "facts/mod.rs" => "mod".to_owned(),
                Some(used) => used,
                None => continue,
            };
            if above != own && !lower.contains(&above.as_str()) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                wrong.push(format!(
                    "src/{file}: uses {} of src/{used}, but `{own}` does not stand on `{above}`: move it to a floor \
                     below both, hand it over as an argument, or ask for it on a floor above both",
                    names.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table of floors in ARCHITECTURE.md: each floor with those it names as below it, `all` and `not` resolved.
fn told_floors() -> Vec<(String, BTreeSet<String>)> {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = page.split_once("\n| floor, from the ground |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let plain = |name: &str| {
        name.trim_end_matches(".rs")
            .trim_end_matches('/')
            .to_owned()
    };
    let mut told: Vec<(String, BTreeSet<String>)> = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split(" |").collect();
        let (below, not) = cells[2].split_once(", not ").unwrap_or((cells[2], ""));
        let mut lower: BTreeSet<String> = quoted(below).map(plain).collect();
        if below.contains("all") {
            lower.extend(told.iter().map(|(name, _)| name.clone()));
        }
        let known = |name: &String| told.iter().find(|(floor, _)| floor == name);
        let further = lower.iter().filter_map(known);
        let further: Vec<String> = further.flat_map(|(_, lower)| lower.clone()).collect();
        for name in &lower {
            assert!(
                known(name).is_some(),
                "ARCHITECTURE.md names no floor `{name}` above {row}"
            );
        }
        lower.extend(further);
        lower.retain(|name| !quoted(not).any(|not| plain(not) == *name));
        told.extend(quoted(cells[0]).map(|name| (plain(name), lower.clone())));
    }
    told
}

#[test]
fn the_page_tells_the_floors_of_facts() {
    let told = told_floors();
    let mut wrong = Vec::new();
    for (floor, uses) in FLOORS {
        let Some((_, lower)) = told.iter().find(|(name, _)| name == floor) else {
            wrong.push(format!(
                "`{floor}` is not in the table of floors of ARCHITECTURE.md"
            ));
            continue;
        };
        let untold = uses.iter().filter(|name| !lower.contains(**name));
        wrong.extend(untold.map(|name| {
            format!(
                "`{floor}` uses `{name}` by FLOORS, and does not stand on it by ARCHITECTURE.md"
            )
        }));
    }
    for (floor, _) in told.iter().filter(|(name, _)| name != "mod") {
        if !FLOORS.iter().any(|(name, _)| name == floor) {
            wrong.push(format!("`{floor}` of ARCHITECTURE.md is not in FLOORS"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The kinds of facts, as `facts/nodes/mod.rs` lists them.
fn kinds() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("src/facts/nodes/mod.rs")).unwrap();
    let (_, list) = text.split_once("\nkinds![").unwrap();
    let (list, _) = list.split_once("];").unwrap();
    let names = list.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn kinds_of_facts_do_not_know_each_other() {
    let kinds = kinds();
    let kind = |file: &str| {
        let name = file
            .strip_prefix("facts/nodes/")?
            .split(['/', '.'])
            .next()?;
        kinds.get(name).cloned()
    };
    let mut wrong = Vec::new();
    for (file, uses) in graph() {
        let Some(own) = kind(&file) else { continue };
        for (used, names) in uses {
            if kind(&used).is_some_and(|other| other != own) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                wrong.push(format!(
                    "src/{file}: uses {} of src/{used}: move what two kinds say in the same way to a file beside \
                     both, or to the floor whose question it answers",
                    names.join(", ")
                ));
            }
        }
    }
    assert!(
        !kinds.is_empty() && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

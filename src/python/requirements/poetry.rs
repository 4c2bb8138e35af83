//! Poetry's dialect: tables of constraints, groups, extras; its carets and tildes as PEP 440.

use crate::span::Traced;

use super::marker::Marker;
use super::name::normalize_name;
use super::project::Project;
use super::requirement::{blank, is_refused};
use super::specifier::{Specifier, Versions};
use super::toml_tree::{Table, Value};
use super::{ProblemKind, Requirement};

/// Reads `[tool.poetry]`; true when it lists dependencies.
pub(super) fn read(project: &mut Project, poetry: Table<'_, '_>) -> bool {
    if project.name.is_none() {
        project.name = poetry.str("name").map(normalize_name);
    }
    let mut optional = Vec::new();
    let main = poetry.at(&["dependencies"]);
    if let Some(main) = main {
        for (name, value) in main.entries() {
            if name.as_str() == "python" {
                if project.set.requires_python.is_none() {
                    project.set.requires_python = main.traced(value);
                    let text = project.set.requires_python.as_ref();
                    project.set.python_versions = text.map(|text| versions(text.as_str()));
                }
                continue;
            }
            let is_optional = value
                .get_ref()
                .as_table()
                .is_some_and(|table| main.inner(table).bool("optional") == Some(true));
            for requirement in entries(project, main, &name, value, None) {
                // Beside `[project]`, the table only says where listed packages come from.
                let is_listed = project
                    .dependencies
                    .iter()
                    .any(|entry| entry.name == requirement.name);
                if is_optional {
                    optional.push(requirement);
                } else if !is_listed || value.get_ref().is_array() {
                    project.dependencies.push(requirement);
                }
            }
        }
    }
    if let Some(extras) = poetry.at(&["extras"]) {
        for (name, _) in extras.entries() {
            let names = extras.strings(name.as_str());
            let members = names.iter().map(|name| normalize_name(name.as_str()));
            let members: Vec<String> = members.collect();
            let list = optional
                .iter()
                .filter(|entry| members.contains(&entry.name))
                .cloned();
            project
                .extras
                .insert(normalize_name(name.as_str()), list.collect());
        }
    }
    project.set.has_plugins |= poetry.get("requires-plugins").is_some();
    if let Some(dev) = poetry.at(&["dev-dependencies"]) {
        group(project, "dev", dev);
    }
    if let Some(groups) = poetry.at(&["group"]) {
        for (name, value) in groups.entries() {
            let Some(table) = value.get_ref().as_table() else {
                continue;
            };
            let table = groups.inner(table);
            if table.bool("optional") == Some(true) {
                let name = normalize_name(name.as_str());
                project.optional_groups.insert(name);
            }
            if let Some(list) = table.at(&["dependencies"]) {
                group(project, name.as_str(), list);
            }
        }
    }
    for source in poetry.array("source") {
        if let Some(source) = source.get_ref().as_table() {
            let source = poetry.inner(source);
            let url = source.get("url").and_then(|url| source.traced(url));
            project.set.options.extra_index_urls.extend(url);
        }
    }
    main.is_some()
}

fn group(project: &mut Project, name: &str, table: Table<'_, '_>) {
    let key = normalize_name(name);
    for (package, value) in table.entries() {
        let list = entries(project, table, &package, value, Some(name));
        project.groups.entry(key.clone()).or_default().extend(list);
    }
}

/// `name = "^1"`, `name = {version = ...}`, `name = [{...}, {...}]`: also the forms of a Pipfile.
pub(super) fn entries(
    project: &mut Project,
    table: Table<'_, '_>,
    name: &Traced,
    value: &Value<'_>,
    group: Option<&str>,
) -> Vec<Requirement> {
    let mut requirement = blank(name);
    requirement.name = normalize_name(name.as_str());
    requirement.group = group.map(str::to_owned);
    if let Some(version) = table.traced(value) {
        constrain(&version, &mut requirement);
        requirement.span = requirement.span.cover(table.span(value));
        return vec![requirement];
    }
    if let Some(inner) = value.get_ref().as_table() {
        let inner = table.inner(inner);
        // A table of its own (`[tool.poetry.dependencies.x]`) does not stand beside its name.
        if table.span(value).start >= requirement.span.end {
            requirement.span = requirement.span.cover(table.span(value));
        }
        if let Some(version) = inner.get("version").and_then(|v| inner.traced(v)) {
            constrain(&version, &mut requirement);
        }
        let extras = inner.strings("extras");
        requirement.extras = extras.iter().map(|e| normalize_name(e.as_str())).collect();
        if let Some(text) = inner.get("markers").and_then(|m| inner.traced(m)) {
            requirement.marker = Some(Marker::new(text.as_str(), text.span()));
        }
        requirement.is_editable =
            inner.bool("editable") == Some(true) || inner.bool("develop") == Some(true);
        source(inner, &mut requirement);
        return vec![requirement];
    }
    if let Some(array) = value.get_ref().as_array() {
        return array
            .iter()
            .filter(|value| !value.get_ref().is_array())
            .flat_map(|value| entries(project, table, name, value, group))
            .collect();
    }
    project.set.problem(
        ProblemKind::Syntax,
        Some(table.span(value)),
        format!("`{name}` has no version"),
    );
    vec![requirement]
}

/// `git`, `url` and `path` keys of an entry.
pub(super) fn source(table: Table<'_, '_>, requirement: &mut Requirement) {
    let text = |key| table.get(key).and_then(|value| table.traced(value));
    if let Some(address) = text("git") {
        let commit = text("rev").or_else(|| text("ref"));
        let revision = commit.or_else(|| text("tag")).or_else(|| text("branch"));
        let is_hash = |text: &str| text.len() >= 7 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let named_commit = text("rev").or_else(|| text("ref"));
        requirement.specifier = Specifier::Url {
            is_vcs: true,
            is_git: true,
            is_commit_pinned: named_commit.is_some_and(|rev| is_hash(rev.as_str())),
            is_refused: is_refused(address.as_str()),
            revision: revision.map(|revision| revision.as_str().to_owned()),
        };
        requirement.specifier_span = Some(address.span());
        requirement.versions = Versions::unknown();
    } else if let Some(address) = text("url").or_else(|| text("file")) {
        requirement.specifier = Specifier::Url {
            is_vcs: false,
            is_git: false,
            revision: None,
            is_commit_pinned: false,
            is_refused: false,
        };
        requirement.specifier_span = Some(address.span());
        requirement.versions = Versions::unknown();
    } else if let Some(path) = text("path") {
        requirement.specifier = Specifier::Path;
        requirement.specifier_span = Some(path.span());
        requirement.path = Some(path.as_str().to_owned());
        requirement.versions = Versions::unknown();
    } else if table.bool("workspace") == Some(true) {
        requirement.specifier = Specifier::Path;
        requirement.versions = Versions::unknown();
    }
}

/// Reads a constraint of Poetry or of a Pipfile.
fn constrain(text: &Traced, requirement: &mut Requirement) {
    requirement.specifier_span = Some(text.span());
    let alternatives: Vec<Versions> = text.as_str().split("||").map(versions).collect();
    if let [only] = alternatives.as_slice() {
        requirement.specifier = only.specifier();
        requirement.versions = only.clone();
        return;
    }
    let is_bounded = alternatives
        .iter()
        .all(|one| matches!(one.specifier(), Specifier::Bounded | Specifier::Pinned(_)));
    requirement.versions = Versions::unknown();
    requirement.specifier = if is_bounded {
        Specifier::Bounded
    } else {
        Specifier::Unknown
    };
}

/// The versions that a constraint allows; unknown for alternatives.
fn versions(text: &str) -> Versions {
    pep440(text).map_or_else(Versions::unknown, |text| Versions::parse(&text))
}

/// A constraint as PEP 440 writes it: `^1.2` is `>=1.2,<2`.
fn pep440(text: &str) -> Option<String> {
    let mut out = Vec::new();
    for part in text.split(',') {
        let mut rest = part.trim();
        // `>=1 <2`: blanks separate as well.
        while !rest.is_empty() {
            let operator = rest.len()
                - rest
                    .trim_start_matches(['<', '>', '=', '!', '~', '^'])
                    .len();
            let body = rest[operator..].trim_start();
            let length = body.find([' ', '<', '>']).unwrap_or(body.len());
            out.push(one(&rest[..operator], &body[..length])?);
            rest = body[length..].trim_start();
        }
    }
    out.retain(|part| !part.is_empty());
    Some(out.join(","))
}

fn one(operator: &str, version: &str) -> Option<String> {
    if version == "*" || version.is_empty() {
        return operator
            .is_empty()
            .then(String::new)
            .or_else(|| (version == "*").then(String::new));
    }
    let numbers: Vec<u64> = version
        .split('.')
        .map_while(|number| number.parse().ok())
        .take(3)
        .collect();
    let upper = |keep: usize| {
        let mut bound: Vec<u64> = numbers.iter().take(keep + 1).copied().collect();
        if let Some(last) = bound.last_mut() {
            *last = last.saturating_add(1);
        }
        let bound: Vec<String> = bound.iter().map(u64::to_string).collect();
        bound.join(".")
    };
    match operator {
        "^" => {
            let significant = numbers.iter().position(|number| *number != 0);
            let keep = significant.unwrap_or(numbers.len().saturating_sub(1));
            (!numbers.is_empty()).then(|| format!(">={version},<{}", upper(keep)))
        }
        "~" => {
            let keep = usize::from(numbers.len() > 1);
            (!numbers.is_empty()).then(|| format!(">={version},<{}", upper(keep)))
        }
        "" | "=" | "==" => Some(format!("=={version}")),
        ">" | "<" | ">=" | "<=" | "!=" | "~=" | "===" => Some(format!("{operator}{version}")),
        _ => None,
    }
}

//! Lock files in TOML: `uv.lock`, `poetry.lock`, `pdm.lock`, as packages and edges.
//!
//! Which of the packages an installer takes is the walk's business.

use std::collections::BTreeMap;

use crate::span::{FileId, Span, Traced};

use super::marker::Marker;
use super::name::normalize_name;
use super::requirement::parse_requirement;
use super::toml_tree::{Table, Value, with_table};

/// A package of a lock file.
#[derive(Clone, Debug)]
pub(super) struct Locked {
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) version: Option<Traced>,
    pub(super) hashes: u32,
    /// Names of its wheels for x86_64 Linux or any platform.
    pub(super) wheels: Vec<String>,
    pub(super) place: Place,
    pub(super) edges: Vec<Edge>,
    pub(super) extras: BTreeMap<String, Vec<Edge>>,
    pub(super) groups: BTreeMap<String, Vec<Edge>>,
    /// The entry counts only for these extras of the package (`pdm.lock`).
    pub(super) for_extras: Vec<String>,
    /// What has to hold for this entry, where the lock has another one of the package for the rest.
    pub(super) fork: Option<Marker>,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Index,
    Commit,
    Archive,
    /// A directory of the project, with its path.
    Local(String),
}

/// One package needs another.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) name: String,
    pub(super) extras: Vec<String>,
    pub(super) version: Option<String>,
    pub(super) marker: Option<Marker>,
}

/// Packages in the order of the file, and an error of its text.
pub(super) fn read(file: FileId, text: &str) -> (Vec<Locked>, Option<(Span, String)>) {
    with_table(file, text, |table, error| {
        let packages = table.array("package").iter();
        let packages = packages.filter_map(|value| package(table, value));
        (packages.collect(), error)
    })
}

fn wheels(package: Table<'_, '_>) -> Vec<String> {
    let files = package.array("files").iter().chain(package.array("wheels"));
    let names = files.filter_map(|file| {
        let file = package.inner(file.get_ref().as_table()?);
        let text = file.str("file").or_else(|| file.str("filename"))?;
        Some(text.rsplit('/').next().unwrap_or(text).to_owned())
    });
    let urls = package.array("wheels").iter().filter_map(|file| {
        let file = package.inner(file.get_ref().as_table()?);
        let text = file.str("url")?;
        Some(text.rsplit('/').next().unwrap_or(text).to_owned())
    });
    let is_for_linux = |name: &String| {
        name.strip_suffix(".whl").is_some_and(|name| {
            name.ends_with("-any") || name.contains("linux") && name.ends_with("x86_64")
        })
    };
    names.chain(urls).filter(is_for_linux).collect()
}

fn package(table: Table<'_, '_>, value: &Value<'_>) -> Option<Locked> {
    let package = table.inner(value.get_ref().as_table()?);
    let name = package.traced(package.get("name")?)?;
    let source = package.at(&["source"]);
    let mut locked = Locked {
        name: normalize_name(name.as_str()),
        name_span: name.span(),
        version: package.get("version").and_then(|v| package.traced(v)),
        hashes: count(package.array("files").len() + package.array("wheels").len())
            + u32::from(package.get("sdist").is_some()),
        wheels: wheels(package),
        place: source.map_or(Place::Index, place),
        edges: Vec::new(),
        extras: BTreeMap::new(),
        groups: BTreeMap::new(),
        for_extras: names(&package.strings("extras")),
        fork: fork(package),
    };
    if let Some(path) = package.str("path") {
        locked.place = Place::Local(path.to_owned());
    } else if package.get("git").is_some() {
        locked.place = Place::Commit;
    }
    match package.get("dependencies").map(toml::Spanned::get_ref) {
        Some(toml::de::DeValue::Array(_)) => {
            locked.edges = array_edges(package, "dependencies");
        }
        Some(toml::de::DeValue::Table(dependencies)) => {
            poetry_edges(package.inner(dependencies), package, &mut locked);
        }
        _ => {}
    }
    for (key, edges) in [
        ("optional-dependencies", &mut locked.extras),
        ("dev-dependencies", &mut locked.groups),
    ] {
        if let Some(lists) = package.at(&[key]) {
            for (name, _) in lists.entries() {
                let list = array_edges(lists, name.as_str());
                edges.insert(normalize_name(name.as_str()), list);
            }
        }
    }
    Some(locked)
}

/// uv lists the cases an entry is for, poetry writes one marker.
fn fork(package: Table<'_, '_>) -> Option<Marker> {
    let of_poetry = package.get("markers").and_then(|m| package.traced(m));
    let of_poetry = of_poetry.filter(|text| !text.as_str().contains("extra"));
    let cases = package.strings("resolution-markers");
    let span = cases.first().or(of_poetry.as_ref())?.span();
    let texts = cases.iter().chain(&of_poetry);
    let texts: Vec<String> = texts.map(|text| format!("({text})")).collect();
    Some(Marker::new(&texts.join(" or "), span))
}

fn place(source: Table<'_, '_>) -> Place {
    let local = ["editable", "virtual", "directory", "path"];
    if let Some(path) = local.iter().find_map(|key| source.str(key)) {
        return Place::Local(path.to_owned());
    }
    match source.str("type") {
        Some("git") => return Place::Commit,
        Some("url" | "file") => return Place::Archive,
        Some("directory") => {
            return Place::Local(source.str("url").unwrap_or("").to_owned());
        }
        _ => {}
    }
    if source.get("git").is_some() {
        Place::Commit
    } else if source.get("url").is_some() && source.get("type").is_none() {
        Place::Archive
    } else {
        Place::Index
    }
}

/// uv's tables and pdm's texts.
fn array_edges(table: Table<'_, '_>, key: &str) -> Vec<Edge> {
    let edge = |value: &Value<'_>| {
        if let Some(text) = table.traced(value) {
            let requirement = parse_requirement(&text).ok()?;
            return Some(Edge {
                name: requirement.name,
                extras: requirement.extras,
                version: None,
                marker: requirement.marker,
            });
        }
        let entry = table.inner(value.get_ref().as_table()?);
        let marker = entry.get("marker").and_then(|m| entry.traced(m));
        Some(Edge {
            name: normalize_name(entry.str("name")?),
            extras: names(&entry.strings("extra")),
            version: entry.str("version").map(str::to_owned),
            marker: marker.map(|text| Marker::new(text.as_str(), text.span())),
        })
    };
    table.array(key).iter().filter_map(edge).collect()
}

/// Poetry's table of constraints; optional ones count through the package's extras.
fn poetry_edges(dependencies: Table<'_, '_>, package: Table<'_, '_>, locked: &mut Locked) {
    let mut optional = Vec::new();
    for (name, value) in dependencies.entries() {
        let mut edge = Edge {
            name: normalize_name(name.as_str()),
            extras: Vec::new(),
            version: None,
            marker: None,
        };
        let mut is_optional = false;
        if let Some(table) = value.get_ref().as_table() {
            let table = dependencies.inner(table);
            edge.extras = names(&table.strings("extras"));
            is_optional = table.bool("optional") == Some(true);
            let marker = table.get("markers").and_then(|m| table.traced(m));
            // `extra == "x"` is said again by the package's own table of extras.
            edge.marker = marker
                .filter(|text| !text.as_str().contains("extra"))
                .map(|text| Marker::new(text.as_str(), text.span()));
        }
        if is_optional {
            optional.push(edge);
        } else {
            locked.edges.push(edge);
        }
    }
    let Some(extras) = package.at(&["extras"]) else {
        return;
    };
    for (extra, _) in extras.entries() {
        let texts = extras.strings(extra.as_str());
        let members = texts.iter().filter_map(|text| parse_requirement(text).ok());
        let members: Vec<String> = members.map(|entry| entry.name).collect();
        let edges = optional.iter().filter(|edge| members.contains(&edge.name));
        locked
            .extras
            .insert(normalize_name(extra.as_str()), edges.cloned().collect());
    }
}

fn names(texts: &[Traced]) -> Vec<String> {
    texts.iter().map(|t| normalize_name(t.as_str())).collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

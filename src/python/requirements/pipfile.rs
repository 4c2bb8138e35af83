//! `Pipfile` and `Pipfile.lock`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::source::{Root, SourceError, Sources};
use crate::span::{FileId, Span};

use super::marker::Marker;
use super::name::normalize_name;
use super::problem::kind_of;
use super::project::Project;
use super::requirement::blank;
use super::specifier::{Specifier, Versions};
use super::toml_tree::with_table;
use super::{ProblemKind, Requirement, RequirementSet, poetry};
use crate::source::join;

/// What Pipenv installs in `directory`: the lock file when there is one and it is asked for, else
/// the lists of the `Pipfile`.
pub(super) fn installed(
    sources: &Sources,
    root: &Root,
    directory: &str,
    dev: bool,
    uses_lock: bool,
) -> RequirementSet {
    let declared = declared(sources, root, directory, dev);
    if !uses_lock {
        return declared;
    }
    let path = join(directory, "Pipfile.lock");
    match root.read(sources, &path) {
        Ok(file) => locked(sources, file, declared, dev),
        Err(SourceError::Missing { .. }) => declared,
        Err(error) => {
            let mut set = declared;
            set.problem(kind_of(&error), None, error.to_string());
            set
        }
    }
}

fn declared(sources: &Sources, root: &Root, directory: &str, dev: bool) -> RequirementSet {
    let mut project = Project {
        set: RequirementSet::new(),
        ..Project::default()
    };
    let path = join(directory, "Pipfile");
    let file = match root.read(sources, &path) {
        Ok(file) => file,
        Err(error) => {
            project
                .set
                .problem(kind_of(&error), None, error.to_string());
            return project.set;
        }
    };
    project.set.files.push(file);
    let source = sources.get(file);
    with_table(file, &source.text, |table, error| {
        if let Some((span, message)) = error {
            project
                .set
                .problem(ProblemKind::Syntax, Some(span), message);
        }
        let sections = [("packages", None), ("dev-packages", Some("dev"))];
        for (section, group) in sections {
            if group.is_some() && !dev {
                continue;
            }
            let Some(list) = table.at(&[section]) else {
                continue;
            };
            for (name, value) in list.entries() {
                let entries = poetry::entries(&mut project, list, &name, value, group);
                project.set.requirements.extend(entries);
            }
        }
        if let Some(requires) = table.at(&["requires"]) {
            let names = ["python_full_version", "python_version"];
            let named = names.iter().find_map(|name| requires.get(name));
            project.set.named_python = named.and_then(|value| requires.traced(value));
        }
        for (at, index) in table.array("source").iter().enumerate() {
            if let Some(index) = index.get_ref().as_table() {
                let index = table.inner(index);
                let url = index.get("url").and_then(|url| index.traced(url));
                let is_public = url
                    .as_ref()
                    .is_some_and(|u| u.as_str().contains("pypi.org"));
                if at > 0 || !is_public {
                    project.set.options.extra_index_urls.extend(url);
                }
            }
        }
    });
    project.set
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    default: BTreeMap<String, Entry>,
    #[serde(default)]
    develop: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
    markers: Option<String>,
    #[serde(default)]
    hashes: Vec<String>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    editable: bool,
    git: Option<String>,
    r#ref: Option<String>,
    path: Option<String>,
    file: Option<String>,
}

fn locked(sources: &Sources, file: FileId, declared: RequirementSet, dev: bool) -> RequirementSet {
    let source = sources.get(file);
    let mut set = RequirementSet {
        requirements: Vec::new(),
        is_complete: true,
        lock: Some(file),
        ..declared.clone()
    };
    set.files.push(file);
    let lock: Lock = match serde_json::from_str(&source.text) {
        Ok(lock) => lock,
        Err(error) => {
            let line = error.line().saturating_sub(1);
            let starts = source.line_starts();
            let at = starts.get(line).copied().unwrap_or(0);
            let mut set = declared;
            set.problem(
                ProblemKind::Syntax,
                Some(Span::point(file, at)),
                "the lock file is not JSON in Pipenv's format",
            );
            return set;
        }
    };
    let sections = [
        ("default", lock.default, None),
        ("develop", lock.develop, Some("dev")),
    ];
    for (section, entries, group) in sections {
        if group.is_some() && !dev {
            continue;
        }
        let mut at = find(&source.text, 0, section);
        for (name, entry) in entries {
            // Pipenv writes names in sorted order, as the map gives them.
            let place = find(&source.text, at, &name);
            at = place;
            let start = u32::try_from(place).unwrap_or(u32::MAX);
            let length = u32::try_from(name.len()).unwrap_or(0);
            let span = Span::new(file, start, start.saturating_add(length));
            set.requirements
                .push(requirement(&name, &entry, span, group, &declared));
        }
    }
    set.is_closed = true;
    set
}

/// Where `"name"` is written as a key after `from`; `from` itself when it is not found.
fn find(text: &str, from: usize, name: &str) -> usize {
    let key = format!("\"{name}\":");
    let rest = text.get(from..).unwrap_or("");
    rest.find(&key).map_or(from, |at| from + at + 1)
}

fn requirement(
    name: &str,
    entry: &Entry,
    span: Span,
    group: Option<&str>,
    declared: &RequirementSet,
) -> Requirement {
    let mut out = blank(&crate::span::Traced::new(name, span));
    out.name = normalize_name(name);
    out.group = group.map(str::to_owned);
    out.extras = entry.extras.iter().map(|e| normalize_name(e)).collect();
    out.hashes = u32::try_from(entry.hashes.len()).unwrap_or(u32::MAX);
    out.is_editable = entry.editable;
    out.marker = entry.markers.as_deref().map(|text| Marker::new(text, span));
    let mut own = declared.requirements.iter();
    if let Some(own) = own.find(|one| one.name == out.name) {
        out.declared = Some(own.span);
        out.declared_versions = Some(own.versions.clone());
    }
    if entry.git.is_some() {
        out.versions = Versions::unknown();
        out.specifier = Specifier::Url {
            is_vcs: true,
            is_git: true,
            revision: entry.r#ref.clone(),
            is_commit_pinned: entry.r#ref.as_deref().is_some_and(|r| r.len() == 40),
            is_refused: false,
        };
    } else if let Some(version) = &entry.version {
        let locked = Versions::parse(version);
        let pin = |versions: &Versions| match versions.specifier() {
            Specifier::Pinned(version) => Some(version),
            _ => None,
        };
        // A lock file that is older than the list: `install` makes a new one, `sync` does not ask.
        let asked = out.declared_versions.as_ref().and_then(pin);
        let is_stale = asked.is_some_and(|asked| pin(&locked).is_some_and(|it| it != asked));
        out.versions = match is_stale {
            true => Versions::unknown(),
            false => locked,
        };
        out.specifier = out.versions.specifier();
    } else if entry.file.is_some() {
        out.versions = Versions::unknown();
        out.specifier = Specifier::Url {
            is_vcs: false,
            is_git: false,
            revision: None,
            is_commit_pinned: false,
            is_refused: false,
        };
    } else if entry.path.is_some() || entry.editable {
        out.versions = Versions::unknown();
        out.specifier = Specifier::Path;
        out.path.clone_from(&entry.path);
    }
    out
}

//! Which packages of a lock an installer takes: those reached from what the project asks for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::span::FileId;

use super::Requirement;
use super::lock::{Edge, Locked, Place};
use super::marker::Marker;
use super::requirement::blank;
use super::specifier::{Specifier, Versions};

/// What was reached of one package.
#[derive(Default)]
struct Reached {
    /// Group of the first way that led here.
    group: Option<String>,
    /// A condition holds on every way; `None` inside: one way has none.
    marker: Option<Option<Marker>>,
}

/// Packages reached from `roots`; each root edge with the group it belongs to.
///
/// A condition that is false on Linux for every Python closes a way.
pub(super) fn walk(
    packages: &[Locked],
    roots: Vec<(Edge, Option<String>)>,
    declared: &[Requirement],
) -> Vec<Requirement> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(index);
    }
    let mut reached: BTreeMap<usize, Reached> = BTreeMap::new();
    let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
    let mut queue: VecDeque<(Edge, Option<String>)> = roots.into();
    while let Some((edge, group)) = queue.pop_front() {
        let is_closed = edge
            .marker
            .as_ref()
            .is_some_and(|marker| marker.applies(None, &[]) == Some(false));
        if is_closed {
            continue;
        }
        for index in by_name.get(edge.name.as_str()).into_iter().flatten() {
            let package = &packages[*index];
            let version = package.version.as_ref().map(crate::span::Traced::as_str);
            let is_other = edge.version.is_some() && edge.version.as_deref() != version;
            let is_for_extras = !package.for_extras.is_empty()
                && !package.for_extras.iter().any(|e| edge.extras.contains(e));
            if is_other || is_for_extras {
                continue;
            }
            let entry = reached.entry(*index).or_insert_with(|| Reached {
                group: group.clone(),
                marker: None,
            });
            match (&mut entry.marker, &edge.marker) {
                (None, marker) => entry.marker = Some(marker.clone()),
                (Some(known), None) => *known = None,
                (Some(_), Some(_)) => {}
            }
            if seen.insert((*index, String::new())) {
                queue.extend(package.edges.iter().map(|e| (e.clone(), group.clone())));
            }
            for extra in &edge.extras {
                if seen.insert((*index, extra.clone()))
                    && let Some(edges) = package.extras.get(extra)
                {
                    queue.extend(edges.iter().map(|e| (e.clone(), group.clone())));
                }
            }
        }
    }
    reached
        .into_iter()
        .map(|(index, reached)| {
            let declared = declared
                .iter()
                .find(|entry| entry.name == packages[index].name);
            requirement(&packages[index], reached, declared)
        })
        .collect()
}

fn requirement(package: &Locked, reached: Reached, declared: Option<&Requirement>) -> Requirement {
    let name = crate::span::Traced::new(package.name.clone(), package.name_span);
    let mut out = blank(&name);
    out.name.clone_from(&package.name);
    out.group = reached.group;
    out.marker = reached.marker.flatten().or_else(|| package.fork.clone());
    out.hashes = package.hashes;
    out.wheels.clone_from(&package.wheels);
    out.versions = Versions::unknown();
    if let Some(declared) = declared {
        out.declared = Some(declared.span);
        out.declared_versions = Some(declared.versions.clone());
        out.extras.clone_from(&declared.extras);
        out.group.clone_from(&declared.group);
    }
    match (&package.place, &package.version) {
        (Place::Index, Some(version)) => {
            out.specifier = Specifier::Pinned(version.as_str().to_owned());
            out.versions = Versions::parse(&format!("=={version}"));
            out.specifier_span = Some(version.span());
        }
        (Place::Index, None) => out.specifier = Specifier::Unknown,
        (Place::Commit, _) => {
            out.specifier = Specifier::Url {
                is_vcs: true,
                is_git: true,
                revision: None,
                is_commit_pinned: true,
                is_refused: false,
            };
        }
        (Place::Archive, _) => {
            out.specifier = Specifier::Url {
                is_vcs: false,
                is_git: false,
                revision: None,
                is_commit_pinned: false,
                is_refused: false,
            };
        }
        (Place::Local(path), _) => {
            out.specifier = Specifier::Path;
            out.path = Some(path.clone());
        }
    }
    out
}

/// Edges that stand for a project's own list.
pub(super) fn roots(list: &[Requirement]) -> Vec<(Edge, Option<String>)> {
    list.iter()
        .map(|entry| {
            let edge = Edge {
                name: entry.name.clone(),
                extras: entry.extras.clone(),
                version: None,
                marker: entry.marker.clone(),
            };
            (edge, entry.group.clone())
        })
        .collect()
}

/// The files a set read, with the lock at the end.
pub(super) fn with_lock(mut files: Vec<FileId>, lock: FileId) -> Vec<FileId> {
    files.retain(|file| *file != lock);
    files.push(lock);
    files
}

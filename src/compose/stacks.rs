//! Which compose files are used together.

use super::tree::{Forest, is_complete};
use super::yaml::Entry;
use crate::source::{Entry as Place, Root, join, parent};

/// Names compose looks for by itself, in its order.
pub(super) const BASES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];
pub(super) const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Which files run together, as positions in `paths`.
pub(super) fn stacks(root: &Root, paths: &[String], forest: &mut Forest<'_>) -> Vec<Vec<usize>> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let at = |directory: &str, names: &[&str]| {
        names.iter().find_map(|name| {
            let path = join(directory, name);
            paths.iter().position(|other| *other == path)
        })
    };
    let mut out = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let directory = parent(path);
        let base = at(directory, &BASES);
        let override_file = at(directory, &OVERRIDES);
        if base == Some(index) {
            out.push(std::iter::once(index).chain(override_file).collect());
        } else if OVERRIDES.contains(&name(path).as_str()) && base.is_some() {
            // Part of the stack of its base.
        } else {
            let services = forest.services(path, 0);
            let is_alone = is_complete(&services, base.is_none());
            let base = base.filter(|base| {
                !is_alone || {
                    let below = forest.services(&paths[*base], 0);
                    leans_on(root, directory, &services, &below)
                }
            });
            out.push(base.into_iter().chain([index]).collect());
        }
    }
    out
}

/// A service names a directory to build where no Dockerfile is, and the file that compose finds by itself names the
/// Dockerfile of that service: the two are used together.
fn leans_on(root: &Root, directory: &str, services: &[Entry], below: &[Entry]) -> bool {
    let builds_with = |entry: &Entry, key: &str| {
        let build = entry.value.get("build");
        build.and_then(|build| build.get(key)).is_some()
    };
    let lacks_file = |entry: &&Entry| {
        let build = entry.value.get("build");
        let context = build.and_then(|build| build.get("context")?.scalar());
        context.is_some_and(|context| {
            let path = join(&join(directory, context.as_str()), "Dockerfile");
            !builds_with(entry, "dockerfile")
                && !builds_with(entry, "dockerfile_inline")
                && root.entry(&path) == Place::Missing
        })
    };
    services.iter().filter(lacks_file).any(|entry| {
        let mut below = below.iter();
        below.any(|other| {
            other.key.as_str() == entry.key.as_str() && builds_with(other, "dockerfile")
        })
    })
}

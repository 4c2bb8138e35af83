//! Dockerfiles that other files of a project name, whatever they are called: compose files, bake files
//! and the files of continuous integration. Reads those files; whether what they name is there, and is a
//! Dockerfile, is the caller's question where `is_sure` is not set.

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use super::names::{self, Shape};
use super::places::{absolute, open_root};
use crate::compose;
use crate::facts::ci::{self, flags, values};
use crate::source::{Files, Sources};

/// Files of one directory of workflows that are read.
const MAX_WORKFLOWS: usize = 200;

/// A path that a file names as a Dockerfile.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Absolute.
    pub(super) path: PathBuf,
    /// It is one: compose builds it. Otherwise it is one if it begins as one.
    pub(super) is_sure: bool,
}

/// Whether a file of that name may name Dockerfiles.
pub(super) fn names_dockerfiles(name: &str) -> bool {
    name == GITLAB || is_bake(name) || name.ends_with("ml") && compose::is_compose_name(name)
}

const GITLAB: &str = ".gitlab-ci.yml";

fn is_bake(name: &str) -> bool {
    name.starts_with("docker-bake.") && (name.ends_with(".hcl") || name.ends_with(".json"))
}

/// The workflows below the root of a repository.
pub(super) fn workflows(files: &dyn Files, root: &Path) -> Vec<PathBuf> {
    let directory = root.join(".github/workflows");
    let listed = files.list(&directory, usize::MAX).unwrap_or_default();
    let names = listed.items.into_iter();
    let paths = names.map(|(name, _)| directory.join(name));
    let is_workflow = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("yml" | "yaml"))
    };
    let mut paths: Vec<PathBuf> = paths.filter(is_workflow).take(MAX_WORKFLOWS).collect();
    paths.sort();
    paths
}

/// What `files`, absolute and below `root`, name. Names that a walk picks up anyway are left out.
pub(super) fn by(
    sources: &Sources,
    working_directory: &Path,
    root: &Path,
    files: &[PathBuf],
) -> Vec<Named> {
    let Some(door) = open_root(sources, working_directory, root) else {
        return Vec::new();
    };
    let mut compose = Vec::new();
    let mut named = Vec::new();
    for file in files {
        let Ok(below) = file.strip_prefix(root) else {
            continue;
        };
        let below = below.to_string_lossy();
        // What cannot be read is remembered there.
        let Ok(id) = door.read(sources, &below) else {
            continue;
        };
        let source = sources.get(id);
        let text = source.text.as_str();
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        let directory = file.parent().unwrap_or(root);
        if is_bake(name) {
            let paths = values(text, |key| key == "dockerfile");
            add(&mut named, paths, || bases(text, directory, &["context"]));
        } else if name != GITLAB && compose::is_compose_name(name) {
            if values(text, |key| key == "dockerfile").any(is_unusual) {
                compose.push(below.into_owned());
            }
        } else {
            let paths = values(text, ci::is_key).chain(flags(text));
            add(&mut named, paths, || {
                bases(text, root, &["context", "working-directory"])
            });
        }
    }
    if !compose.is_empty() {
        let project = compose::Project::load(&door, sources, &compose);
        let stacks = project.stacks.iter().flat_map(|stack| &stack.services);
        let alone = project.files.iter().flat_map(|file| &file.services);
        let builds = stacks.chain(alone).filter_map(|one| one.build.as_ref());
        let paths = builds.filter_map(|build| build.dockerfile_path.as_deref());
        named.extend(paths.filter(|path| is_unusual(path)).map(|path| Named {
            path: absolute(root, Path::new(path)),
            is_sure: true,
        }));
    }
    named
}

/// Adds the paths that a file names, seen from each of `bases`.
fn add<'t>(
    named: &mut Vec<Named>,
    paths: impl Iterator<Item = &'t str>,
    bases: impl FnOnce() -> Vec<PathBuf>,
) {
    let bases = LazyCell::new(bases);
    for value in paths.filter(|value| is_unusual(value) && !value.contains('$')) {
        named.extend(bases.iter().map(|base| Named {
            path: absolute(base, Path::new(value)),
            is_sure: false,
        }));
    }
}

/// A walk does not pick up a file of that name by itself.
fn is_unusual(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.is_empty() && names::shape(name) != Some(Shape::Dockerfile)
}

/// The directories that paths of a file may be relative to: its own, and those that these keys give.
fn bases(text: &str, own: &Path, keys: &[&str]) -> Vec<PathBuf> {
    let is_key = |key: &str| keys.contains(&key);
    let given = values(text, is_key).filter(|value| !value.contains(['$', ':']));
    let mut bases: Vec<PathBuf> = given.map(|value| absolute(own, Path::new(value))).collect();
    bases.push(own.to_owned());
    bases.sort();
    bases.dedup();
    bases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_name_dockerfiles() {
        for name in [
            "compose.yml",
            "docker-compose.prod.yaml",
            ".gitlab-ci.yml",
            "docker-bake.hcl",
            "docker-bake.override.json",
        ] {
            assert!(names_dockerfiles(name), "{name}");
        }
        for name in ["mkdocs.yml", "bake.hcl", "docker-bake.yml"] {
            assert!(!names_dockerfiles(name), "{name}");
        }
    }
}

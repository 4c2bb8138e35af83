//! Dockerfiles that other files of a project name, whatever they are called: compose files, bake files
//! and the files of continuous integration. Reads those files; whether what they name is there, and is a
//! Dockerfile, is the caller's question where `is_sure` is not set.

use std::path::{Path, PathBuf};

use super::discover::{absolute, open_root};
use super::names::{self, Shape};
use crate::compose;
use crate::source::Sources;

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
pub(super) fn workflows(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root.join(".github/workflows")) else {
        return Vec::new();
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
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
            let bases = bases(text, directory, &["context"]);
            let values = values(text, &["dockerfile"]);
            add(&mut named, &bases, values);
        } else if name != GITLAB && compose::is_compose_name(name) {
            if values(text, &["dockerfile"]).any(is_unusual) {
                compose.push(below.into_owned());
            }
        } else {
            let bases = bases(text, root, &["context", "working-directory"]);
            let keys = ["file", "dockerfile", "dockerfile_path", "dockerfile-path"];
            add(&mut named, &bases, values(text, &keys));
            add(&mut named, &bases, flags(text));
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

fn add<'t>(named: &mut Vec<Named>, bases: &[PathBuf], values: impl Iterator<Item = &'t str>) {
    for value in values.filter(|value| is_unusual(value) && !value.contains('$')) {
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
    let given = values(text, keys).filter(|value| !value.contains(['$', ':']));
    let mut bases: Vec<PathBuf> = given.map(|value| absolute(own, Path::new(value))).collect();
    bases.push(own.to_owned());
    bases.sort();
    bases.dedup();
    bases
}

/// What stands behind `key:` or `key =`, in block and flow style, in HCL and JSON.
fn values<'t>(text: &'t str, keys: &[&str]) -> impl Iterator<Item = &'t str> {
    text.lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(['{', ',', '}']))
        .filter_map(move |part| {
            let part = part.trim_start_matches(['-', ' ', '\t']);
            let (key, value) = part.split_once([':', '='])?;
            let key = key.trim().trim_matches(['"', '\'']);
            keys.iter()
                .any(|wanted| key.eq_ignore_ascii_case(wanted))
                .then(|| bare(value))
        })
        .filter(|value| !value.is_empty())
}

/// What stands behind `-f`, `--file` and `--dockerfile` in commands.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    const FLAGS: [&str; 3] = ["-f", "--file", "--dockerfile"];
    text.lines().flat_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let pairs = words.windows(2).filter_map(|pair| {
            let is_flag = FLAGS.iter().any(|flag| bare(pair[0]) == *flag);
            is_flag.then(|| bare(pair[1]))
        });
        let joined = words.iter().filter_map(|word| {
            let (flag, value) = bare(word).split_once('=')?;
            FLAGS.contains(&flag).then(|| bare(value))
        });
        pairs.chain(joined).collect::<Vec<_>>()
    })
}

/// Without a comment behind it, quotes and blanks around it.
fn bare(value: &str) -> &str {
    let value = value.split(" #").next().unwrap_or_default();
    value.trim().trim_matches(['"', '\'', '[', ']', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_keys() {
        let text = "\
services:
  web: {build: {context: ., dockerfile: docker/web}}
  api:
    build:
      # dockerfile: old
      dockerfile: \"api.x\" # the API
target \"worker\" { dockerfile = \"worker.x\" }
{\"dockerfile\": \"json.x\"}
- dockerfile: matrix.x
";
        let found: Vec<&str> = values(text, &["dockerfile"]).collect();
        assert_eq!(
            found,
            ["docker/web", "api.x", "worker.x", "json.x", "matrix.x"]
        );
    }

    #[test]
    fn values_of_flags() {
        let text = "\
    - docker build -t x -f ci/web --file=ci/api .
    - /kaniko/executor --dockerfile \"$DIR/x\" --dockerfile='ci/worker'
    - tail -f
";
        let found: Vec<&str> = flags(text).collect();
        assert_eq!(found, ["ci/web", "ci/api", "$DIR/x", "ci/worker"]);
    }

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

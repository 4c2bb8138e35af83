//! Which files of a project may be manifests of a cluster, and which directories say that something else than they
//! starts its containers.

use crate::knowledge::words::FileWords;
use crate::source::{Entry, Root, join};
use std::sync::Arc;

/// Directories that are looked through, and names of each.
const MAX_DIRECTORIES: usize = 60;
const MAX_LISTED: usize = 200;

/// What may say what a cluster starts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manifests {
    /// Files below directories that are called so, sorted.
    pub(crate) paths: Vec<String>,
    /// Directories at the top that are there for a cluster or for what sets up machines, and for nothing else.
    pub(super) only: Vec<String>,
}

/// One of the words of a name, which is in lower case, is in the list, which is sorted.
fn has(name: &str, list: FileWords) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| list.find_sorted(word).is_some())
}

impl Manifests {
    /// Those below a root, looked for once.
    pub(super) fn of(root: &Root) -> Arc<Self> {
        root.once(Self::find)
    }

    fn find(root: &Root) -> Self {
        let is_directory = |path: &str| root.entry(path) == Entry::Directory;
        let top = root.list("", MAX_LISTED);
        let mut pending: Vec<String> = Vec::new();
        let mut only: Vec<String> = Vec::new();
        let mut paths: Vec<String> = Vec::new();
        for name in top.iter() {
            let lower = name.to_ascii_lowercase();
            if has(&lower, FileWords::ClusterDirectory) && is_directory(name) {
                pending.push(name.clone());
            }
            if has(&lower, FileWords::ClusterOnly) && is_directory(name) {
                only.push(name.clone());
            }
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            if is_yaml && has(&lower, FileWords::ManifestName) && root.is_file(name) {
                paths.push(name.clone());
            }
        }
        let mut seen = 0;
        while let Some(directory) = pending.pop() {
            seen += 1;
            if seen > MAX_DIRECTORIES {
                break;
            }
            for name in root.list(&directory, MAX_LISTED).iter() {
                let path = join(&directory, name);
                let mut endings = FileWords::ClusterFile.iter();
                if endings.any(|ending| name.ends_with(ending)) {
                    paths.push(path);
                } else if is_directory(&path) {
                    pending.push(path);
                }
            }
        }
        paths.sort_unstable();
        paths.retain(|path| root.is_file(path));
        Self { paths, only }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_name_is_found() {
        for list in [
            FileWords::ClusterDirectory,
            FileWords::ClusterOnly,
            FileWords::ManifestName,
        ] {
            assert!(list.iter().is_sorted(), "{list:?}");
            assert!(list.iter().all(|word| has(word, list)), "{list:?}");
        }
        assert!(has("our-k8s", FileWords::ClusterOnly));
        assert!(!has("helmet", FileWords::ClusterDirectory));
    }
}

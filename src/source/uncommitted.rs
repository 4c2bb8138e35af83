//! What git ignores below a root: paths that a checkout lacks and that whoever builds may have made or fetched.
//!
//! Reads `.gitignore` files and nothing of `.git`, and each of them only when a path below it is asked for.

use std::sync::{Arc, PoisonError};

use super::entry::Entry;
use super::files::whole;
use super::paths::normalize;
use super::patterns::{Lines, MAX_SIZE};
use super::root::Root;

impl Root {
    /// Whether a `.gitignore` matches the path, or a directory above it, whether it is there or not.
    #[must_use]
    pub fn is_git_ignored(&self, path: &str) -> bool {
        let Some(path) = normalize(path).filter(|path| !path.is_empty()) else {
            return false;
        };
        let ends = path.match_indices('/').map(|(at, _)| at);
        // What is below an ignored directory cannot be taken back.
        ends.chain([path.len()]).any(|end| {
            let is_last = end == path.len();
            self.ignores(&path[..end], true) || is_last && self.ignores(&path, false)
        })
    }

    /// Whether the nearest pattern that matches this very path ignores it.
    fn ignores(&self, path: &str, is_directory: bool) -> bool {
        let mut directory = path;
        while !directory.is_empty() {
            directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
            let below = path[directory.len()..].trim_start_matches('/');
            let Some(patterns) = self.patterns(directory) else {
                continue;
            };
            let hit = patterns.matcher.matched(below, is_directory);
            if !hit.is_none() {
                return hit.is_ignore();
            }
        }
        false
    }

    /// The lines of each `.gitignore` in the directories above a path, with these directories.
    #[must_use]
    pub fn git_ignore_lines(&self, path: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut directory = path;
        while !directory.is_empty() {
            directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
            if let Some(lines) = self.patterns(directory) {
                let text = lines.text.iter();
                out.extend(text.map(|line| (directory.to_owned(), line.clone())));
            }
        }
        out
    }

    fn patterns(&self, directory: &str) -> Option<Arc<Lines>> {
        let known = self.patterns.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(directory) {
            return known.clone();
        }
        drop(known);
        let read = self.read_patterns(directory).map(Arc::new);
        let mut known = self
            .patterns
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.entry(directory.to_owned()).or_insert(read).clone()
    }

    fn read_patterns(&self, directory: &str) -> Option<Lines> {
        let path = if directory.is_empty() {
            ".gitignore".to_owned()
        } else {
            format!("{directory}/.gitignore")
        };
        if !matches!(self.entry(&path), Entry::File { .. }) {
            return None;
        }
        let place = self.door.root().join(&path);
        let files = self.door.files();
        Lines::read(&whole(files, &place, MAX_SIZE).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::MemoryFile;
    use super::*;

    #[test]
    fn the_nearest_pattern_decides_and_nothing_below_an_ignored_directory_comes_back() {
        let file = |content: &str| MemoryFile {
            content: content.as_bytes().to_vec(),
            is_executable: false,
        };
        let root = Root::memory(BTreeMap::from([
            (
                ".gitignore".to_owned(),
                file("local.py\n/dist/\n*.env\n!sample.env\nbuild\n"),
            ),
            (
                "app/.gitignore".to_owned(),
                file("!local.py\n/made/*.txt\n"),
            ),
            ("build/.gitignore".to_owned(), file("!*\n")),
        ]));
        for path in [
            "local.py",
            "other/local.py",
            "dist",
            "dist/a.whl",
            "x/prod.env",
            "app/made/list.txt",
            "build/kept",
        ] {
            assert!(root.is_git_ignored(path), "{path}");
        }
        for path in [
            "",
            "app/local.py",
            "other/dist",
            "sample.env",
            "made/list.txt",
            "settings.py",
            "../local.py",
        ] {
            assert!(!root.is_git_ignored(path), "{path}");
        }
    }
}

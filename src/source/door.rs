//! A directory as a door: what lies below it, and never what lies elsewhere.
//!
//! What was seen is remembered: files do not change during a run, the same few places are asked for
//! over and over (`.git`, `.dockerignore`, the settings' packages), and each question to the system
//! costs more than a look into memory.

use crate::maps::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::entry::Entry;
use super::files::{Files, Found, Kind};
use super::seen;

/// Longest path that is looked up, in bytes: systems have none longer.
const MAX_PATH: usize = 4096;

#[derive(Debug)]
pub(super) struct Door {
    files: Arc<dyn Files>,
    /// Without links.
    root: PathBuf,
    /// By path below the root.
    seen: RwLock<HashMap<String, Seen>>,
    /// By path below the root.
    lists: RwLock<HashMap<String, Listed>>,
}

/// What a directory holds.
#[derive(Debug)]
struct Listed {
    /// How many names were asked for.
    limit: usize,
    /// Sorted; without those that are not Unicode, which no path asks for.
    names: Arc<[String]>,
    /// There is no other name.
    is_all: bool,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    entry: Entry,
    /// The path to it goes through a link, or ends in one.
    is_linked: bool,
}

impl Door {
    /// `root` is absolute and without links.
    pub(super) fn new(files: Arc<dyn Files>, root: PathBuf) -> Self {
        Self {
            files,
            root,
            seen: RwLock::default(),
            lists: RwLock::default(),
        }
    }

    pub(super) fn files(&self) -> &dyn Files {
        &*self.files
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What lies at `clean`, a path as [`super::normalize`] gives it.
    pub(super) fn entry(&self, clean: &str) -> Entry {
        if clean.is_empty() {
            let found = self.files.target(&self.root);
            return found.map_or(Entry::Unknown, |found| entry_of(&found));
        }
        if clean.len() > MAX_PATH {
            return Entry::Unknown;
        }
        let (mut from, mut above) = self.nearest(clean);
        while from < clean.len() {
            if above.is_linked {
                above.entry = self.linked(&self.root.join(clean));
                self.remember(clean, above);
                return above.entry;
            }
            match above.entry {
                Entry::Directory => {}
                Entry::File { .. } | Entry::Missing => return Entry::Missing,
                Entry::Unknown => return Entry::Unknown,
            }
            let start = if from == 0 { 0 } else { from + 1 };
            let rest = clean.get(start..).unwrap_or_default();
            from = rest.find('/').map_or(clean.len(), |at| start + at);
            let path = clean.get(..from).unwrap_or_default();
            above = self.look(path);
            self.remember(path, above);
        }
        above.entry
    }

    /// The longest part of a path that was seen, by its length, and what lies there.
    fn nearest(&self, clean: &str) -> (usize, Seen) {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let mut path = clean;
        loop {
            if let Some(found) = seen.get(path) {
                return (path.len(), *found);
            }
            match path.rsplit_once('/') {
                Some((parent, _)) => path = parent,
                None => break,
            }
        }
        let root = Seen {
            entry: Entry::Directory,
            is_linked: false,
        };
        (0, root)
    }

    /// Asks the system; everything above the path is known to hold no link.
    fn look(&self, path: &str) -> Seen {
        if self.is_unlisted(path) {
            return Seen {
                entry: Entry::Missing,
                is_linked: false,
            };
        }
        let full = self.root.join(path);
        let (entry, is_linked) = match self.files.entry(&full) {
            Ok(found) if found.kind == Kind::Link => (self.linked(&full), true),
            Ok(found) => (entry_of(&found), false),
            Err(error) => (absent(&error), false),
        };
        Seen { entry, is_linked }
    }

    /// The directory of the path was listed, and does not have it.
    fn is_unlisted(&self, path: &str) -> bool {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        lists.get(directory).is_some_and(|listed| {
            let found = listed
                .names
                .binary_search_by(|known| known.as_str().cmp(name));
            listed.is_all && found.is_err()
        })
    }

    fn remember(&self, path: &str, found: Seen) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        seen.insert(path.to_owned(), found);
    }

    /// The size of a file; `None` for what is none, links among it.
    pub(super) fn size(&self, clean: &str) -> Option<u64> {
        let is_file = matches!(self.entry(clean), Entry::File { .. });
        let path = self.root.join(clean);
        let found = is_file.then(|| seen::size(|| self.files.entry(&path)).ok())??;
        (found.kind == Kind::File).then_some(found.size)
    }

    /// The names in a directory, sorted; empty when it is none. At most `limit` are read.
    pub(super) fn list(&self, clean: &str, limit: usize) -> Arc<[String]> {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(listed) = lists.get(clean)
            && (listed.limit == limit || listed.is_all)
        {
            return match listed.names.get(..limit) {
                Some(first) => Arc::from(first),
                None => Arc::clone(&listed.names),
            };
        }
        drop(lists);
        if self.entry(clean) != Entry::Directory {
            return Arc::default();
        }
        let Ok(found) = self.files.list(&self.root.join(clean), limit) else {
            return Arc::default();
        };
        let is_all = found.is_all;
        let names = found.items.into_iter();
        let mut names: Vec<String> = names
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        names.sort_unstable();
        let names: Arc<[String]> = names.into();
        let listed = Listed {
            limit,
            names: Arc::clone(&names),
            is_all,
        };
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        lists.insert(clean.to_owned(), listed);
        names
    }

    /// What a path with a link in it leads to.
    fn linked(&self, path: &Path) -> Entry {
        match self.files.canonical(path) {
            Ok(real) if !real.starts_with(&self.root) => Entry::Unknown,
            Ok(real) => {
                let found = self.files.target(&real);
                found.map_or(Entry::Unknown, |found| entry_of(&found))
            }
            // A dangling link exists in the context, whatever it points to.
            Err(_) if self.files.entry(path).is_ok() => Entry::Unknown,
            Err(error) => absent(&error),
        }
    }
}

fn absent(error: &std::io::Error) -> Entry {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Entry::Missing,
        _ => Entry::Unknown,
    }
}

fn entry_of(found: &Found) -> Entry {
    match found.kind {
        Kind::Directory => Entry::Directory,
        Kind::File => Entry::File {
            is_executable: found.is_executable,
        },
        Kind::Link | Kind::Other => Entry::Unknown,
    }
}

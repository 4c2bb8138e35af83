//! A directory on disk as a door: what lies below it, and never what lies elsewhere.
//!
//! What was seen is remembered: files do not change during a run, the same few places are asked for
//! over and over (`.git`, `.dockerignore`, the settings' packages), and each question to the system
//! costs more than a look into memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::Entry;

/// Longest path that is looked up, in bytes: systems have none longer.
const MAX_PATH: usize = 4096;

#[derive(Debug)]
pub(super) struct Disk {
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

impl Disk {
    /// `root` is absolute and without links.
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            seen: RwLock::default(),
            lists: RwLock::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What lies at `clean`, a path as [`super::normalize`] gives it.
    pub(super) fn entry(&self, clean: &str) -> Entry {
        if clean.is_empty() {
            let meta = self.root.metadata();
            return meta.map_or(Entry::Unknown, |meta| entry_of(&meta));
        }
        if clean.len() > MAX_PATH {
            return Entry::Unknown;
        }
        let (mut from, mut above) = self.nearest(clean);
        while from < clean.len() {
            if above.is_linked {
                above.entry = linked_entry(&self.root, &self.root.join(clean));
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
        let (entry, is_linked) = match full.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => (linked_entry(&self.root, &full), true),
            Ok(meta) => (entry_of(&meta), false),
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
        let meta = is_file.then(|| self.root.join(clean).symlink_metadata().ok())??;
        meta.is_file().then_some(meta.len())
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
        let Ok(entries) = std::fs::read_dir(self.root.join(clean)) else {
            return Arc::default();
        };
        let mut is_all = true;
        let mut names = Vec::new();
        for (number, entry) in entries.enumerate() {
            match entry {
                _ if number >= limit => {
                    is_all = false;
                    break;
                }
                Ok(entry) => names.extend(entry.file_name().into_string().ok()),
                Err(_) => is_all = false,
            }
        }
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
}

/// What a path with a link in it leads to.
fn linked_entry(root: &Path, path: &Path) -> Entry {
    match path.canonicalize() {
        Ok(real) if !real.starts_with(root) => Entry::Unknown,
        Ok(real) => real
            .metadata()
            .map_or(Entry::Unknown, |meta| entry_of(&meta)),
        // A dangling link exists in the context, whatever it points to.
        Err(_) if path.symlink_metadata().is_ok() => Entry::Unknown,
        Err(error) => absent(&error),
    }
}

fn absent(error: &std::io::Error) -> Entry {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Entry::Missing,
        _ => Entry::Unknown,
    }
}

fn entry_of(meta: &std::fs::Metadata) -> Entry {
    if meta.is_dir() {
        Entry::Directory
    } else if meta.is_file() {
        Entry::File {
            is_executable: is_executable(meta),
        }
    } else {
        Entry::Unknown
    }
}

#[cfg(unix)]
fn is_executable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

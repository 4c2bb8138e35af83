//! Unsaved texts, new files and deleted ones on top of other files: what an editor has and the disk has not yet.

use std::collections::BTreeMap;

use crate::maps::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Files, Found, Kind, Names, Stamp};
use super::seen;

/// Other files with changes that count instead of what is below.
#[derive(Clone, Debug)]
pub struct Overlay {
    below: Arc<dyn Files>,
    /// By path without links; `None`: deleted.
    changes: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// What the files that are changed are called.
    names: HashSet<OsString>,
    /// The names that changes put right below directories.
    added: HashMap<PathBuf, BTreeMap<OsString, Kind>>,
}

impl Overlay {
    /// No change yet.
    #[must_use]
    pub fn new(below: Arc<dyn Files>) -> Self {
        Self {
            below,
            changes: BTreeMap::new(),
            names: HashSet::default(),
            added: HashMap::default(),
        }
    }

    /// The text of a file, absolute, that is there with another one or is not there yet.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> Self {
        let place = self.place(path.as_ref());
        self.enter(&place);
        self.changes.insert(place, Some(text.into()));
        self
    }

    /// Without a file that is still there.
    #[must_use]
    pub fn without(mut self, path: impl AsRef<Path>) -> Self {
        let place = self.place(path.as_ref());
        if let Some(name) = place.file_name() {
            self.names.insert(name.to_owned());
        }
        if let Some(Some(_)) = self.changes.insert(place, None) {
            // Other texts may stand in the same directories.
            self.added.clear();
            let changes = std::mem::take(&mut self.changes);
            for (path, _) in changes.iter().filter(|(_, change)| change.is_some()) {
                self.enter(path);
            }
            self.changes = changes;
        }
        self
    }

    /// Enters the names that a text puts below directories.
    fn enter(&mut self, path: &Path) {
        if let Some(name) = path.file_name() {
            self.names.insert(name.to_owned());
        }
        let mut kind = Kind::File;
        let mut place = path;
        while let (Some(directory), Some(name)) = (place.parent(), place.file_name()) {
            let names = self.added.entry(directory.to_owned()).or_default();
            // What holds a file is a directory, and so is everything above it.
            if names.get(name) == Some(&Kind::Directory) {
                return;
            }
            names.insert(name.to_owned(), kind);
            (place, kind) = (directory, Kind::Directory);
        }
    }

    /// A path without links, as far as it is there.
    pub(crate) fn place(&self, path: &Path) -> PathBuf {
        if let Ok(real) = self.below.canonical(path) {
            return real;
        }
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => self.place(parent).join(name),
            _ => path.to_owned(),
        }
    }

    /// What was changed at a path, whichever links lead to it.
    fn change(&self, path: &Path) -> Option<&Option<Vec<u8>>> {
        // A link of another name is looked through by whoever follows it.
        if !self.names.contains(path.file_name()?) {
            return None;
        }
        let found = self.changes.get(path);
        found.or_else(|| self.changes.get(&self.place(path)))
    }

    /// The names that changes put right below a directory.
    fn added(&self, directory: &Path) -> Option<&BTreeMap<OsString, Kind>> {
        let found = self.added.get(directory);
        found.or_else(|| self.added.get(&self.place(directory)))
    }
}

impl Files for Overlay {
    fn entry(&self, path: &Path) -> io::Result<Found> {
        let below = || self.below.entry(path);
        match self.change(path) {
            Some(Some(text)) => {
                seen::entry(|| self.place(path));
                let found = self.below.target(path);
                Ok(Found {
                    kind: Kind::File,
                    is_executable: found.is_ok_and(|found| found.is_executable),
                    size: text.len() as u64,
                })
            }
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => match below() {
                Err(error) if self.added(path).is_some() => match error.kind() {
                    io::ErrorKind::NotFound => Ok(Found {
                        kind: Kind::Directory,
                        is_executable: true,
                        size: 0,
                    }),
                    _ => Err(error),
                },
                found => found,
            },
        }
    }

    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names> {
        let added = self.added(directory);
        let mut names = match self.below.list(directory, limit) {
            Err(_) if added.is_some() => Names {
                is_all: true,
                ..Names::default()
            },
            listed => listed?,
        };
        names.items.retain(|(name, _)| {
            let is_added = added.is_some_and(|added| added.contains_key(name));
            let is_changed = || self.change(&directory.join(name));
            let is_gone = self.names.contains(name) && matches!(is_changed(), Some(None));
            !is_added && !is_gone
        });
        let added = added.into_iter().flatten();
        let added = added.map(|(name, kind)| (name.clone(), *kind));
        names.items.extend(added);
        names.is_all &= names.items.len() <= limit;
        names.items.truncate(limit);
        Ok(names)
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        match self.change(path) {
            Some(Some(text)) => {
                seen::text(|| self.place(path));
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                Ok(text.get(..most).unwrap_or(text).to_vec())
            }
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            // The text of a link is that of the file it leads to, which may be changed.
            None => match self.below.entry(path) {
                Ok(found) if found.kind == Kind::Link => {
                    let real = self.below.canonical(path)?;
                    match self.changes.contains_key(&real) {
                        true => self.read(&real, most),
                        false => self.below.read(&real, most),
                    }
                }
                _ => self.below.read(path, most),
            },
        }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        match self.change(path) {
            Some(Some(_)) => Ok(self.place(path)),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => match self.below.canonical(path) {
                Err(_) if self.added(path).is_some() => Ok(self.place(path)),
                real => real,
            },
        }
    }

    fn stamp(&self, path: &Path) -> Stamp {
        self.below.stamp(path)
    }

    fn has_settled(&self, path: &Path) -> bool {
        self.below.has_settled(path)
    }
}

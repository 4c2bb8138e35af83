//! A directory that reading never leaves: not by `..`, not by an absolute path, not by a symbolic link.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::door::Door;
use super::entry::Entry;
use super::file::SourceError;
use super::files::Files;
use super::made::Made;
use super::memory::{Memory, MemoryFile};
use super::modes::Modes;
use super::paths::normalize;
use super::patterns::Patterns;

/// A directory and what lies below it: a project on disk, or the files of an example.
///
/// Paths given to it are relative, with `/`; `.` and `..` are resolved as text first and a path that
/// leaves the root is refused.
#[derive(Clone, Debug)]
pub struct Root {
    pub(super) door: Arc<Door>,
    /// The files of an example: none of them has a place on disk.
    pub(super) is_example: bool,
    /// Put before the names that people see; empty or ending in `/`.
    prefix: String,
    /// The working directory below the root, when it lies there; empty otherwise.
    inside: String,
    modes: Arc<OnceLock<Modes>>,
    /// See [`Root::is_git_ignored`].
    pub(super) patterns: Arc<Patterns>,
    /// See [`Root::once`].
    made: Arc<Made<()>>,
}

impl Root {
    /// A directory of a file system. `name` is how people see it (`.` or empty: the working directory).
    ///
    /// # Errors
    /// When the directory does not exist.
    pub fn of(files: &Arc<dyn Files>, directory: &Path, name: &str) -> Result<Self, SourceError> {
        let real = files
            .canonical(directory)
            .map_err(|error| SourceError::Io {
                name: directory.display().to_string(),
                reason: error.to_string(),
            })?;
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let prefix = if name.is_empty() || name == "." {
            String::new()
        } else {
            format!("{name}/")
        };
        Ok(Self {
            door: Arc::new(Door::new(Arc::clone(files), real)),
            is_example: false,
            prefix,
            inside: String::new(),
            modes: Arc::default(),
            patterns: Arc::default(),
            made: Arc::default(),
        })
    }

    /// Files of an example, by relative path.
    #[must_use]
    pub fn memory(files: BTreeMap<String, MemoryFile>) -> Self {
        let files: Arc<dyn Files> = Arc::new(Memory::new(files));
        Self {
            door: Arc::new(Door::new(files, PathBuf::from("/"))),
            is_example: true,
            prefix: String::new(),
            inside: String::new(),
            modes: Arc::default(),
            patterns: Arc::default(),
            made: Arc::default(),
        }
    }

    /// Shows names as seen from a working directory at or below the root, given relative to it.
    #[must_use]
    pub fn seen_from(mut self, inside: &str) -> Self {
        inside.trim_matches('/').clone_into(&mut self.inside);
        self.prefix.clear();
        self
    }

    /// The directory on disk; `None` for an example.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        (!self.is_example).then(|| self.door.root())
    }

    /// What people see for a path below this root.
    #[must_use]
    pub fn display(&self, path: &str) -> String {
        if self.inside.is_empty() {
            return format!("{}{path}", self.prefix);
        }
        let mut up = String::new();
        let mut base = self.inside.as_str();
        loop {
            match path.strip_prefix(base) {
                Some("") if up.is_empty() => return ".".to_owned(),
                Some("") => return up.trim_end_matches('/').to_owned(),
                Some(rest) if rest.starts_with('/') => return format!("{up}{}", &rest[1..]),
                _ => {}
            }
            up.push_str("../");
            match base.rsplit_once('/') {
                Some((parent, _)) => base = parent,
                None => return format!("{up}{path}"),
            }
        }
    }

    /// What lies at `path`.
    #[must_use]
    pub fn entry(&self, path: &str) -> Entry {
        let Some(clean) = normalize(path) else {
            return Entry::Unknown;
        };
        self.door.entry(&clean)
    }

    /// Whether a file lies at `path`.
    #[must_use]
    pub fn is_file(&self, path: &str) -> bool {
        matches!(self.entry(path), Entry::File { .. })
    }

    /// The size of a file in bytes; `None` when there is none at `path` itself.
    #[must_use]
    pub fn size(&self, path: &str) -> Option<u64> {
        let clean = normalize(path)?;
        self.door.size(&clean)
    }

    /// Whether a file that [`Root::entry`] found may be executed: git's mode where the file system keeps
    /// none; `None` when nobody knows.
    #[must_use]
    pub fn is_executable(&self, path: &str, on_disk: bool) -> Option<bool> {
        if self.is_example {
            return Some(on_disk);
        }
        let modes = self
            .modes
            .get_or_init(|| Modes::of(self.door.files(), self.door.root()));
        modes.is_executable(&normalize(path)?, on_disk)
    }

    /// The names in a directory, sorted; empty when it is none. At most `limit` are read.
    #[must_use]
    pub fn list(&self, path: &str, limit: usize) -> Arc<[String]> {
        let Some(clean) = normalize(path) else {
            return Arc::default();
        };
        self.door.list(&clean, limit)
    }

    /// What is made of the names below the root and of no text, once: whoever asks again shares it.
    pub(crate) fn once<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> Arc<T> {
        self.made.once((), || make(self))
    }
}

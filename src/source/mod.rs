//! The only door to files: reading, file ids, line index.
//!
//! [`Sources`] holds every file read in a run, shared between threads. A [`Root`] is a directory
//! that reading never leaves: not by `..`, not by an absolute path, not by a symbolic link. Sizes
//! are bounded. Other modules get text and spans, never paths to open.

mod disk;
mod modes;
mod paths;
mod uncommitted;
mod wide;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::span::{FileId, Span};
use disk::Disk;
use modes::Modes;
pub(crate) use paths::is_clean;
pub use paths::normalize;

/// Largest file that is read, in bytes. Larger ones are an error that says so.
pub const MAX_FILE_SIZE: u64 = 4 * 1024 * 1024;

/// A file in memory.
#[derive(Debug)]
pub struct SourceFile {
    /// As shown to people: relative to the working directory where it lies below it, with `/`.
    pub name: String,
    /// The content; each byte that is not UTF-8 is replaced by U+FFFD (see `is_lossy`).
    pub text: String,
    /// Some bytes were not UTF-8: spans do not fit the file on disk, so nothing may be rewritten.
    pub is_lossy: bool,
    /// Where it lies on disk; `None` for standard input and examples.
    pub path: Option<PathBuf>,
    lines: OnceLock<Vec<u32>>,
}

/// A position for people: line and column from 1, the column in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
    /// In bytes from the start of the file.
    pub offset: u32,
}

impl SourceFile {
    fn new(name: String, bytes: Vec<u8>, path: Option<PathBuf>) -> Self {
        // As pip reads lists of requirements; nothing else reads UTF-16.
        let wide = name
            .ends_with(".txt")
            .then(|| wide::utf16(&bytes))
            .flatten();
        if let Some(text) = wide {
            return Self {
                name,
                text,
                is_lossy: true,
                path,
                lines: OnceLock::new(),
            };
        }
        let (text, is_lossy) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (lossy(error.as_bytes()), true),
        };
        Self {
            name,
            text,
            is_lossy,
            path,
            lines: OnceLock::new(),
        }
    }

    /// Byte offsets at which the lines start; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            let after = ends.map(|(i, _)| u32::try_from(i + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(after).collect()
        })
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut at = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= at) - 1;
        let before = &self.text[starts[line] as usize..at];
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
            offset: u32::try_from(at).unwrap_or(u32::MAX),
        }
    }

    /// The text of a span of this file; empty when it does not fit.
    pub fn slice(&self, span: Span) -> &str {
        span.slice(&self.text)
    }
}

/// Text of any bytes: one U+FFFD for each byte that is not UTF-8, as BuildKit has it.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let replaced = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
        text.extend(replaced);
    }
    text
}

/// Why a file could not be read. The text tells what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    #[error("cannot read `{name}`: {reason}")]
    Io { name: String, reason: String },
    #[error("`{name}` has {size} bytes; files over {MAX_FILE_SIZE} bytes are not read")]
    TooLarge { name: String, size: u64 },
    #[error("`{name}` lies outside the project and is not read")]
    Outside { name: String },
    #[error("`{name}` does not exist")]
    Missing { name: String },
}

impl SourceError {
    /// The file, as shown to people.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Io { name, .. }
            | Self::TooLarge { name, .. }
            | Self::Outside { name }
            | Self::Missing { name } => name,
        }
    }

    /// The sentence for those who named the file already.
    #[must_use]
    pub fn without_name(&self) -> String {
        match self {
            Self::Io { reason, .. } => format!("cannot be read: {reason}"),
            Self::TooLarge { size, .. } => {
                format!("has {size} bytes; files over {MAX_FILE_SIZE} bytes are not read")
            }
            Self::Outside { .. } => "lies outside the project and is not read".to_owned(),
            Self::Missing { .. } => "does not exist".to_owned(),
        }
    }
}

/// Every file of a run.
#[derive(Debug, Default)]
pub struct Sources {
    files: RwLock<Vec<Arc<SourceFile>>>,
    by_path: RwLock<HashMap<PathBuf, FileId>>,
    /// Texts that count instead of what is on disk.
    overlay: BTreeMap<PathBuf, String>,
    /// See [`Sources::left`].
    left: RwLock<BTreeSet<(String, String)>>,
    /// The directories that projects were read from, by the path and name they were asked with.
    roots: RwLock<HashMap<(PathBuf, String), Root>>,
    /// For a directory, how many levels up its repository begins.
    repositories: RwLock<HashMap<PathBuf, Option<usize>>>,
}

impl Sources {
    /// No file yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Files of which some, by absolute path, are read from here instead of from disk.
    #[must_use]
    pub fn with_overlay(overlay: BTreeMap<PathBuf, String>) -> Self {
        Self {
            overlay,
            ..Self::default()
        }
    }

    /// Adds text that is not read from disk: standard input, an example, text of a program that uses the library.
    pub fn add(&self, name: impl Into<String>, text: impl Into<Vec<u8>>) -> FileId {
        self.insert(SourceFile::new(name.into(), text.into(), None))
    }

    /// Reads a file named by the user, once: a second call gives the same id.
    ///
    /// # Errors
    /// When it cannot be read or is too large.
    pub fn read(&self, path: &Path, name: &str) -> Result<FileId, SourceError> {
        if let Some(id) = self.known(path) {
            return Ok(id);
        }
        let bytes = match self.overlay.get(path) {
            Some(text) => text.clone().into_bytes(),
            None => read_bounded(path).map_err(|failure| self.failed(name, failure))?,
        };
        let file = SourceFile::new(name.to_owned(), bytes, Some(path.to_owned()));
        Ok(self.insert_once(path.to_owned(), file))
    }

    /// What went wrong with a file, in words. What is there and could not be read is remembered.
    fn failed(&self, name: &str, failure: Failure) -> SourceError {
        let name = name.to_owned();
        let (error, is_there) = match failure {
            Failure::TooLarge(size) => (SourceError::TooLarge { name, size }, true),
            Failure::Io(error) => {
                use std::io::ErrorKind;
                let kind = error.kind();
                let reason = match kind {
                    ErrorKind::NotFound => "no such file".to_owned(),
                    ErrorKind::PermissionDenied => "permission denied".to_owned(),
                    ErrorKind::IsADirectory => "it is a directory".to_owned(),
                    _ => error.to_string(),
                };
                let is_there = !matches!(
                    kind,
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
                );
                (SourceError::Io { name, reason }, is_there)
            }
        };
        if is_there {
            let mut left = self.left.write().unwrap_or_else(PoisonError::into_inner);
            left.insert((error.name().to_owned(), error.without_name()));
        }
        error
    }

    /// The files that are there and could not be read (too large, not permitted), by name, and what to say
    /// of each: nothing that was reported of the project considered them.
    #[must_use]
    pub fn left(&self) -> Vec<(String, String)> {
        let left = self.left.read().unwrap_or_else(PoisonError::into_inner);
        left.iter().cloned().collect()
    }

    /// The file of an id.
    ///
    /// # Panics
    /// Never for an id that these sources gave.
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        let files = self
            .files
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(&files[id.index()])
    }

    /// [`Root::disk`], once for a directory: whoever asks again shares what was seen there.
    ///
    /// # Errors
    /// When the directory does not exist.
    pub fn root(&self, directory: &Path, name: &str) -> Result<Root, SourceError> {
        let key = (directory.to_owned(), name.to_owned());
        let roots = self.roots.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(root) = roots.get(&key) {
            return Ok(root.clone());
        }
        drop(roots);
        let root = Root::disk(directory, name)?;
        let mut roots = self.roots.write().unwrap_or_else(PoisonError::into_inner);
        Ok(roots.entry(key).or_insert(root).clone())
    }

    /// The directory of the git repository that holds `directory`, which is absolute; `None` when it
    /// lies in none.
    pub fn repository<'p>(&self, directory: &'p Path) -> Option<&'p Path> {
        let known = &self.repositories;
        let mut answer = None;
        let mut asked = Vec::new();
        for (up, place) in directory.ancestors().enumerate() {
            let found = known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(levels) = found.get(place) {
                answer = levels.map(|levels| up + levels);
                break;
            }
            drop(found);
            asked.push(place);
            if place.join(".git").exists() {
                answer = Some(up);
                break;
            }
        }
        if !asked.is_empty() {
            let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
            for (up, place) in asked.into_iter().enumerate() {
                let levels = answer.map(|levels: usize| levels.saturating_sub(up));
                known.insert(place.to_owned(), levels);
            }
        }
        directory.ancestors().nth(answer?)
    }

    /// The ids of all files read so far, in order of reading.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        let files = self
            .files
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        (0..u32::try_from(files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// The text that a span names.
    pub fn slice(&self, span: Span) -> String {
        self.get(span.file).slice(span).to_owned()
    }

    fn known(&self, path: &Path) -> Option<FileId> {
        self.by_path.read().ok()?.get(path).copied()
    }

    /// A file that several threads read at once gets one id.
    fn insert_once(&self, key: PathBuf, file: SourceFile) -> FileId {
        let Ok(mut by_path) = self.by_path.write() else {
            return self.insert(file);
        };
        *by_path.entry(key).or_insert_with(|| self.insert(file))
    }

    fn insert(&self, file: SourceFile) -> FileId {
        let mut files = self
            .files
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = FileId(u32::try_from(files.len()).unwrap_or(u32::MAX));
        files.push(Arc::new(file));
        id
    }
}

/// Why a file has no content for us.
enum Failure {
    Io(std::io::Error),
    /// Its size in bytes.
    TooLarge(u64),
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, Failure> {
    let meta = std::fs::metadata(path).map_err(Failure::Io)?;
    if meta.is_dir() {
        return Err(Failure::Io(std::io::ErrorKind::IsADirectory.into()));
    }
    if meta.len() > MAX_FILE_SIZE {
        return Err(Failure::TooLarge(meta.len()));
    }
    std::fs::read(path).map_err(Failure::Io)
}

/// What kind of thing a path below a [`Root`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    File {
        is_executable: bool,
    },
    Directory,
    /// Nothing there.
    Missing,
    /// A symbolic link out of the root, a path that cannot be looked at: nothing may be said of it.
    Unknown,
}

/// A directory and what lies below it: a project on disk, or the files of an example.
///
/// Paths given to it are relative, with `/`; `.` and `..` are resolved as text first and a path that
/// leaves the root is refused.
#[derive(Clone, Debug)]
pub struct Root {
    store: Store,
    /// Put before the names that people see; empty or ending in `/`.
    prefix: String,
    /// The working directory below the root, when it lies there; empty otherwise.
    inside: String,
    modes: Arc<OnceLock<Modes>>,
    /// See [`Root::is_git_ignored`].
    patterns: Arc<uncommitted::Patterns>,
}

#[derive(Clone, Debug)]
enum Store {
    Disk(Arc<Disk>),
    Memory(Arc<BTreeMap<String, MemoryFile>>),
}

/// A file of an example.
#[derive(Clone, Debug, Default)]
pub struct MemoryFile {
    pub content: Vec<u8>,
    pub is_executable: bool,
}

impl Root {
    /// A directory on disk. `name` is how people see it (`.` or empty: the working directory).
    ///
    /// # Errors
    /// When the directory does not exist.
    pub fn disk(directory: &Path, name: &str) -> Result<Self, SourceError> {
        let real = directory.canonicalize().map_err(|error| SourceError::Io {
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
            store: Store::Disk(Arc::new(Disk::new(real))),
            prefix,
            inside: String::new(),
            modes: Arc::default(),
            patterns: Arc::default(),
        })
    }

    /// Files of an example, by relative path.
    #[must_use]
    pub fn memory(files: BTreeMap<String, MemoryFile>) -> Self {
        Self {
            store: Store::Memory(Arc::new(files)),
            prefix: String::new(),
            inside: String::new(),
            modes: Arc::default(),
            patterns: Arc::default(),
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
        match &self.store {
            Store::Disk(disk) => Some(disk.root()),
            Store::Memory(_) => None,
        }
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
        match &self.store {
            Store::Memory(files) => {
                if let Some(file) = files.get(&clean) {
                    return Entry::File {
                        is_executable: file.is_executable,
                    };
                }
                let below = format!("{clean}/");
                let is_directory =
                    clean.is_empty() || files.keys().any(|name| name.starts_with(&below));
                if is_directory {
                    Entry::Directory
                } else {
                    Entry::Missing
                }
            }
            Store::Disk(disk) => disk.entry(&clean),
        }
    }

    /// The size of a file in bytes; `None` when there is none at `path` itself.
    #[must_use]
    pub fn size(&self, path: &str) -> Option<u64> {
        let clean = normalize(path)?;
        match &self.store {
            Store::Memory(files) => files.get(&clean).map(|file| file.content.len() as u64),
            Store::Disk(disk) => disk.size(&clean),
        }
    }

    /// Whether a file that [`Root::entry`] found may be executed: git's mode where the file system keeps
    /// none; `None` when nobody knows.
    #[must_use]
    pub fn is_executable(&self, path: &str, on_disk: bool) -> Option<bool> {
        match &self.store {
            Store::Memory(_) => Some(on_disk),
            Store::Disk(disk) => {
                let modes = self.modes.get_or_init(|| Modes::of(disk.root()));
                modes.is_executable(&normalize(path)?, on_disk)
            }
        }
    }

    /// Reads a file below the root, once.
    ///
    /// # Errors
    /// When it is missing, too large, or leaves the root.
    pub fn read(&self, sources: &Sources, path: &str) -> Result<FileId, SourceError> {
        let name = self.display(path);
        let Some(clean) = normalize(path) else {
            return Err(SourceError::Outside { name });
        };
        let name = self.display(&clean);
        match &self.store {
            Store::Memory(files) => {
                let key = PathBuf::from(format!("\0memory/{:p}/{clean}", Arc::as_ptr(files)));
                if let Some(id) = sources.known(&key) {
                    return Ok(id);
                }
                let Some(file) = files.get(&clean) else {
                    return Err(SourceError::Missing { name });
                };
                let file = SourceFile::new(name, file.content.clone(), None);
                Ok(sources.insert_once(key, file))
            }
            Store::Disk(disk) => match disk.entry(&clean) {
                Entry::File { .. } => sources.read(&disk.root().join(&clean), &name),
                Entry::Directory => Err(SourceError::Io {
                    name,
                    reason: "it is a directory".to_owned(),
                }),
                Entry::Missing => Err(SourceError::Missing { name }),
                Entry::Unknown => Err(SourceError::Outside { name }),
            },
        }
    }

    /// The names in a directory, sorted; empty when it is none. At most `limit` are read.
    #[must_use]
    pub fn list(&self, path: &str, limit: usize) -> Arc<[String]> {
        let Some(clean) = normalize(path) else {
            return Arc::default();
        };
        let mut names: Vec<String> = match &self.store {
            Store::Memory(files) => {
                let below = if clean.is_empty() {
                    String::new()
                } else {
                    format!("{clean}/")
                };
                let mut names: Vec<String> = files
                    .keys()
                    .filter_map(|name| name.strip_prefix(&below))
                    .filter_map(|rest| rest.split('/').next())
                    .map(str::to_owned)
                    .collect();
                names.dedup();
                names
            }
            Store::Disk(disk) => return disk.list(&clean, limit),
        };
        names.sort();
        names.dedup();
        names.truncate(limit);
        names.into()
    }
}

#[cfg(test)]
mod tests;

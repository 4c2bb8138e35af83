//! Every file of a run, shared between threads: read once, with an id.

use crate::maps::HashMap;
use std::any::Any;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::disk::Disk;
use super::entry::Entry;
use super::file::{MAX_FILE_SIZE, Place, SourceError, SourceFile};
use super::files::{Files, whole};
use super::made::Made;
use super::paths::normalize;
use super::root::Root;
use super::seen::{self, Changed};
use crate::span::{FileId, Span};

/// A file that is there and could not be read: nothing that was reported of the project considered it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Left {
    /// As shown to people.
    pub name: String,
    /// What to say of it.
    pub message: String,
    pub path: PathBuf,
}

/// Every file of a run.
#[derive(Debug)]
pub struct Sources {
    files: RwLock<Vec<Arc<SourceFile>>>,
    /// Those of the check before this one that nobody has asked for yet.
    idle: RwLock<BTreeSet<FileId>>,
    by_path: RwLock<HashMap<PathBuf, FileId>>,
    on: Arc<dyn Files>,
    /// See [`Sources::left`].
    left: RwLock<BTreeSet<Left>>,
    /// The directories that projects were read from, by the path and name they were asked with.
    roots: RwLock<HashMap<(PathBuf, String), Root>>,
    /// See [`Sources::once`].
    made: Made<FileId>,
    /// For a directory, how many levels up its repository begins.
    repositories: RwLock<HashMap<PathBuf, Option<usize>>>,
}

impl Sources {
    /// No file yet; those that are asked for are read from disk.
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(Disk))
    }

    /// No file yet; those that are asked for are read from here.
    pub(crate) fn on(files: Arc<dyn Files>) -> Self {
        Self {
            files: RwLock::default(),
            idle: RwLock::default(),
            by_path: RwLock::default(),
            on: files,
            left: RwLock::default(),
            roots: RwLock::default(),
            made: Made::default(),
            repositories: RwLock::default(),
        }
    }

    /// The file system that is read.
    pub(crate) fn file_system(&self) -> &Arc<dyn Files> {
        &self.on
    }

    /// Adds text that is not read from disk: standard input, an example, text of a program that uses the library.
    pub(crate) fn add(&self, name: impl Into<String>, text: impl Into<Vec<u8>>) -> FileId {
        self.insert(SourceFile::new(name.into(), text.into(), None))
    }

    /// Reads a file named by the user, once: a second call gives the same id.
    ///
    /// # Errors
    /// When it cannot be read or is too large.
    pub(crate) fn read(&self, path: &Path, name: &str) -> Result<FileId, SourceError> {
        if let Some(id) = self.known(path) {
            self.wake([id]);
            seen::file(id);
            return Ok(id);
        }
        let bytes = seen::kept(|| read_bounded(&*self.on, path));
        let bytes = bytes.map_err(|failure| self.failed(path, name, failure))?;
        let file = SourceFile::new(name.to_owned(), bytes, Some(path.to_owned()));
        let id = self.insert_once(path.to_owned(), file);
        seen::file(id);
        Ok(id)
    }

    /// The same files for another check, by the same ids, of which those at `places` have another text on the file
    /// system that is read now, and everything else is as it was; `None` when one of them cannot be read there.
    pub(crate) fn renewed(
        &self,
        on: &Arc<dyn Files>,
        places: &[PathBuf],
    ) -> Option<(Self, Changed)> {
        let changed = self.at(places);
        let mut files = self.files.read().ok()?.clone();
        for id in &changed.files {
            let file = files.get_mut(id.index())?;
            let path = file.path.clone()?;
            let bytes = read_bounded(&**on, &path).ok()?;
            *file = Arc::new(SourceFile::new(file.name.clone(), bytes, Some(path)));
        }
        let made = self.made.kept(|id| !changed.files.contains(id));
        let renewed = Self {
            idle: RwLock::new(self.every_id().collect()),
            files: RwLock::new(files),
            by_path: RwLock::new(self.by_path.read().ok()?.clone()),
            made,
            repositories: RwLock::new(self.repositories.read().ok()?.clone()),
            ..Self::on(Arc::clone(on))
        };
        Some((renewed, changed))
    }

    /// The files at places without links, by whichever path they were read.
    fn at(&self, places: &[PathBuf]) -> Changed {
        let is_at = |path: &Path, place: &PathBuf| {
            path == place || self.on.canonical(path).is_ok_and(|real| real == *place)
        };
        let ids = self.every_id().filter(|id| {
            let file = self.get(*id);
            let path = file.path.as_deref();
            path.is_some_and(|path| places.iter().any(|place| is_at(path, place)))
        });
        Changed {
            files: ids.collect(),
            places: places.to_vec(),
        }
    }

    /// These belong to this check, too.
    pub(crate) fn wake(&self, ids: impl IntoIterator<Item = FileId>) {
        let idle = self.idle.read().unwrap_or_else(PoisonError::into_inner);
        if idle.is_empty() {
            return;
        }
        drop(idle);
        let mut idle = self.idle.write().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            idle.remove(&id);
        }
    }

    /// What went wrong with a file, in words. What is there and could not be read is remembered.
    fn failed(&self, path: &Path, name: &str, failure: Failure) -> SourceError {
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
            left.insert(Left {
                name: error.name().to_owned(),
                message: error.without_name(),
                path: path.to_owned(),
            });
        }
        error
    }

    /// The files that are there and could not be read (too large, not permitted), by name.
    pub(crate) fn left(&self) -> Vec<Left> {
        let left = self.left.read().unwrap_or_else(PoisonError::into_inner);
        left.iter().cloned().collect()
    }

    /// Returns the file with an id.
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

    /// What is made of a file and of nothing else, once: whoever asks again shares it.
    pub(crate) fn once<T: Any + Send + Sync>(
        &self,
        file: FileId,
        make: impl FnOnce(&SourceFile) -> T,
    ) -> Arc<T> {
        self.made.once(file, || make(&self.get(file)))
    }

    /// [`Root::of`], once for a directory: whoever asks again shares what was seen there.
    ///
    /// # Errors
    /// When the directory does not exist.
    pub(crate) fn root(&self, directory: &Path, name: &str) -> Result<Root, SourceError> {
        let key = (directory.to_owned(), name.to_owned());
        let roots = self.roots.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(root) = roots.get(&key) {
            return Ok(root.clone());
        }
        drop(roots);
        let root = Root::of(&self.on, directory, name)?;
        let mut roots = self.roots.write().unwrap_or_else(PoisonError::into_inner);
        Ok(roots.entry(key).or_insert(root).clone())
    }

    /// The directory of the git repository that holds `directory`, which is absolute; `None` when it
    /// lies in none.
    pub(crate) fn repository<'p>(&self, directory: &'p Path) -> Option<&'p Path> {
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
            if self.on.has(&place.join(".git")) {
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
        let idle = self
            .idle
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.every_id().filter(move |id| !idle.contains(id))
    }

    /// Those of checks before, too.
    fn every_id(&self) -> impl Iterator<Item = FileId> + use<> {
        let files = self
            .files
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        (0..u32::try_from(files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// Where a span starts and ends, with lines and columns from 1.
    pub fn place(&self, span: Span) -> Place {
        let file = self.get(span.file);
        Place {
            file: file.name.clone(),
            start: file.position(span.start),
            end: file.position(span.end),
        }
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

impl Root {
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
        if self.is_example {
            let key = PathBuf::from(format!("\0memory/{:p}/{clean}", Arc::as_ptr(&self.door)));
            if let Some(id) = sources.known(&key) {
                return Ok(id);
            }
            let place = self.door.root().join(&clean);
            let Ok(content) = self.door.files().read(&place, MAX_FILE_SIZE) else {
                return Err(SourceError::Missing { name });
            };
            let file = SourceFile::new(name, content, None);
            return Ok(sources.insert_once(key, file));
        }
        match self.door.entry(&clean) {
            Entry::File { .. } => sources.read(&self.door.root().join(&clean), &name),
            Entry::Directory => Err(SourceError::Io {
                name,
                reason: "it is a directory".to_owned(),
            }),
            Entry::Missing => Err(SourceError::Missing { name }),
            Entry::Unknown => Err(SourceError::Outside { name }),
        }
    }
}

/// Why a file has no content for us.
enum Failure {
    Io(std::io::Error),
    /// Its size in bytes.
    TooLarge(u64),
}

fn read_bounded(files: &dyn Files, path: &Path) -> Result<Vec<u8>, Failure> {
    whole(files, path, MAX_FILE_SIZE).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            Failure::TooLarge(files.target(path).map_or(0, |found| found.size))
        }
        _ => Failure::Io(error),
    })
}

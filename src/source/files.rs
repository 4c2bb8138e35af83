//! The one door to a file system: what lies at a path, what a directory holds, what a file says. Who stands behind
//! it, a disk, files in memory, or unsaved texts on top of either, nobody else knows.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

/// What kind of thing lies at a path itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, wherever it leads.
    Link,
    /// A socket, a device.
    Other,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Some execute bit is set.
    pub is_executable: bool,
    /// In bytes.
    pub size: u64,
}

/// The names in a directory, in any order, each with what it is.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names, each with what lies there.
    pub items: Vec<(OsString, Kind)>,
    /// There is no other name.
    pub is_all: bool,
}

/// The state of a path: as long as it is the same, what lies there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp(pub(super) [u128; 6]);

/// The content of a file that has at most `most` bytes: the one way in which whole files are read.
///
/// # Errors
/// When there is no file, it cannot be read, or it is larger.
pub(crate) fn whole(files: &dyn Files, path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let bytes = files.read(path, most.saturating_add(1))?;
    match bytes.len() as u64 > most {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// Files by absolute path.
pub trait Files: Debug + Send + Sync {
    /// What lies at the path itself.
    ///
    /// # Errors
    /// When nothing is there, or it cannot be looked at.
    fn entry(&self, path: &Path) -> io::Result<Found>;

    /// The names in a directory, `limit` at most.
    ///
    /// # Errors
    /// When it is none, or cannot be looked at.
    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names>;

    /// The first `most` bytes of a regular file; nothing else is waited for.
    ///
    /// # Errors
    /// When it is none, or cannot be read.
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;

    /// The same place without links.
    ///
    /// # Errors
    /// When nothing is there.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// What lies at the end of the links that a path may go through.
    ///
    /// # Errors
    /// When nothing is there, or it cannot be looked at.
    fn target(&self, path: &Path) -> io::Result<Found> {
        let found = self.entry(path)?;
        match found.kind {
            Kind::Link => self.entry(&self.canonical(path)?),
            _ => Ok(found),
        }
    }

    /// The state that a path is in. Files that nobody else writes are always in the same.
    fn stamp(&self, _path: &Path) -> Stamp {
        Stamp::default()
    }

    /// Whether the next change of a path will show in its [`Stamp`]: clocks of disks are coarse.
    fn has_settled(&self, _path: &Path) -> bool {
        true
    }

    /// Whether a path leads to a file.
    fn has_file(&self, path: &Path) -> bool {
        self.target(path)
            .is_ok_and(|found| found.kind == Kind::File)
    }

    /// Whether a path leads to a directory.
    fn has_directory(&self, path: &Path) -> bool {
        self.target(path)
            .is_ok_and(|found| found.kind == Kind::Directory)
    }

    /// Whether a path leads to anything.
    fn has(&self, path: &Path) -> bool {
        self.target(path).is_ok()
    }
}

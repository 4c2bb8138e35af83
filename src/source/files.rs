//! The one door to a file system: what lies at a path, what a directory holds, what a file says. Who stands behind
//! it, a disk, files in memory, or unsaved texts on top of either, nobody else knows.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

/// The type of a path, without following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, whatever its target.
    Link,
    /// A socket, a device.
    Other,
}

/// The metadata of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its type.
    pub kind: Kind,
    /// At least one execute bit is set.
    pub is_executable: bool,
    /// In bytes.
    pub size: u64,
}

/// The entries of a directory, in any order.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names with their types.
    pub items: Vec<(OsString, Kind)>,
    /// Whether these are all entries.
    pub is_all: bool,
}

/// The state of a path: as long as it is equal, the content is unchanged.
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
    /// Returns the metadata of the path, without following links.
    ///
    /// # Errors
    /// If the path does not exist or cannot be accessed.
    fn entry(&self, path: &Path) -> io::Result<Found>;

    /// Returns at most `limit` entries of a directory.
    ///
    /// # Errors
    /// If it is not a directory or cannot be read.
    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names>;

    /// Returns the first `most` bytes of a regular file; never blocks on pipes or devices.
    ///
    /// # Errors
    /// If it is not a regular file or cannot be read.
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;

    /// Returns the path with all links resolved.
    ///
    /// # Errors
    /// If the path does not exist.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// Returns the metadata of the path after following links.
    ///
    /// # Errors
    /// If the path does not exist or cannot be accessed.
    fn target(&self, path: &Path) -> io::Result<Found> {
        let found = self.entry(path)?;
        match found.kind {
            Kind::Link => self.entry(&self.canonical(path)?),
            _ => Ok(found),
        }
    }

    /// Returns the state of a path. It is constant for files that no other program writes.
    fn stamp(&self, _path: &Path) -> Stamp {
        Stamp::default()
    }

    /// Whether the next change of a path will change its [`Stamp`]: file system clocks are coarse.
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

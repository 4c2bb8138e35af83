//! The disk: the only reader of the file system.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::files::{Files, Found, Kind, Names};

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn entry(&self, path: &Path) -> io::Result<Found> {
        path.symlink_metadata().map(|meta| found(&meta))
    }

    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names> {
        let mut names = Names {
            is_all: true,
            ..Names::default()
        };
        for (number, entry) in std::fs::read_dir(directory)?.enumerate() {
            match entry {
                _ if number >= limit => {
                    names.is_all = false;
                    break;
                }
                Ok(entry) => {
                    let kind = entry.file_type().map_or(Kind::Other, kind);
                    names.items.push((entry.file_name(), kind));
                }
                Err(_) => names.is_all = false,
            }
        }
        Ok(names)
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let file = open(path)?;
        let meta = file.metadata()?;
        // A pipe may wait for ever for somebody who writes, a device may have no end.
        if !meta.is_file() {
            return Err(match meta.is_dir() {
                true => io::ErrorKind::IsADirectory.into(),
                false => io::Error::other("it is no regular file"),
            });
        }
        let size = meta.len().min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn target(&self, path: &Path) -> io::Result<Found> {
        path.metadata().map(|meta| found(&meta))
    }
}

/// Opens without waiting for whoever is at the other end of a pipe.
fn open(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NONBLOCK | libc::O_NOCTTY,
    );
    options.open(path)
}

fn found(meta: &std::fs::Metadata) -> Found {
    Found {
        kind: kind(meta.file_type()),
        is_executable: is_executable(meta),
        size: meta.len(),
    }
}

fn kind(kind: std::fs::FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Link
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Other
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

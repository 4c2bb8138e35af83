//! The disk: the only reader of the file system.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::files::{Files, Found, Kind, Names, Stamp};

/// Two changes within this time may leave the same time behind.
const COARSE: Duration = Duration::from_millis(100);

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
                false => io::Error::other("it is not a regular file"),
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

    fn stamp(&self, path: &Path) -> Stamp {
        let Ok(own) = path.symlink_metadata() else {
            return Stamp::default();
        };
        let [size, inode, changed] = state(&own);
        let led = match own.file_type().is_symlink() {
            true => path.metadata().map_or([1; 3], |led| state(&led)),
            false => [0; 3],
        };
        Stamp([size, inode, changed, led[0], led[1], led[2]])
    }

    fn has_settled(&self, path: &Path) -> bool {
        // Where nothing is, something will show; a time yet to come is past already.
        let is_old = |meta: io::Result<std::fs::Metadata>| {
            let time = meta.ok().and_then(|meta| changed(&meta));
            let age = time.and_then(|time| SystemTime::now().duration_since(time).ok());
            age.is_none_or(|age| age > COARSE)
        };
        is_old(path.symlink_metadata()) && is_old(path.metadata())
    }
}

/// When a file, or what is said of it, changed.
#[cfg(unix)]
fn changed(meta: &std::fs::Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = u64::try_from(meta.ctime()).ok()?;
    let nanos = u32::try_from(meta.ctime_nsec()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}

#[cfg(not(unix))]
fn changed(meta: &std::fs::Metadata) -> Option<SystemTime> {
    meta.modified().ok()
}

/// Size and kind, which file it is, and when it changed.
fn state(meta: &std::fs::Metadata) -> [u128; 3] {
    let nanos = |time: Option<SystemTime>| {
        let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        since.map_or(0, |time| time.as_nanos())
    };
    let times = nanos(meta.modified().ok()) ^ nanos(changed(meta)) << 64;
    let size = u128::from(meta.len()) << 64;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let which = u128::from(meta.ino()) << 64 | u128::from(meta.dev());
        [size | u128::from(meta.mode()) | 1 << 63, which, times]
    }
    #[cfg(not(unix))]
    [size | 1, 0, times]
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

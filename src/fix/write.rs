//! Puts a text where another one was, in one step: a reader sees the old text or the new, never a part, and when it
//! fails the old one is still there. Mode and owner stay, and a symbolic link stays one.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Replaces the text of a file, if it still is the one that was read.
///
/// # Errors
/// When somebody else has changed it, or it cannot be replaced as it is.
pub(crate) fn mended(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let target = path.canonicalize()?;
    let meta = std::fs::metadata(&target)?;
    replace(&target, after.as_bytes(), Some(&meta), || {
        match std::fs::read(&target)? == before.as_bytes() {
            true => Ok(()),
            false => Err(io::Error::other("it has changed since it was read")),
        }
    })
}

/// Writes a file that may be there or not. What is no regular file, as a terminal, is written to.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let meta = match std::fs::metadata(&target) {
        Ok(meta) if !meta.is_file() => {
            return OpenOptions::new()
                .write(true)
                .open(&target)?
                .write_all(bytes);
        }
        meta => meta.ok(),
    };
    match replace(&target, bytes, meta.as_ref(), || Ok(())) {
        // The file may be written, its directory not: a file that is mounted alone.
        Err(error) if meta.is_some() && is_about_directory(&error) => {
            std::fs::write(&target, bytes)
        }
        done => done,
    }
}

fn is_about_directory(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    let kind = error.kind();
    matches!(
        kind,
        CrossesDevices | PermissionDenied | ReadOnlyFilesystem | ResourceBusy
    )
}

/// `may` is asked last before the step.
fn replace(
    target: &Path,
    bytes: &[u8],
    meta: Option<&Metadata>,
    may: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    let (temporary, mut file) = temporary(target, meta.is_some())?;
    let result = (|| {
        file.write_all(bytes)?;
        if let Some(meta) = meta {
            keep_owner(&file, meta)?;
            file.set_permissions(meta.permissions())?;
        }
        file.sync_all()?;
        drop(file);
        may()?;
        std::fs::rename(&temporary, target)
    })();
    if result.is_err() {
        // Nothing more can be done about a leftover; the error that is reported says why.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

/// A new file beside another one, under a short name of its own. Nobody else may read it while it is written, where it
/// replaces a file that nobody else may read.
fn temporary(target: &Path, is_there: bool) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!(".seatrial-{}-{number}", std::process::id());
    let path = folder.unwrap_or(Path::new(".")).join(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_there {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let file = options.open(&path)?;
    Ok((path, file))
}

#[cfg(unix)]
fn keep_owner(file: &File, meta: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (meta.uid(), meta.gid()) {
        return Ok(());
    }
    fchown(file, Some(meta.uid()), Some(meta.gid())).map_err(|error| {
        let message = format!("its owner cannot be kept: {error}");
        io::Error::new(error.kind(), message)
    })
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("x".repeat(250));
        std::fs::write(&path, "saved meanwhile").expect("it is written");
        let error = mended(&path, "read", "mended").expect_err("it has changed");
        assert!(error.to_string().contains("has changed"));
        assert_eq!(
            std::fs::read_to_string(&path).expect("it is there"),
            "saved meanwhile"
        );
        mended(&path, "saved meanwhile", "mended").expect("it is as it was read");
        assert_eq!(
            std::fs::read_to_string(&path).expect("it is there"),
            "mended"
        );
        assert_eq!(
            std::fs::read_dir(folder.path())
                .expect("it is listed")
                .count(),
            1
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_mode_stays_and_a_link_stays_one() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a directory");
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "old").expect("it is written");
        let mode = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&path, mode).expect("it is set");
        std::os::unix::fs::symlink(&path, &link).expect("it is linked");
        whole(&link, b"new").expect("it is written");
        assert!(link.symlink_metadata().expect("it is there").is_symlink());
        let meta = path.metadata().expect("it is there");
        assert_eq!(meta.permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read(&path).expect("it is there"), b"new");
        whole(Path::new("/dev/null"), b"nothing").expect("a device is written to");
    }
}

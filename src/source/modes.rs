//! Execute bits where the file system keeps none: git's index has them, and a clone elsewhere gets those.
//!
//! Reads `.git/config` and `.git/index` and nothing else of a repository.

use crate::maps::HashMap;
use std::path::Path;

use super::files::{Files, whole};

/// Largest index that is read: some hundred thousand files.
const MAX_INDEX_SIZE: u64 = 64 * 1024 * 1024;
/// Largest configuration of git that is read.
const MAX_CONFIG_SIZE: u64 = 1024 * 1024;

/// Who knows the execute bits of a working tree.
#[derive(Debug)]
pub(super) enum Modes {
    /// The file system.
    Disk,
    /// The index, by path seen from the directory that holds `.git`; `above` is the way from there.
    Git {
        files: HashMap<String, bool>,
        above: String,
    },
    /// Nobody.
    Unknown,
}

impl Modes {
    pub(super) fn of(disk: &dyn Files, root: &Path) -> Self {
        let Some(top) = root.ancestors().find(|place| disk.has(&place.join(".git"))) else {
            return Self::without_git();
        };
        let git = top.join(".git");
        let config = configuration(disk, &git);
        if cfg!(unix) && !is_switched(&config, "filemode", "false") {
            return Self::Disk;
        }
        let files = index(disk, &git, &config);
        let above = root.strip_prefix(top).ok().and_then(|path| {
            path.components()
                .map(|part| part.as_os_str().to_str())
                .collect::<Option<Vec<&str>>>()
        });
        match (files, above) {
            (Some(files), Some(above)) => Self::Git {
                files,
                above: above.join("/"),
            },
            _ => Self::Unknown,
        }
    }

    fn without_git() -> Self {
        if cfg!(unix) {
            Self::Disk
        } else {
            Self::Unknown
        }
    }

    /// Whether a file may be executed; `on_disk` is what the file system says.
    pub(super) fn is_executable(&self, path: &str, on_disk: bool) -> Option<bool> {
        match self {
            Self::Disk => Some(on_disk),
            Self::Git { files, above } if above.is_empty() => files.get(path).copied(),
            Self::Git { files, above } => files.get(&format!("{above}/{path}")).copied(),
            Self::Unknown => None,
        }
    }
}

/// `key = value` somewhere in a configuration of git.
fn is_switched(config: &str, key: &str, value: &str) -> bool {
    config.lines().any(|line| {
        line.split_once('=').is_some_and(|(name, given)| {
            name.trim().eq_ignore_ascii_case(key) && given.trim().eq_ignore_ascii_case(value)
        })
    })
}

/// Whether the index of the repository that holds the file has it: git keeps such a file, whatever `.gitignore` says.
pub(crate) fn is_tracked(disk: &dyn Files, file: &Path) -> bool {
    let mut places = file.ancestors().skip(1);
    let Some(top) = places.find(|place| disk.has(&place.join(".git"))) else {
        return false;
    };
    let git = top.join(".git");
    let files = index(disk, &git, &configuration(disk, &git)).unwrap_or_default();
    let below = file.strip_prefix(top).ok().and_then(Path::to_str);
    below.is_some_and(|below| files.contains_key(below))
}

/// The configuration of a repository; empty where it cannot be read.
fn configuration(disk: &dyn Files, git: &Path) -> String {
    let config = whole(disk, &git.join("config"), MAX_CONFIG_SIZE).ok();
    config
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

/// The files of a repository's index; `None` for one that cannot be read.
fn index(disk: &dyn Files, git: &Path, config: &str) -> Option<HashMap<String, bool>> {
    if is_switched(config, "objectformat", "sha256") {
        return None;
    }
    entries(&whole(disk, &git.join("index"), MAX_INDEX_SIZE).ok()?)
}

/// The files of an index and whether they may be executed; `None` for one in an unknown format.
fn entries(bytes: &[u8]) -> Option<HashMap<String, bool>> {
    let number = |at: usize| -> Option<u32> {
        let four = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    let version = number(4)?;
    if bytes.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut files = HashMap::default();
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..number(8)? {
        let start = at;
        let mode = number(start + 24)?;
        let is_extended = bytes.get(start + 60)? & 0x40 != 0;
        at = start + if is_extended { 64 } else { 62 };
        if version == 4 {
            let (cut, behind) = offset(bytes, at)?;
            name.truncate(name.len().checked_sub(cut)?);
            at = behind;
        } else {
            name.clear();
        }
        let rest = bytes.get(at..)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        name.extend_from_slice(&rest[..length]);
        at += length + 1;
        if version < 4 {
            at = start + (at - start).next_multiple_of(8);
        }
        let is_file = mode & 0o170_000 == 0o100_000;
        if let (true, Ok(path)) = (is_file, std::str::from_utf8(&name)) {
            files.insert(path.to_owned(), mode & 0o111 != 0);
        }
    }
    Some(files)
}

/// A number of the fourth version of the index, and where it ends.
fn offset(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)? + usize::from(byte & 0x7f);
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::super::disk::Disk;
    use super::*;

    fn entry(version: u32, mode: u32, name: &str, before: &str) -> Vec<u8> {
        let mut bytes = vec![0; 62];
        bytes[24..28].copy_from_slice(&mode.to_be_bytes());
        if version == 4 {
            let shared = name
                .bytes()
                .zip(before.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            bytes.push(u8::try_from(before.len() - shared).expect("a short name"));
            bytes.extend(&name.as_bytes()[shared..]);
            bytes.push(0);
        } else {
            bytes.extend(name.as_bytes());
            bytes.push(0);
            while !bytes.len().is_multiple_of(8) {
                bytes.push(0);
            }
        }
        bytes
    }

    fn index(version: u32) -> Vec<u8> {
        let files = [
            ("docker/entrypoint.sh", 0o100_644),
            ("docker/start.sh", 0o100_755),
            ("manage.py", 0o100_755),
        ];
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(3_u32.to_be_bytes());
        let mut before = "";
        for (name, mode) in files {
            bytes.extend(entry(version, mode, name, before));
            before = name;
        }
        bytes
    }

    #[test]
    fn where_the_disk_keeps_no_modes_git_does() {
        for version in [2, 4] {
            let directory = tempfile::tempdir().expect("a directory");
            let root = directory.path().join("docker");
            for path in [directory.path().join(".git"), root.clone()] {
                std::fs::create_dir(path).expect("a directory");
            }
            let write = |name: &str, bytes: &[u8]| {
                std::fs::write(directory.path().join(".git").join(name), bytes).expect("a file");
            };
            write("index", &index(version));
            write("config", b"[core]\n\tfileMode = false\n");
            let modes = Modes::of(&Disk, &root);
            assert_eq!(modes.is_executable("entrypoint.sh", true), Some(false));
            assert_eq!(modes.is_executable("start.sh", false), Some(true));
            assert_eq!(modes.is_executable("untracked.sh", true), None);
            let modes = Modes::of(&Disk, directory.path());
            assert_eq!(modes.is_executable("manage.py", false), Some(true));
            write("config", b"[core]\n\tfilemode = true\n");
            let modes = Modes::of(&Disk, &root);
            assert_eq!(
                modes.is_executable("untracked.sh", true),
                cfg!(unix).then_some(true)
            );
        }
    }

    #[test]
    fn a_broken_index_says_nothing() {
        let whole = index(4);
        for end in 0..whole.len() - 1 {
            assert!(entries(&whole[..end]).is_none(), "{end}");
        }
    }
}

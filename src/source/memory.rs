//! Files in memory: those of an example, of a test, of a program that has no disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{Files, Found, Kind, Names};

/// A file of an example.
#[derive(Clone, Debug, Default)]
pub struct MemoryFile {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Some execute bit is set.
    pub is_executable: bool,
}

impl MemoryFile {
    /// A file with this content.
    #[must_use]
    pub fn new(content: impl Into<Vec<u8>>) -> Self {
        Self {
            content: content.into(),
            is_executable: false,
        }
    }
}

/// Files by their path below `/`, and the directories that these paths make.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<String, MemoryFile>,
}

impl Memory {
    /// By relative path, with `/`.
    #[must_use]
    pub fn new(files: BTreeMap<String, MemoryFile>) -> Self {
        Self { files }
    }

    /// The paths below a directory, seen from it.
    fn below<'a>(&'a self, directory: &str) -> impl Iterator<Item = (&'a str, bool)> {
        let start = match directory {
            "" => String::new(),
            directory => format!("{directory}/"),
        };
        let from = self.files.range(start.clone()..);
        from.map_while(move |(path, _)| path.strip_prefix(start.as_str()))
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => (name, true),
                None => (rest, false),
            })
    }
}

impl Files for Memory {
    fn entry(&self, path: &Path) -> io::Result<Found> {
        let key = key(path)?;
        if let Some(file) = self.files.get(key) {
            return Ok(Found {
                kind: Kind::File,
                is_executable: file.is_executable,
                size: file.content.len() as u64,
            });
        }
        let is_directory = key.is_empty() || self.below(key).next().is_some();
        match is_directory {
            true => Ok(Found {
                kind: Kind::Directory,
                is_executable: true,
                size: 0,
            }),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names> {
        let mut names = Names {
            is_all: true,
            ..Names::default()
        };
        for (name, is_directory) in self.below(key(directory)?) {
            if names.items.last().is_some_and(|(last, _)| last == name) {
                continue;
            }
            if names.items.len() >= limit {
                names.is_all = false;
                break;
            }
            let kind = match is_directory {
                true => Kind::Directory,
                false => Kind::File,
            };
            names.items.push((name.into(), kind));
        }
        match names.items.is_empty() {
            true => Err(io::ErrorKind::NotFound.into()),
            false => Ok(names),
        }
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let file = self.files.get(key(path)?);
        let content = &file.ok_or(io::ErrorKind::NotFound)?.content;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(content.get(..most).unwrap_or(content).to_vec())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.entry(path).map(|_| path.to_owned())
    }
}

fn key(path: &Path) -> io::Result<&str> {
    let text = path.to_str().ok_or(io::ErrorKind::NotFound)?;
    Ok(text.trim_matches('/'))
}

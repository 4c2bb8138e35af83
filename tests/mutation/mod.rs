//! Files and projects that are broken at random, and what has to hold of them all the same. The same number gives the
//! same change, so that what goes wrong can be looked at.

pub(crate) mod change;
pub(crate) mod corpus;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seatrial::fuzzing::{held, mended};
use seatrial::{Disk, Files, Memory, Overlay, Request};

use change::{Random, broken};
use corpus::{Base, Project};

/// What is done with a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Check,
    /// With every fix, twice.
    Fix,
}

/// A project with some of its files broken.
pub(crate) struct Broken<'p> {
    pub(crate) project: &'p Project,
    /// The new texts by path.
    pub(crate) changes: Vec<(String, Vec<u8>)>,
}

impl<'p> Broken<'p> {
    /// The one of this number.
    pub(crate) fn new(projects: &'p [Project], number: u64) -> Self {
        let mut random = Random::new(number);
        let project = random.one(projects);
        let paths = project.paths();
        let count = 1 + random.below(3);
        let mut changes: Vec<(String, Vec<u8>)> = Vec::new();
        for _ in 0..count.min(paths.len()) {
            let path = random.one(paths.as_slice()).clone();
            if changes.iter().any(|(other, _)| *other == path) {
                continue;
            }
            let other = project.read(random.one::<String>(&paths));
            let text = broken(project.read(&path), &other, &mut random);
            changes.push((path, text));
        }
        Self { project, changes }
    }

    fn files(&self) -> Arc<dyn Files> {
        match &self.project.base {
            Base::Memory(files) => {
                let mut files = files.clone();
                for (path, text) in &self.changes {
                    files
                        .entry(path.clone())
                        .or_default()
                        .content
                        .clone_from(text);
                }
                Arc::new(Memory::new(files))
            }
            Base::Disk(directory, _) => {
                let changes = self.changes.iter();
                Arc::new(
                    changes.fold(Overlay::new(Arc::new(Disk)), |files, (path, text)| {
                        files.with(directory.join(path), text.as_slice())
                    }),
                )
            }
        }
    }

    fn request(&self) -> Request {
        request(self.project.directory())
    }

    /// Panics when something does not hold. How many findings there are, or were mended.
    pub(crate) fn run(&self, way: Way) -> usize {
        match way {
            Way::Check => held(&self.files(), &self.request()).outcome.findings.len(),
            Way::Fix => mended(&self.files(), &self.request()),
        }
    }

    /// Writes the project, to be looked at.
    pub(crate) fn write(&self, to: &Path) -> std::io::Result<()> {
        let write = |path: &str, content: &[u8]| {
            let path = to.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(to))?;
            std::fs::write(path, content)
        };
        if let Base::Memory(files) = &self.project.base {
            for (path, file) in files {
                write(path, &file.content)?;
            }
        }
        for (path, text) in &self.changes {
            write(path, text)?;
        }
        Ok(())
    }
}

/// A check of a directory, on the day of every test.
pub(crate) fn request(directory: PathBuf) -> Request {
    Request::new(directory, jiff::civil::date(2026, 11, 22)).paths(["."])
}

/// The input for a target that has this number, made of files of its kind.
pub(crate) fn input(files: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let (one, other) = (random.one(files).clone(), random.one(files));
    broken(one, other, &mut random)
}

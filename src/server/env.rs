//! What a server process sees of its container: variables, files, working directory.

use crate::maps::HashMap;
use std::sync::Arc;

use crate::source::SourceFile;
use crate::span::{FileId, Span, Traced};

/// The environment of a process.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProcessEnv {
    /// In the order the process sees them: the image's in order of first ENV, then what compose or
    /// the start script adds. Names are unique.
    pub vars: Vec<ProcessVar>,
    /// There are no others.
    pub is_closed: bool,
    /// Where each one stands.
    positions: HashMap<String, usize>,
}

/// One variable.
#[derive(Debug, Clone)]
pub(crate) struct ProcessVar {
    pub name: String,
    pub name_span: Span,
    /// `None`: set, but to something that is not known.
    pub value: Option<Traced>,
}

/// What is known of one variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvValue<'a> {
    Known(&'a Traced),
    Unset,
    Unknown,
}

impl ProcessEnv {
    /// Sets a variable; one that was set keeps its position.
    pub(crate) fn set(&mut self, name: &str, name_span: Span, value: Option<Traced>) {
        match self.positions.get(name) {
            Some(at) => {
                let var = &mut self.vars[*at];
                var.name_span = name_span;
                var.value = value;
            }
            None => {
                self.positions.insert(name.to_owned(), self.vars.len());
                self.vars.push(ProcessVar {
                    name: name.to_owned(),
                    name_span,
                    value,
                });
            }
        }
    }

    /// One of them, by its name.
    #[must_use]
    pub(crate) fn var(&self, name: &str) -> Option<&ProcessVar> {
        self.positions.get(name).map(|at| &self.vars[*at])
    }

    /// What is known of a variable.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> EnvValue<'_> {
        match self.var(name) {
            Some(var) => var
                .value
                .as_ref()
                .map_or(EnvValue::Unknown, EnvValue::Known),
            None if self.is_closed => EnvValue::Unset,
            None => EnvValue::Unknown,
        }
    }
}

/// A file of the container.
#[derive(Debug, Clone)]
pub(crate) enum FileState {
    Known(FileId, Arc<SourceFile>),
    /// Certainly not there.
    Missing,
    Unknown,
}

/// Reads files by their absolute path in the container.
pub(crate) trait Files {
    fn read(&self, path: &str) -> FileState;

    /// Whether a file of that name is among what is copied into the container, wherever it then lies.
    fn brings(&self, _name: &str) -> bool {
        false
    }
}

/// A process about to start.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub env: &'a ProcessEnv,
    pub files: &'a dyn Files,
    /// Absolute; `None` when not known.
    pub cwd: Option<&'a str>,
}

impl Surroundings<'_> {
    /// A path as the process sees it; `None` when it depends on a directory that is not known.
    #[must_use]
    pub(crate) fn absolute(&self, path: &str) -> Option<String> {
        if path.starts_with('/') {
            return Some(crate::source::absolute("/", path));
        }
        Some(crate::source::absolute(self.cwd?, path))
    }

    /// Reads a file named by an option.
    #[must_use]
    pub(crate) fn read(&self, path: &str) -> FileState {
        match self.absolute(path) {
            Some(path) => self.files.read(&path),
            None => FileState::Unknown,
        }
    }
}

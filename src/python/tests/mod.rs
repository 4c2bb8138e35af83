//! Python projects: hostile inputs and idioms of settings, through the library's own door.

mod defaults;
mod hostile;
mod idioms;
mod loader;
mod reading;
mod verdicts;

use crate::knowledge::installers;
use crate::python::requirements::{Groups, Invocation};
use crate::source::{MemoryFile, Root, Sources};

/// A project in memory, by paths and texts.
pub(crate) fn project(files: &[(&str, &str)]) -> (Sources, Root) {
    let files = files.iter();
    let files = files.map(|(path, text)| ((*path).to_owned(), MemoryFile::new(*text)));
    (Sources::new(), Root::memory(files.collect()))
}

/// What an installer installs of the project in a directory.
pub(crate) fn asks(program: &str, directory: &str, groups: Groups, uses_lock: bool) -> Invocation {
    let subcommand = if program == "uv" { "sync" } else { "install" };
    Invocation::Project {
        installer: installers::asked(program, subcommand).expect("an installer"),
        directory: directory.to_owned(),
        groups,
        uses_lock,
    }
}

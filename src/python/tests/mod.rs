//! Python projects: hostile inputs and idioms of settings, through the library's own door.

mod defaults;
mod hostile;
mod idioms;
mod loader;
mod reading;
mod verdicts;

use crate::source::{MemoryFile, Root, Sources};

/// A project in memory, by paths and texts.
pub(crate) fn project(files: &[(&str, &str)]) -> (Sources, Root) {
    let files = files.iter();
    let files = files.map(|(path, text)| ((*path).to_owned(), MemoryFile::new(*text)));
    (Sources::new(), Root::memory(files.collect()))
}

//! Python projects: hostile inputs and idioms of settings, through the library's own door.

mod defaults;
mod hostile;
mod idioms;
mod loader;
mod reading;
mod verdicts;

use std::collections::BTreeMap;

use crate::source::{MemoryFile, Root, Sources};

fn project(files: &[(&str, &str)]) -> (Sources, Root) {
    let files: BTreeMap<String, MemoryFile> = files
        .iter()
        .map(|(path, text)| {
            let file = MemoryFile {
                content: text.as_bytes().to_vec(),
                is_executable: false,
            };
            ((*path).to_owned(), file)
        })
        .collect();
    (Sources::new(), Root::memory(files))
}

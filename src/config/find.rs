//! Which configuration file a directory obeys. Reads names and, of `pyproject.toml`, whether the table is there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::source::{Files, MAX_FILE_SIZE};

/// The names that are looked for, the first winning within a directory.
pub const CONFIG_NAMES: [&str; 3] = ["seatrial.toml", ".seatrial.toml", "pyproject.toml"];

/// Looks configurations up and remembers what it saw of each directory.
#[derive(Debug, Default)]
pub struct Finder {
    seen: HashMap<PathBuf, Option<PathBuf>>,
}

impl Finder {
    /// The nearest configuration at or above `directory`, no further than the repository it lies in.
    ///
    /// `directory` is absolute. A `pyproject.toml` counts only with a `[tool.seatrial]` table.
    pub fn find(&mut self, files: &dyn Files, directory: &Path) -> Option<PathBuf> {
        let mut answer = None;
        let mut asked = Vec::new();
        for place in directory.ancestors() {
            if let Some(known) = self.seen.get(place) {
                answer.clone_from(known);
                break;
            }
            asked.push(place);
            answer = here(files, place);
            if answer.is_some() || files.has(&place.join(".git")) {
                break;
            }
        }
        for place in asked {
            self.seen.insert(place.to_owned(), answer.clone());
        }
        answer
    }
}

fn here(files: &dyn Files, directory: &Path) -> Option<PathBuf> {
    let [own @ .., shared] = CONFIG_NAMES;
    let own = own.iter().map(|name| directory.join(name));
    if let Some(found) = own.into_iter().find(|path| files.has_file(path)) {
        return Some(found);
    }
    let shared = directory.join(shared);
    if !files.has_file(&shared) {
        return None;
    }
    match files.read(&shared, MAX_FILE_SIZE) {
        Ok(text) => {
            let table = b"tool.seatrial";
            let has_table = text.windows(table.len()).any(|part| part == table);
            has_table.then_some(shared)
        }
        // Whether it has the table cannot be known: reading it as the configuration reports what is wrong.
        Err(_) => Some(shared),
    }
}

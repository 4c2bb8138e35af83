//! Which configuration file a directory obeys. Reads names and, of `pyproject.toml`, whether the table is there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The names that are looked for, the first winning within a directory.
pub const CONFIG_NAMES: [&str; 2] = ["seatrial.toml", "pyproject.toml"];

/// Looks configurations up and remembers what it saw of each directory.
#[derive(Debug, Default)]
pub struct Finder {
    seen: HashMap<PathBuf, Option<PathBuf>>,
}

impl Finder {
    /// The nearest configuration at or above `directory`, no further than the repository it lies in.
    ///
    /// `directory` is absolute. A `pyproject.toml` counts only with a `[tool.seatrial]` table.
    pub fn find(&mut self, directory: &Path) -> Option<PathBuf> {
        let mut answer = None;
        let mut asked = Vec::new();
        for place in directory.ancestors() {
            if let Some(known) = self.seen.get(place) {
                answer.clone_from(known);
                break;
            }
            asked.push(place);
            answer = here(place);
            if answer.is_some() || place.join(".git").exists() {
                break;
            }
        }
        for place in asked {
            self.seen.insert(place.to_owned(), answer.clone());
        }
        answer
    }
}

fn here(directory: &Path) -> Option<PathBuf> {
    let own = directory.join(CONFIG_NAMES[0]);
    if own.is_file() {
        return Some(own);
    }
    let shared = directory.join(CONFIG_NAMES[1]);
    let text = std::fs::read_to_string(&shared).ok()?;
    text.contains("tool.seatrial").then_some(shared)
}

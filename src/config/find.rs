//! Which configuration file a directory obeys. Reads names and, of `pyproject.toml`, whether the table is there.

use crate::maps::HashMap;
use std::path::{Path, PathBuf};

use crate::source::{Files, Kind, MAX_FILE_SIZE, whole};

/// The names that are looked for, the first winning within a directory.
pub(super) const CONFIG_NAMES: [&str; 3] = ["seatrial.toml", ".seatrial.toml", "pyproject.toml"];

/// What a new one is called.
pub(crate) const FILE: &str = CONFIG_NAMES[0];

/// Looks configurations up and remembers what it saw of each directory.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    seen: HashMap<PathBuf, Option<PathBuf>>,
}

impl Finder {
    /// The nearest configuration at or above `directory`, no further than the repository it lies in.
    ///
    /// `directory` is absolute. A `pyproject.toml` counts only with a `[tool.seatrial]` table.
    pub(crate) fn find(&mut self, files: &dyn Files, directory: &Path) -> Option<PathBuf> {
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
    // Whatever is there by that name, a link that leads nowhere too: reading it reports what is wrong.
    let is_there = |path: &PathBuf| {
        let found = files.entry(path);
        found.is_ok_and(|found| found.kind != Kind::Directory)
    };
    if let Some(found) = own.into_iter().find(is_there) {
        return Some(found);
    }
    let shared = directory.join(shared);
    if !is_there(&shared) {
        return None;
    }
    match whole(files, &shared, MAX_FILE_SIZE) {
        Ok(text) => has_table(&text).then_some(shared),
        // Whether it has the table cannot be known.
        Err(_) => Some(shared),
    }
}

/// Whether a `pyproject.toml` has the table, however that is written. One that names us and cannot be understood is
/// taken for one that has it.
fn has_table(text: &[u8]) -> bool {
    let name = b"seatrial";
    if !text.windows(name.len()).any(|part| part == name) {
        return false;
    }
    let parsed = str::from_utf8(text).ok().map(toml::from_str::<toml::Table>);
    let Some(Ok(table)) = parsed else {
        return true;
    };
    let tool = table.get("tool").and_then(toml::Value::as_table);
    tool.is_some_and(|tool| tool.contains_key("seatrial"))
}

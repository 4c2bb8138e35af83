//! Which configuration file a directory obeys. Reads names and, of `pyproject.toml`, whether the table is there.

use std::path::{Path, PathBuf};

/// The names that are looked for, the first winning within a directory.
pub const CONFIG_NAMES: [&str; 2] = ["seatrial.toml", "pyproject.toml"];

/// The nearest configuration at or above `directory`, no further than the repository it lies in.
///
/// `directory` is absolute. A `pyproject.toml` counts only with a `[tool.seatrial]` table.
#[must_use]
pub fn find(directory: &Path) -> Option<PathBuf> {
    for place in directory.ancestors() {
        let own = place.join(CONFIG_NAMES[0]);
        if own.is_file() {
            return Some(own);
        }
        let shared = place.join(CONFIG_NAMES[1]);
        if std::fs::read_to_string(&shared).is_ok_and(|text| text.contains("tool.seatrial")) {
            return Some(shared);
        }
        if place.join(".git").exists() {
            return None;
        }
    }
    None
}

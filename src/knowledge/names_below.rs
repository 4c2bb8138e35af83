//! Names in ignore files that are meant for every directory of a project.

use super::find;

/// A name or pattern, as ignore files write it.
#[derive(Debug)]
pub(crate) struct NameBelow {
    pub name: &'static str,
    /// A path that it stands for, seen from the directory that holds it.
    pub sample: &'static str,
    /// Worth a finding of its own.
    pub alone: bool,
}

static NAMES: &[NameBelow] = include!(concat!(env!("OUT_DIR"), "/names-below.rs"));

/// What a pattern without a slash stands for; `None` when it may well be meant for the top directory.
#[must_use]
pub(crate) fn name_below(pattern: &str) -> Option<&'static NameBelow> {
    find(NAMES, pattern, |row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        assert!(NAMES.is_sorted_by(|a, b| a.name < b.name));
        assert!(name_below("__pycache__").is_some_and(|row| row.alone));
        assert!(name_below("*.pyo").is_some_and(|row| !row.alone));
        assert!(name_below("dist").is_none());
    }
}

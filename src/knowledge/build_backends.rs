//! Build backends of Python projects, and what of a project they cannot do without.

use super::find;
use super::texts::List;

/// A build backend.
#[derive(Debug)]
pub(crate) struct BuildBackend {
    /// Its module, as `build-backend` names it.
    name: &'static str,
    /// The file that `readme` names has to be there.
    pub readme: bool,
    /// The file of `license = {file = ...}` has to be there.
    pub license: bool,
    /// Each entry of `license-files` has to match.
    pub license_files: bool,
    /// Where it looks for the module of the project, whose name is `NAME` here.
    pub modules: List,
    /// The table, key by key, that says where else to look.
    pub unless: List,
}

static BACKENDS: &[BuildBackend] = include!(concat!(env!("OUT_DIR"), "/build-backends.rs"));

/// What is known of a backend.
#[must_use]
pub(crate) fn backend(name: &str) -> Option<&'static BuildBackend> {
    find(BACKENDS, name, |row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backends_are_known() {
        assert!(BACKENDS.is_sorted_by(|a, b| a.name < b.name));
        assert!(backend("hatchling.build").is_some_and(|row| row.readme && !row.license_files));
        assert!(backend("maturin").is_none());
    }
}

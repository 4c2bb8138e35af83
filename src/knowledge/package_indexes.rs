//! What leads pip and uv away from PyPI: flags and variables.

use super::find;

#[derive(Debug)]
struct PackageIndex {
    name: &'static str,
    is_variable: bool,
}

static INDEXES: &[PackageIndex] = include!(concat!(env!("OUT_DIR"), "/package-indexes.rs"));

/// The flag lets an install take packages from elsewhere than PyPI.
#[must_use]
pub(crate) fn is_flag(flag: &str) -> bool {
    find(INDEXES, flag, |row| row.name).is_some_and(|row| !row.is_variable)
}

/// The variables that let an install take packages from elsewhere than PyPI.
pub(crate) fn variables() -> impl Iterator<Item = &'static str> {
    let rows = INDEXES.iter().filter(|row| row.is_variable);
    rows.map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_variables() {
        assert!(is_flag("--find-links") && !is_flag("PIP_INDEX_URL"));
        assert!(variables().any(|name| name == "UV_INDEX"));
    }
}

//! Variables that a build has without a declaration, and those that lead pip away from PyPI.

use super::find;

/// Who sets a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giver {
    /// BuildKit passes these build arguments without an ARG.
    Proxy,
    /// BuildKit sets these build arguments where FROM uses them.
    Platform,
    /// Shells set these themselves, and Docker by user and base image.
    Shell,
}

#[derive(Debug)]
struct GivenVariable {
    name: &'static str,
    giver: Giver,
}

static GIVEN: &[GivenVariable] = include!(concat!(env!("OUT_DIR"), "/given-variables.rs"));

/// Who sets the variable without a declaration; `None`: nobody.
#[must_use]
pub fn giver(name: &str) -> Option<Giver> {
    find(GIVEN, name, |row| row.name).map(|row| row.giver)
}

#[derive(Debug)]
struct PackageIndex {
    name: &'static str,
    is_variable: bool,
}

static INDEXES: &[PackageIndex] = include!(concat!(env!("OUT_DIR"), "/package-indexes.rs"));

/// The flag lets an install take packages from elsewhere than PyPI.
#[must_use]
pub fn is_index_flag(flag: &str) -> bool {
    find(INDEXES, flag, |row| row.name).is_some_and(|row| !row.is_variable)
}

/// The variables that let an install take packages from elsewhere than PyPI.
pub fn index_variables() -> impl Iterator<Item = &'static str> {
    let variables = INDEXES.iter().filter(|row| row.is_variable);
    variables.map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn givers_and_indexes() {
        assert!(GIVEN.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(giver("HOME"), Some(Giver::Shell));
        assert_eq!(giver("http_proxy"), Some(Giver::Proxy));
        assert_eq!(giver("BUILD_DEPS"), None);
        assert!(is_index_flag("--find-links") && !is_index_flag("PIP_INDEX_URL"));
        assert!(index_variables().any(|name| name == "UV_INDEX"));
    }
}

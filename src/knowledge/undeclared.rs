//! Variables that a build has without a declaration.

use super::find;

/// Who sets a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Giver {
    /// BuildKit passes these build arguments without an ARG.
    Proxy,
    /// BuildKit sets these build arguments where FROM uses them.
    Platform,
    /// Shells set these themselves, and Docker by user and base image.
    Shell,
}

#[derive(Debug)]
struct Undeclared {
    name: &'static str,
    giver: Giver,
}

static VARIABLES: &[Undeclared] = include!(concat!(env!("OUT_DIR"), "/undeclared-variables.rs"));

/// Who sets the variable without a declaration; `None`: nobody.
#[must_use]
pub(crate) fn giver(name: &str) -> Option<Giver> {
    find(VARIABLES, name, |row| row.name).map(|row| row.giver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn givers() {
        assert!(VARIABLES.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(giver("HOME"), Some(Giver::Shell));
        assert_eq!(giver("http_proxy"), Some(Giver::Proxy));
        assert_eq!(giver("BUILD_DEPS"), None);
    }
}

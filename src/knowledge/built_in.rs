//! Distributions that newer Pythons have built in.

use super::Series;

#[derive(Debug)]
struct BuiltIn {
    name: &'static str,
    from: Series,
    version: Option<&'static str>,
}

static BUILT_IN: &[BuiltIn] = include!(concat!(env!("OUT_DIR"), "/built-in.rs"));

/// A series of Python has built in what a distribution gives to older ones, and cannot install the release that is
/// pinned of it.
#[must_use]
pub(crate) fn is_one(name: &str, python: Series, pinned: Option<&str>) -> bool {
    let mut rows = BUILT_IN.iter().filter(|row| row.name == name);
    rows.any(|row| python >= row.from && row.version.is_none_or(|only| pinned == Some(only)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_apart() {
        assert!(is_one("backports-zoneinfo", Series(3, 12), None));
        assert!(!is_one("backports-zoneinfo", Series(3, 10), Some("0.2.1")));
        assert!(is_one("dataclasses", Series(3, 11), Some("0.8")));
        assert!(!is_one("dataclasses", Series(3, 11), Some("0.6")));
    }
}

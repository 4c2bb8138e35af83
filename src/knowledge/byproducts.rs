//! Patterns of ignore files that match what tools leave beside the code.

use super::find;

/// Such a pattern.
#[derive(Debug)]
pub(crate) struct Byproduct {
    pub pattern: &'static str,
}

static PATTERNS: &[Byproduct] = include!(concat!(env!("OUT_DIR"), "/byproducts.rs"));

/// Whether a pattern matches only files for which nobody copies a directory: `*.pyc`.
#[must_use]
pub(crate) fn is_byproduct(pattern: &str) -> bool {
    find(PATTERNS, pattern, |row| row.pattern).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_known() {
        assert!(PATTERNS.is_sorted_by(|a, b| a.pattern < b.pattern));
        assert!(is_byproduct("*.pyc") && !is_byproduct("*.sql"));
    }
}

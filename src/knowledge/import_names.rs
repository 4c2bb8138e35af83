//! Which PyPI distributions have a module, for well-known ones.

use super::pypi::{self, Needs, Wheels};
use super::texts::{List, Text};

#[derive(Debug)]
struct ImportName {
    name: Text,
    distributions: List,
}

static ROWS: &[ImportName] = include!(concat!(env!("OUT_DIR"), "/import-names.rs"));

/// The distributions that have a module, by the first part of its name; `None` where the table does not know it.
#[must_use]
pub(crate) fn distributions(module: &str) -> Option<List> {
    let at = ROWS.binary_search_by(|row| (*row.name).cmp(module)).ok()?;
    ROWS.get(at).map(|row| row.distributions)
}

/// The one module that the table knows of a distribution in pure Python, which loads a library of the system by itself.
#[must_use]
pub(crate) fn module_of_pure(distribution: &str) -> Option<&'static str> {
    let row = pypi::distribution(distribution)?;
    if row.needs != Needs::Always || row.glibc != Wheels::Pure {
        return None;
    }
    let mut rows = ROWS
        .iter()
        .filter(|row| row.distributions.contains(distribution));
    let first = rows.next()?;
    rows.next().is_none().then(|| &*first.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_sorted_and_known() {
        assert!(ROWS.is_sorted_by(|a, b| *a.name < *b.name));
        assert!(distributions("PIL").is_some_and(|names| names.contains("pillow")));
        assert!(distributions("os").is_none());
    }
}

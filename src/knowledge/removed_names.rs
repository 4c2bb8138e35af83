//! Modules and names of the standard library and of Django that a later release does not have any more.

use super::Series;
use super::texts::{List, Text};

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Python,
    Django,
}

/// A module, or a name in one, that is gone.
#[derive(Debug)]
pub(crate) struct RemovedName {
    module: Text,
    /// `None` for the module itself.
    name: Option<&'static str>,
    pub(crate) of: Of,
    /// The first release without it.
    pub(crate) gone: Series,
    pub(crate) instead: Option<&'static str>,
    /// Distributions that bring it back.
    pub(crate) unless: List,
}

static ROWS: &[RemovedName] = include!(concat!(env!("OUT_DIR"), "/removed-names.rs"));

/// The module that is gone: itself, or the one that it lies in.
#[must_use]
pub(crate) fn module(dotted: &str) -> Option<&'static RemovedName> {
    let above = dotted.match_indices('.').map(|(at, _)| &dotted[..at]);
    let mut all = std::iter::once(dotted).chain(above);
    all.find_map(|module| rows(module).iter().find(|row| row.name.is_none()))
}

/// The name of a module that is gone.
#[must_use]
pub(crate) fn name(module: &str, name: &str) -> Option<&'static RemovedName> {
    rows(module).iter().find(|row| row.name == Some(name))
}

fn rows(module: &str) -> &'static [RemovedName] {
    let start = ROWS.partition_point(|row| *row.module < *module);
    let end = start + ROWS[start..].partition_point(|row| *row.module == *module);
    ROWS.get(start..end).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_module_and_name() {
        assert!(ROWS.is_sorted_by(|a, b| *a.module <= *b.module));
        assert_eq!(
            module("distutils.util").map(|row| row.gone),
            Some(Series(3, 12))
        );
        assert_eq!(
            name("django.utils.translation", "ugettext").map(|row| row.of),
            Some(Of::Django)
        );
        assert!(name("django.utils.translation", "gettext").is_none());
        assert!(module("collections").is_none() && module("django.utils").is_none());
    }
}

//! Modules and names of the standard library and of Django that a later release does not have any more.

use super::Series;
use super::gone_rows::{self, GoneRow};
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

impl GoneRow for RemovedName {
    fn module(&self) -> &str {
        &self.module
    }

    fn name(&self) -> Option<&'static str> {
        self.name
    }
}

/// See [`gone_rows::module`].
#[must_use]
pub(crate) fn module(dotted: &str) -> Option<&'static RemovedName> {
    gone_rows::module(ROWS, dotted)
}

/// See [`gone_rows::name`].
#[must_use]
pub(crate) fn name(module: &str, name: &str) -> Option<&'static RemovedName> {
    gone_rows::name(ROWS, module, name)
}

/// See [`gone_rows::may_hold`].
#[must_use]
pub(crate) fn may_hold(dotted: &str) -> bool {
    gone_rows::may_hold(ROWS, dotted)
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

//! Modules and names of PyPI distributions that later releases do not have any more.

use super::gone_rows::{self, GoneRow};
use super::texts::Text;

/// A module, or a name in one, that is gone.
#[derive(Debug)]
pub(crate) struct RemovedModule {
    module: Text,
    /// `None` for the module itself.
    name: Option<&'static str>,
    pub(crate) distribution: &'static str,
    /// The first release without it.
    pub(crate) from: &'static str,
    /// A release that is installed where no bound keeps it out.
    pub(crate) newest: &'static str,
    pub(crate) instead: Option<&'static str>,
}

static ROWS: &[RemovedModule] = include!(concat!(env!("OUT_DIR"), "/removed-modules.rs"));

impl GoneRow for RemovedModule {
    fn module(&self) -> &str {
        &self.module
    }

    fn name(&self) -> Option<&'static str> {
        self.name
    }
}

/// See [`gone_rows::module`].
#[must_use]
pub(crate) fn module(dotted: &str) -> Option<&'static RemovedModule> {
    gone_rows::module(ROWS, dotted)
}

/// See [`gone_rows::name`].
#[must_use]
pub(crate) fn name(module: &str, name: &str) -> Option<&'static RemovedModule> {
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
        let task = module("celery.task.schedules").map(|row| row.from);
        assert_eq!(task, Some("5.0.0"));
        assert!(name("jinja2", "Markup").is_some() && name("jinja2", "Template").is_none());
        assert!(module("celery").is_none() && module("wagtail.models").is_none());
    }
}

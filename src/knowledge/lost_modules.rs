//! Distributions that import modules of the standard library which later Pythons lack.

use super::Series;
use super::by_name::find_by_name;

/// A distribution that cannot be imported with later Pythons.
#[derive(Debug)]
pub(crate) struct LostModule {
    name: &'static str,
    pub(crate) module: &'static str,
    /// The first Python without the module.
    pub(crate) python: Series,
    /// The first release that does without; `None` where no release does.
    pub(crate) until: Option<&'static str>,
    /// Distributions that bring it back.
    pub(crate) unless: &'static [&'static str],
}

static LOST: &[LostModule] = include!(concat!(env!("OUT_DIR"), "/lost-modules.rs"));

impl LostModule {
    /// The distribution.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// What a distribution imports that later Pythons lack.
pub(crate) fn of(name: &str) -> Option<&'static LostModule> {
    find_by_name!(LOST, name)(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_distribution() {
        assert!(LOST.is_sorted_by_key(|row| row.name));
        assert_eq!(of("pydub").map(|row| row.module), Some("audioop"));
        assert!(of("django").is_none());
    }
}

//! Which PyPI distribution has a module that settings import.

use super::find;

#[derive(Debug)]
struct PythonModule {
    name: &'static str,
    distributions: &'static [&'static str],
}

static MODULES: &[PythonModule] = include!(concat!(env!("OUT_DIR"), "/python-modules.rs"));

/// The distributions that have the module, by the first part of its name, any of them. `None`: not
/// known, or several others bring it along.
#[must_use]
pub(crate) fn distributions(module: &str) -> Option<&'static [&'static str]> {
    find(MODULES, module, |row| row.name).map(|row| row.distributions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_known_by_their_first_part() {
        assert!(MODULES.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(
            distributions("dj_database_url"),
            Some(&["dj-database-url"][..])
        );
        assert_eq!(distributions("os"), None);
    }
}

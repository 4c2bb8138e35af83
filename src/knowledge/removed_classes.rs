//! Classes that newer releases of their distributions do not have any more.

use super::by_name::find_by_name;

/// A class that settings name and that is gone.
#[derive(Debug)]
pub(crate) struct RemovedClass {
    name: &'static str,
    pub(crate) distribution: &'static str,
    /// The first release without it.
    pub(crate) from: &'static str,
    /// A release that is installed where no bound keeps it out.
    pub(crate) newest: &'static str,
    pub(crate) instead: Option<&'static str>,
}

static REMOVED: &[RemovedClass] = include!(concat!(env!("OUT_DIR"), "/removed-classes.rs"));

/// The class, where a release of its distribution lacks it.
pub(crate) fn removed(name: &str) -> Option<&'static RemovedClass> {
    find_by_name!(REMOVED, name)(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_found_by_name() {
        assert!(REMOVED.is_sorted_by_key(|row| row.name));
        let row = removed("whitenoise.django.GzipManifestStaticFilesStorage");
        assert_eq!(row.map(|row| row.from), Some("4.0"));
        assert!(removed("whitenoise.storage.CompressedStaticFilesStorage").is_none());
    }
}

//! What applications of Django have below their directories for static files and templates.

/// An application, with the first parts of the names of its files.
#[derive(Debug)]
pub(crate) struct ApplicationFiles {
    pub(crate) application: &'static str,
    pub(crate) static_files: &'static [&'static str],
    pub(crate) templates: &'static [&'static str],
}

static APPLICATIONS: &[ApplicationFiles] =
    include!(concat!(env!("OUT_DIR"), "/application-files.rs"));

/// The files of an application by its name.
pub(crate) fn of(application: &str) -> Option<&'static ApplicationFiles> {
    let at = APPLICATIONS.binary_search_by(|row| row.application.cmp(application));
    at.ok().map(|at| &APPLICATIONS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_are_sorted() {
        assert!(APPLICATIONS.is_sorted_by(|a, b| a.application < b.application));
        assert_eq!(
            of("rest_framework").unwrap().static_files,
            ["rest_framework"]
        );
        assert!(of("shop").is_none());
    }
}

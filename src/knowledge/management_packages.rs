//! Management commands of Django that call programs of the system.

use super::find;
use super::texts::List;

/// Such a command.
#[derive(Debug)]
pub(crate) struct ManagementPackage {
    pub(crate) name: &'static str,
    /// The package of Debian that has the program.
    pub(crate) package: &'static str,
    /// What follows it where it calls the program; none: whatever follows.
    pub(crate) words: List,
    /// The application that has it; `None` for Django itself.
    pub(crate) distribution: Option<&'static str>,
    /// The file of an application that it works on; `None` for none.
    pub(crate) file: Option<&'static str>,
    /// With this setting it does without the package.
    pub(crate) setting: Option<&'static str>,
    /// Parts of names of other distributions, which have a command of that name, or the program.
    pub(crate) unless: List,
}

static ROWS: &[ManagementPackage] = include!(concat!(env!("OUT_DIR"), "/management-packages.rs"));

/// What a management command calls.
#[must_use]
pub(crate) fn of(name: &str) -> Option<&'static ManagementPackage> {
    find(ROWS, name, |row| row.name)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn commands_are_found_by_name() {
        assert_eq!(
            of("compilemessages").map(|row| row.package),
            Some("gettext")
        );
        assert!(of("migrate").is_none());
    }
}

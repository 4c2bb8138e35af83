//! What well-known PyPI distributions are for, by name.

use super::find;

/// What a distribution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Tool,
    Plain,
    Installer,
    PlainExtras,
    Finished,
    Little,
}

#[derive(Debug)]
struct PypiName {
    name: &'static str,
    roles: &'static [Role],
}

static NAMES: &[PypiName] = include!(concat!(env!("OUT_DIR"), "/pypi-names.rs"));

fn has(name: &str, role: Role) -> bool {
    find(NAMES, name, |row| row.name).is_some_and(|row| row.roles.contains(&role))
}

/// It tests, lints, debugs or documents: nothing that serves needs it. By its normalised name.
#[must_use]
pub(crate) fn is_tool(name: &str) -> bool {
    has(name, Role::Tool)
}

/// What it depends on is no server, no database driver and no reader of settings, without its extras.
/// By its normalised name; false where the table does not say.
#[must_use]
pub(crate) fn is_plain(name: &str) -> bool {
    has(name, Role::Plain) || has(name, Role::Tool)
}

/// Its extras bring nothing of that kind either.
#[must_use]
pub(crate) fn has_plain_extras(name: &str) -> bool {
    has(name, Role::PlainExtras)
}

/// It installs the packages of an application and is no part of it.
#[must_use]
pub(crate) fn is_installer(name: &str) -> bool {
    has(name, Role::Installer)
}

/// A few megabytes with all that it brings along, although there is compiled code in it.
#[must_use]
pub(crate) fn is_little(name: &str) -> bool {
    has(name, Role::Little)
}

/// No other major version of it is to come: its makers have ended it, or every release is a newer date.
#[must_use]
pub(crate) fn is_finished(name: &str) -> bool {
    has(name, Role::Finished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_and_sorted() {
        assert!(NAMES.is_sorted_by(|a, b| a.name < b.name));
        for row in NAMES {
            assert_eq!(
                row.name,
                row.name.to_ascii_lowercase().replace(['_', '.'], "-")
            );
        }
    }

    #[test]
    fn roles() {
        assert!(is_tool("pytest-django") && !is_tool("django"));
        assert!(is_plain("whitenoise") && is_plain("gunicorn"));
        // These depend on a server, a driver, or nobody knows.
        for name in ["channels", "mlflow", "django-heroku", "unheard-of"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}

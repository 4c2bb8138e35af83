//! Commands, and the packages that bring them.

use super::find;
use super::images::{Family, Flavour, PackageManager};

#[derive(Debug)]
struct CommandRow {
    name: &'static str,
    debian: &'static [&'static str],
    alpine: &'static [&'static str],
    slim: Option<bool>,
    full: Option<bool>,
    alpine_base: Option<bool>,
    debian_base: Option<bool>,
}

static COMMANDS: &[CommandRow] = include!(concat!(env!("OUT_DIR"), "/commands.rs"));

/// Packages any of which brings the command; empty when the distribution has none. `None`: the table
/// does not know the command, or the package manager is neither apt nor apk.
#[must_use]
pub(crate) fn packages(command: &str, manager: PackageManager) -> Option<&'static [&'static str]> {
    let row = find(COMMANDS, command, |row| row.name)?;
    match manager {
        PackageManager::Apt => Some(row.debian),
        PackageManager::Apk => Some(row.alpine),
        _ => None,
    }
}

/// Whether the official Python image of that flavour has the command before anything is installed
/// (Alpine: also the plain image). `None`: not known.
#[must_use]
pub(crate) fn is_in_base(command: &str, family: Family, flavour: Flavour) -> Option<bool> {
    let row = find(COMMANDS, command, |row| row.name)?;
    match (family, flavour) {
        (Family::Python | Family::Uv, Flavour::Slim) => row.slim,
        (Family::Python | Family::Uv | Family::BuildpackDeps, Flavour::Full) => row.full,
        (Family::Python | Family::Uv | Family::Alpine, Flavour::Alpine) => row.alpine_base,
        (Family::Debian | Family::Ubuntu, _) if row.debian_base.is_some() => row.debian_base,
        // What Python's slim image lacks, Debian's own lacks too; not the other way round.
        (Family::Debian, _) if row.slim == Some(false) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_from_packages() {
        assert!(COMMANDS.is_sorted_by(|a, b| a.name < b.name));
        let debian = packages("psql", PackageManager::Apt).unwrap_or_default();
        assert!(debian.contains(&"postgresql-client"));
        assert_eq!(packages("su-exec", PackageManager::Apt), Some(&[][..]));
        assert_eq!(packages("psql", PackageManager::Unknown), None);
        assert_eq!(packages("my-tool", PackageManager::Apt), None);
        assert_eq!(
            is_in_base("psql", Family::Python, Flavour::Slim),
            Some(false)
        );
        assert_eq!(is_in_base("git", Family::Python, Flavour::Full), Some(true));
        assert_eq!(is_in_base("adduser", Family::Python, Flavour::Slim), None);
        assert_eq!(
            is_in_base("bash", Family::Python, Flavour::Alpine),
            Some(false)
        );
        assert_eq!(is_in_base("bash", Family::Other, Flavour::Unknown), None);
    }
}

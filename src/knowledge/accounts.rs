//! Accounts that images have without a command that creates them.

use super::find;
use super::images::PackageManager;

#[derive(Debug)]
struct Account {
    name: &'static str,
    debian: bool,
    alpine: bool,
    by_dependency: bool,
}

/// Groups of an image, beside those that accounts have for themselves.
#[derive(Debug)]
struct Group {
    name: &'static str,
    debian: bool,
    alpine: bool,
}

static GROUPS: &[Group] = include!(concat!(env!("OUT_DIR"), "/groups.rs"));

/// Debian and Ubuntu, or Alpine, have the group from the start; either for an image that may be any.
#[must_use]
pub(crate) fn has_group(manager: PackageManager, name: &str) -> bool {
    find(GROUPS, name, |row| row.name).is_some_and(|row| match manager {
        PackageManager::Apk => row.alpine,
        PackageManager::Apt => row.debian,
        _ => row.debian || row.alpine,
    })
}

static ACCOUNTS: &[Account] = include!(concat!(env!("OUT_DIR"), "/accounts.rs"));

/// Debian and Ubuntu, or Alpine, have the account from the start; either for an image that may be any.
#[must_use]
pub(crate) fn is_there(manager: PackageManager, name: &str) -> bool {
    find(ACCOUNTS, name, |row| row.name).is_some_and(|row| match manager {
        PackageManager::Apk => row.alpine,
        PackageManager::Apt => row.debian,
        _ => row.debian || row.alpine,
    })
}

/// Packages that libraries and tools pull in create the account.
#[must_use]
pub(crate) fn may_exist(name: &str) -> bool {
    find(ACCOUNTS, name, |row| row.name).is_some_and(|row| row.by_dependency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_belong_to_a_distribution() {
        assert!(ACCOUNTS.is_sorted_by(|a, b| a.name < b.name));
        assert!(is_there(PackageManager::Apt, "www-data"));
        assert!(!is_there(PackageManager::Apk, "www-data"));
        assert!(is_there(PackageManager::Unknown, "www-data"));
        assert!(has_group(PackageManager::Apt, "users") && has_group(PackageManager::Apk, "wheel"));
        assert!(!has_group(PackageManager::Apt, "wheel"));
        assert!(GROUPS.is_sorted_by(|a, b| a.name < b.name));
        assert!(may_exist("messagebus") && !may_exist("app"));
    }
}

//! Servers that go to the background where a setting says so.

use super::by_name::find_by_name;

/// A server with the setting.
#[derive(Debug)]
pub(crate) struct DaemonSetting {
    pub(crate) name: &'static str,
    /// In the file that is its first argument.
    pub(crate) key: &'static str,
    /// On the command line.
    pub(crate) option: &'static str,
    yes: &'static str,
    images: &'static [&'static str],
}

static ROWS: &[DaemonSetting] = include!(concat!(env!("OUT_DIR"), "/daemon-settings.rs"));

/// The server that a program is.
pub(crate) fn of_program(program: &str) -> Option<&'static DaemonSetting> {
    find_by_name!(ROWS, name)(program)
}

impl DaemonSetting {
    /// Images of the repository run it.
    pub(crate) fn is_image(&self, repository: &str) -> bool {
        let repository = repository.strip_prefix("library/").unwrap_or(repository);
        self.images.contains(&repository)
    }

    /// The value sends it to the background.
    pub(crate) fn is_yes(&self, value: &str) -> bool {
        value
            .trim_matches(['"', '\''])
            .eq_ignore_ascii_case(self.yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_by_program() {
        assert!(ROWS.is_sorted_by_key(|row| row.name));
        let redis = of_program("redis-server");
        assert!(redis.is_some_and(|row| row.is_image("library/redis") && row.is_yes("yes")));
        assert!(redis.is_some_and(|row| !row.is_yes("no")) && of_program("nginx").is_none());
    }
}

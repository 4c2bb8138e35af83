//! Programs that stay above the one they run, and do not let it finish on the stop signal.

use super::by_name::find_by_name;

/// A program that stays above another one.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// As wrappers are named: `conda run`.
    pub name: &'static str,
    /// It hands the signal on, and kills two seconds later.
    pub kills: bool,
    /// The distribution that brings it, where a release of it does better.
    pub distribution: Option<&'static str>,
    /// That release.
    pub until: Option<&'static str>,
    /// The one of util-linux only: BusyBox replaces itself.
    pub system: bool,
}

static KEEPERS: &[Keeper] = include!(concat!(env!("OUT_DIR"), "/signal-keepers.rs"));

/// The keeper of that name.
#[must_use]
pub(crate) fn find(name: &str) -> Option<&'static Keeper> {
    find_by_name!(KEEPERS, name)(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keepers_are_found_by_name() {
        assert!(find("conda run").is_some_and(|it| !it.kills && !it.system));
        assert!(find("su").is_some_and(|it| it.kills && it.system));
        assert!(find("gosu").is_none());
    }
}

//! Options and commands that newer releases of tools do not have any more.

use super::Series;

/// An option or a command that is gone.
#[derive(Debug)]
pub(crate) struct RemovedOption {
    pub tool: &'static str,
    pub subcommand: &'static str,
    /// `None`: the command itself.
    pub option: Option<&'static str>,
    /// The first release without it.
    pub from: &'static str,
    /// The oldest Python that this release runs on.
    pub python: Series,
    /// What to write instead; `None` for nothing.
    pub instead: Option<&'static str>,
    /// The package that brings it back.
    pub unless: Option<&'static str>,
    /// The command to call in its place; `None` for none.
    pub call: Option<&'static str>,
    /// Options of it that this call knows too, the long one first.
    pub keeps: &'static [&'static str],
    /// In the address of a script that installs the newest release.
    pub script: Option<&'static str>,
    /// The variable that names another release to that script.
    pub version: Option<&'static str>,
}

static REMOVED: &[RemovedOption] = include!(concat!(env!("OUT_DIR"), "/removed-options.rs"));

/// What later releases of a tool lack of one of its commands.
pub(crate) fn of(tool: &str, subcommand: &str) -> impl Iterator<Item = &'static RemovedOption> {
    let first = REMOVED.partition_point(|row| (row.tool, row.subcommand) < (tool, subcommand));
    REMOVED[first..]
        .iter()
        .take_while(move |row| (row.tool, row.subcommand) == (tool, subcommand))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_command() {
        assert!(REMOVED.is_sorted_by_key(|row| (row.tool, row.subcommand)));
        let options = of("poetry", "install").filter_map(|row| row.option);
        assert_eq!(
            options.collect::<Vec<_>>(),
            ["--no-dev", "--remove-untracked"]
        );
        assert_eq!(of("poetry", "run").count(), 0);
    }
}

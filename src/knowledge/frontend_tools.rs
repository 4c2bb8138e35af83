//! Programs of npm, and the packages that bring them.

use super::by_name::find_by_name;

/// A program whose package has another name.
#[derive(Debug)]
struct FrontendTool {
    program: &'static str,
    packages: &'static [&'static str],
}

static TOOLS: &[FrontendTool] = include!(concat!(env!("OUT_DIR"), "/frontend-tools.rs"));

/// The packages that bring a program, by its own name where the table has no other.
pub(crate) fn packages(program: &str) -> impl Iterator<Item = &str> {
    let row = find_by_name!(TOOLS, program)(program);
    let own = row.is_none().then_some(program);
    own.into_iter()
        .chain(row.into_iter().flat_map(|row| row.packages.iter().copied()))
}

/// An install that fails without its lock file.
#[derive(Debug)]
pub(crate) struct FrontendLock {
    tool: &'static str,
    command: &'static str,
    /// It needs the lock file with this option only.
    pub flag: Option<&'static str>,
    /// One of them is enough.
    pub locks: &'static [&'static str],
    /// Options with which it works in another directory.
    pub moves: &'static [&'static str],
}

static LOCKS: &[FrontendLock] = include!(concat!(env!("OUT_DIR"), "/frontend-locks.rs"));

/// What an install of frontend packages cannot do without.
pub(crate) fn locked(tool: &str, command: &str) -> Option<&'static FrontendLock> {
    let mut rows = LOCKS.iter();
    rows.find(|row| row.tool == tool && row.command == command)
}

/// Variables that a bundler writes into the scripts that browsers get.
#[derive(Debug)]
pub(crate) struct BrowserVariable {
    prefix: &'static str,
    pub tool: &'static str,
}

static FOR_BROWSERS: &[BrowserVariable] =
    include!(concat!(env!("OUT_DIR"), "/browser-variables.rs"));

/// Who writes a variable into scripts for browsers.
pub(crate) fn for_browsers(name: &str) -> Option<&'static BrowserVariable> {
    let mut rows = FOR_BROWSERS.iter();
    rows.find(|row| name.starts_with(row.prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_called_like_their_programs_or_otherwise() {
        assert!(TOOLS.is_sorted_by_key(|row| row.program));
        assert_eq!(packages("vite").collect::<Vec<_>>(), ["vite"]);
        assert_eq!(packages("tsc").collect::<Vec<_>>(), ["typescript"]);
    }
}

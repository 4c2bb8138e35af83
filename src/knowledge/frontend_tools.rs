//! Programs of npm, and the packages that bring them.

use super::by_name::find_by_name;
use super::texts::List;

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

/// A bundler of frontends and where it writes.
#[derive(Debug)]
pub(crate) struct FrontendBundle {
    program: &'static str,
    pub directory: &'static str,
    /// How the names of its configuration begin.
    pub config: &'static str,
    /// Options that change where it writes, or what it reads.
    pub options: List,
    /// Words that change it in a configuration or a variable.
    pub signs: List,
    /// What a configuration may load that leaves it as it is.
    pub imports: List,
}

static BUNDLES: &[FrontendBundle] = include!(concat!(env!("OUT_DIR"), "/frontend-bundles.rs"));

/// Where the command `build` of a bundler writes.
pub(crate) fn bundle(program: &str) -> Option<&'static FrontendBundle> {
    find_by_name!(BUNDLES, program)(program)
}

/// A development server of frontends that listens on localhost by itself.
#[derive(Debug)]
pub(crate) struct ServerOfFrontend {
    pub program: &'static str,
    pub port: u16,
    /// It serves without a subcommand.
    pub is_bare: bool,
    /// Subcommands that serve.
    pub commands: List,
    /// How the names of its configuration begin.
    pub config: &'static str,
    /// Options that say where it listens.
    pub hosts: List,
    /// Options that change its port, or what it reads.
    pub others: List,
    /// What a configuration may load that leaves that as it is.
    pub imports: List,
    /// It does so only in releases of this package below the next number.
    pub package: Option<&'static str>,
    pub below: u32,
}

static SERVERS: &[ServerOfFrontend] = include!(concat!(env!("OUT_DIR"), "/frontend-servers.rs"));

/// The development server that a program is.
pub(crate) fn server(program: &str) -> Option<&'static ServerOfFrontend> {
    SERVERS.iter().find(|row| row.program == program)
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

/// A program that bundles with webpack, or that starts another one.
#[derive(Debug)]
pub(crate) struct WebpackCaller {
    pub program: &'static str,
    /// The package that brings webpack; `None` where it starts another program.
    pub package: Option<&'static str>,
    words: &'static [&'static str],
}

static WEBPACK: &[WebpackCaller] = include!(concat!(env!("OUT_DIR"), "/webpack-callers.rs"));

/// A program that bundles with webpack when it is called with these words, or that starts what they say.
pub(crate) fn webpack_caller(program: &str, words: &[&str]) -> Option<&'static WebpackCaller> {
    let row = super::find(WEBPACK, program, |row| row.program)?;
    let first = words.iter().find(|word| !word.starts_with('-'));
    let is_it = |first: &&str| row.words.contains(first);
    (row.words.is_empty() || first.is_some_and(is_it)).then_some(row)
}

/// The program bundles with webpack, or starts another one.
pub(crate) fn is_webpack_caller(program: &str) -> bool {
    super::find(WEBPACK, program, |row| row.program).is_some()
}

/// The packages that bring webpack along.
pub(crate) fn webpack_packages() -> impl Iterator<Item = &'static str> {
    WEBPACK.iter().filter_map(|row| row.package)
}

#[derive(Debug)]
struct NodeRelease {
    suite: &'static str,
    major: u32,
}

static NODE: &[NodeRelease] = include!(concat!(env!("OUT_DIR"), "/node-releases.rs"));

/// The Node.js of a suite of Debian.
pub(crate) fn node_of_debian(suite: &str) -> Option<u32> {
    super::find(NODE, suite, |row| row.suite).map(|row| row.major)
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

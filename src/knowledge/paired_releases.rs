//! Packages that need a certain range of another one.

use super::Series;

/// Releases of a package, and the versions of another one that they ask for.
#[derive(Debug)]
pub(crate) struct PairedRelease {
    pub name: &'static str,
    /// The first release that it holds for.
    pub from: &'static str,
    /// The first that it does not.
    pub below: &'static str,
    pub other: &'static str,
    /// A specifier of the other one.
    pub needs: &'static str,
}

/// Releases of a package that a later release of another one breaks.
#[derive(Debug)]
pub(crate) struct BreakingPair {
    pub name: &'static str,
    pub from: &'static str,
    pub below: &'static str,
    pub other: &'static str,
    /// The first release of the other one that does.
    pub other_from: &'static str,
    /// The oldest Python on which the package alone gets such a release.
    pub python: Option<Series>,
    pub raises: &'static str,
}

static BREAKING: &[BreakingPair] = include!(concat!(env!("OUT_DIR"), "/breaking-pairs.rs"));

/// What breaks releases of a package.
pub(crate) fn breaking(name: &str) -> impl Iterator<Item = &'static BreakingPair> {
    BREAKING.iter().filter(move |row| row.name == name)
}

static ROWS: &[PairedRelease] = include!(concat!(env!("OUT_DIR"), "/paired-releases.rs"));

/// What is known of the releases of a package.
pub(crate) fn of(name: &str) -> impl Iterator<Item = &'static PairedRelease> {
    ROWS.iter().filter(move |row| row.name == name)
}

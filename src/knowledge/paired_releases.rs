//! Packages that need a certain range of another one.

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

static ROWS: &[PairedRelease] = include!(concat!(env!("OUT_DIR"), "/paired-releases.rs"));

/// What is known of the releases of a package.
pub(crate) fn of(name: &str) -> impl Iterator<Item = &'static PairedRelease> {
    ROWS.iter().filter(move |row| row.name == name)
}

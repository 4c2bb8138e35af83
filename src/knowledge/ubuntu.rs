//! Ubuntu releases and the tags of the `ubuntu` image.

use super::{Date, Series, find};

/// One release of Ubuntu.
#[derive(Debug)]
pub struct UbuntuRelease {
    /// `24.04`
    pub version: &'static str,
    /// `noble`
    pub codename: &'static str,
    pub released: Date,
    /// The last day of standard support; paid support is not counted.
    pub eol: Date,
    /// The `python3` it ships.
    pub python: Series,
    /// Its packages moved to old-releases: `apt-get update` in its images fails.
    pub archived: bool,
    /// PEP 668: the system's pip refuses to install outside a virtual environment.
    pub pip_needs_venv: bool,
    /// A login the image comes with, uid 1000.
    pub user: Option<&'static str>,
    /// `useradd` writes a login record for every id up to the new one.
    pub pads_login_records: bool,
}

static RELEASES: &[UbuntuRelease] = include!(concat!(env!("OUT_DIR"), "/ubuntu.rs"));

/// After this day a newer LTS than the table knows may be out.
const NEXT_LTS: Date = jiff::civil::date(2028, 4, 1);

/// Every release the table knows, oldest first.
#[cfg(test)]
pub(crate) fn all() -> &'static [UbuntuRelease] {
    RELEASES
}

/// The release a tag of `ubuntu` means on that day: `24.04`, `noble`, `noble-20260101`, `latest`.
#[must_use]
pub(crate) fn by_tag(tag: &str, today: Date) -> Option<&'static UbuntuRelease> {
    let word = tag.split('-').next()?;
    if word == "latest" {
        return newest_lts(today);
    }
    find(RELEASES, word, |row| row.version)
        .or_else(|| RELEASES.iter().find(|row| row.codename == word))
}

/// The newest release with long-term support; `None` once the table may lack a newer one.
#[must_use]
pub(crate) fn newest_lts(today: Date) -> Option<&'static UbuntuRelease> {
    let newest = RELEASES.iter().rev();
    newest
        .filter(|_| today < NEXT_LTS)
        .find(|row| row.is_lts() && row.released <= today)
}

impl UbuntuRelease {
    /// Spring of an even year.
    #[must_use]
    pub fn is_lts(&self) -> bool {
        self.released.year() % 2 == 0 && self.version.ends_with(".04")
    }

    #[must_use]
    pub fn is_eol(&self, today: Date) -> bool {
        self.eol < today
    }
}

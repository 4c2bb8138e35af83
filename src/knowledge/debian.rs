//! Debian releases and the tags of the `debian` and `buildpack-deps` images.

use super::{Date, Series, find, number};

/// One release of Debian.
#[derive(Debug)]
pub struct DebianRelease {
    pub codename: &'static str,
    pub number: u32,
    pub released: Option<Date>,
    /// The last day of the security team's support.
    pub eol: Option<Date>,
    /// The last day of Debian LTS.
    pub lts_end: Option<Date>,
    /// The `python3` it ships.
    pub python: Series,
    /// The package that brings `/etc/mime.types`.
    pub mime: &'static str,
    /// PCRE1 (`libpcre3`, `libpcre3-dev`) is packaged.
    pub libpcre3: bool,
    /// Its packages moved to the archive: `apt-get update` in its images fails.
    pub archived: bool,
    /// Its backports moved there, too.
    pub backports_archived: bool,
    /// PEP 668: the system's pip refuses to install outside a virtual environment.
    pub pip_needs_venv: bool,
    /// The day the official Python image stopped building for it.
    pub image_dropped: Option<Date>,
    /// Its images have `/etc/apt/sources.list`.
    pub sources_list: bool,
    /// `useradd` writes a login record for every id up to the new one.
    pub pads_login_records: bool,
}

static RELEASES: &[DebianRelease] = include!(concat!(env!("OUT_DIR"), "/debian.rs"));

/// After this day a newer stable release than the table knows may be out.
const NEXT_RELEASE: Date = jiff::civil::date(2027, 6, 1);

/// Every release the table knows, by codename.
#[must_use]
pub(crate) fn all() -> &'static [DebianRelease] {
    RELEASES
}

/// `bookworm`.
#[must_use]
pub(crate) fn by_codename(codename: &str) -> Option<&'static DebianRelease> {
    find(RELEASES, codename, |row| row.codename)
}

/// `12`.
#[must_use]
pub(crate) fn by_number(wanted: u32) -> Option<&'static DebianRelease> {
    RELEASES.iter().find(|row| row.number == wanted)
}

/// The release called `stable` on that day.
#[must_use]
pub(crate) fn stable(today: Date) -> Option<&'static DebianRelease> {
    RELEASES
        .iter()
        .filter(|row| row.released.is_some_and(|day| day <= today))
        .max_by_key(|row| row.number)
        .filter(|_| today < NEXT_RELEASE)
}

/// The release a tag of `debian` or `buildpack-deps` means on that day: `bookworm-slim`, `12.5-slim`,
/// `bookworm-20260101-slim`, `stable-slim`, `trixie-curl`, `latest`.
#[must_use]
pub(crate) fn by_tag(tag: &str, today: Date) -> Option<&'static DebianRelease> {
    let word = tag.split(['-', '_']).next()?;
    match word {
        "latest" | "stable" | "curl" | "scm" if tag.split('-').count() <= 2 => stable(today),
        "oldstable" => by_number(stable(today)?.number.checked_sub(1)?),
        "oldoldstable" => by_number(stable(today)?.number.checked_sub(2)?),
        _ => by_codename(word).or_else(|| by_number(u32::from(number(word.split('.').next()?)?))),
    }
}

impl DebianRelease {
    /// Neither the security team nor LTS mends it any more.
    #[must_use]
    pub fn is_eol(&self, today: Date) -> bool {
        self.lts_end.is_some_and(|end| end < today)
    }

    /// The security team has left it to LTS.
    #[must_use]
    pub fn is_lts_only(&self, today: Date) -> bool {
        self.eol.is_some_and(|end| end < today) && !self.is_eol(today)
    }

    /// `-slim` images of it lack `/usr/share/man/man1` and its like, so that packages which register alternatives fail.
    #[must_use]
    pub fn slim_lacks_man_directories(&self) -> bool {
        // Kept since the images of July 2021, that is, from bullseye on.
        (9..=10).contains(&self.number)
    }
}

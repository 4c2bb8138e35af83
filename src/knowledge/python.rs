//! CPython releases and the tags of the official `python` image.
//!
//! Knows the grammar of tags and what each meant when; knows nothing of other images.

use super::{Date, Series, debian, number};

/// One `X.Y` of CPython.
#[derive(Debug)]
pub(crate) struct PythonSeries {
    pub series: Series,
    /// First final release. A day in the future, or a planned one, is possible.
    pub released: Option<Date>,
    /// The last day of security fixes.
    pub eol: Option<Date>,
    /// The newest patch release known to the table; `None` before the first final release.
    pub last_patch: Option<u32>,
    /// The day the official image stopped building it.
    pub frozen: Option<Date>,
    /// Debian suites of the official image, the default first.
    pub suites: &'static [&'static str],
    /// Debian suites no official image of it was ever built for.
    pub never: &'static [&'static str],
}

static SERIES: &[PythonSeries] = include!(concat!(env!("OUT_DIR"), "/python.rs"));

#[derive(Debug)]
struct DefaultSuite {
    since: Date,
    until: Date,
    suite: &'static str,
}

static DEFAULT_SUITES: &[DefaultSuite] =
    include!(concat!(env!("OUT_DIR"), "/python-default-suites.rs"));

#[derive(Debug)]
struct PatchSuite {
    series: Series,
    first: u32,
    last: u32,
    suite: &'static str,
}

static PATCH_SUITES: &[PatchSuite] = include!(concat!(env!("OUT_DIR"), "/python-patch-suites.rs"));

/// Every series the table knows, oldest first.
#[must_use]
pub(crate) fn all() -> &'static [PythonSeries] {
    SERIES
}

/// A series by number.
#[must_use]
pub(crate) fn series(series: Series) -> Option<&'static PythonSeries> {
    SERIES
        .binary_search_by(|row| row.series.cmp(&series))
        .ok()
        .and_then(|index| SERIES.get(index))
}

/// The series with security fixes on that day, oldest first.
pub(crate) fn maintained(today: Date) -> impl Iterator<Item = &'static PythonSeries> {
    SERIES
        .iter()
        .filter(move |row| !row.is_eol(today) && row.is_released(today))
}

/// The newest final series on that day; `None` when the table is too old to say.
#[must_use]
pub(crate) fn newest(today: Date) -> Option<&'static PythonSeries> {
    let newest = SERIES.iter().rev().find(|row| row.is_released(today))?;
    newest.last_patch.map(|_| newest)
}

/// The default Debian suite of the official image on that day.
#[must_use]
pub(crate) fn default_suite(today: Date) -> Option<&'static str> {
    DEFAULT_SUITES
        .iter()
        .find(|row| row.since <= today && today < row.until)
        .map(|row| row.suite)
}

impl PythonSeries {
    /// No fixes come any more.
    #[must_use]
    pub(crate) fn is_eol(&self, today: Date) -> bool {
        self.eol.is_some_and(|eol| eol < today)
    }

    /// Its first final release was planned for that day or before it.
    #[must_use]
    pub(crate) fn is_released(&self, today: Date) -> bool {
        self.released.is_some_and(|day| day <= today)
    }

    /// Whether the official image still builds it: until then its tags move. `None` when the table cannot say.
    #[must_use]
    pub(crate) fn is_rebuilt(&self, today: Date) -> Option<bool> {
        if let Some(frozen) = self.frozen {
            return Some(today < frozen);
        }
        (!self.is_eol(today)).then_some(true)
    }
}

/// What the official image is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// `python:3.13`: on buildpack-deps, with compilers.
    Bare,
    Slim,
    Alpine,
    Windows,
}

/// The version in a tag: `3`, `3.13`, `3.13.9`, `3.15.0rc1`, `3.15-rc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TagVersion {
    pub major: u16,
    pub minor: Option<u16>,
    pub patch: Option<u16>,
    pub is_prerelease: bool,
}

/// A tag of the official image, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PythonTag<'a> {
    /// `None`: `latest`, `slim`, `trixie`, ...
    pub version: Option<TagVersion>,
    pub variant: Variant,
    /// The Debian codename or Alpine version as written; `None` when the tag leaves it open.
    pub suite: Option<&'a str>,
}

impl<'a> PythonTag<'a> {
    /// `None` when the official image has no such tags.
    #[must_use]
    pub(crate) fn parse(tag: &'a str) -> Option<Self> {
        if tag.is_empty() || tag.ends_with('-') {
            return None;
        }
        let mut rest = tag;
        let mut version = None;
        let first = rest.split('-').next()?;
        if first == "latest" {
            return (tag == first).then_some(Self {
                version: None,
                variant: Variant::Bare,
                suite: None,
            });
        }
        if first.starts_with(|c: char| c.is_ascii_digit()) {
            let mut read = TagVersion::parse(first)?;
            rest = after(rest, first);
            if rest == "rc" || rest.starts_with("rc-") {
                read.is_prerelease = true;
                rest = after(rest, "rc");
            }
            version = Some(read);
        }
        let word = rest.split('-').next().unwrap_or_default();
        let (variant, suite) = if word == "slim" {
            (Variant::Slim, codename(after(rest, word))?)
        } else if let Some(number) = word.strip_prefix("alpine") {
            if !after(rest, word).is_empty() {
                return None;
            }
            (Variant::Alpine, (!number.is_empty()).then_some(number))
        } else if word == "windowsservercore" || word == "nanoserver" {
            (Variant::Windows, None)
        } else {
            (Variant::Bare, codename(rest)?)
        };
        Some(Self {
            version,
            variant,
            suite,
        })
    }

    /// `X.Y` as written.
    #[must_use]
    pub(crate) fn series(&self) -> Option<Series> {
        let version = self.version?;
        Some(Series(version.major, version.minor?))
    }

    /// `X.Y` that the tag means on that day: also for `2`, `3`, `slim` and `latest`.
    #[must_use]
    pub(crate) fn series_on(&self, today: Date) -> Option<Series> {
        match self.version {
            Some(TagVersion {
                major,
                minor: Some(minor),
                ..
            }) => Some(Series(major, minor)),
            Some(TagVersion { major: 2, .. }) => Some(Series(2, 7)),
            Some(TagVersion { major: 3, .. }) | None => newest(today).map(|row| row.series),
            Some(_) => None,
        }
    }

    /// For a tag that moves from one `3.X` to the next, the newest that the table knows to be out on that day: it means
    /// that one or a later one.
    #[must_use]
    pub(crate) fn at_least(&self, today: Date) -> Option<Series> {
        let moves = match self.version {
            Some(version) => version.major == 3 && version.minor.is_none(),
            None => true,
        };
        let mut known = SERIES.iter().rev();
        let newest = known.find(|row| row.is_released(today) && row.last_patch.is_some());
        newest.filter(|_| moves).map(|row| row.series)
    }

    /// The Debian suite the tag means on that day; `None` for Alpine, Windows and what is not known.
    #[must_use]
    pub(crate) fn resolved_suite(&self, today: Date) -> Option<&'static str> {
        if matches!(self.variant, Variant::Alpine | Variant::Windows) {
            return None;
        }
        if let Some(name) = self.suite {
            return debian::by_codename(name).map(|release| release.codename);
        }
        let Some(version) = self.version else {
            return default_suite(today);
        };
        let Some(minor) = version.minor else {
            return match version.major {
                2 => series(Series(2, 7)).and_then(PythonSeries::frozen_suite),
                3 => default_suite(today),
                _ => None,
            };
        };
        if version.is_prerelease {
            // Built only while it was the newest: nobody knows the day from the tag.
            return None;
        }
        let row = series(Series(version.major, minor))?;
        match (version.patch.map(u32::from), row.last_patch) {
            (Some(patch), Some(last)) if patch < last => PATCH_SUITES
                .iter()
                .find(|span| span.series == row.series && (span.first..=span.last).contains(&patch))
                .map(|span| span.suite),
            _ => row.suite_on(today),
        }
    }

    /// Whether the tag of an `X.Y` can still move to another Debian release or Python patch. `None`: not known.
    #[must_use]
    pub(crate) fn is_moving(&self, today: Date) -> Option<bool> {
        match self.series() {
            Some(wanted) => series(wanted)?.is_rebuilt(today),
            None => Some(true),
        }
    }

    /// The tag names a pair of Python and Debian that was never built.
    #[must_use]
    pub(crate) fn is_impossible(&self) -> bool {
        let (Some(suite), Some(version)) = (self.suite, self.version) else {
            return false;
        };
        let row = self.series().and_then(series);
        !version.is_prerelease && row.is_some_and(|row| row.never.contains(&suite))
    }
}

impl PythonSeries {
    fn frozen_suite(&self) -> Option<&'static str> {
        self.suites.first().copied()
    }

    fn suite_on(&self, today: Date) -> Option<&'static str> {
        match self.is_rebuilt(today) {
            Some(true) => default_suite(today),
            Some(false) => self.frozen_suite(),
            // Its end is past but the table is older: the last default holds if none came since.
            None => {
                let now = default_suite(today)?;
                (Some(now) == self.frozen_suite()).then_some(now)
            }
        }
    }
}

impl TagVersion {
    fn parse(text: &str) -> Option<Self> {
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (numbers, suffix) = text.split_at(end);
        let mut parts = numbers.split('.');
        let major = number(parts.next()?)?;
        let minor = parts.next().map(number);
        let patch = parts.next().map(number);
        if parts.next().is_some() || minor == Some(None) || patch == Some(None) {
            return None;
        }
        let is_prerelease = !suffix.is_empty();
        if is_prerelease {
            let serial = ["rc", "a", "b"]
                .iter()
                .find_map(|kind| suffix.strip_prefix(kind))?;
            number(serial)?;
        }
        Some(Self {
            major,
            minor: minor.flatten(),
            patch: patch.flatten(),
            is_prerelease,
        })
    }
}

/// What follows a leading word and its dash.
fn after<'a>(text: &'a str, word: &str) -> &'a str {
    let rest = text.strip_prefix(word).unwrap_or(text);
    rest.strip_prefix('-').unwrap_or(rest)
}

/// Nothing, or one Debian codename; `None` for any other text.
fn codename(text: &str) -> Option<Option<&str>> {
    if text.is_empty() {
        return Some(None);
    }
    let is_known = debian::by_codename(text).is_some() || matches!(text, "forky" | "sid");
    is_known.then_some(Some(text))
}

//! Django series and the history of its settings.

use super::texts::Text;
use super::{Date, Series, find};

/// One `X.Y` of Django.
#[derive(Debug)]
pub(crate) struct DjangoSeries {
    pub series: Series,
    pub released: Date,
    /// The last day of security fixes.
    pub eol: Date,
    pub is_lts: bool,
    /// The oldest and newest Python its classifiers name, both included.
    pub python_min: Series,
    pub python_max: Series,
    /// The oldest PostgreSQL it talks to.
    pub postgres_min: Series,
    /// psycopg2 from this version on does not work with it.
    pub psycopg2_below: Option<&'static str>,
    /// The oldest psycopg2 that works with it, where that is a limit.
    pub psycopg2_from: Option<&'static str>,
    /// The oldest psycopg (3) that works with it; `None` where it knows only psycopg2.
    pub psycopg_from: Option<&'static str>,
    /// The first Python that it does not start on, and the distribution that changes that.
    pub fails_from: Option<Series>,
    pub unless: Option<&'static str>,
}

static SERIES: &[DjangoSeries] = include!(concat!(env!("OUT_DIR"), "/django.rs"));

/// A setting with a history.
#[derive(Debug)]
pub(crate) struct Setting {
    pub name: &'static str,
    /// From this series on it is silently ignored.
    pub removed: Option<Series>,
    /// What to set instead.
    pub replacement: Option<&'static str>,
}

static SETTINGS: &[Setting] = include!(concat!(env!("OUT_DIR"), "/django-settings.rs"));

/// Every series the table knows, oldest first.
#[must_use]
pub(crate) fn all() -> &'static [DjangoSeries] {
    SERIES
}

/// A series by number.
#[must_use]
pub(crate) fn series(wanted: Series) -> Option<&'static DjangoSeries> {
    SERIES
        .binary_search_by(|row| row.series.cmp(&wanted))
        .ok()
        .and_then(|index| SERIES.get(index))
}

/// The newest series with long-term support.
#[must_use]
pub(crate) fn lts(today: Date) -> Option<&'static DjangoSeries> {
    let is_lts = |row: &&DjangoSeries| row.is_lts && row.released <= today && !row.is_eol(today);
    SERIES.iter().rev().find(is_lts)
}

/// The history of a setting; `None` when it has none worth telling.
#[must_use]
pub(crate) fn setting(name: &str) -> Option<&'static Setting> {
    find(SETTINGS, name, |row| row.name)
}

impl DjangoSeries {
    #[must_use]
    pub(crate) fn is_eol(&self, today: Date) -> bool {
        self.eol < today
    }
}

impl Setting {
    /// It does nothing in that series any more.
    #[must_use]
    pub(crate) fn is_dead(&self, django: Series) -> bool {
        self.removed.is_some_and(|removed| removed <= django)
    }
}

#[derive(Debug)]
struct DriverRow {
    engine: &'static str,
    drivers: &'static [&'static str],
}

static DRIVERS: &[DriverRow] = include!(concat!(env!("OUT_DIR"), "/django-drivers.rs"));

/// Distributions of which a database engine of Django needs one; empty: none, or not known.
#[must_use]
pub(crate) fn drivers(engine: &str) -> &'static [&'static str] {
    find(DRIVERS, engine, |row| row.engine).map_or(&[], |row| row.drivers)
}

/// A release of a distribution that refuses newer series of Django.
#[derive(Debug)]
struct DjangoBound {
    name: Text,
    version: Text,
    below: Text,
}

static BOUNDS: &[DjangoBound] = include!(concat!(env!("OUT_DIR"), "/django-bounds.rs"));

/// The first Django that a release of a distribution refuses; `None` where that is not known.
#[must_use]
pub(crate) fn refused_by(name: &str, version: &str) -> Option<&'static str> {
    let start = BOUNDS.partition_point(|row| *row.name < *name);
    let mut rows = BOUNDS[start..].iter().take_while(|row| *row.name == *name);
    let row = rows.find(|row| *row.version == *version)?;
    Some(row.below.as_str())
}

//! Which releases of compiled distributions have Linux wheels for which Python.
//!
//! Knows the lists of files of PyPI; knows nothing of what compiling one takes.

use super::Series;
use super::images::Libc;

/// The releases of a distribution with wheels for one series of Python.
#[derive(Debug)]
pub struct WheelSpan {
    name: &'static str,
    python: Series,
    glibc: Option<&'static str>,
    glibc_until: Option<&'static str>,
    musl: Option<&'static str>,
    musl_until: Option<&'static str>,
}

static SPANS: &[WheelSpan] = include!(concat!(env!("OUT_DIR"), "/wheels.rs"));

/// The releases of a distribution with wheels, for every series of Python that has any; empty for one that the table
/// does not know.
#[must_use]
pub fn of(name: &str) -> &'static [WheelSpan] {
    let start = SPANS.partition_point(|row| row.name < name);
    let end = start + SPANS[start..].partition_point(|row| row.name == name);
    SPANS.get(start..end).unwrap_or(&[])
}

/// The releases with wheels for one series; `None` also where there is none.
#[must_use]
pub fn span(name: &str, python: Series) -> Option<&'static WheelSpan> {
    of(name).iter().find(|row| row.python == python)
}

impl WheelSpan {
    /// The first release from which on each has a wheel for glibc.
    #[must_use]
    pub fn first(&self) -> Option<&'static str> {
        self.glibc
    }

    /// The first and, where newer ones have none, the last release with a wheel for that C library.
    #[must_use]
    pub fn range(&self, libc: Libc) -> Option<(&'static str, Option<&'static str>)> {
        match libc {
            Libc::Glibc => Some((self.glibc?, self.glibc_until)),
            Libc::Musl => Some((self.musl?, self.musl_until)),
            Libc::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_one_distribution_stand_together() {
        assert!(SPANS.is_sorted_by(|a, b| a.name <= b.name));
        assert!(of("pillow").iter().all(|row| row.name == "pillow"));
        assert!(of("requests").is_empty() && of("zzz").is_empty());
    }

    #[test]
    fn releases_with_wheels() {
        let row = span("psycopg2-binary", Series(3, 12)).expect("it has wheels");
        assert_eq!(row.range(Libc::Glibc), Some(("2.9.9", None)));
        let row = span("psycopg2-binary", Series(3, 7)).expect("it has wheels");
        assert_eq!(row.range(Libc::Musl), Some(("2.9.3", Some("2.9.9"))));
        assert!(span("pillow", Series(2, 7)).is_none());
    }
}

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
    /// `first..last`, the last one open where the newest release is in it.
    glibc: &'static [&'static str],
    musl: &'static [&'static str],
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
    /// The runs of releases that have wheels for that C library, first and last; the last one is open.
    pub fn runs(
        &self,
        libc: Libc,
    ) -> impl Iterator<Item = (&'static str, Option<&'static str>)> + use<> {
        let runs = match libc {
            Libc::Glibc => self.glibc,
            Libc::Musl => self.musl,
            Libc::Unknown => &[],
        };
        runs.iter().filter_map(|run| {
            let (first, last) = run.split_once("..")?;
            Some((first, (!last.is_empty()).then_some(last)))
        })
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
        let runs = |name, python, libc| {
            let row = span(name, python).expect("it has wheels");
            row.runs(libc).collect::<Vec<_>>()
        };
        assert_eq!(
            runs("psycopg2-binary", Series(3, 12), Libc::Glibc),
            [("2.9.9", None)]
        );
        assert_eq!(
            runs("psycopg2-binary", Series(3, 7), Libc::Musl),
            [("2.9.3", Some("2.9.9"))]
        );
        assert!(span("pillow", Series(2, 7)).is_none());
    }
}

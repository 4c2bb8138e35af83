//! Which releases of compiled distributions have Linux wheels for which Python.
//!
//! Knows the lists of files of PyPI; knows nothing of what compiling one takes.

use super::Series;
use super::images::Libc;
use super::texts::{List, Text};

/// The releases of a distribution with wheels for one series of Python.
#[derive(Debug)]
pub(crate) struct WheelSpan {
    name: Text,
    pub(crate) python: Series,
    /// `first..last`, the last one open where the newest release is in it.
    glibc: List,
    musl: List,
}

static SPANS: &[WheelSpan] = include!(concat!(env!("OUT_DIR"), "/wheels.rs"));

/// The releases of a distribution with wheels, for every series of Python that has any; empty for one that the table
/// does not know.
#[must_use]
pub(crate) fn of(name: &str) -> &'static [WheelSpan] {
    let start = SPANS.partition_point(|row| *row.name < *name);
    let end = start + SPANS[start..].partition_point(|row| *row.name == *name);
    SPANS.get(start..end).unwrap_or(&[])
}

/// The releases with wheels for one series; `None` also where there is none.
#[must_use]
pub(crate) fn span(name: &str, python: Series) -> Option<&'static WheelSpan> {
    of(name).iter().find(|row| row.python == python)
}

impl WheelSpan {
    /// The runs of releases that have wheels for that C library, first and last; the last one is open.
    pub(crate) fn runs(
        &self,
        libc: Libc,
    ) -> impl Iterator<Item = (&'static str, Option<&'static str>)> + use<> {
        let runs = match libc {
            Libc::Glibc => self.glibc,
            Libc::Musl => self.musl,
            Libc::Unknown => List::EMPTY,
        };
        runs.into_iter().filter_map(|run| {
            let (first, last) = run.split_once("..")?;
            Some((first, (!last.is_empty()).then_some(last)))
        })
    }
}

/// Whether pip of a series takes a wheel, by its file name; false where the name does not say.
#[must_use]
pub(crate) fn is_taken(file: &str, python: Series, libc: Libc) -> bool {
    let Some(name) = file.strip_suffix(".whl") else {
        return false;
    };
    let mut parts = name.rsplit('-');
    let (Some(platform), Some(abi), Some(tags)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let prefix = match libc {
        Libc::Glibc => "manylinux",
        Libc::Musl => "musllinux",
        Libc::Unknown => "any",
    };
    let mut platforms = platform.split('.');
    if platform != "any" && !platforms.any(|one| one.starts_with(prefix)) {
        return false;
    }
    tags.split('.').any(|tag| {
        let (kind, version) = tag.split_at_checked(2).unwrap_or((tag, ""));
        let (major, minor) = version.split_at_checked(1).unwrap_or((version, ""));
        let minor = minor.parse::<u16>().ok();
        let is_major = major.parse::<u16>().ok() == Some(python.0);
        is_major
            && match kind {
                "py" => minor.is_none_or(|minor| minor <= python.1),
                "cp" if abi.split('.').any(|abi| abi == "abi3") => {
                    minor.is_some_and(|minor| minor <= python.1)
                }
                "cp" => minor == Some(python.1) && !abi.ends_with('t'),
                _ => false,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_one_distribution_stand_together() {
        assert!(SPANS.is_sorted_by(|a, b| *a.name <= *b.name));
        assert!(of("pillow").iter().all(|row| &*row.name == "pillow"));
        assert!(of("requests").is_empty() && of("zzz").is_empty());
    }

    #[test]
    fn wheels_by_their_names() {
        let taken = |name, minor, libc| is_taken(name, Series(3, minor), libc);
        assert!(taken("six-1.16.0-py2.py3-none-any.whl", 12, Libc::Musl));
        let native = "lxml-5.3.0-cp312-cp312-manylinux_2_28_x86_64.whl";
        assert!(taken(native, 12, Libc::Glibc));
        assert!(!taken(native, 13, Libc::Glibc) && !taken(native, 12, Libc::Musl));
        let abi3 = "cryptography-44.0.0-cp37-abi3-manylinux_2_28_x86_64.whl";
        assert!(taken(abi3, 13, Libc::Glibc) && !taken(abi3, 6, Libc::Glibc));
        let free = "lxml-6.0.0-cp313-cp313t-manylinux_2_28_x86_64.whl";
        assert!(!taken(free, 13, Libc::Glibc) && !taken("x.tar.gz", 13, Libc::Glibc));
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

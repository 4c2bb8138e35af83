//! What well-known PyPI distributions bring along.
//!
//! Knows what lock files of projects say; a distribution that it lacks may bring anything.

use super::texts::{List, Text};

/// What a distribution brings along.
#[derive(Debug)]
pub(crate) struct Dependencies {
    name: Text,
    /// The oldest release that this is known of.
    pub(crate) since: Text,
    brings: List,
    extras: List,
}

static ROWS: &[Dependencies] = include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));

/// What a distribution brings, by its normalised name; `None` where that is not known.
#[must_use]
pub(crate) fn of(name: &str) -> Option<&'static Dependencies> {
    let at = ROWS.binary_search_by(|row| (*row.name).cmp(name)).ok()?;
    ROWS.get(at)
}

impl Dependencies {
    /// What it may bring, and the first release that does so no more.
    pub(crate) fn brings(&self) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
        self.brings.iter().map(|text| match text.split_once('<') {
            Some((name, before)) => (name, Some(before)),
            None => (text, None),
        })
    }

    /// What one of its extras brings as well; `None` for one that the table does not have.
    pub(crate) fn extra(&self, name: &str) -> Option<impl Iterator<Item = &'static str>> {
        let of = |text: &'static str, name: &str| {
            let (extra, brings) = text.split_once('=')?;
            (extra == name).then_some(brings)
        };
        let all: Vec<&str> = self
            .extras
            .iter()
            .filter_map(|text| of(text, name))
            .collect();
        (!all.is_empty()).then(|| all.into_iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_closed() {
        assert!(ROWS.is_sorted_by(|a, b| *a.name < *b.name));
        for row in ROWS {
            for (name, _) in row.brings() {
                assert!(of(name).is_some(), "{}: {name}", &*row.name);
            }
        }
    }

    #[test]
    fn what_django_brings() {
        let django = of("django").expect("it is in the table");
        assert!(
            django
                .brings()
                .any(|(name, until)| name == "pytz" && until.is_some())
        );
        assert!(django.brings().any(|it| it == ("asgiref", None)));
        let extra = of("psycopg").and_then(|row| row.extra("binary"));
        assert_eq!(extra.map(Iterator::collect), Some(vec!["psycopg-binary"]));
        assert!(of("unheard-of").is_none());
    }
}

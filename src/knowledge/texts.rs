//! Texts of the tables, without pointers: a place in one string, a run of one list. The loader of a position
//! independent executable writes every pointer of static data at every start; these it leaves alone.

use std::fmt;
use std::ops::Deref;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A text of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    start: u32,
    length: u32,
}

impl Text {
    pub(crate) const fn at(start: u32, length: u32) -> Self {
        Self { start, length }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        let start = self.start as usize;
        let end = start + self.length as usize;
        TEXTS.get(start..end).unwrap_or_default()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Texts of a table in a row.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct List {
    start: u32,
    length: u32,
}

impl List {
    /// No text.
    pub const EMPTY: Self = Self::at(0, 0);

    pub(crate) const fn at(start: u32, length: u32) -> Self {
        Self { start, length }
    }

    fn texts(self) -> &'static [Text] {
        let start = self.start as usize;
        let end = start + self.length as usize;
        LISTS.get(start..end).unwrap_or_default()
    }

    pub fn iter(self) -> impl Iterator<Item = &'static str> + Clone {
        self.texts().iter().map(|text| text.as_str())
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.length == 0
    }

    #[must_use]
    pub fn contains(self, text: &str) -> bool {
        self.iter().any(|one| one == text)
    }

    /// A text of the list begins this one.
    #[must_use]
    pub fn begins(self, text: &str) -> bool {
        self.iter().any(|one| text.starts_with(one))
    }

    /// A text of the list ends this one.
    #[must_use]
    pub fn ends(self, text: &str) -> bool {
        self.iter().any(|one| text.ends_with(one))
    }

    /// A text of the list stands somewhere in this one.
    #[must_use]
    pub fn is_within(self, text: &str) -> bool {
        self.iter().any(|one| text.contains(one))
    }

    /// The same of a list that is sorted.
    #[must_use]
    pub(crate) fn find_sorted(self, text: &str) -> Option<&'static str> {
        let texts = self.texts();
        let found = texts.binary_search_by(|one| one.as_str().cmp(text)).ok()?;
        texts.get(found).map(|text| text.as_str())
    }
}

impl IntoIterator for List {
    type Item = &'static str;
    type IntoIter = std::iter::Map<std::slice::Iter<'static, Text>, fn(&Text) -> &'static str>;

    fn into_iter(self) -> Self::IntoIter {
        self.texts().iter().map(|text| text.as_str())
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.texts()).finish()
    }
}

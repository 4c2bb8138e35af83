//! TOML with places: tables by path, strings as traced text.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::span::{FileId, Span, Traced};

pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// A table and the file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a, 'i> {
    pub(crate) table: &'a DeTable<'i>,
    pub(crate) file: FileId,
    pub(crate) text: &'a str,
}

impl<'a, 'i> Table<'a, 'i> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value<'i>> {
        self.table.get(key)
    }

    pub(crate) fn inner(&self, table: &'a DeTable<'i>) -> Self {
        Self { table, ..*self }
    }

    /// The table at a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(*self, |table, key| {
            table.get(key)?.get_ref().as_table().map(|t| table.inner(t))
        })
    }

    /// Keys and values, in the order of the file.
    pub(crate) fn entries(&self) -> Vec<(Traced, &'a Value<'i>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                let span = self.span_of(key.span());
                (Traced::new(key.get_ref().to_string(), span), value)
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
    }

    pub(crate) fn str(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.get_ref().as_str()
    }

    pub(crate) fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.get_ref().as_bool()
    }

    /// The strings of an array; other elements are left out.
    pub(crate) fn strings(&self, key: &str) -> Vec<Traced> {
        self.array(key)
            .iter()
            .filter_map(|value| self.traced(value))
            .collect()
    }

    pub(crate) fn array(&self, key: &str) -> &'a [Value<'i>] {
        self.get(key)
            .and_then(|value| value.get_ref().as_array())
            .map_or(&[], |array| array)
    }

    pub(crate) fn span(&self, value: &Value<'_>) -> Span {
        self.span_of(value.span())
    }

    /// A string with the place of its characters, without quotes where it has no escapes.
    pub(crate) fn traced(&self, value: &Value<'_>) -> Option<Traced> {
        let content = value.get_ref().as_str()?;
        let range = value.span();
        let raw = self.text.get(range.clone()).unwrap_or("");
        let quotes = match raw.as_bytes() {
            [a, b, c, ..] if a == b && b == c && raw.len() >= 6 => 3,
            _ => 1,
        };
        let inner =
            range.start + quotes..range.end.saturating_sub(quotes).max(range.start + quotes);
        let span = if self.text.get(inner.clone()) == Some(content) {
            self.span_of(inner)
        } else {
            self.span_of(range)
        };
        Some(if content.is_empty() {
            Traced::empty(span)
        } else {
            Traced::new(content, span)
        })
    }

    fn span_of(&self, range: std::ops::Range<usize>) -> Span {
        let offset = |value| u32::try_from(value).unwrap_or(u32::MAX);
        Span::new(
            self.file,
            offset(range.start),
            offset(range.end.max(range.start)),
        )
    }
}

/// Reads a file; what was read before an error is kept.
pub(crate) fn with_table<R>(
    file: FileId,
    text: &str,
    read: impl FnOnce(Table<'_, '_>, Option<(Span, String)>) -> R,
) -> R {
    let (root, errors) = DeTable::parse_recoverable(text);
    let table = Table {
        table: root.get_ref(),
        file,
        text,
    };
    let error = errors.first().map(|error| {
        let span = table.span_of(error.span().unwrap_or(0..0));
        (span, error.message().to_owned())
    });
    read(table, error)
}

//! Fields of a command line while they are put together from pieces of words and values.
//!
//! Knows what splits a field and when it comes whole from one variable; knows no shell syntax.

use super::ast::Arg;
use crate::span::{Span, Traced};

/// Longest text a field or a value may grow to, in bytes: doubling a variable must not exhaust memory.
pub(super) const MAX_TEXT: usize = 64 * 1024;
/// Most pieces a text has; one put together from more is unknown.
const MAX_PIECES: usize = 512;

/// A field and what only the walk needs to know of it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) arg: Arg,
    /// It holds `*`, `?` or `[` outside quotes: the shell may put file names in its place.
    pub(super) has_glob: bool,
}

impl Field {
    /// A word that stands for itself.
    pub(super) fn literal(text: Traced) -> Self {
        let span = text.span();
        Self {
            arg: Arg {
                prefix: text.as_str().to_owned(),
                suffix: String::new(),
                span,
                word: span,
                is_quoted: false,
                text: Some(text),
            },
            has_glob: false,
        }
    }
}

/// Where the text of a field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Nothing,
    Word,
    /// One expansion of a variable, numbered.
    Variable(u32),
    Mixed,
}

/// The fields of one word.
#[derive(Debug)]
pub(super) struct Fields<'o> {
    /// Values are split into fields at white space; off in an assignment.
    splits: bool,
    word: Span,
    out: &'o mut Vec<Field>,
    first: usize,
    text: Traced,
    /// There is a field, if an empty one.
    is_started: bool,
    /// Known text before the first unknown piece.
    prefix: Option<String>,
    suffix: String,
    has_glob: bool,
    origin: Origin,
    expansions: u32,
    pub(super) is_quoted: bool,
}

impl<'o> Fields<'o> {
    pub(super) fn new(word: Span, splits: bool, out: &'o mut Vec<Field>) -> Self {
        Self {
            splits,
            word,
            first: out.len(),
            out,
            text: Traced::empty(word),
            is_started: false,
            prefix: None,
            suffix: String::new(),
            has_glob: false,
            origin: Origin::Nothing,
            expansions: 0,
            is_quoted: false,
        }
    }

    /// Quotes make a field even when nothing is in them.
    pub(super) fn quoted(&mut self) {
        self.is_quoted = true;
        self.is_started = true;
    }

    /// `"$@"` without arguments is no field, although it is quoted.
    pub(super) fn drop_empty(&mut self) {
        if self.origin == Origin::Nothing && self.prefix.is_none() {
            self.is_started = false;
        }
    }

    pub(super) fn glob(&mut self) {
        self.has_glob = true;
    }

    /// A part of the word itself.
    pub(super) fn slice(&mut self, text: &Traced, start: usize, end: usize) {
        if start < end {
            self.from(Origin::Word);
            self.append(text, start, end);
        }
    }

    /// Text that stands in the word for an escape at `span`.
    pub(super) fn escape(&mut self, text: &str, span: Span) {
        self.from(Origin::Word);
        if self.prefix.is_some() {
            self.suffix.push_str(text);
        } else {
            self.text.push(text, span);
        }
    }

    /// Text that was written nowhere: the number of arguments.
    pub(super) fn computed(&mut self, text: &str) {
        self.escape(text, self.word);
    }

    /// The value of a variable.
    pub(super) fn value(&mut self, value: &Traced, is_quoted: bool) {
        self.expansions += 1;
        let origin = Origin::Variable(self.expansions);
        if is_quoted || !self.splits {
            if !value.is_empty() {
                self.from(origin);
                self.append(value, 0, value.len());
            }
            return;
        }
        let text = value.as_str();
        let mut start = 0;
        for (at, _) in text.match_indices([' ', '\t', '\n']) {
            self.run(value, start, at, origin);
            self.end_field();
            start = at + 1;
        }
        self.run(value, start, text.len(), origin);
    }

    fn run(&mut self, value: &Traced, start: usize, end: usize, origin: Origin) {
        if start < end {
            if value.as_str()[start..end].contains(['*', '?', '[']) {
                self.has_glob = true;
            }
            self.from(origin);
            self.append(value, start, end);
        }
    }

    /// A piece nobody knows.
    pub(super) fn unknown(&mut self) {
        self.is_started = true;
        if self.prefix.is_none() {
            self.prefix = Some(self.text.as_str().to_owned());
        }
        self.suffix.clear();
    }

    /// The end of a field within the word.
    pub(super) fn end_field(&mut self) {
        if !self.is_started {
            return;
        }
        let text = std::mem::replace(&mut self.text, Traced::empty(self.word));
        let (text, prefix) = match self.prefix.take() {
            Some(prefix) => (None, prefix),
            None => {
                let prefix = text.as_str().to_owned();
                (Some(text), prefix)
            }
        };
        let span = match (&text, self.origin) {
            (Some(text), Origin::Variable(_)) if is_in_one_place(text) => text.span(),
            _ => self.word,
        };
        self.out.push(Field {
            arg: Arg {
                text,
                prefix,
                suffix: std::mem::take(&mut self.suffix),
                span,
                word: self.word,
                is_quoted: false,
            },
            has_glob: self.has_glob,
        });
        self.is_started = false;
        self.has_glob = false;
        self.origin = Origin::Nothing;
    }

    /// The end of the word.
    pub(super) fn finish(mut self) {
        self.end_field();
        if self.is_quoted {
            for field in self.out.iter_mut().skip(self.first) {
                field.arg.is_quoted = true;
            }
        }
    }

    fn from(&mut self, origin: Origin) {
        self.is_started = true;
        self.origin = match self.origin {
            Origin::Nothing => origin,
            same if same == origin => origin,
            _ => Origin::Mixed,
        };
    }

    fn append(&mut self, text: &Traced, start: usize, end: usize) {
        if self.prefix.is_some() {
            if self.suffix.len() < MAX_TEXT {
                self.suffix.push_str(&text.as_str()[start..end]);
            }
        } else if self.text.len() + (end - start) > MAX_TEXT
            || self.text.pieces().len() > MAX_PIECES
        {
            self.unknown();
        } else {
            self.text.push_slice(text, start..end);
        }
    }
}

/// The text stands as it is in a file, but for quotes and escapes. What is put together from several
/// places has none that a person could edit.
fn is_in_one_place(text: &Traced) -> bool {
    let mut spans = text.pieces().map(|(_, span)| span);
    let Some(mut last) = spans.next() else {
        return false;
    };
    spans.all(|span| {
        let adjoins = span.file == last.file && span.start == last.end;
        last = span;
        adjoins
    })
}

//! Places in files, and text that remembers where each of its bytes was written.
//!
//! A [`Span`] is a file and a byte range: lines and columns exist only in reporters. [`Traced`] is a
//! string assembled from such ranges: a logical line joined over continuations, the value of a
//! variable, a word after expansion. This module knows nothing of Dockerfiles or shells.

use std::borrow::Cow;
use std::ops::Range;

/// At most so many bytes of a text, and a sign that there were more.
#[must_use]
pub(crate) fn shorter(text: &str, most: usize) -> Cow<'_, str> {
    match text.get(..text.floor_char_boundary(most)) {
        Some(short) if short.len() < text.len() => Cow::Owned(format!("{short}…")),
        _ => Cow::Borrowed(text),
    }
}

/// A file known to [`crate::source::Sources`]. Ids are dense, from 0, in order of first reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// The position in the table of files.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A byte range of a file; `start == end` marks a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that contains it.
    pub file: FileId,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

impl Span {
    /// Byte offsets; `end` is behind the last byte.
    #[must_use]
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        debug_assert!(start <= end);
        Self { file, start, end }
    }

    /// The empty place before the byte `at`.
    #[must_use]
    pub fn point(file: FileId, at: u32) -> Self {
        Self::new(file, at, at)
    }

    /// In bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it is a place between two bytes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// To cut the text of its file with.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies within this span of the same file.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both; `self` when they are in different files.
    #[must_use]
    pub fn cover(self, other: Span) -> Span {
        if self.file == other.file {
            Span::new(
                self.file,
                self.start.min(other.start),
                self.end.max(other.end),
            )
        } else {
            self
        }
    }

    /// The part of `text` (the whole file) that this span names; empty when it does not fit.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// Text assembled from places in files.
///
/// Pieces lie one after the other and cover the whole text. An empty text keeps one piece, so that
/// it still has a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    text: String,
    /// Most texts have one piece; it needs no allocation.
    first: Piece,
    rest: Vec<Piece>,
}

/// `text[at..]`, up to the next piece, was written at `span`.
///
/// When the piece is as long as its span, its bytes correspond one to one; otherwise (an escape, a
/// default filled in) every byte of it stands for the whole span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    at: u32,
    span: Span,
}

impl Traced {
    /// `text` as it stands in the file at `span`.
    #[must_use]
    pub fn new(text: impl Into<String>, span: Span) -> Self {
        Self {
            text: text.into(),
            first: Piece { at: 0, span },
            rest: Vec::new(),
        }
    }

    /// No text, at the point where `span` begins.
    #[must_use]
    pub fn empty(span: Span) -> Self {
        Self::new(String::new(), Span::point(span.file, span.start))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// In bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends `text`, written at `span`. Adjoining verbatim pieces are merged.
    pub fn push(&mut self, text: &str, span: Span) {
        if text.is_empty() {
            return;
        }
        if self.text.is_empty() {
            self.first = Piece { at: 0, span };
            self.text.push_str(text);
            return;
        }
        let at = offset(self.text.len());
        let last = self.rest.last_mut().unwrap_or(&mut self.first);
        let last_is_verbatim = last.span.len() == at - last.at;
        let is_verbatim = span.len() as usize == text.len();
        let adjoins = last.span.file == span.file && last.span.end == span.start;
        if last_is_verbatim && is_verbatim && adjoins {
            last.span.end = span.end;
        } else {
            self.rest.push(Piece { at, span });
        }
        self.text.push_str(text);
    }

    /// Appends all of `other`, each piece where it was written.
    pub fn push_traced(&mut self, other: &Traced) {
        for (text, span) in other.pieces() {
            self.push(text, span);
        }
    }

    /// The pieces in order, with the place of each.
    pub fn pieces(&self) -> impl ExactSizeIterator<Item = (&str, Span)> {
        (0..self.rest.len() + 1).map(|index| {
            let piece = self.piece(index);
            (
                &self.text[piece.at as usize..self.piece_end(index)],
                piece.span,
            )
        })
    }

    /// Where the whole text was written: from its first piece to its last when these are in one
    /// file and in order, else its first piece.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span_of(0..self.text.len())
    }

    /// Where `range` of the text was written, as [`Traced::span`].
    #[must_use]
    pub fn span_of(&self, range: Range<usize>) -> Span {
        // A parser of others may count a byte too few: no place begins or ends inside of a character.
        let range =
            self.text.floor_char_boundary(range.start)..self.text.ceil_char_boundary(range.end);
        let first = self.piece_at(range.start);
        let start = self.place(first, range.start).start;
        let file = self.piece(first).span.file;
        if range.end <= range.start {
            return Span::point(file, start);
        }
        let last = self.piece_at(range.end - 1);
        let end_place = self.place(last, range.end - 1);
        if end_place.file == file && end_place.end >= start {
            Span::new(file, start, end_place.end)
        } else {
            self.piece(first).span
        }
    }

    /// A part of the text, each byte of it still knowing its place.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Traced {
        let is_verbatim = self.first.span.len() as usize == self.text.len();
        if self.rest.is_empty() && is_verbatim && range.start < range.end && range.end <= self.len()
        {
            let start = offset(range.start);
            let from = self.first.span.start;
            let span = Span::new(self.first.span.file, from + start, from + offset(range.end));
            return Traced::new(&self.text[range], span);
        }
        let mut out = Traced::empty(self.span_of(range.start..range.start));
        out.push_slice(self, range);
        out
    }

    /// Appends a part of `other`, each byte of it where it was written.
    pub fn push_slice(&mut self, other: &Traced, range: Range<usize>) {
        if range.end <= range.start {
            return;
        }
        let first = other.piece_at(range.start);
        for index in first..=other.rest.len() {
            let piece = other.piece(index);
            let piece_start = piece.at as usize;
            if piece_start >= range.end {
                break;
            }
            let piece_end = other.piece_end(index);
            let start = piece_start.max(range.start);
            let end = piece_end.min(range.end);
            let verbatim = piece.span.len() as usize == piece_end - piece_start;
            let span = if verbatim {
                let shift = offset(start - piece_start);
                let length = offset(end - start);
                Span::new(
                    piece.span.file,
                    piece.span.start + shift,
                    piece.span.start + shift + length,
                )
            } else {
                piece.span
            };
            self.push(&other.text[start..end], span);
        }
    }

    /// The text without leading and trailing white space.
    #[must_use]
    pub fn trim(&self) -> Traced {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len().max(start);
        self.slice(start..end)
    }

    /// The place of the byte at `at`, which piece `index` holds.
    fn place(&self, index: usize, at: usize) -> Span {
        let piece = self.piece(index);
        let length = self.piece_end(index) - piece.at as usize;
        if piece.span.len() as usize == length {
            let start = piece.span.start + offset(at - piece.at as usize);
            let stop = (start + 1).min(piece.span.end.max(start));
            Span::new(piece.span.file, start, stop)
        } else {
            piece.span
        }
    }

    fn piece(&self, index: usize) -> Piece {
        match index.checked_sub(1).and_then(|index| self.rest.get(index)) {
            Some(piece) => *piece,
            None => self.first,
        }
    }

    fn piece_end(&self, index: usize) -> usize {
        self.rest
            .get(index)
            .map_or(self.text.len(), |next| next.at as usize)
    }

    fn piece_at(&self, at: usize) -> usize {
        self.rest.partition_point(|piece| piece.at as usize <= at)
    }
}

impl std::fmt::Display for Traced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// File sizes are bounded well below 4 GiB by `source`, so offsets fit.
fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    fn joined() -> Traced {
        // "ab" at 0..2, a continuation at 2..4, "cd" at 4..6
        let mut text = Traced::new("ab", Span::new(FILE, 0, 2));
        text.push("cd", Span::new(FILE, 4, 6));
        text
    }

    #[test]
    fn a_span_over_a_continuation_covers_it() {
        assert_eq!(joined().span(), Span::new(FILE, 0, 6));
        assert_eq!(joined().span_of(1..3), Span::new(FILE, 1, 5));
        assert_eq!(joined().span_of(2..4), Span::new(FILE, 4, 6));
        assert_eq!(joined().span_of(2..2), Span::point(FILE, 4));
        assert_eq!(joined().span_of(4..4), Span::point(FILE, 6));
    }

    #[test]
    fn slices_keep_their_places() {
        let part = joined().slice(1..3);
        assert_eq!(part.as_str(), "bc");
        assert_eq!(part.span(), Span::new(FILE, 1, 5));
        let pieces: Vec<_> = part.pieces().map(|(t, s)| (t.to_owned(), s)).collect();
        assert_eq!(
            pieces,
            [
                ("b".to_owned(), Span::new(FILE, 1, 2)),
                ("c".to_owned(), Span::new(FILE, 4, 5))
            ]
        );
    }

    #[test]
    fn an_escape_stands_for_its_whole_place() {
        let mut text = Traced::new("a", Span::new(FILE, 0, 1));
        text.push("\"", Span::new(FILE, 1, 3));
        text.push("b", Span::new(FILE, 3, 4));
        assert_eq!(text.span_of(1..2), Span::new(FILE, 1, 3));
        assert_eq!(text.span(), Span::new(FILE, 0, 4));
        assert_eq!(text.trim().as_str(), "a\"b");
    }
}

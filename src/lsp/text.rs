//! Lines and columns as clients count them: in units of UTF-16, or in bytes where both sides agree on UTF-8.

use gen_lsp_types::{Position, Range};

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    #[default]
    Utf16,
}

/// Bytes at the beginning that a client does not see: editors show no byte order mark of a file that they open. What
/// stands in an open text is seen.
pub(super) fn hidden(text: &str, is_open: bool) -> usize {
    let mark = '\u{feff}';
    match !is_open && text.starts_with(mark) {
        true => mark.len_utf8(),
        false => 0,
    }
}

/// Where the lines of a text begin. A lone carriage return ends a line too.
#[derive(Debug)]
pub(super) struct Lines<T> {
    text: T,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<T: AsRef<str>> Lines<T> {
    pub(super) fn new(text: T, encoding: Encoding) -> Self {
        let bytes = text.as_ref().as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
        let starts = starts.collect();
        Self {
            text,
            starts,
            encoding,
        }
    }

    /// The place of a byte; one inside of a character is where that begins.
    pub(super) fn position(&self, offset: usize) -> Position {
        let text = self.text.as_ref();
        let at = text.floor_char_boundary(offset.min(text.len()));
        let line = self.starts.partition_point(|start| *start <= at) - 1;
        let before = &text[self.starts[line]..at];
        let column = match self.encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.encode_utf16().count(),
        };
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Position::new(number(line), number(column))
    }

    pub(super) fn range(&self, range: std::ops::Range<usize>) -> Range {
        Range::new(self.position(range.start), self.position(range.end))
    }

    /// The byte at a place; behind the end of a line it is the end, behind the last line that of the text.
    pub(super) fn offset(&self, position: Position) -> usize {
        let text = self.text.as_ref();
        let line = position.line as usize;
        let Some(start) = self.starts.get(line) else {
            return text.len();
        };
        let end = self.starts.get(line + 1).copied();
        let line = &text[*start..end.unwrap_or(text.len())];
        let line = line.trim_end_matches(['\r', '\n']);
        let column = position.character as usize;
        let within = match self.encoding {
            Encoding::Utf8 => line.floor_char_boundary(column.min(line.len())),
            Encoding::Utf16 => {
                let mut units = 0;
                let mut chars = line.char_indices();
                let found = chars.find(|(_, char)| {
                    units += char.len_utf16();
                    units > column
                });
                found.map_or(line.len(), |(at, _)| at)
            }
        };
        start + within
    }
}

/// Replaces a range of a text; one whose end comes before its beginning is taken the other way round.
pub(super) fn replace(text: &mut String, range: Range, by: &str, encoding: Encoding) {
    let lines = Lines::new(text.as_str(), encoding);
    let (a, b) = (lines.offset(range.start), lines.offset(range.end));
    text.replace_range(a.min(b)..a.max(b), by);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "aé🙂b\r\n\tc\rd\n\nlast";

    #[test]
    fn places_go_there_and_back_in_both_encodings() {
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            let lines = Lines::new(TEXT, encoding);
            for (at, char) in TEXT.char_indices() {
                let is_end = matches!(char, '\r' | '\n');
                if is_end && at > 0 && matches!(TEXT.as_bytes()[at - 1], b'\r' | b'\n') {
                    continue;
                }
                assert_eq!(
                    lines.offset(lines.position(at)),
                    at,
                    "{encoding:?} {char:?}"
                );
            }
        }
        let wide = Lines::new(TEXT, Encoding::Utf16);
        let end = TEXT.find('b').unwrap();
        assert_eq!(wide.position(end), Position::new(0, 4));
        assert_eq!(
            Lines::new(TEXT, Encoding::Utf8).position(end),
            Position::new(0, 7)
        );
        // In the middle of a character, behind a line, behind the text.
        assert_eq!(wide.offset(Position::new(0, 3)), 3);
        assert_eq!(wide.offset(Position::new(0, 99)), end + 1);
        assert_eq!(wide.offset(Position::new(99, 0)), TEXT.len());
        assert_eq!(wide.position(TEXT.find('d').unwrap()), Position::new(2, 0));
    }

    #[test]
    fn edits_are_applied() {
        let mut text = TEXT.to_owned();
        let range = Range::new(Position::new(0, 1), Position::new(0, 4));
        replace(&mut text, range, "x", Encoding::Utf16);
        assert_eq!(text, "axb\r\n\tc\rd\n\nlast");
        let backwards = Range::new(Position::new(9, 9), Position::new(1, 0));
        replace(&mut text, backwards, "", Encoding::Utf8);
        assert_eq!(text, "axb\r\n");
    }
}

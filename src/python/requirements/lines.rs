//! Lines of a requirements file as pip joins them: continuations, then comments.
//!
//! Knows nothing of what a line says.

use crate::span::{FileId, Span, Traced};

/// Logical lines without comments and surrounding blanks; empty ones are left out.
pub(super) fn logical_lines(file: FileId, text: &str) -> Vec<Traced> {
    let mut lines = Vec::new();
    let mut open: Option<Traced> = None;
    let mut start = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    while start < text.len() {
        let rest = &text[start..];
        let length = rest.find('\n').unwrap_or(rest.len());
        let next = start + length + 1;
        let physical = rest[..length].trim_end_matches('\r');
        let is_comment = physical.trim_start().starts_with('#');
        let continues = !is_comment && physical.ends_with('\\');
        let kept = if continues {
            &physical[..physical.len() - 1]
        } else {
            physical
        };
        let line = open.get_or_insert_with(|| Traced::empty(span(file, start, start)));
        if !is_comment {
            line.push(kept, span(file, start, start + kept.len()));
        }
        if !continues && let Some(line) = open.take() {
            finish(&line, &mut lines);
        }
        start = next;
    }
    if let Some(line) = open {
        finish(&line, &mut lines);
    }
    lines
}

fn finish(line: &Traced, lines: &mut Vec<Traced>) {
    let end = comment_start(line.as_str());
    let kept = line.slice(0..end).trim();
    if !kept.is_empty() {
        lines.push(kept);
    }
}

/// A `#` begins a comment at the start of the line or after a blank.
fn comment_start(text: &str) -> usize {
    let bytes = text.as_bytes();
    let starts =
        |at: &usize| bytes[*at] == b'#' && (*at == 0 || bytes[at - 1].is_ascii_whitespace());
    (0..bytes.len()).find(starts).unwrap_or(text.len())
}

/// Words of a line of options: quotes group, blanks and `=` of a long option separate.
pub(super) fn words(line: &Traced) -> Vec<Traced> {
    let text = line.as_str();
    let mut words = Vec::new();
    let mut word: Option<Traced> = None;
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices() {
        let one = at..at + c.len_utf8();
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_with(|| Traced::empty(line.span_of(one.clone())));
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => {
                let place = line.span_of(one.clone());
                word.get_or_insert_with(|| Traced::empty(place))
                    .push(&text[one], place);
            }
        }
    }
    words.extend(word);
    words
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |value| u32::try_from(value).unwrap_or(u32::MAX);
    Span::new(file, offset(start), offset(end))
}

//! Splitting one logical line: keyword, flags, words.
//!
//! Works on a [`Traced`] line and byte ranges of it, so that every word knows its place. Knows
//! nothing of single instructions.

use std::ops::Range;

use super::ast::Flag;
use crate::span::Traced;

/// The white space BuildKit splits at: not all of Unicode's.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

/// `range` without white space (Unicode's) at both ends.
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    start..end
}

/// The first word of `range`, and what follows the blanks after it.
pub(super) fn split_first(text: &str, range: Range<usize>) -> (Range<usize>, Range<usize>) {
    let bytes = &text.as_bytes()[range.clone()];
    let length = bytes
        .iter()
        .position(|b| is_blank(*b))
        .unwrap_or(bytes.len());
    let gap = bytes[length..].iter().take_while(|b| is_blank(**b)).count();
    let word = range.start..range.start + length;
    (word, range.start + length + gap..range.end)
}

/// Words between runs of blanks; quotes mean nothing.
pub(super) fn split_blanks(line: &Traced, range: Range<usize>) -> Vec<Traced> {
    let text = line.as_str();
    let mut words = Vec::new();
    let mut rest = range;
    while !rest.is_empty() {
        let (word, after) = split_first(text, rest);
        words.push(line.slice(word));
        rest = after;
    }
    words
}

/// Words as ENV, LABEL and ARG have them: quotes and escapes keep blanks, and stay in the word.
pub(super) fn split_quoted(text: &str, range: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut chars = text[range.clone()].char_indices().peekable();
    let base = range.start;
    let end = range.end;
    while let Some(&(at, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let start = base + at;
        let mut stop = end;
        let mut quote = None;
        while let Some(&(at, c)) = chars.peek() {
            if quote.is_none() && c.is_whitespace() {
                stop = base + at;
                break;
            }
            chars.next();
            if quote == Some(c) {
                quote = None;
            } else if quote.is_none() && matches!(c, '\'' | '"') {
                quote = Some(c);
            } else if c == escape && quote != Some('\'') && chars.next().is_none() {
                // An escape at the very end is dropped.
                stop = base + at;
            }
        }
        if stop > start {
            words.push(start..stop);
        }
    }
    words
}

/// Reads the flags at the start of `range`; gives them and what follows.
///
/// Quotes and escapes in them are removed; a lone `--` ends them and is dropped. BuildKit goes byte
/// by byte here, so of white space beyond ASCII none comes before a flag, and a character with one
/// of [`BYTE_BLANKS`] in it ends one.
pub(super) fn flags(line: &Traced, range: Range<usize>, escape: char) -> (Vec<Flag>, Range<usize>) {
    let text = line.as_str();
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        let rest = &text[at..range.end];
        at += rest.bytes().take_while(|b| is_byte_blank(*b)).count();
        if !text[at..range.end].starts_with("--") {
            return (flags, at..range.end);
        }
        let (word, end) = unquoted_word(line, at..range.end, escape);
        if word.as_str() == "--" {
            return (flags, end..range.end);
        }
        flags.push(flag(line, at..end, &word));
        at = end;
    }
}

fn flag(line: &Traced, range: Range<usize>, word: &Traced) -> Flag {
    let text = word.as_str();
    // The two dashes are there: a word is read only where they stand.
    let name_start = text.len().min(2);
    let equals = text.find('=');
    Flag {
        name: word.slice(name_start..equals.unwrap_or(text.len())),
        value: equals.map(|at| word.slice(at + 1..text.len())),
        span: line.span_of(range),
    }
}

/// One word with quotes and escapes removed, and where it ends.
fn unquoted_word(line: &Traced, range: Range<usize>, escape: char) -> (Traced, usize) {
    let text = line.as_str();
    let mut word = line.slice(range.start..range.start);
    let mut quote = None;
    let mut run = range.start;
    let mut chars = text[range.clone()].char_indices();
    let mut end = range.end;
    while let Some((offset, c)) = chars.next() {
        let at = range.start + offset;
        if quote.is_none() {
            if c.is_ascii() && is_byte_blank(c as u8) {
                end = at;
                break;
            }
            if has_byte_blank(c) {
                end = at + c.len_utf8();
                break;
            }
        }
        let is_quote = quote == Some(c) || (quote.is_none() && matches!(c, '\'' | '"'));
        if !is_quote && c != escape {
            continue;
        }
        word.push_traced(&line.slice(run..at));
        run = at + c.len_utf8();
        if is_quote {
            quote = if quote.is_none() { Some(c) } else { None };
        } else {
            chars.next();
        }
    }
    if run == range.start {
        return (line.slice(run..end), end);
    }
    word.push_traced(&line.slice(run.min(end)..end));
    (word, end)
}

/// Bytes that are white space to BuildKit when they stand in the middle of a character.
pub(super) const BYTE_BLANKS: [u8; 2] = [0x85, 0xa0];

fn is_byte_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ')
}

/// Whether a character has a byte in it that BuildKit takes for white space.
pub(super) fn has_byte_blank(c: char) -> bool {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    !c.is_ascii() && bytes.into_iter().any(|b| BYTE_BLANKS.contains(&b))
}

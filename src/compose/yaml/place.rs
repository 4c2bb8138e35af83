//! Where YAML values stand in their file: the parser counts characters, spans count bytes.

use crate::span::{Span, Traced};

/// Characters to bytes.
pub(super) struct Offsets {
    /// Byte of every 64th character; empty when all characters are single bytes.
    steps: Vec<u32>,
    text_len: usize,
    /// Bytes before the body.
    pub(super) shift: usize,
    text: String,
}

impl Offsets {
    pub(super) fn new(text: &str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let steps = if body.is_ascii() {
            Vec::new()
        } else {
            let every = body.char_indices().step_by(64);
            every
                .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        };
        let text = if steps.is_empty() {
            String::new()
        } else {
            body.to_owned()
        };
        Self {
            steps,
            text_len: body.len(),
            shift: 0,
            text,
        }
    }

    /// The byte of the file at which a character of the body begins.
    pub(super) fn byte(&self, index: usize) -> u32 {
        let at = if self.steps.is_empty() {
            index.min(self.text_len)
        } else {
            match self.steps.get(index / 64) {
                None => self.text_len,
                Some(start) => {
                    let rest = &self.text[*start as usize..];
                    let inner = rest.char_indices().nth(index % 64);
                    *start as usize + inner.map_or(rest.len(), |(at, _)| at)
                }
            }
        };
        u32::try_from(at + self.shift).unwrap_or(u32::MAX)
    }
}

/// Finds the words of a value in the bytes it was written as, in order.
pub(super) fn align(value: &str, span: Span, text: &str) -> Traced {
    let raw = span.slice(text);
    if raw == value {
        return Traced::new(value, span);
    }
    let mut out = Traced::empty(span);
    let mut at = 0;
    let mut done = 0;
    let place = |from: usize, to: usize| {
        let byte = |at: usize| span.start + u32::try_from(at).unwrap_or(0);
        Span::new(span.file, byte(from), byte(to))
    };
    for word in value.split_whitespace() {
        let start = word.as_ptr() as usize - value.as_ptr() as usize;
        let Some(found) = raw[at..].find(word).map(|found| at + found) else {
            break;
        };
        let blanks = &value[done..start];
        if !blanks.is_empty() {
            out.push(blanks, place(at, found));
        }
        out.push(word, place(found, found + word.len()));
        at = found + word.len();
        done = start + word.len();
    }
    if done < value.len() {
        out.push(&value[done..], place(at, raw.len()));
    }
    if out.is_empty() {
        return Traced::new("", Span::point(span.file, span.start));
    }
    out
}

//! JSON arrays of strings, as the exec form has them.
//!
//! Every string keeps the place of each of its characters. What is no array of strings is told
//! apart: broken JSON is the shell form, an element of another type is an error.

use std::ops::Range;

use crate::span::{Span, Traced};

/// What stands in the arguments.
pub(super) enum Array {
    Strings(Vec<Traced>),
    /// Well-formed, but this element is no string.
    NotStrings(Span),
    /// Not JSON: to be read in the other form.
    NotJson,
}

/// Reads `range` of `line` as a JSON array.
pub(super) fn array(line: &Traced, range: Range<usize>) -> Array {
    let text = &line.as_str()[range.clone()];
    if !text.trim_start().starts_with('[') {
        return Array::NotJson;
    }
    let base = range.end - text.trim_start().len();
    let mut reader = Reader {
        line,
        text: &line.as_str()[..range.end],
        at: base + 1,
    };
    match reader.elements() {
        Ok(strings) => Array::Strings(strings),
        Err(Stop::Broken) => Array::NotJson,
        Err(Stop::OtherType(at)) => {
            let json = &reader.text[base..];
            match serde_json::from_str::<Vec<serde::de::IgnoredAny>>(json) {
                Ok(_) if !has_huge_number(json) => {
                    Array::NotStrings(line.span_of(at..reader.value_end(at)))
                }
                _ => Array::NotJson,
            }
        }
    }
}

/// Whether well-formed JSON has a number that Go cannot hold: it refuses such JSON altogether.
fn has_huge_number(json: &str) -> bool {
    let mut rest = json;
    while let Some(at) = rest.find(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        rest = &rest[at..];
        if let Some(string) = rest.strip_prefix('"') {
            let mut is_escaped = false;
            let end = string.find(|c| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            rest = end.map_or("", |end| &string[end + 1..]);
            continue;
        }
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if rest[..length].parse::<f64>().is_ok_and(f64::is_infinite) {
            return true;
        }
        rest = &rest[length..];
    }
    false
}

enum Stop {
    Broken,
    OtherType(usize),
}

struct Reader<'a> {
    line: &'a Traced,
    /// The line up to the end of the arguments.
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn elements(&mut self) -> Result<Vec<Traced>, Stop> {
        let mut strings = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            self.finish()?;
            return Ok(strings);
        }
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'"') => strings.push(self.string()?),
                Some(_) => return Err(Stop::OtherType(self.at)),
                None => return Err(Stop::Broken),
            }
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    self.finish()?;
                    return Ok(strings);
                }
                _ => return Err(Stop::Broken),
            }
        }
    }

    /// Nothing may follow the array.
    fn finish(&mut self) -> Result<(), Stop> {
        self.skip_blanks();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }

    fn string(&mut self) -> Result<Traced, Stop> {
        self.at += 1;
        let mut run = self.at;
        let mut out: Option<Traced> = None;
        loop {
            match self.peek().ok_or(Stop::Broken)? {
                b'"' => {
                    let last = self.line.slice(run..self.at);
                    self.at += 1;
                    return Ok(match out {
                        None => last,
                        Some(mut out) => {
                            out.push_traced(&last);
                            out
                        }
                    });
                }
                b'\\' => {
                    let piece = self.line.slice(run..self.at);
                    let out = out.get_or_insert_with(|| Traced::empty(piece.span()));
                    out.push_traced(&piece);
                    let start = self.at;
                    let c = self.escape()?;
                    let span = self.line.span_of(start..self.at);
                    out.push(c.encode_utf8(&mut [0; 4]), span);
                    run = self.at;
                }
                0..=0x1f => return Err(Stop::Broken),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        self.at += 1;
        let kind = self.peek().ok_or(Stop::Broken)?;
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(Stop::Broken),
        })
    }

    /// After `\u`. Half a surrogate pair becomes U+FFFD.
    fn unicode(&mut self) -> Result<char, Stop> {
        let first = self.hex()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        let before = self.at;
        if first < 0xdc00 && self.text[before..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, Stop> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Stop::Broken)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Stop::Broken);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Stop::Broken)
    }

    /// Where the element at `start` ends.
    fn value_end(&self, start: usize) -> usize {
        let rest = serde_json::Deserializer::from_str(&self.text[start..]);
        let mut values = rest.into_iter::<serde::de::IgnoredAny>();
        let _ = values.next();
        start + values.byte_offset()
    }
}

//! Dotenv files: `.env` beside a compose file, and what `env_file` names.

use super::model::Pair;
use super::text::{Dialect, Lookup, Text};
use super::yaml::{Scalar, Style};
use crate::span::{FileId, Span, Traced};

/// Lines read of one file.
const MAX_LINES: usize = 5_000;

/// Reads a dotenv file by compose's rules: `export`, comments, quotes, values over several lines,
/// variables of earlier lines. `outer` knows variables from elsewhere. The last line of a name wins.
#[must_use]
pub(crate) fn parse(file: FileId, text: &str, outer: &Lookup<'_>) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut cursor = Cursor { file, text, at: 0 };
    if text.starts_with('\u{feff}') {
        cursor.at = '\u{feff}'.len_utf8();
    }
    for _ in 0..MAX_LINES {
        if cursor.at >= text.len() {
            break;
        }
        let Some((key, value)) = cursor.line() else {
            continue;
        };
        let lookup = |name: &str| {
            let earlier = pairs.iter().rev().find(|pair| pair.key.as_str() == name);
            match earlier {
                Some(pair) => pair.value.as_ref()?.value.clone(),
                None => outer(name),
            }
        };
        let value = value.map(|(scalar, is_expanded)| {
            if is_expanded {
                Text::new(scalar, Dialect::Dotenv, &lookup)
            } else {
                Text::verbatim(scalar)
            }
        });
        pairs.push(Pair { key, value });
    }
    pairs
}

/// The first line at which compose stops reading, and why.
#[must_use]
pub(crate) fn refused(file: FileId, text: &str) -> Option<(Span, String)> {
    let mut cursor = Cursor { file, text, at: 0 };
    if text.starts_with('\u{feff}') {
        cursor.at = '\u{feff}'.len_utf8();
    }
    for _ in 0..MAX_LINES {
        let start = cursor.at;
        if start >= text.len() {
            break;
        }
        cursor.line();
        let line = text[start..].lines().next().unwrap_or_default();
        let body = line.trim();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let body = body.strip_prefix("export ").map_or(body, str::trim_start);
        let name = body.split(['=', ':']).next().unwrap_or(body);
        let is_name = |c: char| c.is_alphanumeric() || "_.-[] \t".contains(c);
        let odd = name.chars().find(|c| !is_name(*c));
        let has_blank = name.trim().contains(' ');
        let message = match odd {
            Some(odd) => {
                format!("compose stops reading here: {odd:?} is not allowed in a variable's name")
            }
            None if has_blank => {
                "compose stops reading here: a variable's name cannot contain spaces".to_owned()
            }
            None => continue,
        };
        let end = start + line.trim_end().len();
        return Some((cursor.span(start, end), message));
    }
    None
}

struct Cursor<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, byte(start), byte(end))
    }

    /// One assignment; the value says whether variables in it are expanded.
    fn line(&mut self) -> Option<(Traced, Option<(Scalar, bool)>)> {
        let start = self.at;
        let line_end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |at| start + at);
        self.at = (line_end + 1).min(self.text.len().max(line_end));
        let line = &self.text[start..line_end];
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return None;
        }
        let mut key_start = start + (line.len() - trimmed.len());
        if let Some(rest) = trimmed.strip_prefix("export ") {
            key_start = line_end - rest.trim_start().len();
        }
        let rest = &self.text[key_start..line_end];
        let Some(equals) = rest.find(['=', ':']) else {
            let name = rest.trim_end();
            let span = self.span(key_start, key_start + name.len());
            return is_name(name).then(|| (Traced::new(name, span), None));
        };
        let name = rest[..equals].trim_end();
        if !is_name(name) {
            return None;
        }
        let key = Traced::new(name, self.span(key_start, key_start + name.len()));
        let after = &rest[equals + 1..];
        let value_start = key_start + equals + 1 + (after.len() - after.trim_start().len());
        let value = match self.text.as_bytes().get(value_start) {
            Some(quote @ (b'"' | b'\'')) if value_start < line_end => {
                self.quoted(value_start, *quote)
            }
            _ => self.bare(value_start.min(line_end), line_end),
        };
        Some((key, Some(value)))
    }

    fn bare(&self, start: usize, end: usize) -> (Scalar, bool) {
        let raw = &self.text[start..end];
        let comment = raw
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| *at == 0 || raw[..*at].ends_with([' ', '\t']));
        let value = raw[..comment.unwrap_or(raw.len())].trim_end();
        (
            self.scalar(value, start, start + value.len(), Style::Plain),
            true,
        )
    }

    /// A quoted value, over several lines where it is; without the closing quote it ends with the line.
    fn quoted(&mut self, start: usize, quote: u8) -> (Scalar, bool) {
        let body = start + 1;
        let bytes = self.text.as_bytes();
        let mut end = body;
        let mut is_escape = false;
        while let Some(byte) = bytes.get(end) {
            if is_escape {
                is_escape = false;
            } else if *byte == b'\\' && quote == b'"' {
                is_escape = true;
            } else if *byte == quote {
                break;
            }
            end += 1;
        }
        if end >= bytes.len() {
            let line_end = self.text[start..]
                .find('\n')
                .map_or(self.text.len(), |at| start + at);
            return self.bare(start, line_end);
        }
        let after = &self.text[end + 1..];
        self.at = after
            .find('\n')
            .map_or(self.text.len(), |at| end + 1 + at + 1);
        let style = if quote == b'"' {
            Style::Double
        } else {
            Style::Single
        };
        let mut scalar = self.scalar(&self.text[body..end], body, end, style);
        scalar.span = self.span(start, end + 1);
        if quote == b'"' {
            scalar.text = unescape(&scalar.text);
        }
        (scalar, quote == b'"')
    }

    fn scalar(&self, value: &str, start: usize, end: usize, style: Style) -> Scalar {
        let span = self.span(start, end);
        Scalar {
            text: Traced::new(value, span),
            style,
            span,
        }
    }
}

fn unescape(text: &Traced) -> Traced {
    let raw = text.as_str();
    let mut out = Traced::empty(text.span());
    let mut at = 0;
    while let Some(found) = raw[at..].find('\\') {
        let slash = at + found;
        out.push_traced(&text.slice(at..slash));
        let next = raw[slash + 1..].chars().next();
        let len = next.map_or(0, char::len_utf8);
        let span = text.span_of(slash..slash + 1 + len);
        match next {
            Some('n') => out.push("\n", span),
            Some('r') => out.push("\r", span),
            Some('t') => out.push("\t", span),
            Some('"' | '\\' | '$') => out.push_traced(&text.slice(slash + 1..slash + 2)),
            _ => out.push_traced(&text.slice(slash..slash + 1 + len)),
        }
        at = slash + 1 + len;
    }
    out.push_traced(&text.slice(at..raw.len()));
    out
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

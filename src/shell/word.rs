//! Words as fields: quotes, escapes, expansions.
//!
//! Reads the raw text of a word as the shell does and looks variables up. Commands inside `$(...)`
//! are walked elsewhere; here their output is unknown.

use std::ops::Range;

use super::Dialect;
use super::environment::Value;
use super::expander::Expander;
use super::field::{Field, Fields};
use super::scan;
use crate::span::Traced;

/// Deepest nesting of `${a:-${b:-...}}` that is read.
const MAX_NESTING: u32 = 12;

impl Expander<'_, '_> {
    /// The fields of the word at `range` of `text`.
    pub(super) fn fields(&mut self, text: &Traced, range: Range<usize>, out: &mut Vec<Field>) {
        let Some(raw) = text.as_str().get(range.clone()) else {
            return;
        };
        if raw.bytes().all(is_ordinary) && !raw.is_empty() {
            out.push(Field::literal(text.slice(range)));
            return;
        }
        if self.dialect == Dialect::Bash && raw.contains('{') {
            let word = text.span_of(range.clone());
            if let Some(words) = super::brace::expand(text, range.clone()) {
                for expanded in words {
                    let first = out.len();
                    self.one(&expanded, 0..expanded.len(), true, out);
                    for field in &mut out[first..] {
                        field.arg.span = word;
                        field.arg.word = word;
                    }
                }
                return;
            }
        }
        self.one(text, range, true, out);
    }

    /// The word at `range` as the value of an assignment: never split. `None` when not known.
    pub(super) fn value(&mut self, text: &Traced, range: Range<usize>) -> Option<Traced> {
        let mut out = Vec::new();
        self.one(text, range.clone(), false, &mut out);
        let mut out = out.into_iter();
        match (out.next(), out.next()) {
            (None, _) => Some(Traced::empty(text.span_of(range))),
            (Some(field), None) => field.arg.text,
            _ => None,
        }
    }

    fn one(&mut self, text: &Traced, range: Range<usize>, splits: bool, out: &mut Vec<Field>) {
        if text.as_str().get(range.clone()).is_none() {
            return;
        }
        let mut fields = Fields::new(text.span_of(range.clone()), splits, out);
        self.unquoted(text, range, &mut fields);
        fields.finish();
    }

    pub(super) fn unquoted(&mut self, text: &Traced, range: Range<usize>, out: &mut Fields<'_>) {
        let source = text.as_str();
        let bytes = source.as_bytes();
        let end = range.end.min(bytes.len());
        let mut at = range.start;
        let mut start = at;
        while at < end {
            let next = match bytes[at] {
                b'\\' => {
                    out.slice(text, start, at);
                    self.escape(text, at, end, out)
                }
                b'\'' => {
                    out.slice(text, start, at);
                    out.quoted();
                    let close = scan::find(source, at + 1..end, b'\'').unwrap_or(end);
                    out.slice(text, at + 1, close);
                    (close + 1).min(end)
                }
                b'"' => {
                    out.slice(text, start, at);
                    out.quoted();
                    let close = scan::double_quoted(source, at + 1, end);
                    self.double_quoted(text, at + 1..close, out);
                    (close + 1).min(end)
                }
                b'$' => match self.dollar(text, at, end, false, out, start) {
                    Some(next) => next,
                    None => {
                        at += 1;
                        continue;
                    }
                },
                b'`' => {
                    out.slice(text, start, at);
                    out.unknown();
                    scan::backticks(source, at, end)
                }
                b'<' | b'>' if bytes.get(at + 1) == Some(&b'(') => {
                    out.slice(text, start, at);
                    out.unknown();
                    scan::parentheses(source, at + 1, end)
                }
                byte => {
                    if matches!(byte, b'*' | b'?' | b'[') {
                        out.glob();
                    }
                    at += 1;
                    continue;
                }
            };
            at = next.max(at + 1).min(end);
            start = at;
        }
        out.slice(text, start.min(end), end);
    }

    pub(super) fn double_quoted(
        &mut self,
        text: &Traced,
        range: Range<usize>,
        out: &mut Fields<'_>,
    ) {
        let source = text.as_str();
        let bytes = source.as_bytes();
        let end = range.end.min(bytes.len());
        let mut at = range.start;
        let mut start = at;
        while at < end {
            let next = match bytes[at] {
                b'\\' if at + 1 < end => {
                    if !matches!(bytes[at + 1], b'$' | b'`' | b'"' | b'\\' | b'\n') {
                        at += 1;
                        continue;
                    }
                    out.slice(text, start, at);
                    self.escape(text, at, end, out)
                }
                b'$' => match self.dollar(text, at, end, true, out, start) {
                    Some(next) => next,
                    None => {
                        at += 1;
                        continue;
                    }
                },
                b'`' => {
                    out.slice(text, start, at);
                    out.unknown();
                    scan::backticks(source, at, end)
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            at = next.max(at + 1).min(end);
            start = at;
        }
        out.slice(text, start.min(end), end);
    }

    /// A backslash at `at`; returns where it ends.
    fn escape(&mut self, text: &Traced, at: usize, end: usize, out: &mut Fields<'_>) -> usize {
        let Some(escaped) = text.as_str()[at + 1..end].chars().next() else {
            out.slice(text, at, end);
            return end;
        };
        let next = at + 1 + escaped.len_utf8();
        if escaped == '\n' {
            return next;
        }
        if self.in_backticks && matches!(escaped, '$' | '`' | '\\') {
            out.unknown();
        } else {
            out.quoted();
            out.escape(&text.as_str()[at + 1..next], text.span_of(at..next));
        }
        next
    }

    /// A `$` at `at`; `None` when it means itself. The literal before it began at `start`.
    fn dollar(
        &mut self,
        text: &Traced,
        at: usize,
        end: usize,
        is_quoted: bool,
        out: &mut Fields<'_>,
        start: usize,
    ) -> Option<usize> {
        let source = text.as_str();
        let bytes = source.as_bytes();
        let after = at + 1;
        let first = *bytes.get(after).filter(|_| after < end)?;
        match first {
            b'(' => {
                out.slice(text, start, at);
                out.unknown();
                let stop = scan::parentheses(source, after, end);
                if let Some(name) = sought(source, after + 1..stop.saturating_sub(1)) {
                    let found = format!("/{}", &source[name.clone()]);
                    out.escape(&found, text.span_of(name));
                }
                Some(stop)
            }
            b'{' => {
                out.slice(text, start, at);
                let close = scan::braces(source, after, end);
                if self.depth >= MAX_NESTING {
                    out.unknown();
                } else {
                    self.depth += 1;
                    self.parameter(text, after + 1..close, is_quoted, out);
                    self.depth -= 1;
                }
                Some((close + 1).min(end))
            }
            b'\'' if !is_quoted && self.dialect != Dialect::Posix => {
                out.slice(text, start, at);
                out.quoted();
                Some(ansi_c(text, after + 1, end, out))
            }
            b'"' if !is_quoted && self.dialect == Dialect::Bash => {
                // A text to be translated: the quotes that follow are read as usual.
                out.slice(text, start, at);
                Some(after)
            }
            _ => {
                let stop = scan::name(bytes, after, end)?;
                out.slice(text, start, at);
                self.variable(&source[after..stop], is_quoted, out);
                Some(stop)
            }
        }
    }

    /// `$name`, also of special parameters.
    pub(super) fn variable(&mut self, name: &str, is_quoted: bool, out: &mut Fields<'_>) {
        if name == "#" && self.args.is_closed() {
            out.computed(&self.args.known.len().to_string());
            return;
        }
        if name == "@" || name == "*" {
            self.all_args(name == "@", is_quoted, out);
            return;
        }
        let value = self.lookup(name);
        self.put(&value, is_quoted, out);
    }

    fn all_args(&mut self, is_separate: bool, is_quoted: bool, out: &mut Fields<'_>) {
        let args = self.args;
        if !is_separate && is_quoted && (args.known.len() > 1 || !args.is_closed()) {
            out.unknown();
            return;
        }
        for (i, arg) in args.known.iter().enumerate() {
            if i > 0 {
                out.end_field();
            }
            if is_quoted {
                out.quoted();
            }
            out.value(arg, is_quoted);
        }
        if args.is_closed() {
            if args.known.is_empty() && is_quoted {
                out.drop_empty();
            }
            return;
        }
        if !args.known.is_empty() {
            out.end_field();
        }
        out.unknown();
    }

    /// The value of a variable or a positional parameter.
    pub(super) fn lookup(&mut self, name: &str) -> Value {
        match name.as_bytes().first() {
            Some(b'1'..=b'9') => name.parse().map_or(Value::Unknown, |n| self.args.get(n)),
            Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {
                self.environment.get(name)
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn put(&mut self, value: &Value, is_quoted: bool, out: &mut Fields<'_>) {
        match value {
            Value::Known(text) => {
                if self.has_own_separators && !is_quoted && !is_plain(text.as_str()) {
                    out.unknown();
                } else {
                    out.value(text, is_quoted);
                }
            }
            Value::List(items) => {
                if let Some(first) = items.first() {
                    out.value(first, is_quoted);
                }
            }
            Value::Unset => {}
            Value::Unknown => out.unknown(),
        }
    }
}

/// The program whose path a substitution asks for: `command -v gunicorn`, `which gunicorn`.
fn sought(source: &str, inside: Range<usize>) -> Option<Range<usize>> {
    let inner = source.get(inside.clone())?;
    let before = ["command -v ", "which ", "type -p ", "type -P "];
    let rest = before
        .iter()
        .find_map(|before| inner.trim_start().strip_prefix(before))?;
    let name = rest.trim();
    let is_name = !name.is_empty() && name.bytes().all(is_ordinary) && !name.starts_with('-');
    let from = inside.start + (name.as_ptr() as usize - inner.as_ptr() as usize);
    is_name.then(|| from..from + name.len())
}

/// A byte that means itself wherever it stands in a word.
fn is_ordinary(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_' | b'.' | b'/' | b'=' | b':' | b',' | b'+' | b'@' | b'%'
        )
}

/// No character that could be a separator.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The inside of `$'...'` from `at`; returns where it ends, behind the quote.
fn ansi_c(text: &Traced, mut at: usize, end: usize, out: &mut Fields<'_>) -> usize {
    let source = text.as_str();
    let bytes = source.as_bytes();
    let mut start = at;
    while at < end {
        match bytes[at] {
            b'\'' => {
                out.slice(text, start, at);
                return at + 1;
            }
            b'\\' if at + 1 < end => {
                out.slice(text, start, at);
                let known = match bytes[at + 1] {
                    b'n' => "\n",
                    b't' => "\t",
                    b'r' => "\r",
                    b'a' => "\u{7}",
                    b'b' => "\u{8}",
                    b'e' | b'E' => "\u{1b}",
                    b'f' => "\u{c}",
                    b'v' => "\u{b}",
                    b'\\' => "\\",
                    b'\'' => "'",
                    b'"' => "\"",
                    b'?' => "?",
                    _ => "",
                };
                if known.is_empty() {
                    out.unknown();
                } else {
                    out.escape(known, text.span_of(at..at + 2));
                }
                at += 1;
                at += source[at..end].chars().next().map_or(1, char::len_utf8);
                start = at;
            }
            _ => at += 1,
        }
    }
    out.slice(text, start.min(end), end);
    end
}

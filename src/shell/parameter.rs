//! `${...}`: defaults, alternatives, cutting and replacing.
//!
//! What is simple and known is evaluated; lengths, substrings, indirection and patterns with
//! brackets are unknown.

use std::ops::Range;
use std::rc::Rc;

use super::environment::Value;
use super::expander::Expander;
use super::field::Fields;
use super::scan;
use crate::span::Traced;

/// Longest value a pattern is tried on, in bytes.
const MAX_PATTERN_TEXT: usize = 1024;

impl Expander<'_, '_> {
    /// The expansion whose inside is at `range`.
    pub(super) fn parameter(
        &mut self,
        text: &Traced,
        range: Range<usize>,
        is_quoted: bool,
        out: &mut Fields<'_>,
    ) {
        let source = text.as_str();
        let end = range.end;
        let Some(stop) = name_end(source.as_bytes(), range.start, end) else {
            out.unknown();
            return;
        };
        let name = &source[range.start..stop];
        let rest = &source[stop..end];
        if rest.is_empty() {
            self.variable(name, is_quoted, out);
            return;
        }
        if let Some(rest) = rest.strip_prefix('[') {
            self.element(name, rest, is_quoted, out);
            return;
        }
        let has_colon = rest.starts_with(':');
        let operator_at = stop + usize::from(has_colon);
        let operator = source
            .as_bytes()
            .get(operator_at)
            .filter(|_| operator_at < end);
        let operand = (operator_at + 1).min(end)..end;
        match operator {
            Some(b'-' | b'=' | b'+' | b'?') => {
                let operator = source.as_bytes()[operator_at];
                self.defaulting(text, name, operator, has_colon, operand, is_quoted, out);
            }
            Some(b'0'..=b'9') if has_colon => {
                let cut = match self.lookup(name) {
                    Value::Known(known) => substring(&known, &rest[1..]),
                    Value::Unset => return,
                    _ => None,
                };
                match cut {
                    Some(value) => self.put(&Value::Known(Rc::new(value)), is_quoted, out),
                    None => out.unknown(),
                }
            }
            Some(b'%' | b'#' | b'/' | b'^' | b',') if !has_colon => {
                let value = self.lookup(name);
                let changed = match &value {
                    Value::Known(known) => self.changed(known, text, operator_at..end),
                    Value::Unset => return,
                    _ => None,
                };
                match changed {
                    Some(value) => self.put(&Value::Known(Rc::new(value)), is_quoted, out),
                    None => out.unknown(),
                }
            }
            _ => out.unknown(),
        }
    }

    /// `${name[...]}`, from behind the bracket.
    fn element(&mut self, name: &str, rest: &str, is_quoted: bool, out: &mut Fields<'_>) {
        let value = self.environment.get(name);
        match (value, rest) {
            (Value::List(items), "@]") => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.end_field();
                    }
                    if is_quoted {
                        out.quoted();
                    }
                    out.value(item, is_quoted);
                }
            }
            (Value::List(items), "*]") if !is_quoted => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.end_field();
                    }
                    out.value(item, false);
                }
            }
            (value @ Value::Known(_), "@]" | "*]" | "0]") => self.put(&value, is_quoted, out),
            (Value::Unset, "@]" | "*]") => out.drop_empty(),
            _ => out.unknown(),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one expansion")]
    fn defaulting(
        &mut self,
        text: &Traced,
        name: &str,
        operator: u8,
        has_colon: bool,
        operand: Range<usize>,
        is_quoted: bool,
        out: &mut Fields<'_>,
    ) {
        let value = match name {
            "@" | "*" => match self.args.known.first() {
                Some(_) if operator != b'+' => {
                    self.variable(name, is_quoted, out);
                    return;
                }
                Some(first) => Value::Known(Rc::new(first.clone())),
                None if self.args.is_closed() => Value::Unset,
                None => Value::Unknown,
            },
            _ => self.lookup(name),
        };
        let is_set = match &value {
            Value::Known(text) => !(has_colon && text.is_empty()),
            Value::List(items) => !items.is_empty(),
            Value::Unset => false,
            Value::Unknown => {
                out.unknown();
                return;
            }
        };
        match (operator, is_set) {
            (b'+', true) | (b'-', false) => self.operand(text, operand, is_quoted, out),
            (b'=', false) => {
                let assigned = self.value(text, operand);
                let value = assigned.map_or(Value::Unknown, |text| Value::Known(Rc::new(text)));
                self.environment.set(name, value.clone());
                self.put(&value, is_quoted, out);
            }
            (b'+' | b'?', false) => {}
            _ => self.put(&value, is_quoted, out),
        }
    }

    /// The word behind `:-` or `:+`, in the quotes around the expansion.
    fn operand(
        &mut self,
        text: &Traced,
        range: Range<usize>,
        is_quoted: bool,
        out: &mut Fields<'_>,
    ) {
        if is_quoted {
            self.double_quoted(text, range, out);
            return;
        }
        // An unquoted operand is split like a value: between its blanks outside quotes.
        let source = text.as_str();
        let bytes = source.as_bytes();
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end {
            at = match bytes[at] {
                b' ' | b'\t' | b'\n' => {
                    self.unquoted(text, start..at, out);
                    out.end_field();
                    start = at + 1;
                    start
                }
                b'\\' => at + 2,
                b'\'' => scan::find(source, at + 1..range.end, b'\'').map_or(range.end, |q| q + 1),
                b'"' => scan::double_quoted(source, at + 1, range.end) + 1,
                b'`' => scan::backticks(source, at, range.end),
                b'$' if bytes.get(at + 1) == Some(&b'(') => {
                    scan::parentheses(source, at + 1, range.end)
                }
                b'$' if bytes.get(at + 1) == Some(&b'{') => {
                    scan::braces(source, at + 1, range.end) + 1
                }
                _ => at + 1,
            };
        }
        self.unquoted(text, start.min(range.end)..range.end, out);
    }

    /// The value after `%pattern`, `#pattern`, `/pattern/text`, `^^` and their kin; `None` when not known.
    fn changed(&mut self, value: &Traced, text: &Traced, range: Range<usize>) -> Option<Traced> {
        let operation = &text.as_str()[range.clone()];
        if value.len() > MAX_PATTERN_TEXT {
            return None;
        }
        let known = value.as_str();
        match operation {
            "^^" => return Some(Traced::new(known.to_uppercase(), value.span())),
            ",," => return Some(Traced::new(known.to_lowercase(), value.span())),
            _ => {}
        }
        let length = operation.len();
        let (operator, skip) = ["%%", "##", "//", "%", "#", "/"]
            .into_iter()
            .find(|operator| operation.starts_with(operator))
            .map(|operator| (operator, operator.len()))?;
        let start = range.end - length + skip;
        if operator.starts_with('/') {
            return self.replaced(value, text, start..range.end, operator == "//");
        }
        let pattern: Vec<char> = self.pattern(text, start..range.end)?.chars().collect();
        if pattern.len() > MAX_PATTERN_TEXT {
            return None;
        }
        let chars: Vec<char> = known.chars().collect();
        let mut cuts: Vec<usize> = (0..=chars.len()).collect();
        let is_prefix = operator.starts_with('#');
        // The shortest piece comes first for one sign, the longest for two.
        if is_prefix != (operator.len() == 1) {
            cuts.reverse();
        }
        let kept = cuts.into_iter().find(|cut| {
            let piece = if is_prefix {
                &chars[..*cut]
            } else {
                &chars[*cut..]
            };
            matches(&pattern, piece)
        });
        let kept = kept.map(|cut| chars[..cut].iter().map(|c| c.len_utf8()).sum::<usize>());
        Some(match (kept, operator.starts_with('#')) {
            (None, _) => value.clone(),
            (Some(at), true) => value.slice(at..known.len()),
            (Some(at), false) => value.slice(0..at),
        })
    }

    /// `/pattern/text`: only for patterns that are plain text.
    fn replaced(
        &mut self,
        value: &Traced,
        text: &Traced,
        range: Range<usize>,
        is_global: bool,
    ) -> Option<Traced> {
        let operation = text.as_str().get(range.clone())?;
        let slash = operation.find('/').unwrap_or(operation.len());
        let pattern = self.pattern(text, range.start..range.start + slash)?;
        if pattern.is_empty() || pattern.contains(['*', '?', '#', '%']) {
            return None;
        }
        let with_start = (range.start + slash + 1).min(range.end);
        let with = self.value(text, with_start..range.end)?;
        let known = value.as_str();
        let mut out = Traced::empty(value.span());
        let mut start = 0;
        let count = if is_global { usize::MAX } else { 1 };
        for (at, found) in known.match_indices(pattern.as_str()).take(count) {
            out.push_slice(value, start..at);
            out.push_traced(&with);
            start = at + found.len();
        }
        out.push_slice(value, start..known.len());
        Some(out)
    }

    /// Whether a pattern matches all of `subject`; `None` when one of them is too much for us.
    pub(super) fn pattern_matches(
        &mut self,
        text: &Traced,
        range: Range<usize>,
        subject: &str,
    ) -> Option<bool> {
        if subject.len() > MAX_PATTERN_TEXT {
            return None;
        }
        let pattern: Vec<char> = self.pattern(text, range)?.chars().collect();
        let subject: Vec<char> = subject.chars().collect();
        (pattern.len() <= MAX_PATTERN_TEXT).then(|| matches(&pattern, &subject))
    }

    /// A known pattern of plain characters, `*` and `?`. Quoted ones would mean themselves, so that
    /// a pattern with quotes is known only without them.
    fn pattern(&mut self, text: &Traced, range: Range<usize>) -> Option<String> {
        let raw = text.as_str().get(range.clone())?;
        if raw.contains('[') || (raw.contains(['\\', '\'', '"']) && raw.contains(['*', '?'])) {
            return None;
        }
        self.value(text, range)
            .map(|pattern| pattern.as_str().to_owned())
    }
}

/// `offset` or `offset:length` of `${name:offset:length}`, when both are plain numbers.
fn substring(value: &Traced, range: &str) -> Option<Traced> {
    let (offset, length) = match range.split_once(':') {
        Some((offset, length)) => (offset, Some(length.parse::<usize>().ok()?)),
        None => (range, None),
    };
    let offset: usize = offset.parse().ok()?;
    let mut ends = value.as_str().char_indices().map(|(at, _)| at);
    let start = ends.clone().nth(offset).unwrap_or(value.len());
    let end = length.and_then(|length| ends.nth(offset.checked_add(length)?));
    Some(value.slice(start..end.unwrap_or(value.len())))
}

/// Where the name at the start of an expansion ends; `None` for `${#x}`, `${!x}` and what is no name.
fn name_end(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    let first = *bytes.get(at).filter(|_| at < end)?;
    if first.is_ascii_digit() {
        let rest = bytes[at..end].iter().position(|b| !b.is_ascii_digit());
        return Some(rest.map_or(end, |length| at + length));
    }
    if matches!(first, b'#' | b'!') && end > at + 1 {
        return None;
    }
    scan::name(bytes, at, end)
}

/// Whether a pattern of plain characters, `*` and `?` matches all of `text`.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((star_p, star_t)) => {
                    p = star_p + 1;
                    t = star_t + 1;
                    star = Some((star_p, star_t + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

//! Brace expansion: `{a,b}` and `{1..8}` of bash.

use std::ops::Range;

use super::scan;
use crate::span::Traced;

/// Most words one word may become; more are left as written.
const MAX_WORDS: usize = 256;

/// Longest word that is expanded, in bytes.
const MAX_WORD: usize = 4096;

/// The raw words that the raw word at `range` stands for; `None` when nothing in it expands.
pub(super) fn expand(text: &Traced, range: Range<usize>) -> Option<Vec<Traced>> {
    if range.len() > MAX_WORD {
        return None;
    }
    let mut words = vec![text.slice(range)];
    let mut is_expanded = false;
    // Each round expands the first group of every word; what is left of them follows.
    let mut at = 0;
    while at < words.len() {
        match first_group(&words[at]) {
            Some(expanded) if words.len() + expanded.len() <= MAX_WORDS => {
                words.splice(at..=at, expanded);
                is_expanded = true;
            }
            Some(_) => return None,
            None => at += 1,
        }
    }
    is_expanded.then_some(words)
}

/// The words made by the first group that expands.
fn first_group(word: &Traced) -> Option<Vec<Traced>> {
    let source = word.as_str();
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            b'\\' => at + 2,
            b'\'' => scan::find(source, at + 1..bytes.len(), b'\'').map_or(bytes.len(), |q| q + 1),
            b'"' => scan::double_quoted(source, at + 1, bytes.len()) + 1,
            b'`' => scan::backticks(source, at, bytes.len()),
            b'$' if bytes.get(at + 1) == Some(&b'(') => {
                scan::parentheses(source, at + 1, bytes.len())
            }
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                scan::braces(source, at + 1, bytes.len()) + 1
            }
            b'{' => match group(word, at) {
                Some(words) => return Some(words),
                None => at + 1,
            },
            _ => at + 1,
        };
    }
    None
}

/// The group that opens at `open`, with what stands around it.
fn group(word: &Traced, open: usize) -> Option<Vec<Traced>> {
    let source = word.as_str();
    let bytes = source.as_bytes();
    let mut depth = 0_u32;
    let mut commas = Vec::new();
    let mut close = None;
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\'' => at = scan::find(source, at + 1..bytes.len(), b'\'')?,
            b'"' => at = scan::double_quoted(source, at + 1, bytes.len()),
            b'`' => at = scan::backticks(source, at, bytes.len()) - 1,
            b'{' => depth += 1,
            b',' if depth == 1 => commas.push(at),
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    close = Some(at);
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let close = close?;
    let around = |put: &dyn Fn(&mut Traced)| {
        let mut out = word.slice(0..open);
        put(&mut out);
        out.push_slice(word, close + 1..source.len());
        out
    };
    if commas.is_empty() {
        let place = word.span_of(open..close + 1);
        let items = sequence(&source[open + 1..close])?;
        return Some(
            items
                .iter()
                .map(|item| around(&|out| out.push(item, place)))
                .collect(),
        );
    }
    let mut start = open + 1;
    commas.push(close);
    let mut words = Vec::new();
    for end in commas {
        words.push(around(&|out| out.push_slice(word, start..end)));
        start = end + 1;
    }
    Some(words)
}

/// `1..8`, `01..10`, `a..f`, `1..9..2`.
fn sequence(inside: &str) -> Option<Vec<String>> {
    let mut parts = inside.split("..");
    let (first, last, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let step = step
        .map_or(Some(1), |step| step.parse::<i64>().ok())?
        .unsigned_abs()
        .max(1);
    let step = i64::try_from(step).ok()?;
    let is_letter = |text: &str| text.len() == 1 && text.as_bytes()[0].is_ascii_alphabetic();
    if is_letter(first) && is_letter(last) {
        let (first, last) = (
            i64::from(first.as_bytes()[0]),
            i64::from(last.as_bytes()[0]),
        );
        return Some(
            numbers(first, last, step)?
                .into_iter()
                .filter_map(|number| u8::try_from(number).ok())
                .map(|byte| char::from(byte).to_string())
                .collect(),
        );
    }
    let is_padded = |text: &str| {
        let digits = text.trim_start_matches('-');
        digits.len() > 1 && digits.starts_with('0')
    };
    let width = if is_padded(first) || is_padded(last) {
        first.len().max(last.len())
    } else {
        0
    };
    let numbers = numbers(first.parse().ok()?, last.parse().ok()?, step)?;
    Some(
        numbers
            .into_iter()
            .map(|number| format!("{number:0width$}"))
            .collect(),
    )
}

fn numbers(first: i64, last: i64, step: i64) -> Option<Vec<i64>> {
    let distance = first.checked_sub(last)?.unsigned_abs();
    let count = distance / step.unsigned_abs() + 1;
    if count > MAX_WORDS as u64 {
        return None;
    }
    let signed = if first <= last { step } else { -step };
    let count = i64::try_from(count).ok()?;
    Some((0..count).map(|i| first + i * signed).collect())
}

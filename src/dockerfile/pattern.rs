//! Shell patterns in `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/pattern/replacement}`.
//!
//! Knows `*`, `?` and escapes; BuildKit has no bracket expressions. Results keep the places of the
//! value and of the replacement.

use regex::Regex;

use crate::span::Traced;

/// Removes what `word` matches from the start (`#`) or the end (`%`) of `value`. A doubled sign
/// means the longest match.
///
/// # Errors
/// A message when the pattern cannot be read.
pub(super) fn trim(value: &Traced, sign: char, word: &str) -> Result<Traced, String> {
    let (is_greedy, word) = match word.strip_prefix(sign) {
        Some(word) => (true, word),
        None => (false, word),
    };
    let text = value.as_str();
    if sign == '#' {
        let end = matched(word, text, is_greedy)?;
        return Ok(value.slice(end..text.len()));
    }
    // The shortest match at the end is the shortest at the start of both reversed.
    let reversed: String = text.chars().rev().collect();
    let length = matched(&reverse(word), &reversed, is_greedy)?;
    Ok(value.slice(0..text.len() - length))
}

/// How many bytes at the start of `text` match.
fn matched(word: &str, text: &str, is_greedy: bool) -> Result<usize, String> {
    let regex = compile(word, is_greedy, true)?;
    Ok(regex.find(text).map_or(0, |found| found.end()))
}

/// Replaces the first match or all.
///
/// # Errors
/// A message when the pattern cannot be read.
pub(super) fn replace(
    value: &Traced,
    word: &str,
    replacement: &Traced,
    all: bool,
) -> Result<Traced, String> {
    let regex = compile(word, true, false)?;
    let text = value.as_str();
    let mut out = value.slice(0..0);
    let mut from = 0;
    let count = if all { usize::MAX } else { 1 };
    for found in regex.find_iter(text).take(count) {
        out.push_traced(&value.slice(from..found.start()));
        out.push_traced(replacement);
        from = found.end();
    }
    out.push_traced(&value.slice(from..text.len()));
    Ok(out)
}

/// A pattern read backwards; an escape stays before its character.
fn reverse(word: &str) -> String {
    let mut parts = Vec::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some(next)) => {
                parts.push(format!("\\{next}"));
                chars.next();
            }
            _ => parts.push(c.to_string()),
        }
    }
    parts.reverse();
    parts.concat()
}

fn compile(word: &str, is_greedy: bool, is_anchored: bool) -> Result<Regex, String> {
    let mut out = String::with_capacity(word.len() + 4);
    if is_anchored {
        out.push('^');
    }
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' => out.push_str(if is_greedy { ".*" } else { ".*?" }),
            '?' => out.push('.'),
            '\\' => match chars.peek() {
                // These are escaped for `${}`, not for the pattern.
                Some('}' | '/') => {}
                Some(next @ ('*' | '?' | '\\')) => {
                    out.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
                    chars.next();
                }
                _ => {
                    return Err(format!(
                        "the pattern `{word}` has an escape that means nothing"
                    ));
                }
            },
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    Regex::new(&out).map_err(|_| format!("the pattern `{word}` is too large"))
}

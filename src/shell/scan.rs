//! Where quotes, braces and parentheses close in raw shell text.
//!
//! Every function takes the whole text, where to begin and where to stop, and returns a place no
//! later than the stop: text that is never closed reaches to it.

use std::ops::Range;

/// The first `byte` in `range`.
pub(super) fn find(source: &str, range: Range<usize>, byte: u8) -> Option<usize> {
    let start = range.start;
    source
        .as_bytes()
        .get(range)?
        .iter()
        .position(|b| *b == byte)
        .map(|at| start + at)
}

/// Where the name behind a `$` ends: a variable, a digit, or a special parameter.
pub(super) fn name(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    let first = *bytes.get(at)?;
    if first.is_ascii_alphabetic() || first == b'_' {
        let rest = bytes[at..end]
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
        return Some(rest.map_or(end, |length| at + length));
    }
    let is_special =
        first.is_ascii_digit() || matches!(first, b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-');
    is_special.then_some(at + 1)
}

/// The closing `"` for text that begins at `at`, behind the opening one.
pub(super) fn double_quoted(source: &str, mut at: usize, end: usize) -> usize {
    let bytes = source.as_bytes();
    while at < end {
        at = match bytes[at] {
            b'"' => return at,
            b'\\' => at + 2,
            b'`' => backticks(source, at, end),
            b'$' => substitution(source, at, end),
            _ => at + 1,
        };
    }
    end
}

/// Behind the backtick that closes the one at `at`.
pub(super) fn backticks(source: &str, mut at: usize, end: usize) -> usize {
    let bytes = source.as_bytes();
    at += 1;
    while at < end {
        match bytes[at] {
            b'`' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    end
}

/// Behind the parenthesis that closes the one at `at`.
pub(super) fn parentheses(source: &str, at: usize, end: usize) -> usize {
    closing(source, at, end, b'(', b')').map_or(end, |close| close + 1)
}

/// The brace that closes the one at `at`.
pub(super) fn braces(source: &str, at: usize, end: usize) -> usize {
    closing(source, at, end, b'{', b'}').unwrap_or(end)
}

/// Behind a `$` and the substitution it opens, if it opens one.
fn substitution(source: &str, at: usize, end: usize) -> usize {
    match source.as_bytes().get(at + 1) {
        Some(b'(') => parentheses(source, at + 1, end),
        Some(b'{') => braces(source, at + 1, end) + 1,
        _ => at + 1,
    }
}

/// Iterative, so that no nesting is too deep for the stack.
fn closing(source: &str, mut at: usize, end: usize, open: u8, close: u8) -> Option<usize> {
    let bytes = source.as_bytes();
    // What closes each open bracket; a quote is one that only its own end closes.
    let mut expected: Vec<u8> = Vec::new();
    while at < end {
        let byte = bytes[at];
        let in_quotes = expected.last() == Some(&b'"');
        match byte {
            b'\\' => {
                at += 2;
                continue;
            }
            b'\'' if !in_quotes && !in_quoted_braces(&expected) => {
                at = find(source, at + 1..end, b'\'')?;
            }
            b'"' if in_quotes => {
                expected.pop();
            }
            b'"' => expected.push(b'"'),
            b'`' => {
                at = backticks(source, at, end);
                continue;
            }
            b'$' if bytes.get(at + 1) == Some(&b'(') => {
                expected.push(b')');
                at += 1;
            }
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                expected.push(b'}');
                at += 1;
            }
            _ if in_quotes => {}
            _ if Some(&byte) == expected.last() => {
                expected.pop();
            }
            b'(' if expected.last() == Some(&b')') => expected.push(b')'),
            _ if byte == open && expected.is_empty() => expected.push(close),
            _ => {}
        }
        if expected.is_empty() {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Inside `"${...}"` a single quote means itself.
fn in_quoted_braces(expected: &[u8]) -> bool {
    matches!(expected, [.., b'"', b'}'])
}

/// The places of the words in `raw`, which begins at byte `base`: split at white space outside quotes.
pub(super) fn words(raw: &str, base: usize) -> Vec<Range<usize>> {
    let bytes = raw.as_bytes();
    let end = bytes.len();
    let mut words = Vec::new();
    let mut at = 0;
    while at < end {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        while at < end && !bytes[at].is_ascii_whitespace() {
            at = match bytes[at] {
                b'\\' => at + 2,
                b'\'' => find(raw, at + 1..end, b'\'').map_or(end, |quote| quote + 1),
                b'"' => double_quoted(raw, at + 1, end) + 1,
                b'`' => backticks(raw, at, end),
                b'$' => substitution(raw, at, end),
                _ => at + 1,
            };
        }
        at = at.min(end);
        words.push(base + start..base + at);
    }
    words
}

//! From bytes of a decoded TOML string to bytes of the file it stands in.

use std::ops::Range;

/// The bytes in `file` of the part `inner` of the string that is written, with its quotes, at
/// `outer`. The whole string when the two do not fit.
pub(crate) fn inside(file: &str, outer: Range<usize>, inner: Range<usize>) -> Range<usize> {
    let Some(raw) = file.get(outer.clone()) else {
        return outer;
    };
    let offsets = offsets(raw);
    let at = |index: usize| offsets.get(index).map(|offset| outer.start + offset);
    match (at(inner.start), at(inner.end)) {
        (Some(start), Some(end)) if start <= end => start..end,
        _ => outer,
    }
}

/// For every byte of the decoded string, and for its end, where it is written in `raw`.
fn offsets(raw: &str) -> Vec<usize> {
    let is_basic = raw.starts_with('"');
    let is_multiline = raw.starts_with("\"\"\"") || raw.starts_with("'''");
    let quotes = if is_multiline { 3 } else { 1 };
    let mut at = quotes;
    let end = raw.len().saturating_sub(quotes);
    if is_multiline {
        let rest = raw.get(at..).unwrap_or_default();
        if rest.starts_with("\r\n") {
            at += 2;
        } else if rest.starts_with('\n') {
            at += 1;
        }
    }
    let mut offsets = Vec::with_capacity(raw.len());
    while at < end {
        let rest = raw.get(at..end).unwrap_or_default();
        let Some(first) = rest.chars().next() else {
            break;
        };
        if first == '\\' && is_basic {
            let (written, decoded) = escape(rest);
            offsets.extend(std::iter::repeat_n(at, decoded));
            at += written;
        } else {
            offsets.extend(at..at + first.len_utf8());
            at += first.len_utf8();
        }
    }
    offsets.push(end);
    offsets
}

/// How many bytes an escape takes in the file, and how many in the string.
fn escape(rest: &str) -> (usize, usize) {
    let digits = |count: usize| {
        let code = rest
            .get(2..2 + count)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let length = code.and_then(char::from_u32).map_or(0, char::len_utf8);
        (2 + count, length)
    };
    match rest.as_bytes().get(1) {
        Some(b'x') => digits(2),
        Some(b'u') => digits(4),
        Some(b'U') => digits(8),
        // A backslash at the end of a line swallows the white space that follows.
        Some(b' ' | b'\t' | b'\r' | b'\n') => {
            let after = rest.get(1..).unwrap_or_default();
            (1 + after.len() - after.trim_start().len(), 0)
        }
        Some(_) => (2, 1),
        None => (1, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(raw: &str, part: &str) -> String {
        let file = format!("when = {raw}\n");
        let value: toml::Table = file.parse().expect("a table");
        let decoded = value["when"].as_str().expect("a string");
        let start = decoded.find(part).expect("the part");
        let range = inside(&file, 7..7 + raw.len(), start..start + part.len());
        file[range].to_owned()
    }

    #[test]
    fn every_kind_of_string_is_traced() {
        for raw in [
            r#""a b""#,
            "'a b'",
            "'''a b'''",
            "'''\na b'''",
            r#""\"é\" \u00e9 \t b""#,
            "\"\"\"\\\n   x\n b\"\"\"",
        ] {
            assert_eq!(marked(raw, "b"), "b", "{raw}");
        }
        assert_eq!(marked(r#""\u00e9b""#, "é"), "\\u00e9");
    }
}

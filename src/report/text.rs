//! Text of strangers made harmless: for a terminal, and inside of JSON.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

/// `text` with every character that a terminal would obey replaced by one of the same length in
/// bytes, so that spans still fit. Line feeds and tabs stay; a carriage return before a line feed
/// becomes a blank.
#[must_use]
pub(crate) fn tame(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.as_bytes().iter().all(is_plain) || !text.chars().any(is_wild) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' if chars.peek() == Some(&'\n') => tamed.push(' '),
            wild if is_wild(wild) => tamed.push(match wild.len_utf8() {
                1 => '?',
                2 => '¿',
                3 => '\u{fffd}',
                _ => '\u{1f6c7}',
            }),
            plain => tamed.push(plain),
        }
    }
    Cow::Owned(tamed)
}

/// [`tame`] for what must stay on one line.
#[must_use]
pub(crate) fn one_line(text: &str) -> String {
    tame(text).replace(['\n', '\t'], " ")
}

/// Control characters, those that turn the direction of writing, and those that nobody sees.
#[must_use]
pub(super) fn is_wild(char: char) -> bool {
    char.is_control() && char != '\n' && char != '\t' || is_hidden(char)
}

/// Characters for formatting that have no picture of their own (`Cf` of Unicode), and separators of lines.
fn is_hidden(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'..='\u{e007f}'
    )
}

/// Inline code of Markdown that nothing in `text` can end.
#[must_use]
pub(crate) fn inline_code(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|char| match char.is_control() || is_wild(char) {
            true => '\u{fffd}',
            false => char,
        })
        .collect();
    let fence = "`".repeat(longest_fence(&flat) + 1);
    let pad = if flat.starts_with('`') || flat.ends_with('`') || flat.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{flat}{pad}{fence}")
}

/// A block of text in Markdown that nothing in `text` can end.
#[must_use]
pub(crate) fn code_block(text: &str) -> String {
    let fence = "`".repeat(longest_fence(text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}", tame(text))
}

fn longest_fence(text: &str) -> usize {
    let fences = text.split(|char| char != '`').map(str::len);
    fences.max().unwrap_or_default()
}

/// JSON with lines and indentation. Whatever [`tame`] would replace is escaped, so that it is harmless where the text
/// is shown and comes back as it was where it is read.
///
/// # Errors
/// Those of the writer.
pub(crate) fn json(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    out.write_all(json_escaped(&text).as_bytes())
}

/// The same of JSON that is written already: outside of its strings there is no such character.
#[must_use]
pub(crate) fn json_escaped(text: &str) -> Cow<'_, str> {
    let is_safe = |char: char| !is_wild(char) || char == '\r';
    if text.is_ascii() && !text.contains('\u{7f}') || text.chars().all(is_safe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if is_safe(char) {
            escaped.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of Cc, of what has no picture of its own, and of what turns the direction of writing.
    fn every_wild_one() -> String {
        (0..=0xe_007f)
            .filter_map(char::from_u32)
            .filter(|char| is_wild(*char))
            .collect()
    }

    #[test]
    fn nothing_ends_code_early() {
        assert_eq!(inline_code("a`b"), "``a`b``");
        assert_eq!(inline_code("`"), "`` ` ``");
        assert_eq!(
            code_block("a\n```\n\u{202e}"),
            "````text\na\n```\n\u{fffd}\n````"
        );
    }

    #[test]
    fn json_escapes_all_of_them_and_comes_back() {
        let wild = every_wild_one() + "é🙂\t\n\u{200d}";
        let mut out = Vec::new();
        json(&mut out, &[&wild]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.chars().any(is_wild) && text.contains("é🙂"));
        assert_eq!(serde_json::from_str::<[String; 1]>(&text).unwrap(), [wild]);
    }

    #[test]
    fn what_is_replaced_keeps_its_length() {
        for char in every_wild_one().chars() {
            let text = format!("a{char}b");
            assert_eq!(tame(&text).len(), text.len(), "{char:?}");
            assert!(!tame(&text).chars().any(is_wild), "{char:?}");
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left_and_nothing_moves() {
        let wild = "a\u{1b}[31m\r\n\u{9b}\u{202e}\u{7f}é\t\0";
        let tamed = tame(wild);
        assert_eq!(tamed.len(), wild.len());
        assert_eq!(tamed, "a?[31m \n¿\u{fffd}?é\t?");
        assert_eq!(one_line("a\nb"), "a b");
    }
}

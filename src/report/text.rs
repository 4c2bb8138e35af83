//! Text of strangers made harmless for a terminal.

use std::borrow::Cow;

/// `text` with every character that a terminal would obey replaced by one of the same length in
/// bytes, so that spans still fit. Line feeds and tabs stay; a carriage return before a line feed
/// becomes a blank.
#[must_use]
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_wild) {
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
                _ => '\u{fffd}',
            }),
            plain => tamed.push(plain),
        }
    }
    Cow::Owned(tamed)
}

/// [`tame`] for what must stay on one line.
#[must_use]
pub(super) fn one_line(text: &str) -> String {
    tame(text).replace(['\n', '\t'], " ")
}

/// Control characters, and those that turn the direction of writing.
fn is_wild(char: char) -> bool {
    char.is_control() && char != '\n' && char != '\t'
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left_and_nothing_moves() {
        let wild = "a\u{1b}[31m\r\n\u{9b}\u{202e}\u{7f}é\t\0";
        let tamed = tame(wild);
        assert_eq!(tamed.len(), wild.len());
        assert_eq!(tamed, "a?[31m \n¿\u{fffd}?é\t?");
        assert_eq!(one_line("a\nb"), "a b");
    }
}

//! Text of strangers in XML 1.0.

use std::fmt::Write;

use super::text::is_wild;

/// `text` for an attribute in double quotes or for content. What XML cannot hold (most control
/// characters), and what turns or hides text, becomes U+FFFD; line ends are kept as references, which parsers do not
/// normalize.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                // Writing to a string does not fail.
                let _ = write!(escaped, "&#{};", u32::from(char));
            }
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            wild if is_wild(wild) => escaped.push('\u{fffd}'),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn anything_becomes_well_formed() {
        assert_eq!(escape("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
        assert_eq!(escape("1\n2\u{1b}\u{0}🙂"), "1&#10;2\u{fffd}\u{fffd}🙂");
    }
}

//! What a scalar of YAML is, or may be for a reader of an older version.

use super::{Scalar, Style};

impl Scalar {
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Nothing, `~` or `null`, not quoted.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain && matches!(self.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// A boolean of YAML 1.1 (`on`, `yes`, `true`, ...), not quoted: tools disagree on what it is.
    #[must_use]
    pub fn is_boolean_1_1(&self) -> bool {
        const WORDS: [&str; 8] = ["on", "off", "yes", "no", "true", "false", "y", "n"];
        let text = self.as_str();
        self.style == Style::Plain
            && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
            && (text.bytes().all(|b| b.is_ascii_lowercase())
                || text.bytes().all(|b| b.is_ascii_uppercase())
                || text.bytes().skip(1).all(|b| b.is_ascii_lowercase()))
    }

    /// `22:22`, not quoted: a number to base 60 in YAML 1.1.
    #[must_use]
    pub fn is_base_60(&self) -> bool {
        let mut parts = self.as_str().split(':');
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let first = parts
            .next()
            .is_some_and(|part| is_number(part) && !part.starts_with('0'));
        let mut rest = parts.peekable();
        self.style == Style::Plain
            && first
            && rest.peek().is_some()
            && rest.all(|part| {
                is_number(part) && part.len() <= 2 && part.parse::<u8>().is_ok_and(|n| n < 60)
            })
    }
}

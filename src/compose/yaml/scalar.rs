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

    /// What a number that is not quoted becomes where it is made text again: `26.10` is `26.1`, and `010` is `8`.
    /// `None` where it stays as it is written, for words, and for forms that nobody takes for plain numbers.
    #[must_use]
    pub fn as_changed_number(&self) -> Option<String> {
        let text = self.as_str();
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if self.style != Style::Plain || text.len() > 15 {
            return None;
        }
        if let Some((whole, part)) = text.split_once('.') {
            let is_plain = is_digits(whole) && is_digits(part) && part.ends_with('0');
            let is_plain = is_plain && (whole == "0" || !whole.starts_with('0'));
            let short = text.trim_end_matches('0').trim_end_matches('.');
            return is_plain.then(|| short.to_owned());
        }
        let is_padded = is_digits(text) && text.len() > 1 && text.starts_with('0');
        let radix = if text.contains(['8', '9']) { 10 } else { 8 };
        let number = u64::from_str_radix(text, radix).ok();
        number
            .filter(|_| is_padded)
            .map(|number| number.to_string())
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

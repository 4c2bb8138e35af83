//! Text while it is put together: parts of it may be unknown, white space may end a word. Knows nothing of
//! quotes and variables.

use crate::span::{Span, Traced};

/// Text that may have holes: from `unknown` on nothing of it is sure.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub text: Traced,
    /// Length of the text before the first thing unknown.
    pub unknown: Option<usize>,
}

impl Text {
    pub(super) fn empty(span: Span) -> Self {
        Self {
            text: Traced::empty(span),
            unknown: None,
        }
    }

    pub(super) fn unknown(span: Span) -> Self {
        Self {
            unknown: Some(0),
            ..Self::empty(span)
        }
    }

    pub(super) fn known(text: Traced) -> Self {
        Self {
            text,
            unknown: None,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        self.text.as_str()
    }

    pub(super) fn append(&mut self, other: &Text) {
        if let (None, Some(at)) = (self.unknown, other.unknown) {
            self.unknown = Some(self.text.len() + at);
        }
        self.text.push_traced(&other.text);
    }
}

/// The words of a text while it is split.
pub(super) struct Words {
    pub(super) current: Option<Text>,
    pub(super) done: Vec<Traced>,
}

impl Words {
    pub(super) fn append(&mut self, text: &Text) {
        if text.text.is_empty() && text.unknown.is_none() {
            return;
        }
        match &mut self.current {
            Some(current) => current.append(text),
            None => self.current = Some(text.clone()),
        }
    }

    pub(super) fn flush(&mut self) {
        self.done.extend(self.current.take().map(|text| text.text));
    }

    /// Appends text whose white space ends words.
    pub(super) fn split(&mut self, text: &Text) {
        let whole = text.as_str();
        let known = text.unknown.unwrap_or(whole.len()).min(whole.len());
        let mut from = 0;
        for (at, c) in whole[..known].char_indices() {
            if c.is_whitespace() {
                self.append(&Text::known(text.text.slice(from..at)));
                self.flush();
                from = at + c.len_utf8();
            }
        }
        self.append(&Text {
            text: text.text.slice(from..known),
            unknown: text.unknown.map(|_| known - from),
        });
    }
}

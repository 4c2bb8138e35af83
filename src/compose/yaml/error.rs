//! What is wrong with a file: what compose refuses, and what is only not read here.

use crate::span::Span;

/// A mistake in a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    pub span: Span,
    /// One clause, lower case.
    pub message: String,
    /// Nobody knows that compose refuses it: it is only not read here.
    pub is_limit: bool,
}

/// What is said of a `$` that compose refuses.
pub(crate) const REFUSED_DOLLAR: &str = "compose rejects this `$`: write `$$` for a literal `$`";

impl YamlError {
    /// What compose refuses.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            is_limit: false,
        }
    }

    /// What is not read here.
    pub(crate) fn limit(span: Span, message: impl Into<String>) -> Self {
        Self {
            is_limit: true,
            ..Self::new(span, message)
        }
    }

    /// A `$` that compose refuses; the file is well-formed otherwise.
    #[must_use]
    pub fn is_dollar(&self) -> bool {
        self.message == REFUSED_DOLLAR
    }
}

//! An option of a server, three-valued.

use crate::span::{Span, Traced};

/// An option, three-valued.
#[derive(Debug, Clone, Default)]
pub enum Setting {
    /// With its value (empty for a switch) and where it was set.
    Given(Traced, Span),
    /// Nobody set it, and that is sure.
    #[default]
    Absent,
    Unknown(Option<Span>),
}

impl Setting {
    /// The value; `None` when it is absent or unknown.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Given(text, _) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Where it was set; `None` when it is absent, or is unknown and nobody knows where.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Given(_, span) => Some(*span),
            Self::Unknown(span) => *span,
            Self::Absent => None,
        }
    }

    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

//! Spans as people and other programs count them: file names, lines, columns.

use crate::finding::{Finding, Problem};
use crate::source::{Position, Sources};
use crate::span::Span;

/// A span with its positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As shown to people, with `/`.
    pub file: String,
    pub start: Position,
    pub end: Position,
}

impl Place {
    /// The place of a span, of whatever file.
    #[must_use]
    pub fn new(sources: &Sources, span: Span) -> Self {
        let file = sources.get(span.file);
        Self {
            file: file.name.clone(),
            start: file.position(span.start),
            end: file.position(span.end),
        }
    }

    /// The place of a problem, if it has one within its file.
    #[must_use]
    pub fn of_problem(sources: &Sources, problem: &Problem) -> Option<Self> {
        problem.span.map(|span| Self::new(sources, span))
    }
}

/// The places of a finding beside the primary one, with what they have to do with it.
pub(super) fn further(finding: &Finding) -> impl Iterator<Item = (Span, &str)> {
    let also = finding.also.iter().map(|span| (*span, "also here"));
    let related = finding.related.iter();
    also.chain(related.map(|related| (related.span, related.message.as_str())))
}

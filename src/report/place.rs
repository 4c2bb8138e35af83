//! The places of a finding that are told beside its own.

use crate::finding::Finding;
use crate::span::Span;

/// The places of a finding beside the primary one, with what they have to do with it.
pub(crate) fn further(finding: &Finding) -> impl Iterator<Item = (Span, &str)> {
    let also = finding.also.iter().map(|span| (*span, "also here"));
    let related = finding.related.iter();
    also.chain(related.map(|related| (related.span, related.message.as_str())))
}

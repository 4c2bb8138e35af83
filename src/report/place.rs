//! What places of a finding are told beside its own, and what is written there.

use crate::finding::Finding;
use crate::source::Sources;
use crate::span::{Span, shorter};

/// Longest name of a stage, in bytes.
const MOST_SHOWN: usize = 400;

/// The name of the stage that is written at a place.
pub(crate) fn stage_name(sources: &Sources, place: Span) -> String {
    shorter(&sources.slice(place), MOST_SHOWN).into_owned()
}

/// The places of a finding beside the primary one, with what they have to do with it.
pub(crate) fn further(finding: &Finding) -> impl Iterator<Item = (Span, &str)> {
    let also = finding.also.iter().map(|span| (*span, "also here"));
    let related = finding.related.iter();
    also.chain(related.map(|related| (related.span, related.message.as_str())))
}

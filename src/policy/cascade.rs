//! What findings have to do with each other: one that another brings about is not reported, and
//! those of one group are reported as one.

use crate::maps::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::outcome::{Outcome, Reported};
use crate::finding::{Edit, Finding, Fix};
use crate::lint::extend_new;
use crate::span::{FileId, Span};

/// The places that the findings of one rule mark in one file.
#[derive(Debug, Default)]
struct Marked {
    /// Sorted by where they begin.
    spans: Vec<Span>,
    /// The furthest end of the spans up to each one.
    reach: Vec<u32>,
}

impl Marked {
    /// Whether one of them shares a byte with `place`; an empty one is shared where it lies in or at
    /// the edge of the other.
    fn meets(&self, place: Span) -> bool {
        let to = self.spans.partition_point(|span| span.start <= place.end);
        let Some(mut at) = to.checked_sub(1) else {
            return false;
        };
        // Backwards, as far as something may still reach the place.
        while self.reach[at] >= place.start {
            let span = self.spans[at];
            let is_point = span.is_empty() || place.is_empty();
            let shares = span.start < place.end && place.start < span.end;
            if shares || is_point && span.start <= place.end && place.start <= span.end {
                return true;
            }
            let Some(before) = at.checked_sub(1) else {
                return false;
            };
            at = before;
        }
        false
    }
}

/// Which findings are brought about by another one of them, in the same order.
#[must_use]
pub(crate) fn caused<'f>(findings: impl Iterator<Item = &'f Finding> + Clone) -> Vec<bool> {
    let mut wanted: BTreeMap<(Arc<str>, FileId), Marked> = BTreeMap::new();
    for finding in findings.clone() {
        for cause in &finding.follows {
            for place in &cause.places {
                let key = (Arc::clone(&cause.rule), place.file);
                wanted.entry(key).or_default();
            }
        }
    }
    if !wanted.is_empty() {
        for finding in findings.clone() {
            for span in std::iter::once(&finding.primary).chain(&finding.also) {
                if let Some(marked) = wanted.get_mut(&(Arc::clone(&finding.rule), span.file)) {
                    marked.spans.push(*span);
                }
            }
        }
        for marked in wanted.values_mut() {
            marked.spans.sort_unstable();
            let reach = marked.spans.iter().scan(0, |reach, span| {
                *reach = span.end.max(*reach);
                Some(*reach)
            });
            marked.reach = reach.collect();
        }
    }
    findings
        .map(|finding| {
            finding.follows.iter().any(|cause| {
                cause.places.iter().any(|place| {
                    let marked = wanted.get(&(Arc::clone(&cause.rule), place.file));
                    marked.is_some_and(|marked| marked.meets(*place))
                })
            })
        })
        .collect()
}

/// Puts the findings of each group into one: the first of the gravest.
pub(crate) fn group(outcome: &mut Outcome) {
    type Key = (Arc<str>, Span);
    let key = |reported: &Reported| -> Option<Key> {
        let finding = &reported.finding;
        Some((Arc::clone(&finding.rule), finding.group?))
    };
    let mut chosen: HashMap<Key, usize> = HashMap::default();
    for (at, reported) in outcome.findings.iter().enumerate() {
        if let Some(key) = key(reported) {
            let best = chosen.entry(key).or_insert(at);
            if outcome.findings[*best].finding.severity < reported.finding.severity {
                *best = at;
            }
        }
    }
    let mut others: HashMap<Key, Vec<Reported>> = HashMap::default();
    let mut kept: Vec<Reported> = Vec::with_capacity(outcome.findings.len());
    for (at, reported) in std::mem::take(&mut outcome.findings)
        .into_iter()
        .enumerate()
    {
        match key(&reported) {
            Some(key) if chosen.get(&key) != Some(&at) => {
                others.entry(key).or_default().push(reported);
            }
            _ => kept.push(reported),
        }
    }
    for reported in &mut kept {
        if let Some(others) = key(reported).and_then(|key| others.remove(&key)) {
            reported.others.extend(others);
            merge(reported);
        }
    }
    outcome.findings = kept;
}

/// Adds what the others of a group mark, explain and fix to its first finding.
fn merge(reported: &mut Reported) {
    let finding = &mut reported.finding;
    let count = reported.others.len();
    let places = if count == 1 { "place" } else { "places" };
    finding.message = format!("{} (and {count} more {places})", finding.message);
    let others = || reported.others.iter().map(|other| &other.finding);
    let marks = others().flat_map(|other| std::iter::once(&other.primary).chain(&other.also));
    extend_new(&mut finding.also, marks.copied());
    extend_new(
        &mut finding.related,
        others().flat_map(|other| other.related.iter().cloned()),
    );
    extend_new(
        &mut finding.covers,
        others().flat_map(|other| other.covers.iter().copied()),
    );
    let mut fix = finding.fix.take().map(Joined::new);
    for more in others().filter_map(|other| other.fix.as_ref()) {
        match &mut fix {
            Some(fix) => fix.add(more),
            None => fix = Some(Joined::new(more.clone())),
        }
    }
    finding.fix = fix.map(Joined::finish);
    let first = finding.primary;
    finding.also.retain(|span| *span != first);
    reported.fails |= reported.others.iter().any(|other| other.fails);
}

/// A fix that others are added to, with its edits at hand.
struct Joined {
    fix: Fix,
    edits: HashSet<Edit>,
    /// Where something is inserted.
    points: BTreeSet<(FileId, u32)>,
    /// What is replaced: the end by the beginning.
    ranges: BTreeMap<(FileId, u32), u32>,
}

impl Joined {
    fn new(fix: Fix) -> Self {
        let mut joined = Self {
            edits: HashSet::default(),
            points: BTreeSet::new(),
            ranges: BTreeMap::new(),
            fix,
        };
        for edit in &joined.fix.edits {
            joined.edits.insert(edit.clone());
            let Span { file, start, end } = edit.span;
            if edit.span.is_empty() {
                joined.points.insert((file, start));
            } else {
                joined.ranges.insert((file, start), end);
            }
        }
        joined
    }

    /// Adds a fix that is equally safe and does not touch this one; otherwise the safer one goes first, and the other
    /// one waits until it is applied.
    fn add(&mut self, more: &Fix) {
        if more.safety < self.fix.safety {
            *self = Self::new(more.clone());
            return;
        }
        if self.fix.safety != more.safety || more.edits.iter().any(|edit| self.conflicts(edit)) {
            return;
        }
        let new = more.edits.iter().filter(|edit| !self.edits.contains(*edit));
        let more = Self::new(Fix {
            edits: new.cloned().collect(),
            ..more.clone()
        });
        self.edits.extend(more.edits);
        self.points.extend(more.points);
        self.ranges.extend(more.ranges);
        self.fix.edits.extend(more.fix.edits);
    }

    /// As [`crate::fix::conflicts`] for each of the edits.
    fn conflicts(&self, edit: &Edit) -> bool {
        let Span { file, start, end } = edit.span;
        if self.edits.contains(edit) {
            return false;
        }
        // Those that are replaced do not overlap.
        let before = match edit.span.is_empty() {
            true => self.ranges.range(..(file, start)),
            false => self.ranges.range(..(file, end)),
        };
        let mut before = before.rev().take_while(|((other, _), _)| *other == file);
        let inside = (file, start + 1)..(file, end.max(start + 1));
        before.next().is_some_and(|(_, until)| *until > start)
            || match edit.span.is_empty() {
                true => self.points.contains(&(file, start)),
                false => self.points.range(inside).next().is_some(),
            }
    }

    fn finish(mut self) -> Fix {
        self.fix.edits.sort_by_key(|edit| edit.span);
        self.fix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start, end)
    }

    fn marked(spans: &[(u32, u32)]) -> Marked {
        let mut reach = 0;
        Marked {
            spans: spans.iter().map(|&(from, to)| span(from, to)).collect(),
            reach: spans
                .iter()
                .map(|&(_, to)| {
                    reach = to.max(reach);
                    reach
                })
                .collect(),
        }
    }

    #[test]
    fn places_that_share_a_byte_meet() {
        let marked = marked(&[(0, 100), (10, 20), (30, 30), (200, 210)]);
        for (place, meets) in [
            (span(50, 60), true),
            (span(15, 18), true),
            (span(100, 110), false),
            (span(100, 100), true),
            (span(190, 200), false),
            (span(205, 300), true),
            (span(210, 220), false),
        ] {
            assert_eq!(marked.meets(place), meets, "{place:?}");
        }
    }
}

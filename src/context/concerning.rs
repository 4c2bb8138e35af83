//! Which effects may concern a path, so that not all of them are gone through for each.

use crate::maps::HashMap;
use std::sync::Arc;

use super::image::{CopyFrom, CopySource, CopyStep, Effect, EffectKind, ImageFs, Target};
use super::places::{At, Merged, Places};

/// So many are gone through one by one: a tree of them would take longer.
const FEW: usize = 24;

fn places(effects: &[Effect]) -> Places {
    let mut places = Places::default();
    let mut counts: HashMap<Identity<'_>, usize> = HashMap::default();
    let copies = effects.iter().filter_map(|effect| match &effect.kind {
        EffectKind::Copy(copy) => identity(copy),
        _ => None,
    });
    copies.for_each(|copy| *counts.entry(copy).or_default() += 1);
    let mut groups = HashMap::default();
    for (index, effect) in effects.iter().enumerate() {
        let EffectKind::Copy(copy) = &effect.kind else {
            add(&mut places, index, &effect.kind);
            continue;
        };
        let to = copy.directory();
        places.make_above(index, &to);
        let at = places.at(&to);
        match identity(copy).filter(|copy| counts.get(copy).is_some_and(|count| *count > 1)) {
            None => at.steps.push(index),
            Some(key) => {
                let group = *groups.entry(key).or_insert(at.alike.len());
                if group == at.alike.len() {
                    at.alike.push(Vec::new());
                }
                at.alike[group].push(index);
            }
        }
    }
    places
}

fn add(places: &mut Places, index: usize, kind: &EffectKind) {
    match kind {
        EffectKind::UnknownAll => places.unknown.push(index),
        EffectKind::Opaque(path) | EffectKind::Filled(path) => {
            places.at(path).generated.push(index)
        }
        EffectKind::Mkdir(path) => places.make(index, path),
        EffectKind::Link { at, .. } => places.at(at).steps.push(index),
        EffectKind::Copy(_) => {}
        EffectKind::Remove(target) => target_of(places, index, target, |at| &mut at.steps),
        EffectKind::Move { from, to, .. } => {
            target_of(places, index, from, |at| &mut at.steps);
            if !from.is_pattern() {
                places.at(to).steps.push(index);
            }
        }
        EffectKind::Chmod {
            target,
            is_recursive,
            ..
        } => target_of(places, index, target, |at| at.change(0, *is_recursive)),
        EffectKind::Chown {
            target,
            is_recursive,
            ..
        } => target_of(places, index, target, |at| at.change(1, *is_recursive)),
    }
}

fn target_of(
    places: &mut Places,
    index: usize,
    target: &Target,
    list: impl Fn(&mut At) -> &mut Vec<usize>,
) {
    if target.is_pattern() {
        places.anywhere.push(index);
    } else {
        list(places.at(&target.path)).push(index);
    }
}

/// Where something is copied from, by the address of a stage, what, and where to.
type Identity<'a> = (usize, Vec<&'a str>, &'a str);

/// What makes copies bring the same: where they take it from and put it. `None` when what is there before counts too.
fn identity(copy: &CopyStep) -> Option<Identity<'_>> {
    let from = match &copy.from {
        CopyFrom::Context => 0,
        CopyFrom::Stage(stage) => Arc::as_ptr(stage) as usize,
        CopyFrom::External => return None,
    };
    let is_plain = copy.is_into() && !copy.is_add && !copy.has_parents && copy.excludes.is_empty();
    let paths = copy.sources.iter().map(|source| match source {
        CopySource::Path(path) => Some(path.as_str()),
        CopySource::Inline(..) | CopySource::Opaque => None,
    });
    Some((from, paths.collect::<Option<_>>()?, copy.dest.as_str())).filter(|_| is_plain)
}

/// Effects that may concern a path, the last ones first.
pub(crate) enum Concerning<'a> {
    All(std::ops::Range<usize>),
    Some(Merged<'a>),
}

impl Iterator for Concerning<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Self::All(range) => range.next_back(),
            Self::Some(merged) => merged.next(),
        }
    }
}

impl ImageFs {
    /// The effects before `upto` that may concern a path, the last ones first.
    pub(crate) fn concerning(&self, path: &str, upto: usize) -> Concerning<'_> {
        if self.effects.len() <= FEW {
            return Concerning::All(0..upto);
        }
        let places = self.places.get_or_init(|| places(&self.effects));
        Concerning::Some(places.concerning(path, upto))
    }
}

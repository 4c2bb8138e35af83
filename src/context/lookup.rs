//! Questions to an [`ImageFs`]: where a path of the image comes from, what a directory holds, where
//! a file of the context ends up.
//!
//! A path is followed from the last effect back through renames, links and stages. Every effect
//! that might have made it and is not understood turns "missing" into "unknown".

use crate::knowledge::words::DirectoryWords;
use std::cell::Cell;

use super::Context;
use super::brought::through_copy;
use super::image::{Base, Effect, EffectKind, ImageFs, strip};
use super::trail::{Follow, Found, MAX_DEPTH, Origin, Owner, Trail};
use crate::source::absolute;

/// Steps one question may take: more than any real Dockerfile needs.
const MAX_STEPS: u32 = 20_000;

pub(crate) struct Question<'a> {
    pub(crate) context: &'a Context,
    /// Only the effects of this file system from this one on are looked at.
    since: Option<(&'a ImageFs, usize)>,
    /// What a plain system image may bring is not asked.
    is_without_base: bool,
    /// Steps left.
    steps: Cell<u32>,
}

impl ImageFs {
    /// Where an absolute image path comes from, at the end of the stage.
    #[must_use]
    pub(crate) fn lookup(&self, context: &Context, path: &str) -> Found {
        self.lookup_before(context, path, self.effects.len())
    }

    /// Where it comes from when effect `upto` runs.
    #[must_use]
    pub(crate) fn lookup_before(&self, context: &Context, path: &str, upto: usize) -> Found {
        let upto = upto.min(self.effects.len());
        Question::new(context, None).ask(self, path, upto)
    }

    /// What the Dockerfile made of a path, as [`Self::lookup_before`]: what a plain system image may have there
    /// counts for nothing.
    #[must_use]
    pub(crate) fn made_before(&self, context: &Context, path: &str, upto: usize) -> Found {
        let upto = upto.min(self.effects.len());
        let mut question = Question::new(context, None);
        question.is_without_base = true;
        question.ask(self, path, upto)
    }

    /// Whether the Dockerfile makes a link of the path, or of a directory above it.
    #[must_use]
    pub(crate) fn is_below_link(&self, path: &str) -> bool {
        let is_link = |effect: &Effect| match &effect.kind {
            EffectKind::Link { at, .. } => strip(path, at).is_some(),
            _ => false,
        };
        self.effects.iter().any(is_link)
            || matches!(&self.base, Base::Stage(parent) if parent.is_below_link(path))
    }

    /// Whether the text at a path certainly is that of a file of the context when effect `upto` runs: the last that may
    /// have written there copied it.
    #[must_use]
    pub(crate) fn is_as_copied(&self, context: &Context, path: &str, upto: usize) -> bool {
        let path = absolute("/", path);
        for index in self.concerning(&path, upto.min(self.effects.len())) {
            match &self.effects[index].kind {
                EffectKind::Mkdir(_) | EffectKind::Chmod { .. } | EffectKind::Chown { .. } => {}
                EffectKind::Remove(target) if target.rest(&path).is_none() => {}
                EffectKind::Opaque(at) | EffectKind::Filled(at) | EffectKind::Link { at, .. }
                    if strip(&path, at).is_none() => {}
                EffectKind::Move { from, to, .. }
                    if from.rest(&path).is_none() && strip(&path, to).is_none() => {}
                EffectKind::Copy(_) => {
                    let question = Question::new(context, Some((self, index)));
                    match question.ask(self, &path, index + 1).origin {
                        Origin::Context(_) => return true,
                        Origin::Missing => {}
                        _ => return false,
                    }
                }
                _ => return false,
            }
        }
        match &self.base {
            Base::Stage(stage) => stage.is_as_copied(context, &path, stage.effects.len()),
            _ => false,
        }
    }

    /// Whether a file of the context is brought to a path by effect `from` or a later one.
    #[must_use]
    pub(crate) fn is_brought_since(&self, context: &Context, path: &str, from: usize) -> bool {
        let question = Question::new(context, Some((self, from)));
        let found = question.ask(self, path, self.effects.len());
        matches!(found.origin, Origin::Context(_))
    }
}

impl<'a> Question<'a> {
    fn new(context: &'a Context, since: Option<(&'a ImageFs, usize)>) -> Self {
        Self {
            context,
            since,
            is_without_base: false,
            steps: Cell::new(MAX_STEPS),
        }
    }

    fn ask(&self, fs: &ImageFs, path: &str, upto: usize) -> Found {
        let path = absolute("/", path);
        self.find(fs, upto, path, Trail::default(), 0)
    }

    /// Where looking back ends in this file system, if not at its base.
    fn end(&self, fs: &ImageFs) -> Option<usize> {
        let (cut, from) = self.since?;
        std::ptr::eq(cut, fs).then_some(from)
    }

    fn through_move(
        &self,
        fs: &ImageFs,
        index: usize,
        path: &str,
        trail: &mut Trail,
        depth: u32,
    ) -> Option<Found> {
        let effect = &fs.effects[index];
        let EffectKind::Move {
            from,
            to,
            into,
            keeps_source,
        } = &effect.kind
        else {
            return None;
        };
        if !keeps_source && from.rest(path).is_some() {
            if effect.is_certain {
                return Some(trail.clone().end());
            }
            trail.is_unknown = true;
        }
        let rest = strip(path, to)?;
        let to_directory = if *into {
            Some(true)
        } else {
            self.is_directory(fs, index, to, depth)
        };
        let mut sources = Vec::new();
        if to_directory != Some(false) && !rest.is_empty() {
            let (name, deeper) = rest.split_once('/').unwrap_or((rest, ""));
            let above = from.path.rsplit_once('/').map_or("", |(above, _)| above);
            let source = absolute(above, name);
            if from.rest(&source).is_some_and(|(_, rest)| rest.is_empty()) {
                sources.push(absolute(&source, deeper));
            }
        }
        if to_directory != Some(true) && !from.is_pattern() {
            sources.push(absolute(&from.path, rest));
        }
        for source in sources {
            let found = self.find(fs, index, source, trail.clone(), depth + 1);
            match found.origin {
                Origin::Missing => {}
                Origin::Unknown | Origin::Generated | Origin::Ignored(..) => {
                    trail.is_unknown = true;
                }
                _ if effect.is_certain => return Some(found),
                _ => trail.is_unknown = true,
            }
        }
        None
    }
}

impl Follow for Question<'_> {
    fn context(&self) -> &Context {
        self.context
    }

    fn find(&self, fs: &ImageFs, upto: usize, path: String, mut trail: Trail, depth: u32) -> Found {
        if depth > MAX_DEPTH {
            trail.is_unknown = true;
            return trail.end();
        }
        let end = self.end(fs);
        for index in fs.concerning(&path, upto) {
            if end.is_some_and(|end| index < end) {
                break;
            }
            if self.steps.get() == 0 {
                trail.is_unknown = true;
                return trail.end();
            }
            self.steps.set(self.steps.get() - 1);
            let effect = &fs.effects[index];
            let span = effect.span;
            match &effect.kind {
                EffectKind::UnknownAll => trail.is_unknown = true,
                EffectKind::Opaque(at) => {
                    if strip(&path, at).is_some() {
                        trail.is_generated = true;
                        trail.may_have_another_mode = true;
                    }
                }
                EffectKind::Filled(at) => trail.is_generated |= strip(&path, at).is_some(),
                EffectKind::Mkdir(at) => {
                    if strip(at, &path).is_some() {
                        trail.directory.get_or_insert(span);
                    }
                }
                EffectKind::Remove(target) => {
                    if target.rest(&path).is_some() {
                        if effect.is_certain {
                            return trail.end();
                        }
                        trail.is_unknown = true;
                    }
                }
                EffectKind::Chmod {
                    target,
                    is_executable,
                    is_recursive,
                } => {
                    let rest = target.rest(&path).map(|(_, rest)| rest);
                    if rest.is_some_and(|rest| rest.is_empty() || *is_recursive) {
                        trail.mode.get_or_insert((*is_executable, span));
                    }
                }
                EffectKind::Chown {
                    target,
                    owner,
                    is_recursive,
                } => {
                    let rest = target.rest(&path).map(|(_, rest)| rest);
                    if rest.is_some_and(|rest| rest.is_empty() || *is_recursive) {
                        let owner = owner.clone().map_or(Owner::Unknown, Owner::Known);
                        trail.owner.get_or_insert(owner);
                    }
                }
                EffectKind::Link { target, at } => {
                    if let Some(rest) = strip(&path, at) {
                        let path = absolute(target, rest);
                        return self.find(fs, fs.effects.len(), path, trail, depth + 1);
                    }
                }
                EffectKind::Move { .. } => {
                    if let Some(found) = self.through_move(fs, index, &path, &mut trail, depth) {
                        return found;
                    }
                }
                EffectKind::Copy(copy) => {
                    if let Some(found) =
                        through_copy(self, fs, index, copy, &path, &mut trail, depth)
                    {
                        return found;
                    }
                }
            }
        }
        if end.is_some() {
            return trail.end();
        }
        match &fs.base {
            Base::Stage(stage) => {
                return self.find(stage, stage.effects.len(), path, trail, depth + 1);
            }
            Base::Empty => {}
            Base::Unknown => trail.is_unknown = true,
            Base::System if self.is_without_base => {}
            Base::System => {
                if !DirectoryWords::System.contains(&path) {
                    trail.is_unknown |= is_system_content(&path);
                } else if trail.directory.is_none() {
                    let mut found = trail.end();
                    found.origin = Origin::Directory(None);
                    return found;
                }
            }
        }
        trail.end()
    }
}

/// Whether a plain system image may hold something at this path.
pub(crate) fn is_system_content(path: &str) -> bool {
    let is_below = |directory: &str| directory != "/" && strip(path, directory).is_some();
    path == "/"
        || (DirectoryWords::System.iter().any(is_below)
            && !DirectoryWords::Empty.iter().any(is_below))
}

//! Scripts that `chmod` lets their owner execute and nobody else, while another user starts them.

use crate::context::{Origin, Owner};
use crate::facts::build::{at, users};
use crate::facts::model::{CopyFact, CopyFrom, Project, ScriptFact};
use crate::facts::start::modes::{self, Change};
use crate::facts::start::user;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{Command, Runs};
use crate::source::{Entry, is_in};
use crate::span::Span;

/// The user of an image who may not execute a script of it, and the mode that `chmod` gave it.
pub(crate) fn closed_to(
    p: &Project,
    image: usize,
    service: Option<usize>,
    script: &ScriptFact,
) -> Option<(String, Span)> {
    let is_direct = !script.is_interpreted && !script.is_sourced;
    let is_of_root = matches!(&script.found.owner, Owner::Known(owner)
        if users::is_root_name(owner.split(':').next().unwrap_or(owner)));
    let Origin::Context(source) = &script.found.origin else {
        return None;
    };
    if !is_direct || !is_of_root {
        return None;
    }
    let user = user::not_root(p, image, service)?;
    let stage = p.images[image].stage;
    let (mode, opens) = last_mode(p, stage, &script.path)?;
    // Another stage, or the COPY, may have given it a mode.
    let brings = |copy: &CopyFact| {
        let target = copy.target.as_deref();
        target.is_none_or(|target| is_in(&script.path, target))
    };
    let mut copies = p.copies.iter();
    let is_open = copies.any(|copy| {
        let is_other = copy.from != CopyFrom::Context || copy.chmod.is_some();
        at::is_part(&p.stages, copy.stage, stage) && is_other && brings(copy)
    });
    if is_open {
        return None;
    }
    // What `u+x` leaves to others is what the file has.
    if opens {
        let path = p.around.context.below_root(source)?;
        let Entry::File { is_executable, .. } = p.around.root.entry(&path) else {
            return None;
        };
        if p.around.root.is_executable(&path, is_executable) != Some(false) {
            return None;
        }
    }
    Some((user, mode))
}

/// The mode that the last `chmod` gives a path, where that lets nobody but the owner execute it, and whether it leaves
/// what others may do; nothing where that is not known.
fn last_mode(p: &Project, stage: usize, path: &str) -> Option<(Span, bool)> {
    let leaves = |command: &Command| {
        let name = command.name.as_deref();
        !name.is_some_and(|it| programs::is(it, Role::SetsRights))
    };
    let opens = |change: &Change<'_>| {
        let is_plain = change.is_named && change.command.runs == Runs::Always;
        let mode = change.mode.filter(|_| is_plain)?;
        let digits = mode.trim_start_matches('0');
        let opens = OptionWords::OwnerExecutes.contains(mode);
        let is_closed = digits.len() == 3
            && digits.starts_with('7')
            && digits[1..].bytes().all(|byte| matches!(byte, b'0' | b'4'));
        (opens || is_closed).then_some(opens)
    };
    let (opens, span) = modes::last(p, stage, path, leaves, opens)??;
    Some((span, opens))
}

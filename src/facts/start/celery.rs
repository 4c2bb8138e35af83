//! What command lines of celery run, and what they say that its release does not read.

use crate::facts::build::at;
use crate::facts::model::{Project, StartFact};
use crate::facts::python::{dependencies, releases};
use crate::knowledge::Series;
use crate::knowledge::words::{OptionWords, PackageWords};
use crate::python::requirements::{Requirement, Specifier};
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

/// The first release whose options stand before its subcommand only, and the oldest Python that gets it unasked.
const STRICT: (&str, Series) = ("5.0", Series(3, 6));

/// What a command line of celery runs: `worker`, `beat`; nothing for other commands.
pub(crate) fn runs(command: &Command) -> Option<&str> {
    let is_celery = command.name.as_deref() == Some("celery");
    command.subcommand().filter(|_| is_celery)
}

/// The command is one worker of celery; `celery multi` starts several.
pub(crate) fn is_worker(command: &Command) -> bool {
    runs(command) == Some("worker")
}

/// An option of celery itself behind its subcommand, where the image's release takes it before that only.
pub(crate) fn misplaced<'a>(p: &Project, image: usize, start: &'a StartFact) -> Option<&'a Traced> {
    let command = &start.command;
    let subcommand = command.subcommand.as_ref()?;
    let is_strict = OptionWords::CeleryStrict.contains(subcommand.as_str()?);
    if command.name.as_deref() != Some("celery") || !is_strict {
        return None;
    }
    let at = command
        .args
        .iter()
        .position(|arg| arg.span == subcommand.span)?;
    // What is behind `--`, or the value of another option, is none.
    let is_own = |arg: &&Arg| {
        let mut flags = command.flags.iter();
        let begins = |span: Span| (span.file, span.start) == (arg.span.file, arg.span.start);
        flags.any(|flag| begins(flag.span) && OptionWords::CeleryOwn.contains(&flag.written))
    };
    let found = command.args[at + 1..].iter().find(is_own)?;
    if may_be_held(p, image) {
        return None;
    }
    let (from, python) = STRICT;
    let is_strict = releases::has_since(p, image, "celery", from, python) == Some(true);
    found.text.as_ref().filter(|_| is_strict)
}

/// No list says which celery is installed, and packages beside it or constraints may hold it at an old one.
fn may_be_held(p: &Project, image: usize) -> bool {
    let Some(listed) = p.dependencies.get(image) else {
        return true;
    };
    let items = listed.items.iter();
    let mut all = items.map(|(install, at)| &p.installs[*install].set.requirements[*at]);
    let is_named = dependencies::named(p, image, "celery").is_some_and(|found| {
        let mut found = found.into_iter();
        found.all(|(install, one)| {
            let versions = dependencies::versions(install, one);
            versions.pinned().is_some() || versions.start_at(STRICT.0) == Some(true)
        })
    });
    let is_bounded =
        |one: &Requirement| !matches!(one.specifier, Specifier::Unbounded | Specifier::LowerOnly);
    let holds = |one: &Requirement| PackageWords::HoldsCelery.begins(&one.name) && is_bounded(one);
    let stage = p.images[image].stage;
    let mut constraints = ["PIP_CONSTRAINT", "UV_CONSTRAINT"].into_iter();
    constraints.any(|name| at::env(p, stage, name).is_some()) || !is_named && all.any(holds)
}

//! What the command line of celery says that its release does not read.

use crate::facts::build::at;
use crate::facts::model::{Project, StartFact};
use crate::facts::python::{dependencies, releases};
use crate::knowledge::Series;
use crate::knowledge::words::{OptionWords, PackageWords};
use crate::python::requirements::{Requirement, Specifier};
use crate::shell::ast::Arg;
use crate::span::Traced;

/// The first release whose options stand before its subcommand only, and the oldest Python that gets it unasked.
const STRICT: (&str, Series) = ("5.0", Series(3, 7));

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
    let is_own = |arg: &&Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        let name = text.split('=').next().unwrap_or(text);
        OptionWords::CeleryOwn.contains(name)
    };
    // Behind `--` everything is an operand.
    let rest = command.args[at + 1..].iter();
    let found = rest
        .take_while(|arg| arg.as_str() != Some("--"))
        .find(is_own)?;
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

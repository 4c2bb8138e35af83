//! Pins of one list that no release satisfies: two of one package, and those of packages that need each other.

use crate::facts::build::at;
use crate::facts::model::{InstallFact, Project};
use crate::facts::python::{closure, dependencies};
use crate::knowledge::paired_releases::{self, BreakingPair};
use crate::python::requirements::{Requirement, Specifier, Versions};

/// Entries of one name that are looked at.
const MAX_SAME: usize = 64;

/// A pin that another requirement of the same install rules out.
pub(crate) struct Conflict<'p> {
    pub(crate) other: &'p Requirement,
    /// For two packages: what the one with the pin asks of the other.
    pub(crate) needs: Option<&'static str>,
}

/// What of the same install certainly cannot be installed beside a requirement. Of two pins of one package, the later
/// one has the conflict.
pub(crate) fn conflict(p: &Project, install: usize, at: usize) -> Option<Conflict<'_>> {
    let fact = &p.installs[install];
    let own = fact.set.requirements.get(at)?;
    let pinned = own.versions.pinned().filter(|_| is_plain(own))?;
    if !resolves(p, fact) {
        return None;
    }
    let places = fact.set.places(&own.name).into_iter();
    let before = places.take_while(|place| *place < at).take(MAX_SAME);
    let before = before.map(|place| &fact.set.requirements[place]);
    let bounds = fact.set.constraints_of(&own.name).take(MAX_SAME);
    let mut same = before.chain(bounds).filter(|it| is_plain(it));
    if let Some(other) = same.find(|it| it.versions.allow(&pinned) == Some(false)) {
        return Some(Conflict { other, needs: None });
    }
    let mut rows = paired_releases::of(&own.name);
    let row = rows.find(|row| is_between(&pinned, row.from, row.below))?;
    let needed = Versions::parse(row.needs);
    let is_refused = |it: &&Requirement| {
        let version = it.versions.pinned();
        is_plain(it) && version.is_some_and(|version| needed.allow(&version) == Some(false))
    };
    let other = fact.set.named(row.other).take(MAX_SAME).find(is_refused)?;
    let needs = Some(row.needs);
    Some(Conflict { other, needs })
}

/// What certainly breaks the release of a pin when that is used: a requirement of the same install, or the newest
/// release of what it brings along itself.
pub(crate) fn breaks(
    p: &Project,
    install: usize,
    at: usize,
) -> Option<(&'static BreakingPair, Option<&Requirement>)> {
    let set = &p.installs[install].set;
    let own = set.requirements.get(at).filter(|it| is_plain(it))?;
    let pinned = own.versions.pinned()?;
    let mut rows = paired_releases::breaking(&own.name);
    let row = rows.find(|row| is_between(&pinned, row.from, row.below))?;
    let same = set.named(row.other).chain(set.constraints_of(row.other));
    let mut others = same.take(MAX_SAME).peekable();
    let Some(first) = others.peek().copied() else {
        return gets_newest(p, install, at, row).then_some((row, None));
    };
    let is_one =
        |it: &Requirement| is_plain(it) && it.versions.start_at(row.other_from) == Some(true);
    let is_free = |it: &Requirement| is_plain(it) && is_unbounded(it);
    let all: Vec<&Requirement> = others.collect();
    let is_certain = all.iter().all(|it| is_one(it))
        || all.iter().all(|it| is_free(it)) && gets_newest(p, install, at, row);
    is_certain.then_some((row, Some(first)))
}

/// No bound keeps the newest release out.
fn is_unbounded(it: &Requirement) -> bool {
    matches!(
        it.versions.specifier(),
        Specifier::Unbounded | Specifier::LowerOnly
    )
}

/// pip takes the newest release of the other package, which is one that breaks the pin: nothing that any of its images
/// has says otherwise.
fn gets_newest(p: &Project, install: usize, own: usize, row: &BreakingPair) -> bool {
    let fact = &p.installs[install];
    let python = dependencies::python_at_least(p, fact);
    let is_new = row.python.zip(python).is_some_and(|(from, it)| it >= from);
    if !is_new || !resolves(p, fact) || at::sets_env(p, fact.stage, "PIP_CONSTRAINT") {
        return false;
    }
    let has_it = |image: &usize| {
        let listed = p.dependencies.get(*image);
        listed.is_some_and(|listed| listed.has(install, own))
    };
    let mut images = (0..p.images.len()).filter(has_it).peekable();
    let is_free = |image: usize| {
        let named = dependencies::named(p, image, row.other).unwrap_or_default();
        let is_own = |one: &InstallFact| one.command == fact.command;
        let mut named = named.into_iter();
        named.all(|(one, it)| is_own(one) && is_unbounded(it))
            && closure::only_by(p, image, row.other, &[row.name, row.other])
    };
    images.peek().is_some() && images.all(is_free)
}

/// A release is not below the first, and below the second.
fn is_between(release: &str, from: &str, below: &str) -> bool {
    Versions::parse(&format!(">={from},<{below}")).allow(release) == Some(true)
}

/// It is asked for whatever the platform and the groups are.
fn is_plain(requirement: &Requirement) -> bool {
    requirement.marker.is_none() && requirement.group.is_none() && !requirement.name.is_empty()
}

/// The install looks for releases that fit each other: it takes none from a lock file, and is not told to pass over
/// what packages ask for.
fn resolves(p: &Project, install: &InstallFact) -> bool {
    let command = &p.commands[install.command].command;
    let is_pip = matches!(command.name.as_deref(), Some("pip" | "uv"));
    is_pip
        && install.set.lock.is_none()
        && command.is_complete
        && ["--no-deps", "--use-deprecated", "--override"]
            .iter()
            .all(|it| command.flag(it).is_none())
}

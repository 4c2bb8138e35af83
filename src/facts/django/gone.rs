//! Classes that settings name and that the release of their distribution in the image lacks.

use crate::facts::model::{DjangoPhase, Project, SettingsFact};
use crate::facts::python::dependencies;
use crate::knowledge::removed_classes::{RemovedClass, removed};
use crate::python::requirements::Versions;
use crate::python::settings::{Kind, Value};
use crate::span::Span;

/// How deep values are looked into, as deep as settings name classes.
const DEPTH: u8 = 6;

/// The classes, with the place that names each.
pub(crate) fn gone(p: &Project, settings: &SettingsFact) -> Vec<(&'static RemovedClass, Span)> {
    let mut found = Vec::new();
    for setting in settings.settings.values.values() {
        named(&setting.value, &mut found, 0);
    }
    found.retain(|(row, _)| is_since(p, settings.image, row.distribution, row.from, row.newest));
    found.dedup_by_key(|(_, span)| *span);
    found
}

fn named(value: &Value, found: &mut Vec<(&'static RemovedClass, Span)>, depth: u8) {
    if depth > DEPTH {
        return;
    }
    match &value.kind {
        Kind::Str(text) => found.extend(removed(text).map(|row| (row, value.span))),
        Kind::List(items) | Kind::Tuple(items) => {
            items
                .items
                .iter()
                .for_each(|item| named(item, found, depth + 1));
        }
        Kind::Dict(entries) => {
            let values = entries.entries.iter();
            values.for_each(|(_, item)| named(item, found, depth + 1));
        }
        _ => {}
    }
}

/// A distribution is installed, and its version is bounded to be `from` one or later.
pub(crate) fn is_pinned_since(
    p: &DjangoPhase,
    image: usize,
    distribution: &str,
    from: &str,
) -> bool {
    let mut versions = versions_of(p, image, distribution).peekable();
    versions.peek().is_some() && versions.all(|it| it.start_at(from) == Some(true))
}

/// Every release of a distribution that is installed is `from` one or later; `newest` is installed where no bound keeps
/// it out.
pub(crate) fn is_since(
    p: &DjangoPhase,
    image: usize,
    distribution: &str,
    from: &str,
    newest: &str,
) -> bool {
    let mut versions = versions_of(p, image, distribution).peekable();
    let is_one = |it: Versions| it.start_at(from) == Some(true) || it.allow(newest) == Some(true);
    versions.peek().is_some() && versions.all(is_one)
}

/// What the requirements of an image allow of a distribution.
fn versions_of<'p>(
    p: &'p DjangoPhase,
    image: usize,
    distribution: &'p str,
) -> impl Iterator<Item = Versions> + 'p {
    let listed = p.dependencies.get(image).into_iter();
    listed
        .flat_map(|listed| &listed.items)
        .filter_map(move |(install, at)| {
            let install = &p.installs[*install];
            let requirement = &install.set.requirements[*at];
            let is_it = requirement.name == distribution;
            is_it.then(|| dependencies::versions(install, requirement))
        })
}

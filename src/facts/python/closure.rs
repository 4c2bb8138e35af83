//! Whether an image certainly lacks a distribution, whatever brings which along.

use crate::facts::build::at;
use crate::facts::model::{InstallFact, Project};
use crate::facts::python::dependencies;
use crate::knowledge::dependencies as known;
use crate::knowledge::import_names;
use crate::knowledge::texts::List;
use crate::maps::HashSet;
use crate::python::requirements::{Requirement, Specifier, Versions};

/// An image has none of these distributions: every list was read, and all that is listed is known to bring along none
/// of them. `None` where one may be there.
pub(crate) fn lacks(p: &Project, image: usize, names: &[&str]) -> Option<bool> {
    search(p, image, names, &|_| Brings::All)
}

/// What of a distribution's dependencies counts.
enum Brings {
    All,
    /// None of those that are looked for.
    Others,
    /// It is known to have none.
    Nothing,
}

fn search(p: &Project, image: usize, names: &[&str], of: &dyn Fn(&str) -> Brings) -> Option<bool> {
    if names.iter().any(|name| dependencies::lists(p, image, name)) {
        return Some(false);
    }
    search_listed(p, image, names, of)
}

/// As [`search`], whether they are listed or not.
fn search_listed(
    p: &Project,
    image: usize,
    names: &[&str],
    of: &dyn Fn(&str) -> Brings,
) -> Option<bool> {
    let listed = p.dependencies.get(image)?;
    if !listed.is_complete || p.may_gain(image, names) {
        return None;
    }
    if listed.is_closed {
        return Some(true);
    }
    let mut todo: Vec<&str> = Vec::new();
    for (install, at) in &listed.items {
        let install = &p.installs[*install];
        let one = &install.set.requirements[*at];
        let mut more = Vec::new();
        match of(&one.name) {
            Brings::Nothing => continue,
            Brings::All => brought(install, one, &mut more)?,
            Brings::Others => {
                brought(install, one, &mut more)?;
                more.retain(|other| !names.contains(other));
            }
        }
        todo.extend(more);
    }
    // Of what is listed itself the release is known.
    let items = listed.items.iter();
    let own = items.map(|(install, at)| p.installs[*install].set.requirements[*at].name.as_str());
    let mut seen: HashSet<&str> = own.collect();
    while let Some(name) = todo.pop() {
        if names.contains(&name) {
            return None;
        }
        if seen.insert(name) {
            let is_spared = matches!(of(name), Brings::Others);
            let more = known::of(name)?.brings().map(|(other, _)| other);
            todo.extend(more.filter(|other| !is_spared || !names.contains(other)));
        }
    }
    Some(true)
}

/// As [`lacks`], where one distribution that is listed is known to bring nothing.
pub(crate) fn lacks_beside(p: &Project, image: usize, names: &[&str], plain: &str) -> Option<bool> {
    search(p, image, names, &|name| match name == plain {
        true => Brings::Nothing,
        false => Brings::All,
    })
}

/// Of all that an image has, nothing but these distributions brings another one along, so that nothing else bounds it.
pub(crate) fn only_by(p: &Project, image: usize, other: &str, by: &[&str]) -> bool {
    let found = search_listed(p, image, &[other], &|name| match by.contains(&name) {
        true => Brings::Nothing,
        false => Brings::All,
    });
    found == Some(true)
}

/// As [`lacks`], where some distributions bring them along on other systems only.
pub(crate) fn lacks_on_linux(
    p: &Project,
    image: usize,
    names: &[&str],
    elsewhere: List,
) -> Option<bool> {
    search(p, image, names, &|name| match elsewhere.contains(name) {
        true => Brings::Others,
        false => Brings::All,
    })
}

/// The distribution that has a module, where an image certainly lacks it.
pub(crate) fn missing_module(p: &Project, image: usize, module: &str) -> Option<&'static str> {
    let names: Vec<&'static str> = import_names::distributions(module)?.iter().collect();
    let stage = p.images[image].stage;
    if at::sets_env(p, stage, "PYTHONPATH") || lacks(p, image, &names) != Some(true) {
        return None;
    }
    names.first().copied()
}

/// Adds what a requirement may bring; `None` where that is not known.
fn brought(install: &InstallFact, one: &Requirement, out: &mut Vec<&'static str>) -> Option<()> {
    if one.path.is_some() || matches!(one.specifier, Specifier::Url { .. } | Specifier::Path) {
        return None;
    }
    let row = known::of(&one.name)?;
    let versions = dependencies::versions(install, one);
    let pinned = versions.pinned();
    let is_since = |version: &str, from: &str| {
        Versions::parse(&format!(">={from}")).allow(version) == Some(true)
    };
    if let Some(version) = &pinned {
        if !is_since(version, &row.since) {
            return None;
        }
    } else if !versions.is_known()
        || versions.start_at(&row.since) == Some(false) && !is_newest(&versions)
    {
        return None;
    }
    let is_brought = |until: Option<&str>| match (until, &pinned) {
        (None, _) => true,
        (Some(until), Some(version)) => !is_since(version, until),
        (Some(until), None) => versions.start_at(until) != Some(true),
    };
    out.extend(
        row.brings()
            .filter(|(_, until)| is_brought(*until))
            .map(|(name, _)| name),
    );
    for extra in &one.extras {
        out.extend(row.extra(extra)?);
    }
    Some(())
}

/// No bound keeps the newest release out.
fn is_newest(versions: &Versions) -> bool {
    matches!(
        versions.specifier(),
        Specifier::Unbounded | Specifier::LowerOnly
    )
}

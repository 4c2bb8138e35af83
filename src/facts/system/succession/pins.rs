//! Which Python the packages of a base image's stages can move to: what Django, bounds of projects and pinned releases
//! allow, wherever they stand.

use crate::facts::build::at;
use crate::facts::model::{BaseGraph, InstallFact, Listed, Project};
use crate::facts::python::dependencies;
use crate::facts::system::compiling::{is_compiled, may_have_wheel};
use crate::knowledge::django::{self, DjangoSeries};
use crate::knowledge::images::{Family, Libc};
use crate::knowledge::python::{self, PythonSeries};
use crate::knowledge::{Date, Series, built_in, pypi, wheels};
use crate::python::requirements::{Requirement, RequirementSet, Specifier, Versions};
use crate::span::Traced;

/// So long after a first release the packages of PyPI have followed.
const SETTLED_DAYS: i32 = 180;

/// The supported Pythons that all that is known of the stages on a base image allows.
#[derive(Debug)]
pub(crate) struct Pythons {
    pub(crate) oldest: &'static PythonSeries,
    /// The newest, and what does not allow a newer one, as people read it; `None` where nothing does.
    pub(crate) newest: Option<(Series, String)>,
}

/// More stages than this nobody writes.
pub(super) const MAX_STAGES: usize = 100;

pub(super) fn graph(p: &Project) -> &BaseGraph {
    p.succession.graph.get_or_init(|| {
        let roots: Vec<usize> = (0..p.stages.len())
            .map(|stage| at::chain(&p.stages, stage).pop().unwrap_or(stage))
            .collect();
        let mut pairs = Vec::new();
        for to in (0..p.stages.len()).take_while(|_| p.stages.len() <= MAX_STAGES) {
            for from in dependencies::brought_to(p, to, &mut Listed::default()) {
                pairs.push((roots[to], roots[from]));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut installs = vec![Vec::new(); p.stages.len()];
        for (at, install) in p.installs.iter().enumerate() {
            installs[roots[install.stage]].push(at);
        }
        BaseGraph {
            roots,
            pairs,
            installs,
        }
    })
}

/// No command of the stages on a base image installs Python packages, nor one of those whose packages they take.
pub(super) fn installs_nothing(p: &Project, stage: usize) -> bool {
    installs(p, stage).is_empty()
}

/// A release is compiled that is not the newest one: a newer compiler may refuse it.
pub(super) fn compiles_older(p: &Project, stage: usize) -> bool {
    let is_older = |install: &InstallFact, requirement: &Requirement| {
        let versions = set_of(install).versions_of(&requirement.name);
        let pinned = versions.and_then(|versions| versions.pinned());
        let newest = pypi::distribution(&requirement.name).map(|row| row.version);
        pinned.is_some() && pinned.as_deref() != newest
    };
    installs(p, stage).into_iter().any(|install| {
        let mut all = set_of(install).requirements.iter();
        all.any(|it| is_older(install, it) && is_compiled(p, install, it) == Some(true))
    })
}

/// The base images, by the stage that names them, whose packages are copied from one to the other: they need the same
/// Python.
pub(crate) fn companions(p: &Project, stage: usize) -> Vec<usize> {
    let mut out = vec![root(p, stage)];
    let mut at = 0;
    while let Some(one) = out.get(at).copied() {
        at += 1;
        for (a, b) in &graph(p).pairs {
            for (this, other) in [(*a, *b), (*b, *a)] {
                let base = &p.stages[other].base.knowledge;
                let is_python = base.python.is_some()
                    || matches!(
                        base.family,
                        Family::Python | Family::Debian | Family::BuildpackDeps | Family::Ubuntu
                    );
                if this == one && is_python && !out.contains(&other) {
                    out.push(other);
                }
            }
        }
    }
    out
}

/// The installs of the stages on a base image and its companions, and of those that wrote lists for them.
pub(crate) fn installs<'p>(p: &'p Project, stage: usize) -> Vec<&'p InstallFact> {
    let roots = companions(p, stage);
    let on_them = roots.iter().flat_map(|root| &graph(p).installs[*root]);
    let mut on_them: Vec<usize> = on_them.copied().collect();
    on_them.sort_unstable();
    let mut out: Vec<&'p InstallFact> = on_them.iter().map(|at| &p.installs[*at]).collect();
    let mut at = 0;
    while let Some(install) = out.get(at).copied() {
        at += 1;
        for taken in &install.takes {
            let Ok(from) = dependencies::position(p, taken.command) else {
                continue;
            };
            let from = &p.installs[from];
            if !out.iter().any(|one| one.command == from.command) {
                out.push(from);
            }
        }
    }
    out
}

/// The list of an install: what was found, or what was not found there and is likely meant.
fn set_of(install: &InstallFact) -> &RequirementSet {
    install.likely.as_ref().unwrap_or(&install.set)
}

fn is_read(install: &InstallFact) -> bool {
    match &install.likely {
        Some(likely) => likely.is_complete,
        None => install.is_followed && install.set.is_complete || !install.takes.is_empty(),
    }
}

/// The oldest Django that the stages certainly get.
pub(crate) fn oldest_django(p: &Project, stage: usize) -> Option<&'static DjangoSeries> {
    let sets = installs(p, stage).into_iter().map(set_of);
    sets.flat_map(|set| {
        let requirements = set.requirements.iter();
        requirements.filter_map(|it| dependencies::newest_django_of(set, it))
    })
    .min_by_key(|row| row.series)
}

/// The Django that has to be upgraded before the Python of a stage can be: no supported Python runs it.
pub(crate) fn blocking_django(p: &Project, stage: usize) -> Option<&'static DjangoSeries> {
    oldest_django(p, stage)
        .filter(|row| python::maintained(p.today).all(|python| python.series > row.python_max))
}

/// The supported Pythons to move to, from the oldest; `None` where no supported Python runs the Django.
pub(crate) fn pythons(p: &Project, stage: usize) -> Option<Pythons> {
    if blocking_django(p, stage).is_some() {
        return None;
    }
    let mut settled: Vec<&'static PythonSeries> = python::maintained(p.today)
        .filter(|row| has_settled(row, p.today))
        .collect();
    let newest = settled.last()?.series;
    // A bound that refuses all of them has to be changed in any case.
    let all = settled.clone();
    settled.retain(|row| bounds_against(p, stage, row).is_empty());
    let is_bound = !settled.is_empty() && settled.len() < all.len();
    if settled.is_empty() {
        settled = all;
    }
    let oldest = *settled.first()?;
    let by_bound = settled.last()?.series;
    let by_django = oldest_django(p, stage).filter(|row| row.python_max < by_bound);
    let newest = match by_django {
        Some(row) if row.python_max < oldest.series => return None,
        Some(row) => Some((row.python_max, format!("Django {}", row.series))),
        None if is_bound && by_bound < newest => Some((by_bound, "the project".to_owned())),
        None => None,
    };
    Some(Pythons { oldest, newest })
}

/// What certainly cannot be installed as it is asked for, or not without a compiler, on the oldest of these Pythons, as
/// people read it.
pub(crate) fn held_by(p: &Project, stage: usize) -> Vec<String> {
    let Some(row) = pythons(p, stage).map(|found| found.oldest) else {
        return Vec::new();
    };
    let libc = p.stages[stage].base.knowledge.libc;
    held_by_all(p, &installs(p, stage), row, libc)
}

/// What is installed that the oldest of these Pythons has built in, and that cannot go along to it.
pub(crate) fn built_in(p: &Project, stage: usize) -> Vec<String> {
    let Some(row) = pythons(p, stage).map(|found| found.oldest) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for install in installs(p, stage) {
        let set = set_of(install);
        let is_left_behind = |it: &&Requirement| {
            let pinned = set.versions_of(&it.name).and_then(|all| all.pinned());
            is_asked(it, row.series) && built_in::is_one(&it.name, row.series, pinned.as_deref())
        };
        let found = set.requirements.iter().filter(is_left_behind);
        out.extend(found.map(|it| it.name.clone()));
    }
    out.sort();
    out.dedup();
    out
}

/// The marker of a requirement lets it be installed with a series.
fn is_asked(requirement: &Requirement, python: Series) -> bool {
    let parts = u8::try_from(python.0).ok().zip(u8::try_from(python.1).ok());
    let marker = requirement.marker.as_ref();
    marker.is_none_or(|marker| marker.applies(parts, &[]) != Some(false))
}

/// Packages have followed to it.
pub(crate) fn has_settled(row: &PythonSeries, today: Date) -> bool {
    let days = |day: Date| day.until(today).ok().map(|span| span.get_days());
    row.released
        .and_then(days)
        .is_some_and(|days| days >= SETTLED_DAYS)
}

/// The bounds of projects that refuse a series, as people read it.
pub(super) fn bounds_against(p: &Project, stage: usize, row: &PythonSeries) -> Vec<String> {
    let mut out: Vec<String> = installs(p, stage)
        .into_iter()
        .filter_map(|one| bound(one, row))
        .collect();
    out.sort();
    out.dedup();
    out
}

/// A bound of a project refuses the newest patch release of a series, and allows this one.
pub(super) fn needs_patch(p: &Project, stage: usize, row: &PythonSeries, patch: &str) -> bool {
    installs(p, stage).into_iter().any(|install| {
        let versions = set_of(install).python_versions.as_ref();
        versions
            .is_some_and(|versions| refuses(versions, row) && versions.allow(patch) == Some(true))
    })
}

/// All that is installed can be, as it is asked for, with a series.
pub(super) fn fits(p: &Project, stage: usize, series: Series) -> bool {
    let installs = installs(p, stage);
    let Some(row) = python::series(series) else {
        return false;
    };
    let libc = p.stages[stage].base.knowledge.libc;
    oldest_django(p, stage).is_none_or(|django| series <= django.python_max)
        && installs.iter().all(|install| is_read(install))
        && held_by_all(p, &installs, row, libc).is_empty()
}

/// The Pythons that files of the projects name.
pub(super) fn named(p: &Project, stage: usize) -> Vec<Traced> {
    let mut out: Vec<Traced> = installs(p, stage)
        .into_iter()
        .filter_map(|install| set_of(install).named_python.clone())
        .collect();
    out.sort_by_key(Traced::span);
    out.dedup_by_key(|text| text.span());
    out
}

/// The bound of an install's project that refuses a series, as people read it.
fn bound(install: &InstallFact, row: &PythonSeries) -> Option<String> {
    let set = set_of(install);
    let text = set.requires_python.as_ref()?;
    let is_refused = refuses(set.python_versions.as_ref()?, row);
    is_refused.then(|| format!("the bound `{}` on Python", text.as_str()))
}

/// What cannot be installed for a series as it is asked for, as people read it.
fn held_by_all(
    p: &Project,
    installs: &[&InstallFact],
    row: &PythonSeries,
    libc: Libc,
) -> Vec<String> {
    let mut out = Vec::new();
    for install in installs {
        let set = set_of(install);
        out.extend(bound(install, row));
        for requirement in &set.requirements {
            let held = held(p, install, requirement, row.series, libc);
            let shown = requirement.name.as_str();
            out.extend(held.map(|least| match &requirement.via {
                Some(via) => format!("`{shown}`, which `{via}` requires, to at least {least}"),
                None => format!("`{shown}` to at least {least}"),
            }));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// None of the patch releases that the tag of a series may stand for is allowed.
pub(crate) fn refuses(versions: &Versions, row: &PythonSeries) -> bool {
    let newest = row.last_patch.unwrap_or(0);
    (newest..newest + 10)
        .all(|patch| versions.allow(&format!("{}.{patch}", row.series)) == Some(false))
}

/// The oldest release of what is asked for that a series can do with, where all that are allowed are older.
fn held(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
    python: Series,
    libc: Libc,
) -> Option<String> {
    let name = &requirement.name;
    let is_of_index = !matches!(
        requirement.specifier,
        Specifier::Url { .. } | Specifier::Path | Specifier::Unknown
    );
    if !is_of_index || !is_asked(requirement, python) {
        return None;
    }
    let versions = set_of(install).versions_of(name)?;
    if let Some(oldest) =
        dependencies::oldest_allowing(p, &versions, install.is_constrained, name, python)
    {
        return Some(oldest.version?.to_string());
    }
    lacks_wheel(name, &versions, install, p, python, libc)
}

/// The oldest release with a wheel for a series, where all that are allowed are older.
fn lacks_wheel(
    name: &str,
    versions: &Versions,
    install: &InstallFact,
    p: &Project,
    python: Series,
    libc: Libc,
) -> Option<String> {
    let now = p.stages[install.stage].base.knowledge.python;
    let now = now.and_then(|now| wheels::span(name, now));
    // What is compiled today will be: only releases that are older than the Python itself are in the way.
    let is_compiled = |libc| now.is_some_and(|now| !may_have_wheel(versions, now, libc));
    let libc = match libc {
        Libc::Musl if now.is_some() && !is_compiled(libc) => libc,
        _ => Libc::Glibc,
    };
    if is_compiled(libc) {
        return None;
    }
    match wheels::span(name, python) {
        Some(span) if may_have_wheel(versions, span, libc) => None,
        Some(span) => {
            let mut firsts = span.runs(libc).map(|(first, _)| first);
            let above = firsts.find(|first| versions.stay_below(first) == Some(true))?;
            Some(above.to_string())
        }
        None => None,
    }
}

/// How to come from the Python and Django of a stage to a supported Python: `Django 4.2`, `Python 3.12`. Empty where
/// that is not known.
pub(crate) fn steps(p: &Project, stage: usize) -> Vec<String> {
    let from = p.stages[stage].base.knowledge.python;
    let (Some(python), Some(django)) = (from, oldest_django(p, stage)) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let is_there = |row: &PythonSeries| !row.is_eol(p.today);
    walk(p.today, python, django, &mut out, |python, _| {
        python::series(python).is_some_and(is_there)
    });
    out
}

/// How to come from a Python and a Django to a supported Django.
pub(crate) fn steps_of_django(
    today: Date,
    python: Series,
    django: &'static DjangoSeries,
) -> Vec<String> {
    let mut out = Vec::new();
    walk(today, python, django, &mut out, |_, django| {
        !django.is_eol(today)
    });
    out
}

/// Takes turns: the newest Django with long-term support that the Python runs, the newest Python that runs that Django.
fn walk(
    today: Date,
    mut python: Series,
    mut django: &'static DjangoSeries,
    out: &mut Vec<String>,
    is_done: impl Fn(Series, &DjangoSeries) -> bool,
) {
    for _ in 0..4 {
        let newest = django::all()
            .iter()
            .rev()
            .find(|row| row.is_lts && row.released <= today && row.python_min <= python);
        if let Some(row) = newest.filter(|row| row.series > django.series) {
            django = row;
            out.push(format!("Django {}", row.series));
            if is_done(python, django) {
                return;
            }
        }
        let newest = python::all().iter().rev().find(|row| {
            row.series <= django.python_max && row.series.0 == 3 && has_settled(row, today)
        });
        match newest.filter(|row| row.series > python) {
            Some(row) => {
                python = row.series;
                out.push(format!("Python {}", row.series));
            }
            None => break,
        }
        if is_done(python, django) {
            return;
        }
    }
    out.clear();
}

/// The stage whose FROM names the image that a stage goes back to.
pub(crate) fn root(p: &Project, stage: usize) -> usize {
    graph(p).roots[stage]
}

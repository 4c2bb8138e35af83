//! Which Python packages an image has, and which releases of Django, Python and drivers they mean.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::maps::HashSet;
use std::sync::OnceLock;

use crate::facts::model::{CopyFrom, InstallFact, InstallPhase, Listed, Names, Project};
use crate::facts::python::installs::may_install;
use crate::facts::python::virtualenvs;
use crate::knowledge::django::{self, DjangoSeries};
use crate::knowledge::images::Family;
use crate::knowledge::installers::Pythons;
use crate::knowledge::pypi::OldestRelease;
use crate::knowledge::words::{FileWords, PackageWords};
use crate::knowledge::{Series, pypi, pypi_names, servers};
use crate::python::requirements::{Requirement, RequirementSet, Specifier, Versions};

/// What each image has.
pub(crate) fn collect(p: &InstallPhase) -> Vec<Listed> {
    (0..p.images.len())
        .map(|image| of_image(p, image))
        .collect()
}

fn of_image(p: &InstallPhase, image: usize) -> Listed {
    let fact = &p.images[image];
    let mut stages = fact.chain.clone();
    let mut listed = Listed {
        items: Vec::new(),
        installs: Vec::new(),
        is_complete: true,
        is_closed: true,
        names: OnceLock::new(),
        held: OnceLock::new(),
    };
    let mut at = 0;
    while at < stages.len() {
        let stage = stages[at];
        at += 1;
        for from in brought_to(p, stage, &mut listed) {
            for part in at::chain(&p.stages, from) {
                if !stages.contains(&part) {
                    stages.push(part);
                }
            }
        }
    }
    for stage in &stages {
        listed.is_complete &= is_readable(p, *stage);
    }
    let mut any = false;
    for (index, install) in p.installs.iter().enumerate() {
        // What it writes counts where another command installs it.
        if !stages.contains(&install.stage) || install.is_export {
            continue;
        }
        if !install.is_certain {
            listed.is_complete = false;
            continue;
        }
        any = true;
        add(p, index, MAX_TAKEN, &mut listed);
    }
    listed.is_complete &= any;
    listed.is_closed &= listed.is_complete;
    listed
}

/// What some installs ask for together; complete where there are none.
pub(crate) fn of_installs(p: &Project, installs: impl Iterator<Item = usize>) -> Listed {
    let mut listed = Listed {
        items: Vec::new(),
        installs: Vec::new(),
        is_complete: true,
        is_closed: true,
        names: OnceLock::new(),
        held: OnceLock::new(),
    };
    for index in installs.filter(|i| !is_list(p, &p.installs[*i])) {
        add(p, index, MAX_TAKEN, &mut listed);
    }
    listed.is_closed &= listed.is_complete;
    listed
}

/// It writes a list that another command installs, and builds nothing.
fn is_list(p: &Project, install: &InstallFact) -> bool {
    let command = &p.commands[install.command].command;
    install.is_export && command.subcommand() != Some("wheel")
}

/// Commands that hand a list on to each other at most.
const MAX_TAKEN: usize = 8;

/// Adds what an install asks for, and what it takes of the lists and wheels that others made.
fn add(p: &InstallPhase, index: usize, depth: usize, listed: &mut Listed) {
    let install = &p.installs[index];
    listed.installs.push(index);
    listed.is_complete &= install.is_followed && install.set.is_complete;
    listed.is_closed &= install.set.is_closed || install.set.requirements.is_empty();
    for (at, requirement) in install.set.requirements.iter().enumerate() {
        if applies(install, requirement) != Some(false) {
            listed.items.push((index, at));
        }
    }
    for taken in &install.takes {
        let Ok(from) = position(p, taken.command) else {
            listed.is_complete = false;
            continue;
        };
        if taken.takes_all {
            listed.is_complete &= p.installs[from].is_certain && depth > 0;
            if depth > 0 && !listed.installs.contains(&from) {
                add(p, from, depth - 1, listed);
            }
        } else {
            add_asked(p, index, from, listed);
        }
    }
}

/// The install that a command is, among all in the order of their commands.
pub(crate) fn position(p: &InstallPhase, command: usize) -> Result<usize, usize> {
    p.installs
        .binary_search_by_key(&command, |install| install.command)
}

/// Adds the wheels of a directory that an install looks in for what it asks for.
fn add_asked(p: &InstallPhase, index: usize, from: usize, listed: &mut Listed) {
    let asked = &p.installs[index].set;
    let built = &p.installs[from].set.requirements;
    let known = listed.items.iter().filter(|(of, _)| *of == from);
    let known: HashSet<usize> = known.map(|(_, at)| *at).collect();
    for (at, requirement) in built.iter().enumerate() {
        let is_asked = asked.named(&requirement.name).next().is_some();
        if is_asked && !known.contains(&at) {
            listed.items.push((from, at));
        }
    }
}

/// Stages whose Python packages a stage copies or mounts.
pub(crate) fn brought_to(p: &InstallPhase, stage: usize, listed: &mut Listed) -> Vec<usize> {
    let mut out = Vec::new();
    for copy in &p.stages[stage].copies {
        let copy = &p.copies[*copy];
        match &copy.from {
            CopyFrom::Context => {}
            CopyFrom::Stage(from) => {
                let has_installs = at::chain(&p.stages, *from)
                    .iter()
                    .any(|part| p.installs.iter().any(|install| install.stage == *part));
                let brings = copy.sources.iter().any(|(_, text)| match text {
                    Some(text) => may_hold_packages(p, *from, text.as_str()),
                    None => true,
                });
                let is_list = |text: &str| {
                    let ending = text.rsplit_once('.').map(|(_, ending)| ending);
                    ending.is_some_and(|ending| FileWords::RequirementList.contains(ending))
                };
                let mut sources = copy.sources.iter();
                let are_lists = sources
                    .all(|(_, text)| text.as_ref().is_some_and(|text| is_list(text.as_str())));
                if are_lists {
                    // What they list is known where they are installed.
                } else if brings {
                    out.push(*from);
                } else if has_installs {
                    listed.is_closed = false;
                }
            }
            CopyFrom::Other(_) => {
                // Single programs land in a directory of programs.
                let is_program = copy
                    .target
                    .as_deref()
                    .is_some_and(|target| target.contains("/bin"));
                listed.is_complete &= is_program;
            }
        }
    }
    for layer in &p.stages[stage].layers {
        for mount in &p.layers[*layer].mounts {
            out.extend(mount.from_stage);
            listed.is_complete &= !mount.is_external || mount.target.contains("/bin");
        }
    }
    out
}

/// A path of a stage that installed packages, or the wheels of them, may lie in.
fn may_hold_packages(p: &InstallPhase, stage: usize, path: &str) -> bool {
    let path = path.trim_end_matches('/');

    if path.is_empty() || FileWords::PackagePlace.is_within(path) {
        return true;
    }
    let chain = at::chain(&p.stages, stage);
    let is_above = |below: &str| {
        below
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    virtualenvs::virtualenvs(p, &chain)
        .iter()
        .any(|(directory, _)| is_above(directory))
        || p.installs.iter().any(|install| {
            // Projects keep their virtual environment beside their lock.
            chain.contains(&install.stage)
                && install.row.lock.is_some()
                && at::directory_of(p, &p.commands[install.command])
                    .is_none_or(|directory| is_above(&directory))
        })
}

/// Nothing in the stage installs Python packages unseen.
pub(crate) fn is_readable(p: &InstallPhase, stage: usize) -> bool {
    let fact = &p.stages[stage];
    let is_known_base = matches!(
        fact.base.kind,
        crate::facts::model::BaseKind::Stage(_) | crate::facts::model::BaseKind::Scratch
    ) || matches!(
        fact.base.knowledge.family,
        Family::Python
            | Family::Debian
            | Family::Ubuntu
            | Family::Alpine
            | Family::BuildpackDeps
            | Family::Uv
            | Family::Pypy
            | Family::Distroless
    );
    is_known_base
        && fact.layers.iter().all(|layer| {
            let layer = &p.layers[*layer];
            layer.keyword != Keyword::Run
                || !layer.is_opaque
                    && !layer.is_onbuild
                    && p.commands[layer.commands.clone()]
                        .iter()
                        .all(|fact| !may_install(&fact.command) && !installs_system_python(fact))
        })
}

/// Distribution packages that bring Python packages or servers.
fn installs_system_python(fact: &crate::facts::model::CommandFact) -> bool {
    let Some((_, crate::facts::build::manager::Action::Install)) =
        crate::facts::build::manager::package_action(&fact.command)
    else {
        return false;
    };
    fact.command.operands.iter().any(|operand| {
        let text = operand.as_str().unwrap_or(&operand.prefix);
        let is_interpreter = PackageWords::Interpreter.contains(text);
        operand.text.is_none() && text.is_empty()
            || !is_interpreter && (text.starts_with("python") || text.starts_with("py3-"))
            || PackageWords::Serves.begins(text)
    })
}

/// The Python that an install installs for: that of its stage, unless the installer's own name or `--python`
/// tells another one.
pub(crate) fn python_for(p: &InstallPhase, install: &InstallFact) -> Option<Series> {
    as_named(p, install, p.marks.pythons[install.stage]?)
}

/// The same; where the tag of the base image moves from one Python to the next, the one that it means at least.
pub(crate) fn python_at_least(p: &InstallPhase, install: &InstallFact) -> Option<Series> {
    let moving = || as_named(p, install, p.marks.moving[install.stage]?);
    python_for(p, install).or_else(moving)
}

/// The Python of a stage, unless the installer names another one.
fn as_named(p: &InstallPhase, install: &InstallFact, python: Series) -> Option<Series> {
    let command = &p.commands[install.command].command;
    let words = command.program.iter().map(String::as_str);
    let named = words.filter_map(|program| {
        let at = program.find(|c: char| c.is_ascii_digit())?;
        Series::parse(&program[at..]).filter(|_| program[at..].contains('.'))
    });
    if named.into_iter().any(|series| series != python) || command.flag("--python").is_some() {
        return None;
    }
    Some(python)
}

/// The installer looks for a Python that the project allows, and a package of the distribution brings one.
pub(crate) fn may_find_another(p: &Project, install: &InstallFact) -> bool {
    let chain = at::chain(&p.stages, install.stage);
    let mut packages = p.packages.iter();
    install.row.python == Some(Pythons::Searches)
        && packages.any(|one| chain.contains(&one.stage) && one.name.starts_with("python3"))
}

/// Whether a requirement counts where it is installed.
pub(crate) fn applies(install: &InstallFact, requirement: &Requirement) -> Option<bool> {
    let Some(marker) = &requirement.marker else {
        return Some(true);
    };
    marker.applies(install.set.python, &[])
}

/// All that bounds the version of a requirement: its entry, constraints, other entries for the name.
pub(crate) fn versions(install: &InstallFact, requirement: &Requirement) -> Versions {
    install
        .set
        .versions_of(&requirement.name)
        .unwrap_or_else(|| requirement.versions.clone())
}

/// More than any series of Django has.
const PATCHES: u64 = 60;

/// The series of Django that a requirement allows, oldest first; `None` when that is not known. A
/// series newer than the table's newest is not among them.
pub(crate) fn django_series(
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<Vec<&'static DjangoSeries>> {
    if requirement.name != "django" {
        return None;
    }
    series_of_django(&versions(install, requirement), requirement)
}

/// As [`django_series`], for versions that bounds elsewhere are part of.
fn series_of_django(
    versions: &Versions,
    requirement: &Requirement,
) -> Option<Vec<&'static DjangoSeries>> {
    if !versions.is_known()
        || matches!(
            requirement.specifier,
            Specifier::Url { .. } | Specifier::Path
        )
    {
        return None;
    }
    if let Some(pinned) = versions.pinned() {
        // `2.2rc1` is of 2.2.
        let end = pinned.find(|c: char| c != '.' && !c.is_ascii_digit());
        let release = pinned[..end.unwrap_or(pinned.len())].trim_end_matches('.');
        let series = Series::parse(release)?;
        return Some(vec![django::series(series)?]);
    }
    let lowest = versions.lowest().unwrap_or_default();
    let allowed: Vec<_> = django::all()
        .iter()
        .filter(|row| {
            let Series(major, minor) = row.series;
            // No release of a series below the lower bound can be allowed.
            let series = [u64::from(major), u64::from(minor)];
            if series[..] < lowest[..lowest.len().min(2)] {
                return false;
            }
            versions.allow_series(series[0], series[1], PATCHES) == Some(true)
        })
        .collect();
    (!allowed.is_empty()).then_some(allowed)
}

/// The newest series that a requirement of Django allows, when the table still knows what is newest.
pub(crate) fn newest_django(
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<&'static DjangoSeries> {
    newest_django_of(&install.set, requirement)
}

/// As [`newest_django`], of a list that was not found where the install looks for it.
pub(crate) fn newest_django_of(
    set: &RequirementSet,
    requirement: &Requirement,
) -> Option<&'static DjangoSeries> {
    if requirement.name != "django" {
        return None;
    }
    let versions = set.versions_of(&requirement.name)?;
    let series = series_of_django(&versions, requirement)?;
    let newest = *series.last()?;
    // Without an upper bound there may be a later one than the table has.
    let is_bounded = versions.stay_below("1000") == Some(true);
    is_bounded.then_some(newest)
}

/// Every Django allowed is for newer Pythons than the stage's: pip refuses to install it.
pub(crate) fn needs_newer_python(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<bool> {
    let python = python_for(p, install)?;
    let series = django_series(install, requirement)?;
    Some(series.iter().all(|row| row.python_min > python))
}

/// The first Django that a release asked for refuses, where the same install asks for later ones only.
pub(crate) fn refuses_django(install: &InstallFact, one: &Requirement) -> Option<&'static str> {
    let is_resolved = !install.set.is_closed && install.set.lock.is_none();
    let version = versions(install, one).pinned().filter(|_| is_resolved)?;
    let below = django::refused_by(&one.name, &version)?;
    (install.set.versions_of("django")?.start_at(below) == Some(true)).then_some(below)
}

/// The oldest release that works with the stage's Python, where the one version asked for is older.
pub(crate) fn oldest_for_python(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<&'static OldestRelease> {
    oldest_for(p, install, requirement, python_for(p, install)?)
}

/// The oldest release that works with a series of Python, where the one version asked for is older.
pub(crate) fn oldest_for(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
    python: Series,
) -> Option<&'static OldestRelease> {
    let is_bounded_elsewhere = install.is_constrained;
    let versions = versions(install, requirement);
    oldest_allowing(
        p,
        &versions,
        is_bounded_elsewhere,
        &requirement.name,
        python,
    )
}

/// As [`oldest_for`], for the versions that a list allows of a distribution.
pub(crate) fn oldest_allowing(
    p: &Project,
    versions: &Versions,
    is_bounded_elsewhere: bool,
    name: &str,
    python: Series,
) -> Option<&'static OldestRelease> {
    let oldest = pypi::oldest_for(name, python)?;
    let names_it = |install: &InstallFact| {
        let entries = install.set.requirements.iter();
        let mut entries = entries.chain(&install.set.constraints);
        entries.any(|entry| Some(entry.name.as_str()) == oldest.cured_by)
    };
    if let Some(other) = oldest.cured_by {
        // A package that is not known to ask for nothing may hold the other one at an older version.
        let mut images = 0..p.images.len();
        let is_certain = images.any(|image| lacks(p, image, &[other]) == Some(true));
        if !is_certain || is_bounded_elsewhere || p.installs.iter().any(names_it) {
            return None;
        }
    }
    let pinned = versions.pinned()?;
    let parts = |version: &str| -> Option<Vec<u32>> {
        version.split('.').map(|part| part.parse().ok()).collect()
    };
    let pinned = parts(&pinned)?;
    let fails = oldest
        .first_failing
        .map_or(Some(true), |first| Some(parts(first)? <= pinned));
    let is_older = match oldest.version {
        Some(version) => pinned < parts(version)?,
        None => true,
    };
    (fails? && is_older).then_some(oldest)
}

/// Every Django allowed came out before the stage's Python and was never made to work with it.
pub(crate) fn python_is_too_new(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<bool> {
    let python = python_for(p, install)?;
    newest_django(install, requirement)?;
    let series = django_series(install, requirement)?;
    Some(series.iter().all(|row| row.python_max < python))
}

/// Every Django allowed imports a module that the stage's Python does not have any more, and nothing brings it back.
pub(crate) fn fails_on_python(
    p: &Project,
    install: usize,
    requirement: &Requirement,
) -> Option<bool> {
    let python = python_at_least(p, &p.installs[install])?;
    newest_django(&p.installs[install], requirement)?;
    let series = django_series(&p.installs[install], requirement)?;
    let is_gone = |row: &&&DjangoSeries| row.fails_from.is_some_and(|first| first <= python);
    if !series.iter().all(|row| is_gone(&row)) {
        return Some(false);
    }
    let mut helpers: Vec<&str> = series.iter().filter_map(|row| row.unless).collect();
    helpers.dedup();
    let mut images = (0..p.images.len()).filter(|image| {
        p.dependencies
            .get(*image)
            .is_some_and(|listed| listed.installs.contains(&install))
    });
    let mut any = false;
    let all = images.all(|image| {
        any = true;
        lacks(p, image, &helpers) == Some(true)
    });
    (any && all).then_some(true)
}

/// Whether an image certainly lacks a distribution, any of several names: every list was read, and
/// nothing in it is known to bring it along.
pub(crate) fn lacks(p: &Project, image: usize, names: &[&str]) -> Option<bool> {
    let listed = p.dependencies.get(image)?;
    let known = names_of(p, listed);
    if names.iter().any(|name| known.all.contains(*name)) {
        return Some(false);
    }
    if p.may_gain(image, names) {
        return None;
    }
    (listed.is_complete && (listed.is_closed || known.are_plain)).then_some(true)
}

/// It brings along no server, no driver and no reader of settings.
fn is_plain(one: &Requirement) -> bool {
    pypi_names::is_plain(&one.name) && brings_itself(one)
}

/// It comes from the index, and its extras bring nothing of that kind.
fn brings_itself(one: &Requirement) -> bool {
    one.path.is_none() && (one.extras.is_empty() || pypi_names::has_plain_extras(&one.name))
}

/// Everything that an install brings is known, and none of it is one of the packages; what only installs others is
/// harmless too.
pub(crate) fn is_without(install: &InstallFact, names: &[&str]) -> bool {
    let set = &install.set;
    let mut all = set.requirements.iter();
    let is_harmless = |one: &Requirement| {
        is_plain(one) || pypi_names::is_installer(&one.name) && brings_itself(one)
    };
    install.is_followed
        && set.is_complete
        && install.takes.is_empty()
        && !set
            .requirements
            .iter()
            .any(|one| names.contains(&one.name.as_str()))
        && (set.is_closed || all.all(is_harmless))
}

fn names_of<'a>(p: &Project, listed: &'a Listed) -> &'a Names {
    listed.names.get_or_init(|| {
        let items = listed.items.iter();
        let requirements = items.map(|(install, at)| &p.installs[*install].set.requirements[*at]);
        Names {
            all: requirements.clone().map(|one| one.name.clone()).collect(),
            are_plain: requirements.clone().all(is_plain),
        }
    })
}

/// The entries of an image's lists for a name; `None` where there is none.
pub(crate) fn named<'a>(
    p: &'a Project,
    image: usize,
    name: &str,
) -> Option<Vec<(&'a InstallFact, &'a Requirement)>> {
    let listed = p.dependencies.get(image)?;
    let items = listed.items.iter().map(|(install, at)| {
        let install = &p.installs[*install];
        (install, &install.set.requirements[*at])
    });
    let all: Vec<_> = items.filter(|(_, one)| one.name == name).collect();
    (!all.is_empty()).then_some(all)
}

/// A list of the image's packages has the name.
pub(crate) fn lists(p: &Project, image: usize, name: &str) -> bool {
    let listed = p.dependencies.get(image);
    listed.is_some_and(|listed| names_of(p, listed).all.contains(name))
}

/// A server that is not for development and that a list of packages has.
pub(crate) fn lists_server(p: &Project, image: usize) -> Option<&'static str> {
    servers::for_django().find(|name| lists(p, image, name))
}

/// Whether an image certainly lacks the server that it starts; `None` also where the server is no
/// package of its own.
pub(crate) fn lacks_server(p: &Project, image: usize) -> Option<bool> {
    let server = p.images[image].server.as_ref()?;
    let row = servers::by_command(server.command.name.as_deref()?)?;
    if row.distributions.is_empty() {
        return None;
    }
    lacks(p, image, row.distributions)
}

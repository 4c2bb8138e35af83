//! Python packages that a COPY brings from another stage.

use crate::facts::build::at;
use crate::facts::model::{CopyFact, CopyFrom, InstallFact, Maybe, PlaceKind, Project};
use crate::facts::python::{dependencies, script_directories, virtualenvs};
use crate::knowledge::images::{Family, Libc};
use crate::knowledge::words::{PackageWords, ValueWords};
use crate::shell::ast::Command;
use crate::source::is_in;

/// The series of Python that the packages are for which a COPY takes from another stage into a place where only that
/// series looks: its own directory below `/usr/local`, or a virtual environment that it made.
pub(crate) fn brings_packages_for(p: &Project, copy: usize) -> Maybe<String> {
    let Some(series) = packages_of_series(p, &p.copies[copy]) else {
        return Maybe::Absent;
    };
    match is_on_python_path(p, &p.copies[copy]) {
        Some(true) => Maybe::Absent,
        Some(false) => Maybe::Known(series),
        None => Maybe::Unknown,
    }
}

/// PYTHONPATH names the place that a COPY fills, or one below it, so that any Python looks there; `None`
/// where a script, a compose file or a `.pth` file may say so.
fn is_on_python_path(p: &Project, copy: &CopyFact) -> Option<bool> {
    const NAME: &str = "PYTHONPATH";
    let target = copy.target.as_deref()?.trim_end_matches('/');
    let is_below = |part: &str| {
        let rest = part.trim_end_matches('/').strip_prefix(target);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let belongs = |stage: usize| at::chain(&p.stages, stage).contains(&copy.stage);
    for stage in (0..p.stages.len()).filter(|stage| belongs(*stage)) {
        match at::env(p, stage, NAME) {
            Some(Some(value)) if value.as_str().split(':').any(is_below) => return Some(true),
            Some(None) => return None,
            _ => {}
        }
    }
    let mut images = p.images.iter().filter(|image| belongs(image.stage));
    let in_scripts = images.any(|image| {
        let sets = |command: &Command| command.assignments.iter().any(|one| one.name == NAME);
        let mut texts = image
            .scripts
            .iter()
            .filter_map(|script| script.text.as_ref());
        texts.any(|text| text.as_str().contains(NAME))
            || image.starts.iter().any(|start| sets(&start.command))
    });
    let mut building = p.around.deployed.building();
    let is_given = building.any(|found| found.env.get(NAME).is_some());
    let has_path_file = p.text.text.contains(".pth");
    (!in_scripts && !is_given && !has_path_file).then_some(false)
}

/// The compiled packages that a COPY takes from a stage with another C library, where none of them can be imported.
pub(crate) fn of_another_libc(p: &Project, copy: usize) -> Vec<String> {
    let copy = &p.copies[copy];
    let CopyFrom::Stage(from) = copy.from else {
        return Vec::new();
    };
    let libc = |stage: usize| at::root(&p.stages, stage).base.knowledge.libc;
    let is_other = matches!(
        (libc(from), libc(copy.stage)),
        (Libc::Glibc, Libc::Musl) | (Libc::Musl, Libc::Glibc)
    );
    if !is_other || !takes_packages(p, copy, from) {
        return Vec::new();
    }
    // With a library that stands in for the other one some can.
    let own = at::chain(&p.stages, copy.stage);
    let stands_in = |name: &str| name.contains("compat") || name.contains("glibc");
    let mut packages = p.packages.iter().filter(|it| own.contains(&it.stage));
    if packages.any(|package| stands_in(&package.name)) {
        return Vec::new();
    }
    let chain = at::chain(&p.stages, from);
    let is_sure = |it: &&InstallFact| chain.contains(&it.stage) && it.is_certain && !it.is_export;
    let mut all = Vec::new();
    for install in p.installs.iter().filter(is_sure) {
        for one in &install.set.requirements {
            let is_compiled = |name: &str| PackageWords::Compiled.contains(name);
            let extra = one
                .extras
                .iter()
                .find(|extra| is_compiled(&format!("{}-{extra}", one.name)));
            let name = match extra {
                Some(extra) => format!("{}[{extra}]", one.name),
                None if is_compiled(&one.name) => one.name.clone(),
                None => continue,
            };
            if dependencies::applies(install, one) == Some(true) && !all.contains(&name) {
                all.push(name);
            }
        }
    }
    all
}

/// It takes installed packages: those of a Python, or a whole virtual environment.
fn takes_packages(p: &Project, copy: &CopyFact, from: usize) -> bool {
    let [(_, Some(source))] = &copy.sources[..] else {
        return false;
    };
    let source = source.as_str().trim_end_matches('/');
    let is_in_place = copy.target.as_deref() == Some(source);
    let chain = at::chain(&p.stages, from);
    let made = virtualenvs::virtualenvs(p, &chain);
    let mut installs = p.installs.iter().filter(|it| chain.contains(&it.stage));
    let has_environment = made.iter().any(|(path, _)| is_in(path, source))
        || installs.any(|install| {
            let place = script_directories::of(p, install);
            place
                .is_some_and(|it| it.kind == PlaceKind::Environment && is_in(&it.directory, source))
        });
    packages_of_series(p, copy).is_some() || is_in_place && has_environment
}

fn packages_of_series(p: &Project, copy: &CopyFact) -> Option<String> {
    let CopyFrom::Stage(from) = copy.from else {
        return None;
    };
    let target = copy.target.as_deref()?;
    if let Some(rest) = target.strip_prefix("/usr/local/lib/python")
        && let Some((series, rest)) = rest.split_once('/')
    {
        let is_packages = matches!(rest, "site-packages" | "dist-packages");
        return (is_packages && series.contains('.')).then(|| series.to_owned());
    }
    let [(_, Some(source))] = &copy.sources[..] else {
        return None;
    };
    let source = source.as_str().trim_end_matches('/');
    let chain = at::chain(&p.stages, from);
    let made = virtualenvs::virtualenvs(p, &chain);
    let (path, command) = made.iter().find(|(path, _)| path == source)?;
    let maker = &p.commands[*command].command;
    let is_own = path == target
        && maker
            .program
            .as_deref()
            .is_some_and(|program| ValueWords::OwnPython.contains(program));
    let base = &at::root(&p.stages, from).base.knowledge;
    let series = base.python.filter(|_| base.family == Family::Python)?;
    is_own.then(|| series.to_string())
}

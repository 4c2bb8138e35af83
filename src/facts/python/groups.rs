//! Which flag keeps the development groups of a project out of an install: it depends on the tool, its
//! version, and on what the command says already.

use crate::facts::build::at;
use crate::facts::model::{InstallFact, Project};
use crate::knowledge::Series;
use crate::knowledge::installers::{Asks, Dialect};
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::python::requirements::normalize_name;
use crate::span::Traced;

/// What to do to an install so that it leaves these groups out.
pub(crate) fn leave_out(p: &Project, install: &InstallFact, tools: &[&str]) -> String {
    let mut drops = Vec::new();
    let mut defaults = Vec::new();
    for group in tools {
        match asked_by(install, group) {
            Some(flag) if drops.contains(&flag) => {}
            Some(flag) => drops.push(flag),
            None => defaults.push(*group),
        }
    }
    let mut out = String::new();
    if !drops.is_empty() {
        out = format!("remove `{}`", drops.join("`, `"));
    }
    if !defaults.is_empty()
        && let Some(flag) = flag_for(p, install, &defaults)
    {
        let start = if out.is_empty() { "add" } else { ", add" };
        out.push_str(&format!("{start} `{flag}`"));
        if let Some(run) = install.row.brings_back
            && is_synced_again(p, install, run)
        {
            out.push_str(&format!(", also to `{run}`"));
        }
    }
    out
}

/// The same command, later in the stage, installs without the group: it takes away what the first one brought.
pub(crate) fn are_left_out_later(p: &Project, install: &InstallFact, group: &str) -> bool {
    let subcommand = |install: &InstallFact| p.commands[install.command].command.subcommand();
    p.installs.iter().any(|later| {
        let mut requirements = later.set.requirements.iter();
        later.stage == install.stage
            && later.command > install.command
            && later.row.called == install.row.called
            && subcommand(later) == subcommand(install)
            && !requirements.any(|one| one.group.as_deref() == Some(group))
    })
}

/// A variable is on in the environment of a stage, or may be.
fn is_on(p: &Project, stage: usize, name: &str) -> bool {
    let is_off = |value: &Traced| {
        value.is_empty() || ValueWords::No.contains(&value.as_str().to_ascii_lowercase())
    };
    at::env(p, stage, name).is_some_and(|value| value.is_none_or(|value| !is_off(value)))
}

/// A `uv run` of the build or of what starts brings the groups back: nothing keeps them out there.
fn is_synced_again(p: &Project, install: &InstallFact, run: &str) -> bool {
    let run = format!("{run} ");
    // With UV_NO_SYNC nothing is installed again.
    let names = install.row.variables(Asks::NoDev);
    let mut names = names.chain(std::iter::once("UV_NO_SYNC"));
    let is_kept_out = names.any(|name| {
        let stages = p.images.iter().map(|image| image.stage);
        let mut stages = stages.chain(std::iter::once(install.stage));
        stages.any(|stage| is_on(p, stage, name))
    });
    let brings_back = |text: &str| {
        let lines = text.lines().filter(|line| line.contains("run"));
        lines
            .map(|line| line.replace(['"', '\'', ','], ""))
            .any(|line| {
                line.contains(&run)
                    && !line.trim_start().starts_with('#')
                    && !OptionWords::KeepsGroupsOut.is_within(&line)
            })
    };
    let mut scripts = p.images.iter().flat_map(|image| &image.scripts);
    !is_kept_out
        && (brings_back(&p.text.text)
            || scripts.any(|script| {
                let text = script.text.as_ref();
                text.is_some_and(|text| brings_back(text.as_str()))
            }))
}

/// The flag to add, where nothing is to be removed.
pub(crate) fn add_flag(p: &Project, install: &InstallFact, tools: &[&str]) -> Option<String> {
    let is_default = |group: &&str| asked_by(install, group).is_none();
    tools
        .iter()
        .all(is_default)
        .then(|| flag_for(p, install, tools))?
}

/// The flag of the command that asks for a group; `None` where the tool installs it unasked.
fn asked_by(install: &InstallFact, group: &str) -> Option<String> {
    let groups = &install.groups;
    let has = |names: &[String]| names.iter().any(|name| normalize_name(name) == group);
    let row = install.row;
    let flag = |asks| row.flags(asks).next();
    let named = |asks| flag(asks).map(|flag| format!("{flag} {group}"));
    if let Some(dev) = flag(Asks::Dev) {
        return Some(dev.to_owned());
    }
    if has(&groups.with) {
        return named(Asks::Group);
    }
    if groups.all_groups {
        return flag(Asks::AllGroups).map(str::to_owned);
    }
    if has(&groups.extras) {
        return named(Asks::Extra);
    }
    let mut defaults = install.set.default_groups.iter();
    if groups.all_extras && !defaults.any(|one| one.as_str() == group) {
        return flag(Asks::AllExtras).map(str::to_owned);
    }
    if has(&groups.only) {
        return named(Asks::Only);
    }
    // An extra of a path: `.[dev]`.
    (row.dialect == Dialect::Pip).then(|| format!("[{group}]"))
}

/// The flag that leaves groups out which the tool installs unasked.
fn flag_for(p: &Project, install: &InstallFact, defaults: &[&str]) -> Option<String> {
    let row = install.row;
    let wanted = |name: &str| {
        let mut entries = install.set.requirements.iter();
        entries.any(|entry| entry.group.as_deref() == Some(name)) && !defaults.contains(&name)
    };
    let mut groups = install.set.requirements.iter();
    let has_others = groups.any(|entry| entry.group.as_deref().is_some_and(wanted));
    let is_dev = match row.groups_since {
        Some(since) => version(p, install).is_some_and(|version| version < since),
        // It would also take back what `--group "$GROUP"` asks for.
        None => defaults == ["dev"] && !asks_for_group(p, install),
    };
    if let Some(flag) = row.leaves_dev.filter(|_| is_dev) {
        return Some(flag.to_owned());
    }
    if has_others || install.groups.all_groups {
        return row.leaves_some(defaults);
    }
    row.leaves_all.map(str::to_owned)
}

fn asks_for_group(p: &Project, install: &InstallFact) -> bool {
    let command = &p.commands[install.command].command;
    let mut flags = install.row.flags(Asks::Group);
    flags.any(|flag| command.flag(flag).is_some())
}

/// The series of an installer that a stage has, where a command or `POETRY_VERSION` names it.
fn version(p: &Project, install: &InstallFact) -> Option<Series> {
    let name = install.row.called;
    let since = install.row.groups_since?;
    if let Some(versions) = crate::facts::python::releases::installed(p, install.command, name) {
        return match versions.pinned() {
            Some(version) => Series::parse(&version),
            None if versions.stay_below(&since.to_string()) == Some(true) => Some(Series(0, 0)),
            None => None,
        };
    }
    let variable = format!("{}_VERSION", name.to_ascii_uppercase());
    let value = at::env(p, install.stage, &variable)??;
    Series::parse(value.as_str())
}

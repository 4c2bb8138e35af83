//! Which flag keeps the development groups of a project out of an install: it depends on the tool, its
//! version, and on what the command says already.

use crate::facts::build::at;
use crate::facts::model::{InstallFact, Project};
use crate::knowledge::Series;
use crate::knowledge::words::OptionWords;
use crate::python::requirements::normalize_name;

/// The first poetry that knows `--only` and `--without`.
const POETRY_WITH_GROUPS: Series = Series(1, 2);

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
    if !defaults.is_empty() {
        let flag = flag_for(p, install, &defaults);
        let start = if out.is_empty() { "add" } else { ", add" };
        out.push_str(&format!("{start} `{flag}`"));
        if install.tool == "uv" && is_synced_again(p, install) {
            out.push_str(", also to `uv run`");
        }
    }
    out
}

/// A `uv run` of the build or of what starts brings the groups back: nothing keeps them out there.
fn is_synced_again(p: &Project, install: &InstallFact) -> bool {
    let is_kept_out = ["UV_NO_SYNC", "UV_NO_DEV"].iter().any(|name| {
        let mut images = p.images.iter();
        images.any(|image| at::env(p, image.stage, name).is_some())
            || at::env(p, install.stage, name).is_some()
    });

    let brings_back = |text: &str| {
        let lines = text.lines().filter(|line| line.contains("run"));
        lines
            .map(|line| line.replace(['"', '\'', ','], ""))
            .any(|line| {
                line.contains("uv run ")
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
        .then(|| flag_for(p, install, tools))
}

/// The flag of the command that asks for a group; `None` where the tool installs it unasked.
fn asked_by(install: &InstallFact, group: &str) -> Option<String> {
    let groups = &install.groups;
    let has = |names: &[String]| names.iter().any(|name| normalize_name(name) == group);
    let (one, extra) = match install.tool {
        "poetry" => ("--with", "--extras"),
        "pip" => ("--group", ""),
        "pipenv" => return Some("--dev".to_owned()),
        _ => ("--group", "--extra"),
    };
    if has(&groups.with) {
        return Some(format!("{one} {group}"));
    }
    // `--no-group` of uv holds against `--all-groups`.
    if groups.all_groups && install.tool == "uv" {
        return None;
    }
    if groups.all_groups {
        return Some("--all-groups".to_owned());
    }
    if has(&groups.extras) {
        return Some(format!("{extra} {group}"));
    }
    if groups.all_extras
        && !install
            .set
            .default_groups
            .iter()
            .any(|one| one.as_str() == group)
    {
        return Some("--all-extras".to_owned());
    }
    if has(&groups.only) {
        let flag = if install.tool == "uv" {
            "--only-group"
        } else {
            "--only"
        };
        return Some(format!("{flag} {group}"));
    }
    // An extra of a path: `.[dev]`.
    (install.tool == "pip").then(|| format!("[{group}]"))
}

/// The flag that leaves groups out which the tool installs unasked.
fn flag_for(p: &Project, install: &InstallFact, defaults: &[&str]) -> String {
    let wanted = |name: &str| {
        let mut entries = install.set.requirements.iter();
        entries.any(|entry| entry.group.as_deref() == Some(name)) && !defaults.contains(&name)
    };
    let mut groups = install.set.requirements.iter();
    let has_others = groups.any(|entry| entry.group.as_deref().is_some_and(wanted));
    let command = &p.commands[install.command].command;
    let asks = command.flag("--group").is_some();
    match install.tool {
        // `--no-dev` would also take back what `--group "$GROUP"` asks for.
        "uv" if defaults == ["dev"] && !asks => "--no-dev".to_owned(),
        "uv" if !has_others && !install.groups.all_groups => "--no-default-groups".to_owned(),
        "uv" => format!("--no-group {}", defaults.join(" --no-group ")),
        "poetry" => match poetry(p, install) {
            Some(version) if version < POETRY_WITH_GROUPS => "--no-dev".to_owned(),
            _ if has_others => format!("--without {}", defaults.join(",")),
            _ => "--only main".to_owned(),
        },
        "pdm" if has_others => format!("--without {}", defaults.join(",")),
        _ => "--prod".to_owned(),
    }
}

/// The series of poetry that a stage has, where a command or `POETRY_VERSION` names it.
fn poetry(p: &Project, install: &InstallFact) -> Option<Series> {
    if let Some(versions) = crate::facts::python::releases::installed(p, install.command, "poetry")
    {
        return match versions.pinned() {
            Some(version) => Series::parse(&version),
            None if versions.stay_below("1.2") == Some(true) => Some(Series(1, 1)),
            None => None,
        };
    }
    let value = at::env(p, install.stage, "POETRY_VERSION")??;
    Series::parse(value.as_str())
}

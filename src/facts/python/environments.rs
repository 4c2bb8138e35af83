//! Installs that end at once because there is no environment to install into: uv without one, and pip
//! for a Python that the distribution keeps to itself.

use crate::context::Origin;
use crate::facts::build::{at, variables};
use crate::facts::files::origin;
use crate::facts::model::{InstallFact, Project};
use crate::facts::python::{script_directories, virtualenvs};
use crate::knowledge::images::Family;
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{OptionWords, ValueWords, VariableWords};
use crate::shell::ast::Command;
use crate::span::Span;

/// Commands before an install that are looked at; behind more of them nothing is certain.
const MAX_BEFORE: usize = 1000;

/// `uv pip install` finds no virtual environment; `None` where it may find one.
pub(crate) fn is_missing(p: &Project, install: &InstallFact) -> Option<bool> {
    let command = &p.commands[install.command].command;
    let is_uv = command.name.as_deref() == Some("uv")
        && matches!(command.subcommand(), Some("pip install" | "pip sync"));
    if !is_uv {
        return Some(false);
    }
    if install.command > MAX_BEFORE {
        return None;
    }
    if !command.is_complete
        || command
            .flags
            .iter()
            .any(|flag| OptionWords::UvElsewhere.contains(&flag.name))
    {
        return None;
    }

    let chain = at::chain(&p.stages, install.stage);
    let may_be_named = VariableWords::UvElsewhere.iter().any(|name| {
        variables::may_be_set(p, install.command, name)
            || at::base_may_set(&p.stages, *chain.last().unwrap_or(&install.stage), name)
    });
    let makes_one = p
        .marks
        .environments
        .is_before(install.stage, install.command);
    if makes_one
        || may_be_named
        || runs_unseen(p, install)
        || !virtualenvs::virtualenvs(p, &chain).is_empty()
    {
        return None;
    }
    let directory = at::directory_of(p, &p.commands[install.command])?;
    let mut above = std::iter::successors(Some(directory.as_str()), |directory| {
        directory.rsplit_once('/').map(|(parent, _)| parent)
    });
    let is_certain = above.all(|directory| {
        ["pyvenv.cfg", ".venv/pyvenv.cfg", "uv.toml"]
            .iter()
            .all(|name| {
                let path = format!("{}/{name}", directory.trim_end_matches('/'));
                matches!(
                    origin::as_command_sees(p, install.command, &path),
                    Origin::Missing
                )
            })
    });
    is_certain.then_some(true)
}

/// The virtual environment of its stage that an install passes by, because PATH leads to it only later, and that
/// stays empty; with the ENV that comes too late.
pub(crate) fn passed_by<'a>(p: &'a Project, install: &InstallFact) -> Option<(&'a str, Span)> {
    let layer = &p.layers[p.commands[install.command].layer];
    let made = p.marks.virtualenvs[install.stage].iter();
    let mut made = made.filter(|(_, command)| *command < install.command);
    let programs = |directory: &str| format!("{}/bin", directory.trim_end_matches('/'));
    let added = |before: usize| at::added_to_path(p, install.stage, before);
    let (in_the_end, by_then) = (added(usize::MAX), added(layer.instruction));
    // What is there by then is there in the end.
    if in_the_end.len() == by_then.len() {
        return None;
    }
    let leads = |all: &[Option<String>], programs: &str| {
        let mut all = all.iter();
        all.any(|one| one.as_ref().is_none_or(|one| one == programs))
    };
    let is_late = |directory: &str| {
        let programs = programs(directory);
        leads(&in_the_end, &programs) && !leads(&by_then, &programs)
    };
    let (directory, _) = made.find(|(directory, _)| is_late(directory))?;
    let mut later = p.envs.iter().filter(|env| {
        env.stage == install.stage
            && env.name.as_str() == "PATH"
            && env.instruction > layer.instruction
    });
    let late = later.next()?.raw.span();
    let stays_empty = || {
        let all = p
            .installs
            .iter()
            .filter(|it| at::is_part(&p.stages, it.stage, install.stage));
        all.into_iter().all(|it| {
            let place = script_directories::of(p, it);
            place.is_some_and(|place| place.directory != programs(directory))
        })
    };
    stays_empty().then_some((directory, late))
}

/// pip of Debian's own Python refuses to install beside its packages; `None` where something may have
/// allowed it.
pub(crate) fn is_guarded(p: &Project, install: &InstallFact) -> Option<bool> {
    let command = &p.commands[install.command].command;
    if command.name.as_deref() != Some("pip") || command.subcommand() != Some("install") {
        return Some(false);
    }
    let chain = at::chain(&p.stages, install.stage);
    let base = &at::root(&p.stages, install.stage).base.knowledge;
    if !matches!(base.family, Family::Debian | Family::Ubuntu) {
        return (base.family == Family::Python).then_some(false);
    }
    if install.command > MAX_BEFORE {
        return None;
    }
    if !base.pip_needs_venv()? {
        return Some(false);
    }
    let is_plain = command
        .program
        .as_deref()
        .is_some_and(|program| ValueWords::SystemPip.contains(program));

    let is_allowed = !command.is_complete
        || command
            .flags
            .iter()
            .any(|flag| OptionWords::PipElsewhere.contains(&flag.name))
        || VariableWords::PipElsewhere
            .iter()
            .any(|name| variables::may_be_set(p, install.command, name));
    let layer = &p.layers[p.commands[install.command].layer];
    let has_path = p.envs.iter().any(|env| {
        chain.contains(&env.stage)
            && env.name.as_str() == "PATH"
            && (env.stage != install.stage || env.instruction < layer.instruction)
    });
    let has_pip = p.packages.iter().any(|package| {
        chain.contains(&package.stage)
            && package.command < install.command
            && package.manager == "apt"
            && package.name == "python3-pip"
    });
    // Another Python, a configuration of pip, or the mark itself, which is a file.
    let is_changed = p.text.text.contains("EXTERNALLY-MANAGED")
        || p.marks.changes.is_before(install.stage, install.command)
        || p.copies.iter().any(|copy| {
            let is_system = |target: &str| {
                target == "/"
                    || ["/usr", "/etc", "/root"]
                        .iter()
                        .any(|start| target.starts_with(start))
            };
            chain.contains(&copy.stage) && copy.target.as_deref().is_none_or(is_system)
        });
    if !is_plain || is_allowed || has_path || !has_pip || is_changed || runs_unseen(p, install) {
        return None;
    }
    Some(true)
}

/// Brings another Python, or tells pip something.
pub(crate) fn changes_python(command: &Command) -> bool {
    command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::ChangesPython))
        || command.name.as_deref() == Some("pip")
            && command
                .subcommand()
                .is_some_and(|word| word.starts_with("config"))
        || command.redirects.iter().any(|redirect| {
            let target = redirect.target.as_ref();
            target.is_none_or(|target| target.as_str().is_none_or(|text| text.contains("pip")))
                && redirect.operator.starts_with('>')
        })
}

/// `.venv` beside the project, which these make unasked.
pub(crate) fn makes_one(command: &Command) -> bool {
    let word = command.subcommand().unwrap_or_default();
    let name = command.name.as_deref();
    name.is_some_and(|name| installers::makes_environment(name, word))
}

/// A script, or something else that cannot be read, runs before an install in its stages.
fn runs_unseen(p: &Project, install: &InstallFact) -> bool {
    let stage = install.stage;
    p.marks.unseen.is_before(stage, install.command)
        || p.layers
            .iter()
            .any(|layer| layer.is_opaque && at::is_part(&p.stages, layer.stage, stage))
}

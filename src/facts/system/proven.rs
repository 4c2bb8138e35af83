//! Failures that are passed over and end the build all the same: something behind them cannot do without what was to
//! be installed.

use std::ops::Range;

use crate::facts::build::at;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::model::{CommandFact, Project};
use crate::facts::python::commands;
use crate::facts::system::apt_lists;
use crate::knowledge::words::PackageWords;
use crate::shell::ast::{OnFailure, Runs};

/// Commands of a Dockerfile that are looked through for one that needs what another installs.
const MAX_COMMANDS: usize = 1000;

/// A later command of the layer, whose failure ends the build, cannot do without what a command of the system's
/// package manager does: without the lists that it fetches, or the packages that it or those joined to it install.
pub(crate) fn is_needed_in_layer(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let end = p.layers[fact.layer].commands.end;
    // In a branch of its own it runs where what stands before it in that branch does.
    let is_reached = |runs: &Runs| *runs == Runs::Always || *runs == fact.command.runs;
    let ends_build = |at: &usize| {
        let command = &p.commands[*at].command;
        is_reached(&command.runs)
            && command.on_failure == OnFailure::Stops
            && !command.is_condition
            && !command.is_substitution
    };
    // With `&&` between them it is not reached at all, and nothing ends.
    let own = index..at::list_behind(p, index, end).end;
    let mut later = (own.end..end).filter(ends_build);
    match package_action(&fact.command) {
        Some((manager, Action::Update)) => {
            let fetches = |at: usize| p.commands[at].command.flag("--no-cache").is_some();
            let mut installs = own.end..end;
            let is_install = |at: usize| {
                let action = package_action(&p.commands[at].command);
                action == Some((manager, Action::Install))
            };
            // `apk add --no-cache` fetches the index by itself, and its failure is its own.
            manager == "apk" && (index + 1..end).any(|at| is_install(at) && fetches(at))
                || manager == "apt"
                    && apt_lists::may_be_empty(p, index)
                    && installs.any(|at| is_install(at) && ends_build(&at))
                || later.any(|at| needs(p, at, fact.layer, None))
        }
        _ => later.any(|at| needs(p, at, fact.layer, Some(&own))),
    }
}

/// A command cannot do without a package that the system's manager installs in the layer: it is called so, or is `git`
/// and a requirement comes from a repository.
fn needs(p: &Project, at: usize, layer: usize, within: Option<&Range<usize>>) -> bool {
    let user = &p.commands[at].command;
    let takes = |word: &str| {
        let mut args = user.args.iter();
        args.any(|arg| arg.as_str().unwrap_or(&arg.prefix).contains(word))
    };
    // What a list asks for is fetched or compiled with them.
    let has_list = matches!(user.name.as_deref(), Some("pip" | "uv"))
        && user.flags.iter().any(|flag| flag.name == "--requirement");
    let is_needed = |name: &str| {
        user.name.as_deref() == Some(name)
            || name == "git" && takes("git+")
            || has_list && PackageWords::RequirementsNeed.contains(name)
    };
    let mut packages = p.packages[p.layers[layer].packages.clone()].iter();
    packages.any(|package| {
        package.command < at
            && within.is_none_or(|within| within.contains(&package.command))
            && is_needed(&package.name)
    })
}

/// A management command in a later layer certainly ends the build where a command, or one that `&&` joins behind it,
/// has not installed what the project lists.
pub(crate) fn is_proven_later(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let end = p.layers[fact.layer].commands.end;
    let own = index..at::list_behind(p, index, end).end;
    let lists = |at: usize| commands::installs_list(&p.commands[at].command).is_some();
    if p.commands.len() > MAX_COMMANDS || !own.clone().any(lists) {
        return false;
    }
    let is_ended = |later: &CommandFact| {
        let command = &later.command;
        command.management.is_some()
            && command.runs == Runs::Always
            && command.on_failure == OnFailure::Stops
            && !command.is_condition
            && at::is_part(&p.stages, fact.stage, later.stage)
    };
    let Some(later) = (end..p.commands.len()).find(|at| is_ended(&p.commands[*at])) else {
        return false;
    };
    let chain = at::chain(&p.stages, p.commands[later].stage);
    let is_other = |at: &usize| !own.contains(at) && chain.contains(&p.commands[*at].stage);
    !(0..later).filter(is_other).any(lists)
}

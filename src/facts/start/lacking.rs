//! Packages of the system that commands of the build cannot do without and that are certainly not there.

use crate::context::Presence;
use crate::facts::build::at;
use crate::facts::model::{Maybe, Project};
use crate::facts::start::placed::{may_be_brought, may_be_placed};
use crate::facts::start::plain_python::{self, PYTHON};
use crate::facts::system::installed::{self, There};
use crate::knowledge::images::{Family, PackageManager};
use crate::knowledge::management_packages::{self, ManagementPackage};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::{commands, packages};
use crate::shell::ast::Arg;
use crate::source::join;

/// The package that brings the program of a command, where its stage certainly lacks it when the command runs.
pub(crate) fn lacks_program(p: &Project, command: usize) -> Maybe<&'static str> {
    let fact = &p.commands[command];
    let written = &fact.command;
    let is_plain = written.wrappers.is_empty() && written.program == written.name;
    let Some(name) = written.name.as_deref().filter(|_| is_plain) else {
        return Maybe::Absent;
    };
    if programs::is(name, Role::InPypi) || p.layers[fact.layer].is_onbuild {
        return Maybe::Absent;
    }
    let Some([first, ..]) = commands::packages(name, PackageManager::Apt) else {
        return Maybe::Absent;
    };
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    // Asked first: nearly every command of a build is one of these.
    let of_base = commands::is_in_base(name, base.family, base.flavour);
    if of_base == Some(true) {
        return Maybe::Absent;
    }
    let is_made = |name: &str| {
        let mut layer = p.commands[p.layers[fact.layer].commands.clone()].iter();
        layer.any(|one| one.command.function.as_deref() == Some(name))
    };
    let is_led = name == PYTHON && plain_python::may_be_there(p, fact.stage);
    if is_led || may_be_brought(p, command) || is_made(name) || is_required(p, command, name) {
        return Maybe::Absent;
    }
    let is_left_out = || {
        let suite = base.debian().map(|row| row.codename);
        base.family == Family::Debian
            && suite.is_some_and(|suite| packages::left_out_of(name, suite).is_some())
    };
    if of_base.is_none() && !is_left_out() {
        return Maybe::Unknown;
    }
    match is_brought(p, command, name) {
        There::No => Maybe::Known(first),
        There::Yes => Maybe::Absent,
        There::Unknown => Maybe::Unknown,
    }
}

/// A package that is installed before a command has its program.
fn is_brought(p: &Project, command: usize, name: &str) -> There {
    let stage = p.commands[command].stage;
    let Some(system) = installed::follow(p, stage, Some(command)) else {
        return There::Unknown;
    };
    let brought_by = commands::packages(name, PackageManager::Apt).unwrap_or_default();
    let all = brought_by
        .iter()
        .map(|package| system.has_installed(package));
    all.fold(There::No, installed::most)
}

/// A Python package of that name is asked for.
fn is_required(p: &Project, command: usize, name: &str) -> bool {
    let mut before = p.installs.iter().filter(|it| it.command < command);
    before.any(|install| install.set.named(name).next().is_some())
}

/// The package of the system that a management command of Django calls, where its stage certainly lacks it when the
/// command runs; `None` where it may be there.
pub(crate) fn lacks_for_management(p: &Project, command: usize) -> Maybe<&'static str> {
    let fact = &p.commands[command];
    let management = fact.command.management_name();
    let Some(row) = management.and_then(management_packages::of) else {
        return Maybe::Absent;
    };
    if !calls(p, command, row) {
        return Maybe::Absent;
    }
    let asks_only = ["--help", "-h"]
        .iter()
        .any(|flag| fact.command.flag(flag).is_some());
    if asks_only || may_be_placed(p, command) || has_own_command(p, row.name) {
        return Maybe::Absent;
    }
    let system = installed::system(p, fact.stage, Some(command));
    match system.map(|system| system.has(row.package)) {
        Some(There::No) => Maybe::Known(row.package),
        Some(There::Yes) => Maybe::Absent,
        Some(There::Unknown) | None => Maybe::Unknown,
    }
}

/// It is the command of that application, and what follows it calls the program.
fn calls(p: &Project, command: usize, row: &ManagementPackage) -> bool {
    let fact = &p.commands[command];
    let management = fact.command.management.as_ref().map(|word| word.span);
    let mut args = fact.command.args.iter();
    args.by_ref().find(|arg| Some(arg.span) == management);
    let word = args.next().and_then(Arg::as_str);
    let is_called = row.words.is_empty() || word.is_some_and(|word| row.words.contains(word));
    let Some(distribution) = row.distribution else {
        return is_called;
    };
    let installs = p
        .installs
        .iter()
        .filter(|it| it.command < command && at::is_part(&p.stages, it.stage, fact.stage));
    let names = || installs.clone().flat_map(|it| &it.set.requirements);
    let is_other = |name: &str| name != distribution && row.unless.is_within(name);
    let is_set = |name: &str| {
        let mut texts = p.settings.iter().flat_map(|fact| &fact.texts);
        texts.any(|(_, source)| source.text.contains(name))
    };
    is_called
        && row.file.is_none_or(|file| has_file(p, file))
        && !row.setting.is_some_and(is_set)
        && names().any(|one| one.name == distribution)
        && !names().any(|one| is_other(&one.name))
}

/// An application of the project, at its top or one directory below, has a management command of that name.
fn has_own_command(p: &Project, management: &str) -> bool {
    has_file(p, &format!("management/commands/{management}.py"))
}

/// An application of the project, at its top or one directory below, has a file.
fn has_file(p: &Project, file: &str) -> bool {
    let context = &p.around.context;
    let holds = |directory: &str| {
        matches!(
            context.presence(&join(directory, file)),
            Presence::File { .. }
        )
    };
    let listed = context.list("");
    listed.iter().flat_map(|names| names.iter()).any(|name| {
        let below = context.list(name);
        let mut below = below.iter().flat_map(|names| names.iter());
        holds(name) || below.any(|inner| holds(&join(name, inner)))
    })
}

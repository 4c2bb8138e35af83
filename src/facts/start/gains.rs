//! What a start installs before or beside its process: packages that the image itself does not have.

use crate::facts::build::manager::{self, Action};
use crate::facts::model::{Gains, StartFact};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::{installers, pypi_names};
use crate::python::requirements::normalize_name;
use crate::shell::ast::{Arg, Command, CommandFlag};

/// What commands that start install.
pub(crate) fn of<'a>(starts: impl Iterator<Item = &'a StartFact>) -> Gains {
    let mut gains = Gains::default();
    for start in starts {
        add(&mut gains, &start.command);
    }
    gains
}

fn add(gains: &mut Gains, command: &Command) {
    if brings_programs(command) {
        gains.programs = true;
    }
    let Some(name) = command.name.as_deref() else {
        return;
    };
    let subcommand = command.subcommand().unwrap_or_default();
    let is_packaged = is_packaged(command);
    let installs = manager::installer(command)
        .is_some_and(|row| !row.exports(subcommand) && !row.builds(subcommand));
    let adds = subcommand == "add" && installers::is_installer(name);
    if !is_packaged && !installs && !adds && !is_piped(command) {
        return;
    }
    let takes_names = is_packaged || installers::takes_names(name, subcommand);
    let mut flags = command.flags.iter();
    let is_list = |flag: &CommandFlag| matches!(flag.name.as_str(), "--requirement" | "--editable");
    if !takes_names || !command.is_complete || flags.any(is_list) {
        gains.others = true;
        return;
    }
    for operand in &command.operands {
        let text = operand.as_str().unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
        let name = normalize_name(&text[..end]);
        let name = name.strip_prefix("python3-").unwrap_or(&name).to_owned();
        let is_plain =
            is_packaged || pypi_names::is_plain(&name) || pypi_names::is_installer(&name);
        let is_bare = !text.contains('/') && !text[end..].starts_with('[');
        gains.others |= name.is_empty() || !is_bare || !is_plain;
        gains.named.push(name);
    }
}

/// The package manager of a distribution installs something.
fn is_packaged(command: &Command) -> bool {
    matches!(manager::package_action(command), Some((_, Action::Install)))
}

/// A shell reads what another command of its pipeline writes: `curl ... | sh`.
fn is_piped(command: &Command) -> bool {
    let is_shell = command.name.as_deref().is_some_and(programs::is_shell);
    is_shell && command.args.is_empty() && command.pipeline.1 > 1
}

/// A command that starts may bring programs: packages of the system or of Python, a download into the search path.
pub(crate) fn brings_programs(command: &Command) -> bool {
    let Some(name) = command.name.as_deref() else {
        return false;
    };
    let is_for_programs = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        text.split('/').any(|part| matches!(part, "bin" | "sbin"))
    };
    let subcommand = command.subcommand().unwrap_or_default();
    let installs = matches!(subcommand, "install" | "i" | "add" | "ci");
    is_packaged(command)
        || is_piped(command)
        || manager::installer(command).is_some()
        || programs::is(name, Role::Brings)
            && (installs || command.args.iter().any(is_for_programs))
}

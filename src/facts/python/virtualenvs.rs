//! Virtual environments that commands make, and packages that are installed for the interpreter on PATH.

use crate::facts::build::at::path_of;
use crate::facts::model::{BuildPhase, CommandFact, CopyFrom, InstallPhase, Project};
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{Arg, Runs};

/// Directories that an image's commands make virtual environments in, in the order of the commands.
pub(crate) fn virtualenvs(p: &InstallPhase, chain: &[usize]) -> Vec<(String, usize)> {
    let mut all: Vec<(String, usize)> = chain
        .iter()
        .flat_map(|stage| p.marks.virtualenvs[*stage].iter().cloned())
        .collect();
    all.sort_by_key(|(_, command)| *command);
    all
}

/// The directory that a command certainly makes a virtual environment in.
pub(crate) fn made_by(p: &BuildPhase, fact: &CommandFact) -> Option<String> {
    let command = &fact.command;
    if command.runs != Runs::Always {
        return None;
    }
    let words: Vec<&str> = command.args.iter().filter_map(Arg::as_str).collect();
    let rest = installers::environment(command.name.as_deref()?, &words)?;
    path_of(p, fact, first_path(rest)?)
}

/// The first word that is neither an option nor its value.
fn first_path<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if OptionWords::VirtualenvValue.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

/// Something installs Python packages, or may, for the interpreter that is on PATH anyway.
pub(crate) fn installs_globally(p: &Project, chain: &[usize]) -> bool {
    let by_copy = p
        .copies
        .iter()
        .any(|copy| chain.contains(&copy.stage) && copy.from != CopyFrom::Context);
    by_copy
        || p.layers
            .iter()
            .any(|layer| chain.contains(&layer.stage) && layer.is_opaque)
        || p.commands.iter().any(|fact| {
            if !chain.contains(&fact.stage) {
                return false;
            }
            let command = &fact.command;
            let program = command.program.as_deref();
            let links = command
                .name
                .as_deref()
                .is_some_and(|name| programs::is(name, Role::Places))
                && command
                    .args
                    .iter()
                    .any(|arg| arg.as_str().unwrap_or(&arg.prefix).contains("/bin"));
            if links {
                return true;
            }
            let is_inside = program
                .is_some_and(|program| program.contains("/bin/") && !program.starts_with("/usr/"));
            match command.name.as_deref() {
                Some(name) if installers::is_installer(name) => !is_inside,
                None => true,
                // `. /venv/bin/activate` and scripts may do anything.
                Some(_) => {
                    crate::facts::build::opaque::may_clean(command)
                        || matches!(
                            crate::facts::build::manager::package_action(command),
                            Some((_, crate::facts::build::manager::Action::Install))
                        ) && command.operands.iter().any(|arg| {
                            arg.as_str().is_none_or(|name| {
                                name.contains("uwsgi") || name.contains("gunicorn")
                            })
                        })
                }
            }
        })
}

//! Virtual environments that commands make.

use crate::facts::build::at::path_of;
use crate::facts::model::{BuildPhase, CommandFact, InstallPhase};
use crate::knowledge::installers;
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

//! What installs on command lines name.

use crate::facts::build::at;
use crate::facts::model::{CommandFact, Project};
use crate::knowledge::pypi_names;
use crate::knowledge::words::FileWords;
use crate::shell::ast::{Arg, Command};

/// The name that an operand of an install begins with: `django` of `django[argon2]>=4`.
pub(crate) fn package_name(text: &str) -> &str {
    let end = text.find(['=', '<', '>', '~', '!', '[', ';', ' ', '@']);
    &text[..end.unwrap_or(text.len())]
}

/// Operands of an install that name a package without an upper bound: `django`, `django>=4`.
/// The flag tells whether all operands could be read.
pub(crate) fn unbounded(fact: &CommandFact) -> (Vec<&Arg>, bool) {
    let command = &fact.command;
    let mut closed = true;
    let mut out = Vec::new();
    for operand in &command.operands {
        let text = operand.as_str().unwrap_or(&operand.prefix);
        let name = package_name(text);
        let is_path = text.contains("://")
            || text.contains(['/', '\\', '*'])
            || text.starts_with(['.', '-', '$'])
            || FileWords::PythonArchive.ends(text);
        let is_bounded = text.contains(['<', '@']) || text.contains("==") || text.contains("~=");
        if is_path || is_bounded || name.is_empty() && operand.text.is_some() {
            continue;
        }
        if operand.text.is_none() {
            closed = false;
            continue;
        }
        let name = crate::python::requirements::normalize_name(name);
        let is_left_out = pypi_names::is_installer(&name)
            || pypi_names::is_tool(&name)
            || pypi_names::is_finished(&name);
        if !is_left_out {
            out.push(operand);
        }
    }
    (out, closed)
}

/// The tool, when a command installs with it what a project lists.
pub(crate) fn installs_list(command: &Command) -> Option<&str> {
    let name = command.name.as_deref()?;
    let word = command.subcommand()?;
    let mut flags = command.flags.iter();
    let installs = (word.contains("install") || word.contains("sync"))
        && (name != "pip" || flags.any(|flag| flag.name == "--requirement"));
    installs.then_some(name)
}

/// The tool installed in an earlier layer of the stage: the code copied in between does not make that run again.
pub(crate) fn installed_before(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let Some(name) = fact.command.name.as_deref() else {
        return false;
    };
    let mut chain = at::chain(&p.stages, fact.stage).into_iter();
    chain.any(|stage| {
        let first = p.marks.listed.get(&(stage, name.to_owned()));
        first.is_some_and(|layer| *layer < fact.layer)
    })
}

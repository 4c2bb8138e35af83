//! What installs on command lines name.

use crate::facts::build::at;
use crate::facts::model::{CommandFact, CopyFact, CopyFrom, Project};
use crate::knowledge::pypi_names;
use crate::knowledge::words::{DirectoryWords, FileWords};
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

/// The tool installed in an earlier layer of the stage, or into an environment that is copied there before: the code
/// copied in between does not make that run again.
pub(crate) fn installed_before(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let Some(name) = fact.command.name.as_deref() else {
        return false;
    };
    let first = |stage: usize| p.marks.listed.get(&(stage, name.to_owned())).copied();
    let brings = |copy: &CopyFact| match copy.from {
        CopyFrom::Stage(from) if copy.layer < fact.layer && holds_environment(copy) => {
            let mut chain = at::chain(&p.stages, from).into_iter();
            chain.any(|stage| first(stage).is_some())
        }
        _ => false,
    };
    let chain = at::chain(&p.stages, fact.stage);
    chain.into_iter().any(|stage| {
        let mut copies = p.stages[stage].copies.iter();
        first(stage).is_some_and(|layer| layer < fact.layer)
            || copies.any(|copy| brings(&p.copies[*copy]))
    })
}

/// A copied directory is called as environments and what lies in them are: `/app/.venv`, `python3/site-packages`.
fn holds_environment(copy: &CopyFact) -> bool {
    let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
    sources.any(|source| {
        let name = source.as_str().trim_end_matches('/').rsplit('/').next();
        name.is_some_and(|name| DirectoryWords::Environment.contains(name))
    })
}

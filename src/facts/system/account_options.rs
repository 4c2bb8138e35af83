//! Options of `adduser` and `addgroup` at which those of the distribution end.

use crate::facts::build::at;
use crate::facts::model::Project;
use crate::knowledge::account_options::{self, AccountOption};
use crate::knowledge::images::PackageManager;
use crate::shell::ast::CommandFlag;

/// The first option of a command that its program does not have there, or the one that makes it print its help.
pub(crate) fn refused(
    p: &Project,
    command: usize,
) -> Option<(&'static AccountOption, &CommandFlag, &'static str)> {
    let fact = &p.commands[command];
    let written = &fact.command;
    let name = written.name.as_deref()?;
    let program = written.program.as_deref()?;
    if !matches!(name, "adduser" | "addgroup") || program.rsplit('/').next() != Some(name) {
        return None;
    }
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    let distribution = match base.package_manager {
        PackageManager::Apt => "Debian",
        PackageManager::Apk => "Alpine",
        _ => return None,
    };
    let is_alpine = distribution == "Alpine";
    let is_word = |option: &str| written.args.iter().any(|arg| arg.as_str() == Some(option));
    let flags = written.flags.iter();
    let mut known = flags.filter_map(|flag| {
        let row = account_options::of(name, &flag.written, is_alpine)?;
        // Of several letters in one word none asks for help.
        (!row.helps || is_word(&flag.written)).then_some((row, flag, distribution))
    });
    let first = known.next()?;
    let helping = |it: &(&AccountOption, &CommandFlag, &str)| it.0.helps;
    if helping(&first) {
        return Some(first);
    }
    Some(known.find(helping).unwrap_or(first))
}

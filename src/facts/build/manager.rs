//! Package managers of distributions and installers of Python packages: what a command tells one to do, and with which
//! packages.

use crate::knowledge::installers::{self, Dialect, Installer};
use crate::knowledge::package_managers;
pub(crate) use crate::knowledge::package_managers::Action;
use crate::knowledge::words::OptionWords;
use crate::shell::ast::Command;

/// The package manager and action of a command.
pub(crate) fn package_action(command: &Command) -> Option<(&'static str, Action)> {
    let program = command.name.as_deref()?;
    let manager = package_managers::manager(program)?;
    let action = match package_managers::action(program, command.subcommand()?)? {
        Action::AutoRemove if !command.operands.is_empty() || !command.is_complete => {
            Action::Remove
        }
        action => action,
    };
    Some((manager, action))
}

/// The installer of Python packages that a command is, by its program and subcommand.
pub(crate) fn installer(command: &Command) -> Option<&'static Installer> {
    installers::asked(
        command.name.as_deref()?,
        command.subcommand().unwrap_or_default(),
    )
}

/// A command installs what files of the project list, without naming packages.
pub(crate) fn installs_listed(command: &Command) -> bool {
    let subcommand = command.subcommand().unwrap_or_default();
    installer(command).is_some_and(|row| {
        row.takes_project(subcommand)
            || row.dialect == Dialect::Pip
                && subcommand == "install"
                && command.flag("--requirement").is_some()
    })
}

/// The command installs the project itself with what it lists.
pub(crate) fn installs_project(command: &Command) -> bool {
    let subcommand = command.subcommand().unwrap_or_default();
    !leaves_project_out(command)
        && installer(command).is_some_and(|row| row.takes_project(subcommand))
}

/// The command is told to install what the project lists without the project itself.
pub(crate) fn leaves_project_out(command: &Command) -> bool {
    let mut flags = command.flags.iter();
    flags.any(|flag| OptionWords::WithoutProject.contains(&flag.name))
}

/// The command is one of apt, whatever it does.
pub(crate) fn is_apt(command: &Command) -> bool {
    let manager = command.name.as_deref().and_then(package_managers::manager);
    manager == Some("apt")
}

/// Name and version of an operand of `install`; `None` for files, URLs, and removals (`name-`).
pub(crate) fn package_name(manager: &str, text: &str) -> Option<(String, Option<String>)> {
    if text.is_empty() || text.contains("://") || text.contains('/') && manager != "apt" {
        return None;
    }
    if text.starts_with(['.', '/', '-']) || text.ends_with(".deb") {
        return None;
    }
    let cut = match manager {
        "apk" => text.find(['=', '<', '>', '~', '@']),
        _ => text.find(['=', '/']),
    };
    let (name, rest) = match cut {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let name = name.split(':').next().unwrap_or(name);
    let version = rest
        .strip_prefix('=')
        .filter(|version| !version.is_empty())
        .map(str::to_owned);
    if name.is_empty() || manager == "apt" && name.ends_with('-') {
        return None;
    }
    Some((name.to_owned(), version))
}

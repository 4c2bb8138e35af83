//! Package managers of distributions: what a command tells one to do, and with which packages.

use crate::shell::ast::{Arg, Command};

/// What a package manager is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Update,
    Install,
    Remove,
    /// `autoremove` without names.
    AutoRemove,
}

/// The package manager and action of a command.
pub(crate) fn package_action(command: &Command) -> Option<(&'static str, Action)> {
    let manager = match command.name.as_deref()? {
        "apt-get" | "apt" | "aptitude" => "apt",
        "apk" => "apk",
        "dnf" | "yum" | "microdnf" => "dnf",
        _ => return None,
    };
    let action = match command.subcommand.as_ref().and_then(Arg::as_str)? {
        "update" => Action::Update,
        "install" | "add" | "build-dep" => Action::Install,
        "autoremove" | "autopurge" if command.operands.is_empty() && command.is_complete => {
            Action::AutoRemove
        }
        "purge" | "remove" | "del" | "erase" | "autoremove" | "autopurge" => Action::Remove,
        _ => return None,
    };
    Some((manager, action))
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

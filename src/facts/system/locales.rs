//! Locales that an image has.

use crate::facts::build::at;
use crate::facts::model::Project;
use crate::facts::system::installed::{There, follow};
use crate::knowledge::images::{Family, PackageManager};
use crate::shell::ast::Command;
use crate::source::is_in;

const LOCALES: &str = "/usr/lib/locale";

/// The image of a stage certainly lacks a locale: those of Debian have only the ones that the C library brings.
pub(crate) fn is_lacking(p: &Project, stage: usize, name: &str) -> bool {
    let base = &at::root(&p.stages, stage).base.knowledge;
    let is_debian = matches!(base.family, Family::Python | Family::Debian)
        && base.package_manager == PackageManager::Apt;
    let (plain, _) = name.split_once('.').unwrap_or((name, ""));
    let is_brought = plain.is_empty() || matches!(plain, "C" | "POSIX");
    if !is_debian || is_brought || at::sets_env(p, stage, "LOCPATH") {
        return false;
    }
    let makes = |command: &Command| {
        let name = command.name.as_deref();
        matches!(
            name,
            Some("localedef" | "locale-gen" | "dpkg-reconfigure") | None
        )
    };
    let mut commands = p.commands.iter();
    let is_made =
        commands.any(|fact| at::is_part(&p.stages, fact.stage, stage) && makes(&fact.command));
    let mut copies = p.copies.iter();
    let is_copied = copies.any(|copy| {
        let target = copy.target.as_deref();
        at::is_part(&p.stages, copy.stage, stage)
            && target.is_none_or(|it| is_in(it, LOCALES) || is_in(LOCALES, it))
    });
    let Some(system) = follow(p, stage, None) else {
        return false;
    };
    let mut packages = ["locales", "locales-all"].iter();
    let lacks = packages.all(|name| system.has_installed(name) == There::No);
    lacks && !is_made && !is_copied
}

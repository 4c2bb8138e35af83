//! What commands on a base image use that its successor does not have.

use crate::facts::build::base;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::model::Project;
use crate::facts::system::apt;
use crate::facts::system::succession::pins::root;
use crate::knowledge::images::{Family, PackageManager};
use crate::knowledge::{commands, debian, packages};
use crate::shell::ast::{Arg, Command};

const SOURCES_LIST: &str = "/etc/apt/sources.list";
/// What the images have instead from bookworm on.
const DEBIAN_SOURCES: &str = "/etc/apt/sources.list.d/debian.sources";

/// The packages of Python 2 that a stage on Alpine names, which has had none since 3.16.
pub(crate) fn python2_of_alpine(p: &Project, stage: usize) -> Vec<String> {
    let base = root(p, stage);
    let of_stage = p
        .packages
        .iter()
        .filter(|it| it.manager == "apk" && root(p, it.stage) == base);
    let names = of_stage.map(|package| package.name.as_str());
    let is_python2 = |name: &&str| {
        matches!(*name, "python" | "python-dev")
            || name.starts_with("python2")
            || name.starts_with("py2-")
    };
    let mut out: Vec<String> = names
        .filter(is_python2)
        .map(|name| format!("`{name}`"))
        .collect();
    out.sort();
    out.dedup();
    out
}

/// All that is installed on a base image can be read: a script, or a list that `xargs` hands to apt, may have what
/// another suite lacks.
pub(super) fn is_read(p: &Project, stage: usize) -> bool {
    let base = root(p, stage);
    let mut on_it = p.layers.iter().filter(|it| root(p, it.stage) == base);
    let mut commands = p.commands.iter().filter(|it| root(p, it.stage) == base);
    let is_open = |command: &Command| {
        let installs = package_action(command) == Some(("apt", Action::Install));
        installs && (!command.is_complete || command.wrappers.iter().any(|it| it == "xargs"))
    };
    !on_it.any(|layer| layer.is_opaque) && !commands.any(|fact| is_open(&fact.command))
}

/// What a suite lacks.
pub(super) fn of_suite(p: &Project, stage: usize, suite: &str) -> Vec<String> {
    if base::suite(&p.stages[stage].base.knowledge) == Some(suite) {
        return Vec::new();
    }
    let base = root(p, stage);
    let is_debians = |base: usize| p.stages[base].base.knowledge.family == Family::Debian;
    let mut out = Vec::new();
    for package in p.packages.iter().filter(|it| it.manager == "apt") {
        let is_gone = packages::presence(&package.name, suite)
            .is_some_and(|presence| !presence.can_be_installed());
        // Sources of others have packages that Debian lacks.
        let is_debians = is_gone && !apt::has_added_source(p, package.command);
        if is_debians && root(p, package.stage) == base {
            out.push(match packages::replacement(&package.name, suite) {
                Some(name) => format!("`{}` (now `{name}`)", package.name),
                None => format!("`{}`", package.name),
            });
        }
    }
    for fact in p.commands.iter().filter(|fact| root(p, fact.stage) == base) {
        let name = fact.command.name.as_deref().unwrap_or_default();
        if let Some(instead) = packages::gone_program(name, suite) {
            out.push(format!("`{name}` (use {instead})"));
        }
        let package = commands::packages(name, PackageManager::Apt)
            .and_then(|all| all.first())
            .filter(|package| is_debians(base) && !may_install(p, base, package, suite));
        if let Some(package) = package
            && let Some(instead) = packages::left_out_of(name, suite)
        {
            out.push(format!("`{name}` (install `{package}`, or use {instead})"));
        }
        let is_list = |operand: &Arg| operand.as_str() == Some(SOURCES_LIST);
        let is_archive = |arg: &Arg| arg.prefix.contains("archive.debian.org");
        let edits_sources = name == "sed"
            && fact.command.operands.iter().any(is_list)
            && !fact.command.args.iter().any(is_archive);
        if edits_sources && debian::by_codename(suite).is_some_and(|row| row.number >= 12) {
            out.push(format!("`{SOURCES_LIST}` (now `{DEBIAN_SOURCES}`)"));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Whether a package that is installed on a base image is that one, or brings it along.
fn may_install(p: &Project, base: usize, wanted: &str, suite: &str) -> bool {
    let mut own = p.packages.iter().filter(|it| root(p, it.stage) == base);
    own.any(|package| {
        let pulled = packages::pulls(&package.name, suite);
        package.name == wanted || pulled.is_some_and(|pulled| pulled.always.contains(wanted))
    })
}

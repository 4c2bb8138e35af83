//! What compiling a Python package needs on Alpine, and what of it was never added.

use crate::facts::build::at;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::build::opaque;
use crate::facts::model::{InstallFact, Project};
use crate::knowledge::pypi::{self, AlpineBuild};
use crate::knowledge::words::PackageWords;
use crate::python::requirements::Requirement;

/// The packages that compiling a requirement needs and that nothing before it added; `None` when something may have
/// brought them, or it is not known what is needed.
pub(crate) fn missing(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<Vec<&'static str>> {
    let added = added(p, install)?;
    let row = pypi::alpine_build(&requirement.name);
    let has = |words: PackageWords| added.iter().any(|name| words.contains(name));
    let may_compile = |name: &&str| {
        PackageWords::CompilerOfAlpine.is_within(name) || name.starts_with(['.', '/'])
    };
    // Headers that may bring others along, and what is no package of the distribution.
    let is_open = added.iter().any(|name| {
        name.starts_with(['.', '/'])
            || name.ends_with("-dev") && !PackageWords::PlainHeaders.contains(name)
    });
    let is_there = added.iter().any(may_compile);
    // Some bring a compiler.
    if is_open && !is_there {
        return None;
    }
    let mut missing = Vec::new();
    let compiler = row.map_or("gcc", |row| row.compiler);
    if !is_there {
        missing.push(compiler);
    }
    if !has(PackageWords::MuslHeaders) && (!is_there || !is_open && added.contains(&"gcc")) {
        missing.push("musl-dev");
    }
    for (said, need) in row.into_iter().flat_map(AlpineBuild::needs) {
        let is_added = added.iter().any(|name| AlpineBuild::is_one(name, need));
        if !is_added && !is_open {
            missing.push(said);
        }
    }
    (!missing.is_empty() || is_there && !is_open).then_some(missing)
}

/// The packages that were added before an install, removed ones too; `None` when not all are known.
pub(crate) fn added<'a>(p: &'a Project, install: &InstallFact) -> Option<Vec<&'a str>> {
    let chain = at::chain(&p.stages, install.stage);
    let mut layers = chain.iter().flat_map(|stage| &p.stages[*stage].layers);
    if layers.any(|layer| p.layers[*layer].is_opaque) {
        return None;
    }
    let is_before =
        |command: usize| command < install.command && chain.contains(&p.commands[command].stage);
    for fact in (0..install.command)
        .filter(|at| is_before(*at))
        .map(|at| &p.commands[at])
    {
        let command = &fact.command;
        let adds = matches!(package_action(command), Some((_, Action::Install)));
        let is_unread = !command.is_complete || command.operands.iter().any(|it| it.text.is_none());
        if opaque::may_clean(command) || adds && is_unread {
            return None;
        }
    }
    let packages = p
        .packages
        .iter()
        .filter(|package| is_before(package.command));
    Some(packages.map(|package| package.name.as_str()).collect())
}

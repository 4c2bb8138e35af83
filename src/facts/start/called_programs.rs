//! Programs that something which certainly runs calls and that an image certainly lacks: those of the system that
//! Python packages call, installers of Python packages that start the server.

use crate::facts::build::at;
use crate::facts::model::{CopyFact, CopyFrom, Project};
use crate::facts::python::{closure, dependencies};
use crate::facts::start::{commands, placed};
use crate::knowledge::images::Family;
use crate::knowledge::programs::{self, PackageProgram};
use crate::knowledge::words::DirectoryWords;
use crate::source::{absolute, is_in};
use crate::span::Traced;

/// The program that a requirement is of no use without, where an image that has it certainly lacks the program; and the
/// system package that contains it.
pub(crate) fn missing(
    p: &Project,
    install: usize,
    at: usize,
) -> Option<(&'static PackageProgram, &'static str)> {
    let requirement = &p.installs[install].set.requirements[at];
    let row = programs::called_by(&requirement.name)?;
    let has_it =
        |(_, listed): &(usize, &crate::facts::model::Listed)| listed.items.contains(&(install, at));
    let mut images = p.dependencies.iter().enumerate().filter(has_it);
    let lacks = |image: usize| {
        let stage = p.images[image].stage;
        let is_brought = row
            .unless
            .iter()
            .any(|name| dependencies::lists(p, image, name));
        !is_brought && commands::is_of_system(p, stage, row.program) == Some(false)
    };
    let (image, _) = images.find(|(image, _)| lacks(*image))?;
    let package = commands::package_of(p, p.images[image].stage, row.program)?;
    Some((row, package))
}

/// An image certainly lacks an installer of Python packages, by whose name a start command begins: `uv run`.
pub(crate) fn lacks_installer(p: &Project, image: usize, name: &str) -> bool {
    let fact = &p.images[image];
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    let is_plain = matches!(
        base.family,
        Family::Python | Family::Debian | Family::Ubuntu | Family::Alpine
    );
    let of_image = |stage: usize| fact.chain.contains(&stage);
    let brings = |copy: &CopyFact| {
        // A virtual environment has what its lists say.
        let may_have = |text: &str| {
            // Paths of another stage begin at its root, with or without a slash.
            let text = absolute("/", text);
            let mut parts = text.trim_matches('/').split('/');
            let is_environment = parts
                .clone()
                .any(|it| DirectoryWords::Environment.contains(it));
            let first = format!("/{}", parts.next().unwrap_or_default());
            let is_of_system = DirectoryWords::System.contains(&first);
            !is_environment && is_of_system || text.contains("/bin") || text.contains(name)
        };
        let is_own = copy.from == CopyFrom::Context;
        let mut sources = copy
            .sources
            .iter()
            .map(|(_, text)| text.as_ref().map(Traced::as_str));
        let target = copy.target.as_deref();
        let is_above_programs = |it: &str| {
            let mut programs = DirectoryWords::Programs.iter();
            programs.any(|directory| is_in(directory, it))
        };
        let is_for_programs = |it: &str| {
            let last = it.rsplit('/').next();
            matches!(last, Some("bin" | ".local" | ".cargo")) || last == Some(name)
        };
        target.is_none_or(|it| is_for_programs(it) || is_above_programs(it))
            || !is_own && sources.any(|text| text.is_none_or(may_have))
    };
    let is_opaque = p
        .layers
        .iter()
        .any(|layer| of_image(layer.stage) && (layer.is_opaque || layer.is_onbuild));
    let mut commands = p.commands.iter().filter(|fact| of_image(fact.stage));
    is_plain
        && !is_opaque
        && !p
            .copies
            .iter()
            .any(|copy| of_image(copy.stage) && brings(copy))
        && !p
            .packages
            .iter()
            .any(|package| of_image(package.stage) && package.name.contains(name))
        && !commands.any(|fact| placed::may_install_programs(&fact.command))
        && closure::lacks(p, image, &[name]) == Some(true)
}

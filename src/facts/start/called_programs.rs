//! Programs that something which certainly runs calls and that an image certainly lacks: those of the system that
//! Python packages call, installers of Python packages that start the server.

use crate::facts::build::at;
use crate::facts::model::{CommandFact, CopyFact, CopyFrom, LayerFact, Project};
use crate::facts::python::{closure, dependencies};
use crate::facts::start::{commands, placed};
use crate::knowledge::images::Family;
use crate::knowledge::programs::{self, BrowserPackage, PackageProgram};
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
    let has_it = |(_, listed): &(usize, &crate::facts::model::Listed)| listed.has(install, at);
    let mut images = p.dependencies.iter().enumerate().filter(has_it);
    let lacks = |image: usize| {
        let stage = p.images[image].stage;
        let is_brought = row
            .unless
            .iter()
            .any(|name| dependencies::lists(p, image, name));
        !is_brought
            && !p.may_gain_programs(image)
            && commands::is_of_system(p, stage, row.program) == Some(false)
    };
    let (image, _) = images.find(|(image, _)| lacks(*image))?;
    let package = commands::package_of(p, p.images[image].stage, row.program)?;
    Some((row, package))
}

/// The browser package that a requirement is, where nothing shows that an image which has it has a browser, or asks one
/// elsewhere.
pub(crate) fn lacks_browser(
    p: &Project,
    install: usize,
    at: usize,
) -> Option<&'static BrowserPackage> {
    let requirement = &p.installs[install].set.requirements[at];
    let row = programs::drives_browser(&requirement.name)?;
    let shows = |text: &str| text.contains(row.fetches) || row.signs.is_within(text);
    let lists = dependencies_with(p, install, at);
    let image = lists.into_iter().find(|image| {
        let fact = &p.images[*image];
        let of_image = |stage: usize| fact.chain.contains(&stage);
        let is_opaque =
            |layer: &LayerFact| of_image(layer.stage) && (layer.is_opaque || layer.is_onbuild);
        let is_plain = |it: &CommandFact| !placed::may_install_programs(&it.command);
        let mut commands = p.commands.iter().filter(|it| of_image(it.stage));
        let mut scripts = fact
            .scripts
            .iter()
            .chain(p.runs_of(*image).flat_map(|run| &run.scripts));
        has_plain_base(p, fact.stage)
            && !p.layers.iter().any(is_opaque)
            && commands.all(is_plain)
            && scripts.all(|script| {
                script
                    .text
                    .as_ref()
                    .is_some_and(|text| !shows(text.as_str()))
            })
    });
    let mut services = p.around.deployed.all.iter();
    let is_elsewhere = services.any(|it| {
        let image = it.image.as_ref().map(|image| image.as_str().unwrap_or("?"));
        let mut variables = it.env.vars.iter();
        it.name.as_str().contains(&*requirement.name)
            || image.is_some_and(shows)
            || variables.any(|var| shows(var.name.as_str()))
    });
    image.filter(|_| !shows(&p.text.text) && !is_elsewhere)?;
    Some(row)
}

/// The images that have a requirement.
fn dependencies_with(p: &Project, install: usize, at: usize) -> Vec<usize> {
    let all = p.dependencies.iter().enumerate();
    let has_it = all.filter(|(_, listed)| listed.has(install, at));
    has_it.map(|(image, _)| image).collect()
}

/// The image stands on one of a distribution or of Python, of which is known what it has.
fn has_plain_base(p: &Project, stage: usize) -> bool {
    matches!(
        at::root(&p.stages, stage).base.knowledge.family,
        Family::Python | Family::Debian | Family::Ubuntu | Family::Alpine
    )
}

/// An image certainly lacks an installer of Python packages, by whose name a start command begins: `uv run`.
pub(crate) fn lacks_installer(p: &Project, image: usize, name: &str) -> bool {
    let fact = &p.images[image];
    let is_plain = has_plain_base(p, fact.stage);
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

//! What to do about compilers and headers that stay in an image: who compiles with them, and whether they can go.

use crate::compose::{CommandForm, Text};
use crate::facts::compiling::is_compiled;
use crate::facts::model::{CommandFact, InstallFact, Project};
use crate::facts::{dependencies, downloads, effective, packages};
use crate::knowledge::packages::{BuildOnly, is_build_only};
use crate::knowledge::pypi_names;
use crate::knowledge::{pypi, wheels};
use crate::python::requirements::Requirement;

/// Something reads what the layer brings: installs in it and in later layers of the stages on it.
fn installs(p: &Project, layer: usize) -> impl Iterator<Item = &InstallFact> {
    let stage = p.layers[layer].stage;
    p.installs.iter().filter(move |install| {
        let fact = &p.commands[install.command];
        fact.layer >= layer
            && effective::chain(&p.stages, fact.stage).contains(&stage)
            && !downloads::installs_installers(&fact.command)
    })
}

/// The one command of a later layer that installs Python packages and can do so in a layer with compilers; `None`: there is
/// none, or several, or another user runs it.
pub(crate) fn later_install(p: &Project, layer: usize) -> Option<usize> {
    let mut later = installs(p, layer).filter(|install| p.commands[install.command].layer > layer);
    let only = later.next()?;
    let is_alone =
        later.all(|other| p.commands[other.command].layer == p.commands[only.command].layer);
    let as_root = p.commands[only.command].runs_as_root != Some(false);
    let is_own = p.commands[only.command].stage == p.layers[layer].stage;
    (is_alone && as_root && is_own).then_some(only.command)
}

/// No install of the images on a layer compiles anything: wheels are there for all that is listed.
pub(crate) fn compiles_nothing(p: &Project, layer: usize) -> Option<bool> {
    let stage = p.layers[layer].stage;
    let mut any = false;
    for image in 0..p.images.len() {
        if !p.images[image].chain.contains(&stage) {
            continue;
        }
        any = true;
        let listed = p.dependencies.get(image)?;
        if !listed.is_complete || listed.items.is_empty() {
            return None;
        }
        for (install, at) in &listed.items {
            let install = &p.installs[*install];
            let requirement = &install.set.requirements[*at];
            let is_plain = listed.is_closed || is_well_known(requirement);
            if !is_plain || !comes_as_wheel(p, install, requirement) {
                return None;
            }
        }
    }
    let builds = |fact: &CommandFact| {
        let name = fact.command.name.as_deref();
        fact.layer >= layer
            && effective::chain(&p.stages, fact.stage).contains(&stage)
            && (!fact.command.is_complete
                || matches!(
                    name,
                    None | Some(
                        "make"
                            | "npm"
                            | "yarn"
                            | "pnpm"
                            | "cargo"
                            | "go"
                            | "gcc"
                            | "cc"
                            | "g++"
                            | "cmake"
                            | "gem"
                            | "pecl"
                    )
                )
                || name == Some("python") && fact.command.management.is_none())
    };
    (any && !p.commands.iter().any(builds)).then_some(true)
}

/// What it brings along comes without compiling.
fn is_well_known(requirement: &Requirement) -> bool {
    pypi::distribution(&requirement.name).is_some()
        || pypi_names::is_installer(&requirement.name)
        || pypi_names::is_plain(&requirement.name)
            && (requirement.extras.is_empty() || pypi_names::has_plain_extras(&requirement.name))
}

fn comes_as_wheel(p: &Project, install: &InstallFact, requirement: &Requirement) -> bool {
    if let Some(compiled) = is_compiled(p, install, requirement) {
        return !compiled;
    }
    let Some(python) = dependencies::python_for(p, install) else {
        return false;
    };
    let libc = p.stages[install.stage].base.knowledge.libc;
    if pypi_names::is_installer(&requirement.name) {
        return true;
    }
    let is_plain = pypi_names::is_plain(&requirement.name)
        && wheels::of(&requirement.name).is_empty()
        && pypi::distribution(&requirement.name).is_none();
    let mut listed = requirement.wheels.iter();
    is_plain || listed.any(|file| wheels::is_taken(file, python, libc))
}

/// The packages that compile with the compilers of a layer, for sure.
pub(crate) fn compiled(p: &Project, layer: usize) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for install in installs(p, layer) {
        for requirement in &install.set.requirements {
            if is_compiled(p, install, requirement) == Some(true) {
                out.push(&requirement.name);
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The command that removes compilers and headers after the last install, where there is one place for it and that takes nothing
/// along that runs: the
/// libraries of all headers are known, no variable names a file that only headers bring, nothing that starts builds.
pub(crate) fn removal(p: &Project, layer: usize) -> Option<String> {
    let is_later = |install: &InstallFact| p.commands[install.command].layer > layer;
    let is_here = installs(p, layer)
        .next()
        .is_some_and(|first| !is_later(first));
    let has_later = installs(p, layer).any(is_later);
    if has_later && later_install(p, layer).is_none() || !has_later && !is_here {
        return None;
    }
    let has_library = |package: &usize| {
        !packages::runtime(p, *package).is_empty() || !is_of_library(&p.packages[*package].name)
    };
    let is_known = packages::left(p, layer, BuildOnly::Headers)
        .iter()
        .all(has_library);
    let names_object = p.envs.iter().any(|env| {
        env.value
            .as_ref()
            .is_none_or(|value| value.as_str().ends_with(".so"))
    });
    let starts_build = p
        .images
        .iter()
        .flat_map(|image| &image.starts)
        .any(|start| {
            let name = start.command.name.as_deref().unwrap_or_default();
            name == "make" || is_build_only(name).is_some()
        })
        || p.services.iter().any(|service| {
            let service = service.service(p);
            let mut lines = service.command.iter().chain(&service.entrypoint);
            lines.any(|command| match &command.form {
                CommandForm::Line(text) => names_make(text),
                CommandForm::List(words) => words.iter().any(names_make),
                _ => false,
            })
        });
    if !is_known || names_object || starts_build {
        return None;
    }
    packages::removal(p, layer)
}

fn names_make(text: &Text) -> bool {
    text.as_str()
        .is_none_or(|text| text.split_whitespace().any(|word| word == "make"))
}

/// Headers whose library is a package of its own.
fn is_of_library(name: &str) -> bool {
    !matches!(
        name,
        "libc6-dev"
            | "libc-dev"
            | "musl-dev"
            | "linux-headers"
            | "python3-dev"
            | "python-dev"
            | "linux-libc-dev"
            | "libpython3-dev"
    )
}

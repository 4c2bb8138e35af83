//! What an image on Alpine compiles because PyPI has no wheel for musl.

use crate::facts::model::{Fate, InstallFact, Project};
use crate::facts::python::dependencies;
use crate::facts::system::compiling;
use crate::facts::system::fate;
use crate::knowledge::images::Libc;
use crate::knowledge::packages::{BuildOnly, is_build_only};
use crate::knowledge::wheels;
use crate::python::requirements::Requirement;

/// The packages that an image on Alpine compiles in every build, with tools that stay in it, and that have wheels for
/// glibc: `(install, place in its set)`. Known ones only.
pub(crate) fn compiled(p: &Project, image: usize) -> Vec<(usize, usize)> {
    let Some(listed) = p.dependencies.get(image) else {
        return Vec::new();
    };
    let chain = &p.images[image].chain;
    let is_compiled = |(install, at): &&(usize, usize)| {
        let install = &p.installs[*install];
        let requirement = &install.set.requirements[*at];
        chain.contains(&install.stage)
            && has_wheel(p, install, requirement, Libc::Musl) == Some(false)
            && has_wheel(p, install, requirement, Libc::Glibc) == Some(true)
            && !cleans_up(p, install)
    };
    listed.items.iter().filter(is_compiled).copied().collect()
}

/// A compiler that `apk` installs stays in the image.
pub(crate) fn keeps_compiler(p: &Project, image: usize) -> bool {
    let layers = p.images[image]
        .chain
        .iter()
        .flat_map(|stage| &p.stages[*stage].layers);
    layers
        .flat_map(|layer| fate::left(p, *layer, BuildOnly::Compiler))
        .any(|package| p.packages[package].manager == "apk")
}

/// The Dockerfile, or a directory above it, is named after Alpine: there is another one for those who want glibc.
pub(crate) fn is_chosen(p: &Project) -> bool {
    p.around.dockerfile.as_deref().is_some_and(|path| {
        let path = path.to_ascii_lowercase();
        path.split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| word == "alpine" || word == "musl")
    })
}

/// Whether a release that is asked for may have a wheel; `None` when that is not known.
fn has_wheel(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
    libc: Libc,
) -> Option<bool> {
    let python = dependencies::python_for(p, install)?;
    let versions = dependencies::versions(install, requirement);
    let span = wheels::span(&requirement.name, python)?;
    versions
        .is_known()
        .then(|| compiling::may_have_wheel(&versions, span, libc))
}

/// The layer of an install removes the compilers that it installed for it.
fn cleans_up(p: &Project, install: &InstallFact) -> bool {
    let layer = &p.layers[p.commands[install.command].layer];
    let mut tools = p.packages[layer.packages.clone()]
        .iter()
        .filter(|package| {
            package.manager == "apk"
                && (package.group.is_some()
                    || is_build_only(&package.name) == Some(BuildOnly::Compiler))
        })
        .peekable();
    tools.peek().is_some() && tools.all(|package| matches!(package.fate, Fate::RemovedInLayer(_)))
}

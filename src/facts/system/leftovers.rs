//! What compilers and headers that stay in an image are for: what is compiled with them, and what calls them when the
//! image starts.

use std::ops::Range;

use crate::compose::Text;
use crate::facts::build::{application, at};
use crate::facts::model::{Builders, InstallFact, Project};
use crate::facts::python::{dependencies, downloads, installs};
use crate::facts::system::compiling::is_compiled;
use crate::facts::system::fate;
use crate::facts::table::Reach;
use crate::knowledge::images::Libc;
use crate::knowledge::packages::{BuildOnly, is_build_only};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::{Series, pypi, pypi_names, python, wheels};
use crate::python::requirements::Requirement;
use crate::shell::ast::Command;

/// Installs that may use what a layer brings; of a layer with more nothing is said.
const MAX_INSTALLS: usize = 64;

/// Installs that may use what the layer brings: those in it and in later layers of the stages on it, by index.
fn installs(p: &Project, layer: usize) -> impl Iterator<Item = usize> {
    let stage = p.layers[layer].stage;
    let uses = move |install: &InstallFact| {
        let fact = &p.commands[install.command];
        at::is_part(&p.stages, stage, fact.stage) && !downloads::installs_installers(&fact.command)
    };
    let is_before = |install: &InstallFact| p.commands[install.command].layer < layer;
    let first = p.installs.partition_point(is_before);
    let uses = (first..p.installs.len()).filter(move |i| uses(&p.installs[*i]));
    uses.take(MAX_INSTALLS + 1)
}

/// The last layers that build something, or may.
fn builders(p: &Project) -> &Builders {
    p.builders.get_or_init(|| {
        let mut own: Vec<Option<usize>> = vec![None; p.stages.len()];
        for (index, layer) in p.layers.iter().enumerate() {
            let mut commands = p.commands[layer.commands.clone()].iter();
            if layer.is_opaque || layer.is_onbuild || commands.any(|fact| may_build(&fact.command))
            {
                own[layer.stage] = Some(index);
            }
        }
        let mut last = vec![None; p.stages.len()];
        for image in &p.images {
            let of_image = image.chain.iter().filter_map(|stage| own[*stage]).max();
            for stage in &image.chain {
                last[*stage] = last[*stage].max(of_image);
            }
        }
        let is_geo = |name: &str| name.starts_with("gdal") || name.starts_with("geos");
        Builders {
            last,
            has_geo: p.packages.iter().any(|it| is_geo(&it.name)),
        }
    })
}

/// A command of a layer, or of a later one in the images that have it, may build something else than packages of
/// Python.
pub(crate) fn may_build_later(p: &Project, layer: usize) -> bool {
    let stage = p.layers[layer].stage;
    builders(p).last[stage].is_some_and(|last| last >= layer)
}

/// Nothing compiles from a layer on in the images that have it: wheels are there for all that is installed, and
/// nothing else builds.
pub(crate) fn compiles_nothing(p: &Project, layer: usize) -> Option<bool> {
    let stage = p.layers[layer].stage;
    if application::starts_nothing(p, stage) {
        // Others compile on it.
        return None;
    }
    if may_build_later(p, layer) {
        return None;
    }
    if installs(p, layer).count() > MAX_INSTALLS {
        return None;
    }
    let images = || p.images.iter().filter(|it| it.chain.contains(&stage));
    let is_on = |other: usize| images().any(|image| image.chain.contains(&other));
    let is_here = |i: &usize| {
        let install = &p.installs[*i];
        is_on(p.commands[install.command].stage) && !takes_wheels(p, install)
    };
    let listed = dependencies::of_installs(p, installs(p, layer).filter(is_here));
    // The libraries of a compiler are part of Debian's images, not of Alpine's.
    let has_libraries = at::root(&p.stages, stage).base.knowledge.libc == Libc::Glibc
        || fate::left(p, layer, BuildOnly::Compiler).is_empty();
    if !listed.is_complete || listed.items.is_empty() && !has_libraries {
        return None;
    }
    let comes_ready = |(install, at): &(usize, usize)| {
        let install = &p.installs[*install];
        let requirement = &install.set.requirements[*at];
        (listed.is_closed || is_well_known(requirement)) && comes_as_wheel(p, install, requirement)
    };
    listed.items.iter().all(comes_ready).then_some(true)
}

/// The stage of the first image that is made from the stage of a layer, where that makes no image itself and installs
/// the packages of Python that can be copied from it.
pub(crate) fn inherited_by(p: &Project, layer: usize) -> Option<usize> {
    let stage = p.layers[layer].stage;
    let mut own = p
        .installs
        .iter()
        .map(|install| &p.commands[install.command]);
    if !own.any(|it| it.stage == stage && !downloads::installs_installers(&it.command)) {
        return None;
    }
    let mut images = p.images.iter().filter(|it| it.chain.contains(&stage));
    let first = images.next()?.stage;
    (first != stage && images.all(|image| image.stage != stage)).then_some(first)
}

/// On Alpine `ctypes` finds a library by its bare name with gcc or ld only, and GeoDjango looks for GDAL and GEOS so.
pub(crate) fn finds_libraries(p: &Project, layer: usize) -> bool {
    let stage = p.layers[layer].stage;
    at::root(&p.stages, stage).base.knowledge.libc == Libc::Musl && builders(p).has_geo
}

/// A stage made from that of a layer, of no image itself but needed for one, that installs packages: it compiles for
/// the images.
pub(crate) fn building_stage(p: &Project, layer: usize) -> Option<usize> {
    let mut stages = installs(p, layer).map(|i| p.commands[p.installs[i].command].stage);
    stages.find(|stage| p.stages[*stage].reach == Reach::Built)
}

/// It installs nothing but the wheels that another command has built.
fn takes_wheels(p: &Project, install: &InstallFact) -> bool {
    let builds_wheels = |other: &InstallFact| {
        let command = &p.commands[other.command].command;
        other.command < install.command
            && command.name.as_deref() == Some("pip")
            && command.subcommand() == Some("wheel")
    };
    downloads::looks_in_directories_only(p, install) && p.installs.iter().any(builds_wheels)
}

/// A command that may compile something, without the installers that are looked at one by one.
fn may_build(command: &Command) -> bool {
    let name = command.name.as_deref();
    command.management.is_none()
        && !downloads::installs_installers(command)
        && (installs::may_install(command) || name == Some("python") || name.is_some_and(builds))
}

/// A program that compiles, or hands on to one that does.
fn builds(name: &str) -> bool {
    is_build_only(name) == Some(BuildOnly::Compiler) || programs::is(name, Role::Builds)
}

/// What it brings along comes without compiling.
fn is_well_known(requirement: &Requirement) -> bool {
    pypi::distribution(&requirement.name).is_some()
        || pypi_names::is_installer(&requirement.name)
        || pypi_names::is_plain(&requirement.name)
            && (requirement.extras.is_empty() || pypi_names::has_plain_extras(&requirement.name))
}

fn comes_as_wheel(p: &Project, install: &InstallFact, requirement: &Requirement) -> bool {
    if gets_old_release(p, install, requirement) {
        return false;
    }
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

/// Code in C of no version that is written, for a Python that gets no fixes any more: pip takes the newest release
/// that still allows the Python, which may have no wheel for it. And pip of older images on Alpine takes no wheel at
/// all.
fn gets_old_release(p: &Project, install: &InstallFact, requirement: &Requirement) -> bool {
    let is_native = !wheels::of(&requirement.name).is_empty()
        || pypi::distribution(&requirement.name).is_some();
    if !is_native {
        return false;
    }
    let Some(python) = dependencies::python_for(p, install) else {
        return true;
    };
    let is_over = python::series(python)
        .and_then(|row| row.eol)
        .is_none_or(|eol| eol < p.today);
    let is_open = dependencies::versions(install, requirement)
        .pinned()
        .is_none();
    let libc = at::root(&p.stages, install.stage).base.knowledge.libc;
    is_over && is_open || libc != Libc::Glibc && python < Series(3, 10)
}

/// The packages that compile with the compilers of a layer, for sure.
pub(crate) fn compiled(p: &Project, layer: usize) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    if installs(p, layer).count() > MAX_INSTALLS {
        return out;
    }
    for install in installs(p, layer).map(|i| &p.installs[i]) {
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

/// The first of a layer's compilers that something calls when an image with it starts, or `make` where nothing but
/// these brings it.
pub(crate) fn called_at_start(p: &Project, layer: usize) -> Option<&str> {
    let stage = p.layers[layer].stage;
    let left = fate::left(p, layer, BuildOnly::Compiler);
    let is_named = |range: Range<usize>| p.packages[range].iter().any(|it| it.name == "make");
    let brings_make = left
        .iter()
        .any(|package| p.packages[*package].name.starts_with("build-"))
        && !is_named(0..p.packages.len());
    let is_brought = |name: &str| {
        brings_make && name == "make" || left.iter().any(|it| p.packages[*it].name == name)
    };
    let images = p.images.iter().filter(|it| it.chain.contains(&stage));
    let own = images
        .flat_map(|image| &image.starts)
        .filter_map(|start| start.command.name.as_deref());
    let of_services = p
        .services
        .iter()
        .filter(|service| service.builds_this)
        .flat_map(|service| {
            let service = service.deployed(p);
            service.command.iter().chain(&service.entrypoint)
        })
        .flat_map(|command| command.texts().iter().flat_map(words));
    own.chain(of_services).find(|name| is_brought(name))
}

fn words(text: &Text) -> Vec<&str> {
    let text = text.as_str().unwrap_or_default();
    text.split_whitespace().collect()
}

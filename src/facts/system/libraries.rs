//! The shared libraries that Python packages load from system packages.
//!
//! Followed for the official Python image on Debian only, whose content is known. Everything that
//! could bring a package unseen makes the answer unknown.

use crate::facts::build::manager::{Action, package_action};
use crate::facts::model::{CopyFrom, InstallFact, Maybe, Project};
use crate::facts::system::compiling::is_compiled;
use crate::facts::system::installed::{System, There, base_of, system};
use crate::knowledge::images::{Family, Flavour};
use crate::knowledge::packages;
use crate::knowledge::pypi::{self, Distribution, Needs};
use crate::knowledge::words::PackageWords;
use crate::python::requirements::Requirement;

/// Shared libraries that a requirement loads and the image lacks, with the image's index; empty when
/// none is missing for sure.
pub(crate) fn missing_libraries(
    p: &Project,
    install: usize,
    at: usize,
) -> Maybe<(usize, Vec<&'static str>)> {
    let requirement = &p.installs[install].set.requirements[at];
    if pypi::distribution(&requirement.name).is_none_or(|row| row.needs == Needs::Never) {
        return Maybe::Absent;
    }
    libraries_lacking(p, install, at).map_or(Maybe::Unknown, Maybe::Known)
}

fn libraries_lacking(p: &Project, install: usize, at: usize) -> Option<(usize, Vec<&'static str>)> {
    let fact = &p.installs[install];
    let requirement = &fact.set.requirements[at];
    let row = pypi::distribution(&requirement.name)?;
    if fact.is_private || row.needs == Needs::Never {
        return None;
    }
    if row.needs == Needs::Source && is_compiled(p, fact, requirement) != Some(true) {
        return None;
    }
    if row.is_always_compiled() && is_compiled(p, fact, requirement) != Some(true) {
        return None;
    }
    if is_replaced(p, requirement, fact, row) {
        return None;
    }
    p.dependencies
        .iter()
        .enumerate()
        .find_map(|(image, listed)| {
            if !listed.items.contains(&(install, at)) {
                return None;
            }
            let system = whole_system(p, image)?;
            let libraries = row.libraries(system.suite)?;
            let is_full = base_of(p, fact.stage).flavour == Flavour::Full
                && is_compiled(p, fact, requirement) == Some(true);
            let also = row.libraries_of_full_image().iter();
            let missing: Vec<&'static str> = libraries
                .iter()
                .chain(also.filter(|_| is_full))
                .copied()
                .filter(|name| system.has(name) == There::No)
                .collect();
            (!missing.is_empty()).then_some((image, missing))
        })
}

/// A copy from elsewhere may bring libraries.
fn copies_libraries(p: &Project, image: usize) -> bool {
    let is_library = |text: &str| {
        let text = text.trim_end_matches('/');
        text.contains(".so")
            || text.ends_with("/lib")
            || text.contains("/lib/x86_64")
            || text.contains("-linux-gnu")
            || matches!(text, "" | "/usr")
    };
    let chain = &p.images[image].chain;
    let mut copies = p.copies.iter();
    copies.any(|copy| {
        let mut sources = copy.sources.iter();
        chain.contains(&copy.stage)
            && copy.from != CopyFrom::Context
            && sources.any(|(_, text)| text.as_ref().is_none_or(|text| is_library(text.as_str())))
    })
}

/// The system packages of an image at its end; `None` when they are not known, or libraries come from elsewhere.
fn whole_system(p: &Project, image: usize) -> Option<System> {
    if copies_libraries(p, image) {
        return None;
    }
    system(p, p.images[image].stage, None)
}

/// Shared libraries that GeoDjango loads and an image certainly lacks; empty where that is not known.
pub(crate) fn missing_for_geodjango(p: &Project, image: usize) -> Vec<&'static str> {
    const ROW: &str = "django.contrib.gis";
    if is_lean_alpine(p, image) {
        return vec!["gdal", "geos"];
    }
    let lacking = || {
        let system = whole_system(p, image)?;
        let libraries = pypi::distribution(ROW)?.libraries(system.suite)?.iter();
        let missing = libraries.filter(|name| system.has(name) == There::No);
        Some(missing.copied().collect())
    };
    lacking().unwrap_or_default()
}

/// An image on Alpine to which nothing was added that may bring GDAL.
fn is_lean_alpine(p: &Project, image: usize) -> bool {
    let chain = &p.images[image].chain;
    let base = base_of(p, p.images[image].stage);
    let is_official = matches!(base.family, Family::Python | Family::Uv);
    let mut layers = chain.iter().flat_map(|stage| &p.stages[*stage].layers);
    let is_open = layers.any(|layer| p.layers[*layer].is_opaque)
        || p.commands.iter().any(|fact| {
            chain.contains(&fact.stage)
                && (crate::facts::build::opaque::may_clean(&fact.command)
                    || matches!(package_action(&fact.command), Some((_, Action::Install)))
                        && !fact.command.is_complete)
        })
        || copies_libraries(p, image);
    let may_bring = |name: &str| PackageWords::Geography.is_within(name);
    let mut packages = p.packages.iter();
    let is_brought =
        packages.any(|package| chain.contains(&package.stage) && may_bring(&package.name));
    is_official && base.flavour == Flavour::Alpine && !is_open && !is_brought
}

/// Another entry brings the libraries in a wheel: `psycopg[binary]`.
fn is_replaced(
    p: &Project,
    requirement: &Requirement,
    install: &InstallFact,
    row: &Distribution,
) -> bool {
    let binary = format!("{}-binary", row.name);
    let beside = p.installs.iter().filter(|it| it.stage == install.stage);
    let mut beside = beside.flat_map(|install| &install.set.requirements);
    requirement.extras.iter().any(|extra| extra == "binary")
        || beside.any(|other| {
            other.name == binary
                || other.name == requirement.name
                    && other.extras.iter().any(|extra| extra == "binary")
        })
}

/// The command that removes one of these packages, or a package that brought one, in an image.
pub(crate) fn removed_at(p: &Project, image: usize, names: &[&str]) -> Option<crate::span::Span> {
    let chain = &p.images[image].chain;
    let suite = base_of(p, p.images[image].stage).debian()?.codename;
    p.commands.iter().rev().find_map(|fact| {
        if !chain.contains(&fact.stage)
            || !matches!(package_action(&fact.command), Some(("apt", Action::Remove)))
        {
            return None;
        }
        let takes = fact
            .command
            .operands
            .iter()
            .filter_map(|operand| operand.as_str())
            .any(|text| {
                let name = packages::bare_name(text);
                names.contains(&name)
                    || packages::pulls(name, suite)
                        .is_some_and(|pulled| pulled.always.iter().any(|one| names.contains(&one)))
            });
        takes.then_some(fact.command.span)
    })
}

//! The shared libraries that Python packages load from system packages.
//!
//! Followed for the official Python images only, whose content is known. Everything that
//! could bring a package unseen makes the answer unknown.

use crate::context::Origin;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::files::origin;
use crate::facts::model::{CopyFact, CopyFrom, Fate, InstallFact, Maybe, Project, StartFact};
use crate::facts::system::compiling::is_compiled;
use crate::facts::system::installed::{System, There, base_of, system};
use crate::knowledge::images::{Family, Flavour};
use crate::knowledge::packages;
use crate::knowledge::pypi::{self, Distribution, Needs};
use crate::knowledge::words::{FileWords, PackageWords};
use crate::python::requirements::Requirement;
use crate::span::Traced;

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
    libraries_lacking(p, install, at)
}

fn libraries_lacking(p: &Project, install: usize, at: usize) -> Maybe<(usize, Vec<&'static str>)> {
    let fact = &p.installs[install];
    let requirement = &fact.set.requirements[at];
    let Some(row) = pypi::distribution(&requirement.name) else {
        return Maybe::Absent;
    };
    if fact.is_private {
        return Maybe::Unknown;
    }
    if row.needs == Needs::Source || row.is_always_compiled() {
        match is_compiled(p, fact, requirement) {
            Some(true) => {}
            Some(false) => return Maybe::Absent,
            None => return Maybe::Unknown,
        }
    }
    if is_replaced(p, requirement, fact, row) {
        return Maybe::Absent;
    }
    let mut is_open = false;
    for (image, listed) in p.dependencies.iter().enumerate() {
        if !listed.has(install, at) {
            continue;
        }
        if let Some(library) = lacking_on_alpine(p, image, row.name) {
            return Maybe::Known((image, vec![library]));
        }
        let system = whole_system(p, image);
        let libraries = system
            .as_ref()
            .and_then(|system| row.libraries(system.suite));
        let (Some(system), Some(libraries)) = (&system, libraries) else {
            is_open = true;
            continue;
        };
        let is_full = base_of(p, fact.stage).flavour == Flavour::Full
            && is_compiled(p, fact, requirement) == Some(true);
        let also = row.libraries_of_full_image().iter();
        let all = libraries.iter().chain(also.filter(|_| is_full)).copied();
        let missing: Vec<&'static str> = all
            .clone()
            .filter(|name| system.has(name) == There::No)
            .collect();
        if !missing.is_empty() {
            return Maybe::Known((image, missing));
        }
        is_open |= all
            .into_iter()
            .any(|name| system.has(name) == There::Unknown);
    }
    match is_open {
        true => Maybe::Unknown,
        false => Maybe::Absent,
    }
}

/// A copy may bring libraries: a directory of them or a whole tree from elsewhere, anything where the search path of
/// libraries is changed, libraries of the context, an archive.
fn copies_libraries(p: &Project, image: usize) -> bool {
    let is_library = |text: &str| {
        let text = text.trim_end_matches('/');
        text.contains(".so")
            || text.ends_with("/lib")
            || text.contains("/lib/x86_64")
            || text.contains("-linux-gnu")
    };
    let chain = &p.images[image].chain;
    let has_own_path = at::env(p, p.images[image].stage, "LD_LIBRARY_PATH").is_some()
        || p.commands.iter().any(|fact| {
            chain.contains(&fact.stage) && fact.command.name.as_deref() == Some("ldconfig")
        });
    let brings = |copy: &CopyFact| {
        let mut sources = copy.sources.iter().map(|(_, text)| text.as_ref());
        let target = copy.target.as_deref();
        if copy.from == CopyFrom::Context && !has_own_path {
            let is_archive = |text: Option<&Traced>| {
                text.is_none_or(|text| {
                    copy.keyword == Keyword::Add
                        && (FileWords::Archive.is_within(text.as_str())
                            || text.as_str().contains("://"))
                })
            };
            return target.is_none_or(is_library) || sources.any(is_archive);
        }
        let is_it = |text: &str| {
            is_library(text) || matches!(text.trim_end_matches('/'), "" | "/usr" | "/usr/local")
        };
        has_own_path
            || target.is_none_or(|target| {
                is_library(target) || target == "/" || target.starts_with("/usr/lib/")
            })
            || sources.any(|text| text.is_none_or(|text| is_it(text.as_str())))
    };
    let mut copies = p.copies.iter();
    copies.any(|copy| chain.contains(&copy.stage) && brings(copy))
}

/// What starts in an image may bring packages of the system, or what is mounted into its containers libraries.
fn start_brings(p: &Project, image: usize) -> bool {
    let installs =
        |start: &StartFact| matches!(package_action(&start.command), Some((_, Action::Install)));
    let mut mounts = p.mounted.targets.iter();
    p.mounted.is_open
        || mounts.any(|target| target.contains(".so") || target.ends_with("/lib"))
        || p.starts_in(image).any(installs)
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
    if start_brings(p, image) {
        return Vec::new();
    }
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

/// The driver of another maker is installed, and something may give it any name.
fn may_name_other_driver(p: &Project, image: usize) -> bool {
    const NAMES: &str = "/etc/odbcinst.ini";
    let text = p.text.text.to_ascii_lowercase();
    let is_told = text.contains("odbcinst") || text.contains("odbcsysini");
    let stage = p.images[image].stage;
    let is_there = || !matches!(origin::at_end(p, stage, NAMES).origin, Origin::Missing);
    p.packages.iter().any(|it| it.name == "tdsodbc") && (is_told || is_there())
}

/// The package of Microsoft's with the ODBC driver of that name, where an image certainly lacks it.
pub(crate) fn missing_odbc_driver(p: &Project, image: usize, driver: &str) -> Option<String> {
    let number = driver
        .strip_prefix("ODBC Driver ")?
        .strip_suffix(" for SQL Server")?;
    let package = format!("msodbcsql{number}");
    let is_number = number.bytes().all(|b| b.is_ascii_digit());
    let lacks = is_number
        && !start_brings(p, image)
        && !p.packages.iter().any(|it| it.name.starts_with("msodbcsql"))
        && !may_name_other_driver(p, image)
        && whole_system(p, image)?.has(&package) == There::No;
    lacks.then_some(package)
}

/// The package with the library of a database that a distribution loads, where an image on Alpine certainly lacks it.
fn lacking_on_alpine(p: &Project, image: usize, name: &str) -> Option<&'static str> {
    let row = pypi::alpine_library(name)?;
    let chain = &p.images[image].chain;
    let mut packages = p.packages.iter();
    let is_brought = packages.any(|package| {
        chain.contains(&package.stage)
            && !matches!(
                package.fate,
                Fate::RemovedInLayer(_) | Fate::RemovedLater(_)
            )
            && row.may_be_brought_by(&package.name)
    });
    let lacks = is_known_alpine(p, image) && !is_brought && !start_brings(p, image);
    lacks.then_some(row.library)
}

/// An image on Alpine to which nothing was added that may bring GDAL.
fn is_lean_alpine(p: &Project, image: usize) -> bool {
    let chain = &p.images[image].chain;
    let may_bring = |name: &str| PackageWords::Geography.is_within(name);
    let mut packages = p.packages.iter();
    let is_brought =
        packages.any(|package| chain.contains(&package.stage) && may_bring(&package.name));
    is_known_alpine(p, image) && !is_brought
}

/// An image on Alpine of which every added package is known.
fn is_known_alpine(p: &Project, image: usize) -> bool {
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
        || copies_libraries(p, image)
        || p.copies.iter().any(|copy| {
            let target = copy.target.as_deref();
            chain.contains(&copy.stage)
                && target.is_none_or(|target| target.starts_with("/etc/apk"))
        });
    is_official && base.flavour == Flavour::Alpine && !is_open
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

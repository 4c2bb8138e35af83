//! What compiling a Python package needs where pip runs: compilers, headers, programs.

use crate::facts::model::{InstallFact, Maybe, Project};
use crate::facts::python::downloads;
use crate::facts::system::alpine;
use crate::facts::system::installed::{System, There, base_of, most, system};
use crate::knowledge::images::{Family, Flavour, Libc};
use crate::knowledge::pypi::{self, Wheels};
use crate::knowledge::words::PackageWords;
use crate::knowledge::{Series, packages, wheels};
use crate::python::requirements::{Requirement, Specifier, Versions};

/// Whether pip compiles a requirement where it is installed; `None` when that is not known.
pub(crate) fn is_compiled(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<bool> {
    let row = pypi::distribution(&requirement.name)?;
    if install.is_private
        || matches!(
            requirement.specifier,
            Specifier::Url { .. } | Specifier::Path | Specifier::Unknown
        )
    {
        return None;
    }
    let listed = |list: &[crate::span::Traced]| {
        list.iter().any(|name| {
            name.as_str() == ":all:"
                || crate::python::requirements::normalize_name(name.as_str()) == requirement.name
        })
    };
    if listed(&install.set.options.only_binary) {
        return Some(false);
    }
    let flag = |name: &str| {
        let command = &p.commands[install.command].command;
        command
            .flags
            .iter()
            .filter(|flag| flag.name == name)
            .any(|flag| {
                flag.value
                    .as_ref()
                    .and_then(|v| v.as_str())
                    .is_some_and(|value| {
                        value.split(',').any(|one| {
                            one == ":all:"
                                || crate::python::requirements::normalize_name(one)
                                    == requirement.name
                        })
                    })
            })
    };
    if flag("--only-binary") {
        return Some(false);
    }
    if (listed(&install.set.options.no_binary) || flag("--no-binary")) && !row.build.is_empty() {
        return Some(true);
    }
    let base = base_of(p, install.stage);
    let versions = crate::facts::python::dependencies::versions(install, requirement);
    if row.is_always_compiled() {
        let from = row.no_wheel_from?;
        return match versions.pinned() {
            _ if from == "0" => Some(true),
            Some(_) => versions.start_at(from).filter(|from| *from),
            // The newest is taken unless something keeps it out.
            None => (versions.allow(row.version) == Some(true)
                || versions.start_at(from) == Some(true))
            .then_some(true),
        };
    }
    let python = crate::facts::python::dependencies::python_for(p, install)?;
    // Without a distribution of its source it is not compiled, and not installed.
    let is_needed = !row.build.is_empty() && !PackageWords::CompiledAtWill.contains(row.name);
    let is_asked = base.libc == Libc::Musl || base.libc == Libc::Glibc && is_needed;
    if is_asked && lacks_wheel(&requirement.name, &versions, base.libc, python) {
        return Some(true);
    }
    let is_too_new = row.wheels_until.is_some_and(|newest| newest < python);
    if is_too_new
        && row.wheels(base.libc, python) == Some(Wheels::None)
        && base.libc != Libc::Unknown
    {
        return Some(true);
    }
    match row.wheels(base.libc, python)? {
        Wheels::Pure => Some(false),
        // Of older versions the wheels are not known.
        Wheels::Native if has_wheel(&requirement.name, &versions, base.libc, python) => Some(false),
        Wheels::Native
            if versions.pinned().is_none() || versions.pinned().as_deref() == Some(row.version) =>
        {
            Some(false)
        }
        _ => None,
    }
}

/// The one release that is asked for has no wheel for a C library and a Python; releases that came after the table are
/// not known.
fn lacks_wheel(name: &str, versions: &Versions, libc: Libc, python: Series) -> bool {
    let row = pypi::distribution(name);
    let is_old = row.is_some_and(|row| {
        let newest = format!("<={}", row.version);
        // A lock may have one release for each Python: then none is allowed by all.
        let is_one = |pinned: &String| versions.allow(pinned) == Some(true);
        let pinned = versions.pinned().filter(is_one);
        pinned.is_some_and(|pinned| Versions::parse(&newest).allow(&pinned) == Some(true))
    });
    let spans = wheels::of(name);
    let pythons = || spans.iter().map(|span| span.python);
    let is_known = pythons().min().zip(pythons().max());
    is_old
        && is_known.is_some_and(|(oldest, newest)| oldest <= python && python <= newest)
        && match spans.iter().find(|span| span.python == python) {
            Some(span) => !may_have_wheel(versions, span, libc),
            None => true,
        }
}

/// A release that is allowed may have a wheel.
pub(crate) fn may_have_wheel(versions: &Versions, span: &wheels::WheelSpan, libc: Libc) -> bool {
    span.runs(libc).any(|(first, last)| {
        versions.stay_below(first) != Some(true)
            && last.is_none_or(|last| {
                versions.allow(last) == Some(true) || versions.start_at(last) != Some(true)
            })
    })
}

/// The first later release with a wheel for the stage's Python, where the one that is asked for has none.
pub(crate) fn wheels_from(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<&'static str> {
    let python = crate::facts::python::dependencies::python_for(p, install)?;
    let libc = base_of(p, install.stage).libc;
    let versions = crate::facts::python::dependencies::versions(install, requirement);
    if !lacks_wheel(&requirement.name, &versions, libc, python) {
        return None;
    }
    let mut firsts = wheels::span(&requirement.name, python)?.runs(libc);
    let above = firsts.find(|(first, _)| versions.stay_below(first) == Some(true));
    above.map(|(first, _)| first)
}

/// Requirements of an install that are looked at beside one of them.
const MAX_OTHERS: usize = 500;

/// Other requirements of an install whose release has no wheel either, with the first later one that has: `lxml` to
/// 4.9.3.
pub(crate) fn others_without_wheel(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Vec<String> {
    let first = |other: &Requirement| {
        let first = wheels_from(p, install, other)?;
        Some(format!("`{}` to {first}", other.name))
    };
    let others = install.set.requirements.iter().take(MAX_OTHERS);
    let others = others.filter(|other| other.name != requirement.name);
    let mut out: Vec<String> = others.filter_map(first).collect();
    out.dedup();
    out
}

/// The one release that is asked for has a wheel.
fn has_wheel(name: &str, versions: &Versions, libc: Libc, python: Series) -> bool {
    // pip of older images does not know the wheels of musl.
    let is_known = libc == Libc::Glibc || libc == Libc::Musl && python >= Series(3, 10);
    is_known
        && versions.pinned().is_some()
        && wheels::span(name, python).is_some_and(|span| {
            span.runs(libc).any(|(first, last)| {
                versions.start_at(first) == Some(true)
                    && last.is_none_or(|last| {
                        versions.stay_below(last) == Some(true)
                            || versions.allow(last) == Some(true)
                    })
            })
        })
}

/// Packages without which compiling a requirement fails where it is installed; `None` when it is
/// not known to be compiled, or what is there is not known.
pub(crate) fn missing_build(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Maybe<Vec<&'static str>> {
    let is_built = pypi::alpine_build(&requirement.name).is_some()
        || pypi::distribution(&requirement.name).is_some_and(|row| !row.build.is_empty());
    if !is_built
        || is_compiled(p, install, requirement) == Some(false)
        || may_be_copied(p, install)
        || downloads::may_be_installed(p, install, requirement)
    {
        return Maybe::Absent;
    }
    lacking(p, install, requirement).map_or(Maybe::Unknown, Maybe::Known)
}

/// Wheels or installed packages were copied into the stage before an install: it may find there what it asks for.
fn may_be_copied(p: &Project, install: &InstallFact) -> bool {
    let chain = crate::facts::build::at::chain(&p.stages, install.stage);
    let layer = p.commands[install.command].layer;
    let is_it = |text: &str| {
        text.contains("wheel") || text.contains("site-packages") || text.contains(".whl")
    };
    p.copies.iter().any(|copy| {
        let mut sources = copy.sources.iter();
        chain.contains(&copy.stage)
            && copy.layer < layer
            && (copy.target.as_deref().is_none_or(is_it)
                || sources.any(|(_, text)| text.as_ref().is_none_or(|text| is_it(text.as_str()))))
    })
}

fn lacking(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<Vec<&'static str>> {
    if !is_compiled(p, install, requirement)?
        || install.is_export && p.commands[install.command].command.subcommand() != Some("wheel")
    {
        return None;
    }
    let row = pypi::distribution(&requirement.name)?;
    let base = base_of(p, install.stage);
    if base.flavour == Flavour::Alpine && base.family == Family::Python {
        return alpine::missing(p, install, requirement);
    }
    let system = system(p, install.stage, Some(install.command))?;
    let compiler = system.has_compiler();
    let mut missing = Vec::new();
    if compiler == There::No {
        missing.push(if row.build.contains(&"gcc") {
            "gcc"
        } else {
            "g++"
        });
    }
    for name in row.build {
        let is_header = name.ends_with("-dev") && *name != "libc6-dev";
        // uWSGI builds without PCRE, too.
        if !is_header || *name == "libpcre2-dev" {
            continue;
        }
        let there = std::iter::once(*name)
            .chain(packages::same_as(name))
            .map(|name| system.has(name))
            .fold(There::No, most);
        if there == There::No {
            missing.push(*name);
        }
        if there == There::Unknown && missing.is_empty() {
            return None;
        }
    }
    let tools = missing_tools(p, install, requirement, &system, &missing);
    missing.extend(tools);
    if missing.is_empty() && compiler == There::Unknown {
        return None;
    }
    // A compiler without the headers of libc, which Debian's gcc only recommends.
    if compiler == There::Yes && system.has("libc6-dev") == There::No {
        missing.push("libc6-dev");
    } else if compiler == There::No {
        missing.insert(1.min(missing.len()), "libc6-dev");
    }
    Some(missing)
}

/// The programs that compiling calls and that are not there, nor brought by the packages that are missing anyway.
fn missing_tools(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
    system: &System,
    missing: &[&'static str],
) -> Vec<&'static str> {
    let versions = crate::facts::python::dependencies::versions(install, requirement);
    let newest = pypi::distribution(&requirement.name).map_or("", |row| row.version);
    let is_called = |tool: &&pypi::BuildTool| {
        tool.from == "0"
            || versions.start_at(tool.from) == Some(true)
            || versions.pinned().is_none() && versions.allow(newest) == Some(true)
    };
    let is_replaced = |tool: &&pypi::BuildTool| {
        let mut names = tool.unless.into_iter();
        names.any(|name| crate::facts::build::variables::may_be_set(p, install.command, name))
    };
    let comes_along = |tool: &'static str| {
        let pulls = |name: &&str| {
            packages::pulls(name, system.suite).is_some_and(|pulled| {
                let mut same = std::iter::once(tool).chain(packages::same_as(tool));
                same.any(|one| pulled.always.contains(one))
            })
        };
        missing.iter().any(pulls)
    };
    // PyPI has some of them too: `cmake`.
    let is_installed = |tool: &&pypi::BuildTool| {
        let mut all = p.installs.iter();
        all.any(|it| it.set.named(tool.package).next().is_some())
    };
    pypi::build_tools(&requirement.name)
        .filter(is_called)
        .filter(|tool| !is_installed(tool))
        .filter(|tool| !is_replaced(tool))
        .map(|tool| tool.package)
        .filter(|tool| {
            let same = std::iter::once(*tool).chain(packages::same_as(tool));
            same.map(|name| system.has(name)).fold(There::No, most) == There::No
        })
        .filter(|tool| !comes_along(tool))
        .collect()
}

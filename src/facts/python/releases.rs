//! Which release of an installer a stage has, and what its command lines say that this release does not
//! know any more.

use crate::facts::build::{at, variables};
use crate::facts::model::{CommandFact, InstallFact, Project};
use crate::facts::python::{closure, dependencies};
use crate::knowledge::lost_modules::{self, LostModule};
use crate::knowledge::pypi;
use crate::knowledge::removed_options::{self, RemovedOption};
use crate::knowledge::{Series, held_releases};
use crate::python::requirements::{Requirement, Specifier, Versions, normalize_name};
use crate::shell::ast::{Arg, Runs};
use crate::span::Span;

/// The option or command of a call that the installed release of its program does not have, and where it stands.
pub(crate) fn removed(p: &Project, index: usize) -> Option<(&'static RemovedOption, Span)> {
    let command = &p.commands[index].command;
    let tool = command.name.as_deref()?;
    let subcommand = command.subcommand.as_ref()?;
    removed_options::of(tool, subcommand.as_str()?).find_map(|row| {
        let span = match row.option {
            Some(option) => {
                let mut flags = command.flags.iter();
                flags.find(|flag| flag.written == option)?.span
            }
            None => command.name_span.cover(subcommand.span),
        };
        is_gone(p, index, row).then_some((row, span))
    })
}

/// What a requirement imports of the standard library that the Python of its stage lacks and nothing in its images
/// brings back.
pub(crate) fn lost_module(p: &Project, install: usize, at: usize) -> Option<&'static LostModule> {
    let fact = &p.installs[install];
    let one = &fact.set.requirements[at];
    let row = lost_modules::of(&one.name)?;
    let python = dependencies::python_at_least(p, fact)?;
    let is_old = row.until.is_none_or(|until| {
        let pinned = dependencies::versions(fact, one).pinned();
        pinned.is_some_and(|version| !is_at_least(&version, until))
    });
    let has_it = |image: &usize| {
        let listed = p.dependencies.get(*image);
        listed.is_some_and(|listed| listed.has(install, at))
    };
    let mut images = (0..p.images.len()).filter(has_it).peekable();
    let is_gone = python >= row.python && is_old && images.peek().is_some();
    let lacks = |image| closure::lacks_beside(p, image, row.unless, row.name()) == Some(true);
    (is_gone && images.all(lacks)).then_some(row)
}

/// The call in the place of the one that is gone, with the options that it takes over.
pub(crate) fn call_instead(p: &Project, index: usize) -> Option<(String, Span)> {
    let (row, span) = removed(p, index)?;
    let mut out = row.call?.to_owned();
    let is_given = |option: &&str| {
        let mut args = p.commands[index].command.args.iter();
        args.any(|arg| arg.as_str().is_some_and(|text| has_option(text, option)))
    };
    let long = row.keeps.first().filter(|_| row.keeps.iter().any(is_given));
    if let Some(long) = long {
        out.push(' ');
        out.push_str(long);
    }
    Some((out, span))
}

/// The word is the option, or several letters one of which is: `-rd`.
fn has_option(word: &str, option: &str) -> bool {
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    let letter = option.strip_prefix('-').filter(|rest| rest.len() == 1);
    word == option
        || letters
            .zip(letter)
            .is_some_and(|(all, one)| all.contains(one))
}

/// The release that runs certainly lacks it.
fn is_gone(p: &Project, index: usize, row: &RemovedOption) -> bool {
    (is_from(p, index, row.tool, row.from, row.python) || is_newest(p, index, row))
        && row.unless.is_none_or(|name| !may_have(p, index, name))
}

/// The script of the tool's makers has installed the newest release, and nothing else before does.
fn is_newest(p: &Project, index: usize, row: &RemovedOption) -> bool {
    let (Some(script), Some(version)) = (row.script, row.version) else {
        return false;
    };
    let stage = p.commands[index].stage;
    let runs = |fact: &&CommandFact| {
        let mut args = fact.command.args.iter();
        at::is_part(&p.stages, fact.stage, stage)
            && args.any(|arg| arg.as_str().unwrap_or(&arg.prefix).contains(script))
    };
    let Some(found) = p.commands[..index].iter().rposition(|fact| runs(&fact)) else {
        return false;
    };
    let fact = &p.commands[found];
    let layer = &p.layers[fact.layer];
    let text = p.dockerfile.instructions[layer.instruction].span;
    let text = p.text.slice(text);
    let is_named = p.marks.named.get(row.tool).is_some_and(|all| {
        let mut before = all.iter().take_while(|at| **at < index);
        before.any(|at| at::is_part(&p.stages, p.commands[*at].stage, stage))
    });
    let python = p.marks.pythons[stage];
    fact.command.runs == Runs::Always
        && !is_named
        && !text.contains(version)
        && !text.contains("--version")
        && !variables::may_be_set(p, found, version)
        && python.is_some_and(|python| python >= row.python)
}

/// The release of a tool that runs is certainly that one, which runs on a Python, or a later one.
pub(crate) fn is_from(
    p: &Project,
    index: usize,
    tool: &str,
    from: &str,
    oldest_python: Series,
) -> bool {
    let Some(versions) = installed(p, index, tool) else {
        return false;
    };
    let python = p.marks.pythons[p.commands[index].stage];
    is_since(&versions, python, from, oldest_python)
}

/// What these versions allow is certainly `from` or later: they say so, or the newest release is taken, which a Python
/// from `oldest` on gets.
fn is_since(versions: &Versions, python: Option<Series>, from: &str, oldest: Series) -> bool {
    match versions.pinned() {
        Some(version) => Versions::parse(&format!(">={from}")).allow(&version) == Some(true),
        None => match versions.specifier() {
            Specifier::Unbounded | Specifier::LowerOnly => {
                python.is_some_and(|python| python >= oldest)
                    || versions.start_at(from) == Some(true)
            }
            _ => versions.start_at(from) == Some(true),
        },
    }
}

/// The one release of a distribution that an image has, and where it is asked for; `None` where that is not known.
pub(crate) fn pinned(p: &Project, image: usize, name: &str) -> Option<(String, Span)> {
    let named = dependencies::named(p, image, name)?;
    let mut all = named.into_iter().map(|(install, requirement)| {
        let is_sure =
            install.is_certain && dependencies::applies(install, requirement) == Some(true);
        let versions = dependencies::versions(install, requirement);
        let place = requirement.declared.unwrap_or(requirement.span);
        Some((versions.pinned().filter(|_| is_sure)?, place))
    });
    let (first, place) = all.next()??;
    let is_one = all.all(|one| one.is_some_and(|(other, _)| other == first));
    is_one.then_some((first, place))
}

/// One release is another one, or a later one.
pub(crate) fn is_at_least(version: &str, from: &str) -> bool {
    Versions::parse(&format!(">={from}")).allow(version) == Some(true)
}

/// The first release that pip takes, where the one that a requirement asks for has metadata that the pip of its stage
/// refuses.
pub(crate) fn refused_metadata(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<&'static str> {
    let row = pypi::refused_metadata(&requirement.name)?;
    let version = dependencies::versions(install, requirement).pinned()?;
    let is_old = is_at_least(&version, row.from) && !is_at_least(&version, row.before);
    let command = &p.commands[install.command].command;
    // The images of Python 3.13 and later have pip 24.2 or newer.
    let python = dependencies::python_at_least(p, install);
    let is_new_python = python.is_some_and(|it| it >= Series(3, 13));
    let names_pip = p.marks.named.contains_key("pip");
    let is_newer = is_from(p, install.command, "pip", "24.1", Series(3, 8));
    let refuses = is_newer || is_new_python && !names_pip;
    (is_old && refuses && command.name.as_deref() == Some("pip")).then_some(row.before)
}

/// Whether an image has a release of a distribution that is `from` or later; `None` where its lists do not name it, or
/// the release is not known.
pub(crate) fn has_since(
    p: &Project,
    image: usize,
    name: &str,
    from: &str,
    oldest: Series,
) -> Option<bool> {
    let named = dependencies::named(p, image, name)?;
    let since = |(install, requirement): (&InstallFact, &Requirement)| {
        let versions = dependencies::versions(install, requirement);
        let python = dependencies::python_at_least(p, install);
        let is_sure = versions.is_known()
            && install.is_certain
            && !matches!(
                requirement.specifier,
                Specifier::Url { .. } | Specifier::Path
            )
            && dependencies::applies(install, requirement) == Some(true);
        is_sure && is_since(&versions, python, from, oldest)
    };
    named.into_iter().all(since).then_some(true)
}

/// The versions of a tool that the last install of it before a command allows; `None` where that is not known.
pub(crate) fn installed(p: &Project, index: usize, tool: &str) -> Option<Versions> {
    let stage = p.commands[index].stage;
    let all = p.marks.named.get(tool)?;
    let before = &all[..all.partition_point(|at| *at < index)];
    let mut before = before.iter().rev().map(|at| &p.commands[*at]);
    let last = before.find(|fact| at::is_part(&p.stages, fact.stage, stage))?;
    let command = &last.command;
    let (operand, rest) = command.operands.iter().find_map(|operand| {
        let text = operand.as_str().unwrap_or(&operand.prefix);
        let name = crate::facts::python::commands::package_name(text);
        (normalize_name(name) == tool).then_some((operand, &text[name.len()..]))
    })?;
    let mut flags = command.flags.iter();
    let is_sure = command.runs == Runs::Always
        && operand.text.is_some()
        && !flags.any(|flag| flag.name.contains("constraint"));
    // `poetry[plugin]==2.0`
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("@", |(_, rest)| rest),
        None => rest,
    };
    let versions = is_sure.then(|| Versions::parse(rest));
    versions.filter(Versions::is_known)
}

/// A package is named by an earlier command or by the project, or something was installed unseen.
fn may_have(p: &Project, index: usize, package: &str) -> bool {
    let stage = p.commands[index].stage;
    let names = |arg: &Arg| arg.as_str().unwrap_or(&arg.prefix).contains(package);
    let by_command = p.commands[..index].iter().any(|fact| {
        at::is_part(&p.stages, fact.stage, stage)
            && (fact.command.args.iter().any(names)
                || crate::facts::build::opaque::may_clean(&fact.command)
                || fact.command.name.as_deref() == Some("pip")
                    && fact.command.flag("--requirement").is_some())
    });
    let install = dependencies::position(p, index)
        .ok()
        .map(|at| &p.installs[at]);
    by_command
        || install.is_none_or(|install| {
            !install.set.problems.is_empty() || install.set.has_plugins || !install.is_followed
        })
}

/// A pin of another requirement decides which release of it is installed.
pub(crate) fn is_held(install: &InstallFact, requirement: &Requirement) -> bool {
    let by = held_releases::by(&requirement.name);
    let mut all = install.set.requirements.iter();
    all.any(|other| {
        by.contains(&other.name.as_str())
            && matches!(
                dependencies::versions(install, other).specifier(),
                Specifier::Pinned(_)
            )
    })
}

//! What commands on a base image use that its successor does not have.

use crate::facts::build::base;
use crate::facts::model::Project;
use crate::knowledge::images::Libc;
use crate::knowledge::{debian, packages, python};
use crate::shell::ast::Arg;

use super::{pythons, root, successor};

const SOURCES_LIST: &str = "/etc/apt/sources.list";
/// What the images have instead from bookworm on.
const DEBIAN_SOURCES: &str = "/etc/apt/sources.list.d/debian.sources";

/// What the suite of the successor lacks, as people read it; where the Python has to change, what none of the suites that
/// the next one is built on has.
pub(crate) fn lost(p: &Project, stage: usize) -> Vec<String> {
    let own = p.stages[stage]
        .base
        .knowledge
        .python
        .and_then(python::series);
    if own.is_none_or(|row| !row.is_eol(p.today)) {
        return successor(p, stage).map_or(Vec::new(), |found| of_suite(p, stage, found.suite));
    }
    let Some(next) = pythons(p, stage) else {
        return Vec::new();
    };
    if p.stages[stage].base.knowledge.libc == Libc::Musl {
        return python2_of_alpine(p, stage);
    }
    let mut suites = next.oldest.suites.iter();
    let newest = suites.next();
    let mut out = newest.map_or(Vec::new(), |suite| of_suite(p, stage, suite));
    let name = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    for suite in suites {
        let lacks = of_suite(p, stage, suite);
        out.retain(|text| lacks.iter().any(|other| name(other) == name(text)));
    }
    out
}

/// The packages of Python 2 that a stage on Alpine names, which has had none since 3.16.
fn python2_of_alpine(p: &Project, stage: usize) -> Vec<String> {
    let base = root(p, stage);
    let of_stage = p
        .packages
        .iter()
        .filter(|it| it.manager == "apk" && root(p, it.stage) == base);
    let names = of_stage.map(|package| package.name.as_str());
    let is_python2 = |name: &&str| {
        matches!(*name, "python" | "python-dev")
            || name.starts_with("python2")
            || name.starts_with("py2-")
    };
    let mut out: Vec<String> = names
        .filter(is_python2)
        .map(|name| format!("`{name}`"))
        .collect();
    out.sort();
    out.dedup();
    out
}

/// What a suite lacks.
pub(super) fn of_suite(p: &Project, stage: usize, suite: &str) -> Vec<String> {
    if base::suite(&p.stages[stage].base.knowledge) == Some(suite) {
        return Vec::new();
    }
    let base = root(p, stage);
    let mut out = Vec::new();
    for package in p.packages.iter().filter(|it| it.manager == "apt") {
        let is_gone = packages::presence(&package.name, suite)
            .is_some_and(|presence| !presence.can_be_installed());
        if is_gone && root(p, package.stage) == base {
            out.push(match packages::replacement(&package.name, suite) {
                Some(name) => format!("`{}` (now `{name}`)", package.name),
                None => format!("`{}`", package.name),
            });
        }
    }
    for fact in p.commands.iter().filter(|fact| root(p, fact.stage) == base) {
        let name = fact.command.name.as_deref().unwrap_or_default();
        if let Some(instead) = packages::gone_program(name, suite) {
            out.push(format!("`{name}` (use {instead})"));
        }
        let is_list = |operand: &Arg| operand.as_str() == Some(SOURCES_LIST);
        let is_archive = |arg: &Arg| arg.prefix.contains("archive.debian.org");
        let edits_sources = name == "sed"
            && fact.command.operands.iter().any(is_list)
            && !fact.command.args.iter().any(is_archive);
        if edits_sources && debian::by_codename(suite).is_some_and(|row| row.number >= 12) {
            out.push(format!("`{SOURCES_LIST}` (now `{DEBIAN_SOURCES}`)"));
        }
    }
    out.sort();
    out.dedup();
    out
}

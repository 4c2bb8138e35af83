//! What commands on a base image use that its successor does not have.

use crate::facts::model::Project;
use crate::facts::run::{Action, package_action};
use crate::facts::{base, compiling};
use crate::knowledge::images::{Family, Flavour, PackageManager};
use crate::knowledge::{commands, packages};
use crate::python::requirements::{Requirement, Specifier};

use super::{root, successor};

/// What the suite of the successor lacks, as people read it.
pub(crate) fn lost(p: &Project, stage: usize) -> Vec<String> {
    let suite = successor(p, stage).and_then(|successor| successor.suite);
    suite.map_or(Vec::new(), |suite| of_suite(p, stage, suite))
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
    }
    out.sort();
    out.dedup();
    out
}

/// What the slim image lacks of what the stages on a full one use: programs, and a compiler for packages without wheels.
pub(crate) fn slim_lacks(p: &Project, stage: usize) -> Vec<String> {
    let fact = &p.stages[stage].base;
    if fact.knowledge.family != Family::Python || fact.knowledge.flavour != Flavour::Full {
        return Vec::new();
    }
    let base = root(p, stage);
    let is_installed = |program: &str| {
        let brought_by = commands::packages(program, PackageManager::Apt).unwrap_or(&[]);
        let mut installed = p.packages.iter().filter(|it| root(p, it.stage) == base);
        installed.any(|package| brought_by.contains(&package.name.as_str()))
    };
    let mut out = Vec::new();
    for fact in p.commands.iter().filter(|fact| root(p, fact.stage) == base) {
        let Some(name) = fact.command.name.as_deref() else {
            continue;
        };
        let of = |flavour| commands::is_in_base(name, Family::Python, flavour);
        let is_lost = of(Flavour::Slim) == Some(false) && of(Flavour::Full) == Some(true);
        if is_lost && !is_installed(name) {
            out.push(format!("`{name}`"));
        }
    }
    // pip and its like call it for `git+https://...`.
    let installs = || {
        let all = p.installs.iter();
        all.filter(|install| root(p, install.stage) == base)
    };
    let is_cloned = |requirement: &Requirement| {
        matches!(requirement.specifier, Specifier::Url { is_vcs: true, .. })
    };
    if installs().any(|install| install.set.requirements.iter().any(is_cloned))
        && !is_installed("git")
    {
        out.push("`git`".to_owned());
    }
    let installs_compiler = p.commands.iter().any(|fact| {
        root(p, fact.stage) == base
            && matches!(package_action(&fact.command), Some((_, Action::Install)))
            && fact.command.operands.iter().any(|operand| {
                let name = operand.as_str().unwrap_or("build-essential");
                packages::is_build_only(name) == Some(packages::BuildOnly::Compiler)
            })
    });
    out.sort();
    out.dedup();
    if installs_compiler {
        return out;
    }
    let mut compiled = Vec::new();
    for install in installs() {
        for requirement in &install.set.requirements {
            if compiling::is_compiled(p, install, requirement) == Some(true) {
                compiled.push(format!("`{}`", requirement.name));
            }
        }
    }
    compiled.sort();
    compiled.dedup();
    if !compiled.is_empty() {
        out.push(format!("compiler for {}", compiled.join(", ")));
    }
    out
}

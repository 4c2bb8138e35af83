//! Whether an image on Alpine gets its Python packages without a compiler that stays.

use crate::facts::dependencies;
use crate::facts::model::{Fate, InstallFact, Project};
use crate::knowledge::images::Libc;
use crate::knowledge::pypi::{self, Wheels};
use crate::python::requirements::Requirement;

/// Every list of packages was read, and each package has a wheel for musl or is compiled by tools
/// that the same layer removes. The table has the packages that need a compiler at all: others are
/// pure.
pub(crate) fn gets_wheels(p: &Project, image: usize) -> bool {
    p.dependencies.get(image).is_some_and(|listed| {
        listed.is_complete
            && listed.items.iter().all(|(install, at)| {
                let install = &p.installs[*install];
                has_wheel(p, install, &install.set.requirements[*at]) || cleans_up(p, install)
            })
    })
}

fn has_wheel(p: &Project, install: &InstallFact, requirement: &Requirement) -> bool {
    let Some(row) = pypi::distribution(&requirement.name) else {
        return true;
    };
    if row.build.is_empty() {
        return true;
    }
    dependencies::python_of(p, install.stage)
        .and_then(|python| row.wheels(Libc::Musl, python))
        .is_some_and(|wheels| wheels != Wheels::None)
}

/// The layer of an install removes the compilers that it installed for it.
fn cleans_up(p: &Project, install: &InstallFact) -> bool {
    let layer = &p.layers[p.commands[install.command].layer];
    let mut grouped = p.packages[layer.packages.clone()]
        .iter()
        .filter(|package| package.manager == "apk" && package.group.is_some())
        .peekable();
    grouped.peek().is_some()
        && grouped.all(|package| matches!(package.fate, Fate::RemovedInLayer(_)))
}

//! Hashes of packages: pip asks every one for them as soon as one has some.

use crate::facts::model::{InstallFact, Project};
use crate::facts::python::dependencies;
use crate::python::requirements::{Requirement, Specifier};

/// The first package of an install, by its place in the set, that pip refuses since it has no hash and others have;
/// `None` where there is none, and where that is not known. Other installers check the hashes that there are.
pub(crate) fn first_without(p: &Project, install: usize) -> Option<usize> {
    let fact = &p.installs[install];
    *fact
        .first_without_hash
        .get_or_init(|| find_first_without(p, fact))
}

fn find_first_without(p: &Project, fact: &InstallFact) -> Option<usize> {
    // A list that is not read may be one of constraints, whose hashes count.
    if !asks(p, fact) || !fact.is_followed || fact.is_constrained {
        return None;
    }
    let lacks = |one: &Requirement| {
        // The address of an archive may end in its hash.
        let is_archive = matches!(one.specifier, Specifier::Url { is_vcs: false, .. });
        one.hashes == 0 && !is_archive && dependencies::applies(fact, one) == Some(true)
    };
    fact.set.requirements.iter().position(lacks)
}

/// An install of pip asks for hashes: an option says so, or one of its packages has some.
fn asks(p: &Project, fact: &InstallFact) -> bool {
    let command = &p.commands[fact.command].command;
    let all = &fact.set.requirements;
    let is_lock = all.iter().any(|one| one.declared.is_some());
    command.name.as_deref() == Some("pip")
        && !is_lock
        && (command.flag("--require-hashes").is_some()
            || fact.set.options.require_hashes.is_some()
            || all.iter().any(|one| one.hashes > 0))
}

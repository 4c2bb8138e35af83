//! Releases that only work beside an older release of another distribution, where the newest one is installed.

use crate::facts::build::at;
use crate::facts::model::{CommandFact, InstallFact, Project};
use crate::facts::python::dependencies;
use crate::knowledge::Series;
use crate::knowledge::pypi::{self, OldestRelease};
use crate::python::requirements::{Requirement, Specifier, Versions};

/// The series whose images have none of these distributions, and the oldest one that gets their newest release.
const WITHOUT: Series = Series(3, 12);
const SUPPORTED: Series = Series(3, 9);

/// The oldest release that works with the newest release of another distribution, where the one that is asked for is
/// older and a command of the stage certainly gets that newest release.
pub(crate) fn broken_by(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<&'static OldestRelease> {
    let oldest = pypi::oldest_for(&requirement.name, WITHOUT)?;
    let other = oldest.cured_by?;
    let python = dependencies::python_for(p, install)?;
    let pinned = dependencies::versions(install, requirement).pinned()?;
    let is_older = Versions::parse(&format!("<{}", oldest.version?)).allow(&pinned) == Some(true);
    if python < SUPPORTED || !is_older || install.is_constrained || has_environments(p, install) {
        return None;
    }
    let named: Vec<(&InstallFact, &Requirement)> = p
        .installs
        .iter()
        .flat_map(|one| {
            let all = one.set.requirements.iter().chain(&one.set.constraints);
            all.map(move |entry| (one, entry))
        })
        .filter(|(_, entry)| entry.name == other)
        .collect();
    let is_open =
        |(_, entry): &(&InstallFact, &Requirement)| entry.specifier == Specifier::Unbounded;
    let gets_newest = |(one, _): &(&InstallFact, &Requirement)| {
        let command = &p.commands[one.command].command;
        let upgrades = command.flag("--upgrade").is_some() || command.flag("-U").is_some();
        let own = &p.commands[install.command].command;
        one.is_certain
            && !one.is_private
            && !one.is_constrained
            && one.stage == install.stage
            && command.name.as_deref() == Some("pip")
            && own.name.as_deref() == Some("pip")
            && (upgrades || python >= WITHOUT)
    };
    // What else is installed is known to ask for no release of it.
    let mut images = 0..p.images.len();
    let is_known = images.any(|image| dependencies::lacks(p, image, &[]) == Some(true));
    (is_known && named.iter().all(is_open) && named.iter().any(gets_newest)).then_some(oldest)
}

/// The stage makes an environment of its own, into which either of them may go.
fn has_environments(p: &Project, install: &InstallFact) -> bool {
    let is_it = |fact: &CommandFact| {
        let mut words = fact.command.args.iter().chain(&fact.command.operands);
        let name = fact.command.name.as_deref().unwrap_or_default();
        name.contains("env") || words.any(|word| word.as_str().is_none_or(|it| it.contains("venv")))
    };
    let mut all = p.commands.iter();
    all.any(|fact| at::is_part(&p.stages, fact.stage, install.stage) && is_it(fact))
}

//! Whether an image answers to `python`, the name by which most scripts call it and which Debian's own Python does not
//! have.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{Project, StartFact};
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::Command;

/// That name.
pub(crate) const PYTHON: &str = "python";

/// A virtual environment on the search path, a link, or a Python of others may answer to its plain name.
pub(crate) fn may_be_there(p: &Project, stage: usize) -> bool {
    let chain = at::chain(&p.stages, stage);
    // Whatever else is searched may be an environment.
    let is_plain = |directory: &str| DirectoryWords::Programs.contains(directory);
    let mut searched = at::added_to_path(p, stage, usize::MAX).into_iter();
    let is_led = searched.any(|it| it.is_none_or(|directory| !is_plain(&directory)));
    let is_of_system = |directory: &str| {
        let path = format!("{directory}/{PYTHON}");
        let found = origin::at_end(p, stage, &path).origin;
        !matches!(found, Origin::Missing | Origin::Unknown)
    };
    let changes = |command: &Command| {
        command.name.as_deref().is_none_or(|name| {
            programs::is(name, Role::BringsPython)
                || programs::is(name, Role::ChangesPython)
                || programs::is(name, Role::SetsVariables)
                || name == "update-alternatives"
        }) || command.activates_virtualenv()
            || command.assignments.iter().any(|it| it.name == "PATH")
    };
    let mut commands = p.commands.iter().filter(|fact| chain.contains(&fact.stage));
    let mut building = p.around.deployed.building();
    is_led
        || DirectoryWords::Programs.iter().any(is_of_system)
        || commands.any(|fact| changes(&fact.command))
        || building.any(|found| found.env.get("PATH").is_some())
}

/// What runs before the last of some commands, or around it, may lead to another Python.
pub(crate) fn may_be_led(starts: &[StartFact]) -> bool {
    let leads = |start: &StartFact| {
        let command = &start.command;
        let sets = |name: &str| programs::is(name, Role::SetsVariables) && name != ":";
        command.name.as_deref().is_none_or(sets)
            || command.activates_virtualenv()
            || command.assignments.iter().any(|it| it.name == "PATH")
    };
    let last = starts.last().map_or(&[][..], |it| &it.command.wrappers);
    let mut wrappers = last.iter();
    starts.iter().any(leads) || wrappers.any(|it| installers::is_installer(it))
}

//! Package managers of distributions: which programs they are, and what a subcommand does.

use super::by_name::find_by_name;
use super::texts::List;

/// What a package manager is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Update,
    Install,
    Remove,
    /// `autoremove`: without names, what nothing needs.
    AutoRemove,
}

#[derive(Debug)]
struct Manager {
    name: &'static str,
    manager: &'static str,
    updates: List,
    installs: List,
    removes: List,
    sweeps: List,
}

static MANAGERS: &[Manager] = include!(concat!(env!("OUT_DIR"), "/package-managers.rs"));

fn row(program: &str) -> Option<&'static Manager> {
    find_by_name!(MANAGERS, name)(program)
}

/// The manager that a program is, as rules call it: `apt` also for `apt-get`.
#[must_use]
pub(crate) fn manager(program: &str) -> Option<&'static str> {
    row(program).map(|row| row.manager)
}

/// What a subcommand of a program does with packages; `None`: nothing, or the program is no package manager.
#[must_use]
pub(crate) fn action(program: &str, subcommand: &str) -> Option<Action> {
    let row = row(program)?;
    let all = [
        (row.updates, Action::Update),
        (row.installs, Action::Install),
        (row.removes, Action::Remove),
        (row.sweeps, Action::AutoRemove),
    ];
    let mut all = all.into_iter();
    all.find(|(words, _)| words.contains(subcommand))
        .map(|(_, action)| action)
}

//! Python packages that are built against a library of the distribution and are newer than that.

use crate::facts::model::{CopyFrom, InstallFact, Project};
use crate::facts::python::{dependencies, releases};
use crate::facts::system::installed::{self, There};
use crate::knowledge::pypi::{self, Binding};
use crate::python::requirements::{Requirement, Specifier};
use crate::shell::ast::Command;

/// The library of the distribution that a requirement is certainly built against, where the release that is required is
/// newer than it.
pub(crate) fn older_library(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<&'static Binding> {
    // Asked first: nearly every requirement is another one.
    pypi::bindings(&requirement.name).next()?;
    let is_of_index = !matches!(
        requirement.specifier,
        Specifier::Url { .. } | Specifier::Path
    );
    let pinned = dependencies::versions(install, requirement).pinned();
    let pinned = pinned.filter(|_| is_of_index)?;
    // Other sources of packages have newer ones.
    let text = p.text.text.as_str();
    if text.contains("backports") || text.contains("sources.list") {
        return None;
    }
    let own = (!install.is_private).then_some(install.command).into_iter();
    let mut builds = own.chain(wheels(p, install.command));
    builds.find_map(|command| {
        let stage = p.commands[command].stage;
        let system = installed::follow(p, stage, Some(command))?;
        let mut rows = pypi::bindings(&requirement.name);
        let row = rows.find(|row| row.suite == system.suite)?;
        let is_newer = pinned != row.version && releases::is_at_least(&pinned, row.version);
        // Another image may bring a library.
        let mut copies = p.copies.iter().filter(|it| it.stage == stage);
        let is_copied = copies.any(|it| it.from != CopyFrom::Context);
        (is_newer && !is_copied && system.has(row.package) == There::Yes).then_some(row)
    })
}

/// The commands that build wheels of the same list, where an install takes nothing else.
fn wheels(p: &Project, install: usize) -> impl Iterator<Item = usize> {
    let list = |command: &Command| {
        let flag = command
            .flag("-r")
            .or_else(|| command.flag("--requirement"))?;
        let text = flag.value.as_ref()?.as_str()?;
        text.rsplit('/').next().map(str::to_owned)
    };
    let own = &p.commands[install].command;
    let wanted = list(own).filter(|_| own.flag("--no-index").is_some());
    let builds = move |command: &Command| {
        let is_wheel =
            command.name.as_deref() == Some("pip") && command.subcommand() == Some("wheel");
        let mut indexes = ["-i", "--index-url", "--extra-index-url"].into_iter();
        let is_public = !indexes.any(|name| command.flag(name).is_some());
        is_wheel && is_public && wanted.is_some() && list(command) == wanted
    };
    let all = p.commands.iter().enumerate();
    all.filter_map(move |(i, fact)| builds(&fact.command).then_some(i))
}

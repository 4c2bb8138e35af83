//! Whether what a Dockerfile installs and copies shows that its image is made for development, beside what it starts.

use crate::compose::CommandLine;
use crate::deployed::Deployed;
use crate::facts::build::at;
use crate::facts::intent::{by_name, is_development_list};
use crate::facts::model::DeployPhase;
use crate::knowledge::intent_words::Intent;
use crate::span::Traced;

/// Whether every build of it installs a list that is called after development.
pub(crate) fn installs_development_list(p: &DeployPhase) -> bool {
    let mut installs = p.installs.iter();
    installs.any(|install| {
        let mut lists = install.targets.iter();
        install.is_certain
            && !install.is_export
            && at::is_shipped(p, install.stage)
            && lists.any(|list| is_development_list(list.written.as_str()))
    })
}

/// Whether it makes the settings out of some that are called after development: `cp shop/dev_settings.py
/// shop/settings.py`, `COPY docker/dev_settings.py /srv/shop/settings.py`.
pub(crate) fn copies_development_settings(p: &DeployPhase) -> bool {
    let is_made = |from: &str, to: &str| {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let (from, to) = (name(from), name(to));
        let is_module = |name: &String| name.ends_with(".py") && name.contains("settings");
        is_module(&from)
            && is_module(&to)
            && by_name(&from) == Some(Intent::Development)
            && by_name(&to).is_none()
    };
    let mut copies = p.copies.iter().filter(|copy| at::is_shipped(p, copy.stage));
    let mut commands = p
        .commands
        .iter()
        .filter(|fact| at::is_shipped(p, fact.stage));
    copies.any(|copy| {
        let target = copy.destination.1.as_ref().map(Traced::as_str);
        let mut sources = copy.sources.iter().filter_map(|(_, it)| it.as_ref());
        target.is_some_and(|target| sources.any(|source| is_made(source.as_str(), target)))
    }) || commands.any(|fact| {
        let command = &fact.command;
        let copies = matches!(command.name.as_deref(), Some("cp" | "mv" | "ln"));
        match &command.operands[..] {
            [from, to] if copies => {
                let words = from.as_str().zip(to.as_str());
                words.is_some_and(|(from, to)| is_made(from, to))
            }
            _ => false,
        }
    })
}

/// Whether the images say nothing of what they start, and every service that builds them runs tests, by its name and by
/// what it starts: `test` with `make test`.
pub(super) fn is_only_tested(p: &DeployPhase) -> bool {
    let tests = |found: &Deployed| {
        let is_test = |text: &str| by_name(text) == Some(Intent::Ci);
        let runs = |line: &CommandLine| line.joined().is_some_and(|text| is_test(&text));
        by_name(found.name.as_str()) == Some(Intent::Ci) && found.command.as_ref().is_some_and(runs)
    };
    let mut building = p.around.deployed.building();
    p.around.leaves_start && building.len() > 0 && building.all(tests)
}

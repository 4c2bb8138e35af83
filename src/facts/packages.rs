//! What becomes of installed packages: left in the image, removed in the same layer, or too late.

use crate::facts::caches::may_clean;
use crate::facts::model::{CommandFact, Fate, PackageFact};
use crate::facts::run::{Action, package_action};
use crate::facts::walk::Arena;
use crate::shell::ast::{Arg, Runs};
use crate::span::Span;

/// What one later command does to a package.
enum Effect {
    None,
    Removes(Span),
    Unknown,
}

/// Settles the fate of every package. Stages that start from a stage are read after it.
pub(crate) fn settle(arena: &mut Arena) {
    // Looked for once: most files have few, and thousands of packages would each look for them again.
    let removals: Vec<usize> = (0..arena.commands.len())
        .filter(|index| {
            let command = &arena.commands[*index].command;
            matches!(package_action(command), Some((_, Action::Remove)))
        })
        .collect();
    let fates: Vec<Fate> = arena
        .packages
        .iter()
        .map(|package| fate(arena, package, &removals))
        .collect();
    for (package, fate) in arena.packages.iter_mut().zip(fates) {
        package.fate = fate;
    }
}

/// `removals`: the commands that remove packages, in order.
fn fate(arena: &Arena, package: &PackageFact, removals: &[usize]) -> Fate {
    let install = &arena.commands[package.command];
    if install.command.runs == Runs::Perhaps || arena.layers[package.layer].is_onbuild {
        return Fate::Unknown;
    }
    let layer = &arena.layers[package.layer];
    let after = &arena.commands[package.command + 1..layer.commands.end];
    let mut unknown = layer.is_opaque;
    for later in after {
        match effect(package, later) {
            Effect::Removes(span) => return Fate::RemovedInLayer(span),
            Effect::Unknown => unknown = true,
            Effect::None => unknown |= may_clean(&later.command),
        }
    }
    if unknown {
        return Fate::Unknown;
    }
    let later = removals.partition_point(|index| *index < layer.commands.end);
    for index in &removals[later..] {
        let later = &arena.commands[*index];
        if later.stage != package.stage {
            break;
        }
        if let Effect::Removes(span) = effect(package, later) {
            return Fate::RemovedLater(span);
        }
    }
    Fate::Left
}

fn effect(package: &PackageFact, later: &CommandFact) -> Effect {
    let command = &later.command;
    let name = command.name.as_deref();
    if name == Some("apt-mark") && package.manager == "apt" {
        // Marked automatic, it goes with the next autoremove.
        return Effect::Unknown;
    }
    if name == Some("dpkg") && package.manager == "apt" {
        let removes = command
            .flags
            .iter()
            .any(|flag| matches!(flag.name.as_str(), "-r" | "-P" | "--remove" | "--purge"));
        return if removes {
            Effect::Unknown
        } else {
            Effect::None
        };
    }
    let Some((manager, action)) = package_action(command) else {
        return Effect::None;
    };
    if manager != package.manager {
        return Effect::None;
    }
    match action {
        Action::Remove => {}
        // Packages named in `install` are manual; autoremove leaves them.
        Action::AutoRemove | Action::Update | Action::Install => return Effect::None,
    }
    let named = command.operands.iter().find(|operand| {
        operand
            .as_str()
            .is_some_and(|text| matches_package(package, text))
    });
    match named {
        Some(_) if command.runs == Runs::Perhaps => Effect::Unknown,
        Some(_) => Effect::Removes(command.span),
        None if !command.is_complete => Effect::Unknown,
        None if is_implied(package, command.operands.iter().filter_map(Arg::as_str)) => {
            Effect::Unknown
        }
        None => Effect::None,
    }
}

fn matches_package(package: &PackageFact, text: &str) -> bool {
    let text = text.split([':', '=']).next().unwrap_or(text);
    if package.group.as_deref() == Some(text) {
        return true;
    }
    if let Some(stem) = text.strip_suffix('*') {
        return package.name.starts_with(stem.trim_end_matches('.'));
    }
    package.name == text
}

/// Removing `gcc` takes `g++` and `build-essential` along, which depend on it.
fn is_implied<'a>(package: &PackageFact, mut removed: impl Iterator<Item = &'a str>) -> bool {
    let needs: &[&str] = match package.name.as_str() {
        "build-essential" => &["gcc", "g++", "make", "dpkg-dev", "libc6-dev", "libc-dev"],
        "g++" => &["gcc"],
        "gcc" => &["cpp", "binutils"],
        _ => &[],
    };
    removed.any(|name| needs.contains(&name))
}

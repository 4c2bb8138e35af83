//! Where commands of a RUN can be added or taken away without touching the others.

use crate::facts::model::{CommandFact, Project};
use crate::facts::run::{Action, package_action};
use crate::shell::ast::{Connector, Runs};
use crate::span::Span;

/// The command is one of a plain list that runs whole, in no branch, loop, function or substitution.
fn is_plain(fact: &CommandFact) -> bool {
    fact.command.runs == Runs::Always && is_listed(fact)
}

/// The command is one of a list, in no loop, function or substitution.
fn is_listed(fact: &CommandFact) -> bool {
    let command = &fact.command;
    !command.is_condition
        && !command.is_substitution
        && !command.is_background
        && command.loop_depth == 0
        && command.function.is_none()
        && matches!(
            command.connector,
            Connector::And | Connector::Sequence | Connector::Pipe
        )
}

/// The last command of a layer, and what joins one more to it, in the style of the layer.
pub(crate) fn tail(p: &Project, layer: usize) -> Option<(Span, String)> {
    let fact = &p.layers[layer];
    let instruction = &p.dockerfile.instructions[fact.instruction];
    let commands = p.commands.get(fact.commands.clone())?;
    let last = commands.last()?;
    if fact.is_opaque
        || fact.is_onbuild
        || !instruction.heredocs.is_empty()
        || !commands.iter().all(is_plain)
        || last.command.span.end != instruction.rest.span().end
        // A `||` or a background job would take the new command in.
        || last.command.span.file != p.dockerfile.file
    {
        return None;
    }
    let text = p.text.slice(instruction.span);
    let before = text.rfind("&&").map_or("", |at| &text[..at]);
    let line = before.rfind('\n').map_or("", |at| &before[at + 1..]);
    // The joiner begins its line: the next one does too.
    let escape = p.dockerfile.escape;
    let is_own_line = before.contains('\n') && line.trim().is_empty();
    let joiner = if is_own_line {
        format!(" {escape}\n{line}&& ")
    } else if let Some(end) = text.rfind(&format!("&& {escape}\n")) {
        let next = &text[end + 4..].trim_start_matches('\n');
        let indent = next.len() - next.trim_start_matches([' ', '\t']).len();
        format!(" && {escape}\n{}", &next[..indent])
    } else {
        " && ".to_owned()
    };
    Some((last.command.span, joiner))
}

/// The pipeline of a command with what joins it to the rest: to be deleted as a whole.
pub(crate) fn removable(p: &Project, command: usize) -> Option<Span> {
    let fact = &p.commands[command];
    let layer = &p.layers[fact.layer];
    let (position, length) = fact.command.pipeline;
    let first = command.checked_sub(position as usize)?;
    let next = first + length.max(1) as usize;
    let range = layer.commands.clone();
    if first < range.start || next > range.end || layer.is_opaque {
        return None;
    }
    if !p.commands[range.clone()].iter().all(is_plain) {
        return None;
    }
    let file = p.dockerfile.file;
    let start = p.commands[first].command.span;
    let end = p.commands[next - 1].command.span;
    let is_joint = |from: u32, to: u32| {
        let between = (from <= to).then(|| p.text.slice(Span::new(file, from, to)))?;
        let words: String = between
            .chars()
            .filter(|c| !c.is_whitespace() && *c != p.dockerfile.escape)
            .collect();
        matches!(words.as_str(), "&&" | ";").then_some(())
    };
    if start.file != file || end.file != file {
        return None;
    }
    if next < range.end {
        let after = p.commands[next].command.span;
        is_joint(end.end, after.start)?;
        return Some(Span::new(file, start.start, after.start));
    }
    let before = p.commands[range.start..first].last()?.command.span;
    is_joint(before.end, start.start)?;
    Some(Span::new(file, before.end, end.end))
}

/// The first install of a later layer that reads the package lists which this command fetched.
pub(crate) fn lists_used_by(p: &Project, command: usize) -> Option<usize> {
    let fact = &p.commands[command];
    if package_action(&fact.command) != Some(("apt", Action::Update)) {
        return None;
    }
    let stages = &p.stages;
    for layer in &p.layers[fact.layer + 1..] {
        let range = layer.commands.clone();
        let mut commands = p.commands[range.clone()].iter().zip(range);
        let Some((first, index)) =
            commands.find(|(fact, _)| package_action(&fact.command).is_some())
        else {
            continue;
        };
        if layer.stage != fact.stage
            && !crate::facts::effective::chain(stages, layer.stage).contains(&fact.stage)
        {
            continue;
        }
        match package_action(&first.command) {
            Some(("apt", Action::Install)) => return Some(index),
            // It fetches lists of its own, also for those behind it.
            Some(("apt", Action::Update)) if layer.stage == fact.stage => return None,
            _ => {}
        }
    }
    None
}

/// What separates a command from the next one although it may fail, and the `&&` that takes its place.
pub(crate) fn separator(p: &Project, command: usize) -> Option<(Span, &'static str)> {
    let fact = &p.commands[command];
    let layer = &p.layers[fact.layer];
    if command + 1 >= layer.commands.end || layer.is_opaque {
        return None;
    }
    let next = &p.commands[command + 1];
    let (position, length) = fact.command.pipeline;
    let own = fact.command.span;
    let file = p.dockerfile.file;
    let is_simple = is_listed(fact)
        && is_listed(next)
        && next.command.connector == Connector::Sequence
        && position + 1 >= length
        && own.file == file
        && next.command.span.file == file
        && own.end <= next.command.span.start;
    if !is_simple {
        return None;
    }
    let between = p
        .text
        .slice(Span::new(file, own.end, next.command.span.start));
    let at = |from: usize, to: usize| {
        let place = |offset: usize| own.end + u32::try_from(offset).unwrap_or(0);
        Span::new(file, place(from), place(to))
    };
    let rest = |text: &str| {
        text.chars()
            .all(|c| c.is_whitespace() || c == p.dockerfile.escape)
    };
    if let Some(semicolon) = between.find(';') {
        let (before, after) = (&between[..semicolon], &between[semicolon + 1..]);
        let is_lone = before.chars().all(|c| c == ' ' || c == '\t') && rest(after);
        return is_lone.then(|| (at(0, semicolon + 1), " &&"));
    }
    // In a heredoc the line end separates.
    let is_line_end = between.starts_with('\n') && between.trim().is_empty();
    is_line_end.then(|| (at(0, 1), " &&\n"))
}

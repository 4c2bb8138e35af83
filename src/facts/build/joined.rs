//! Where commands of a RUN can be added or taken away without touching the others.

use crate::facts::build::at::hides_failure;
use crate::facts::build::manager::package_action;
use crate::facts::model::{CommandFact, Project};
use crate::knowledge::package_caches;
use crate::knowledge::programs::{self, Role};
use crate::shell::ast::{Arg, Command, Connector, OnFailure, Runs};
use crate::span::Span;

/// The command is one of a plain list that runs whole, in no branch, loop, function or substitution.
pub(crate) fn is_plain(fact: &CommandFact) -> bool {
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

/// What goes when a command is deleted: its pipeline with what joins it to the rest, and the sentence about it in the
/// comment above the instruction. Nothing where a comment says more than that of it.
pub(crate) fn removable(p: &Project, command: usize) -> Vec<Span> {
    let Some(own) = removable_pipeline(p, command) else {
        return Vec::new();
    };
    let said = said_above(p, command);
    said.map_or_else(Vec::new, |said| {
        said.into_iter().chain(std::iter::once(own)).collect()
    })
}

/// The lines of the sentence about the paths of a command, in the comment right above its instruction: `Some(None)`
/// when it says nothing of them, `None` when it is not sure where the sentence begins and ends.
fn said_above(p: &Project, command: usize) -> Option<Option<Span>> {
    let fact = &p.commands[command];
    let operands = fact.command.operands.iter().filter_map(Arg::as_str);
    let directories: Vec<&str> = operands
        .filter_map(|path| path.rsplit_once('/'))
        .map(|(directory, _)| directory)
        .filter(|directory| directory.len() > 1)
        .collect();
    let instruction = &p.dockerfile.instructions[p.layers[fact.layer].instruction];
    let start = instruction.span.start as usize;
    let above = p.text.text.get(..start)?;
    let mut from = start;
    let mut lines: Vec<(usize, &str)> = Vec::new();
    for line in above.split_inclusive('\n').rev() {
        let is_comment = line.trim_start().starts_with('#');
        if !is_comment {
            break;
        }
        from -= line.len();
        lines.push((from, line.trim()));
    }
    lines.reverse();
    let text = |line: &str| line.trim_start_matches('#').trim().to_owned();
    let names_it = |line: &str| directories.iter().any(|directory| line.contains(directory));
    let Some(first) = lines.iter().position(|(_, line)| names_it(line)) else {
        return Some(None);
    };
    let ends = |line: &str| text(line).ends_with('.');
    let last = first + lines[first..].iter().position(|(_, line)| ends(line))?;
    let begins = text(lines[first].1).starts_with(|c: char| c.is_uppercase());
    if !begins || lines[last + 1..].iter().any(|(_, line)| names_it(line)) {
        return None;
    }
    let end = lines.get(last + 1).map_or(start, |(at, _)| *at);
    let place = |at: usize| u32::try_from(at).ok();
    Some(Some(Span::new(
        p.dockerfile.file,
        place(lines[first].0)?,
        place(end)?,
    )))
}

/// The pipeline of a command with what joins it to the rest.
fn removable_pipeline(p: &Project, command: usize) -> Option<Span> {
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
    let before = p.commands[range.start..first].last();
    let lead = before.map_or(start.start, |before| before.command.span.end);
    if lead > start.start
        || p.text
            .slice(Span::new(file, lead, start.start))
            .contains('#')
    {
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

/// What changes so that no failure of a layer passes unseen, from the first install on: `&&` for each `;`, or `set
/// -e` as the first line of a heredoc. Nothing where that is not all there is to do.
pub(crate) fn unchecked(p: &Project, layer: usize) -> Vec<(Span, String)> {
    let fact = &p.layers[layer];
    let range = fact.commands.clone();
    let mut hidden = range
        .clone()
        .filter(|&i| hides_failure(p, i) && installs(&p.commands[i].command));
    let Some(first) = hidden.next().filter(|_| !fact.is_opaque) else {
        return Vec::new();
    };
    let instruction = &p.dockerfile.instructions[fact.instruction];
    if let [heredoc] = instruction.heredocs.as_slice() {
        // In a list of `&&`, `set -e` looks at the last one only.
        let is_last = |i: usize| p.commands[i + 1].command.connector != Connector::And;
        let is_enough = std::iter::once(first).chain(hidden).all(is_last);
        let first_line = first_line(p, heredoc.content.span());
        return first_line.filter(|_| is_enough).into_iter().collect();
    }
    let rest = first..range.end;
    let joints = rest.clone().skip(1).filter(|&i| {
        // Those of a list with `&&` stop already.
        p.commands[i].command.connector == Connector::Sequence
    });
    if !instruction.heredocs.is_empty() || !rest.clone().all(|i| is_listed(&p.commands[i])) {
        return Vec::new();
    }
    let edits: Option<Vec<_>> = joints.map(|i| joint(p, i)).collect();
    edits.unwrap_or_default()
}

/// Every command that then ends the layer when it fails is one that nobody runs in vain.
pub(crate) fn is_all_in_earnest(p: &Project, layer: usize) -> bool {
    let range = p.layers[layer].commands.clone();
    p.commands[range].iter().all(|fact| {
        let command = &fact.command;
        command.on_failure == OnFailure::Stops
            || command.is_condition
            || command.pipeline.0 + 1 < command.pipeline.1
            || is_in_earnest(command)
    })
}

fn installs(command: &Command) -> bool {
    let name = command.name.as_deref();
    package_action(command).is_some() || name.and_then(package_caches::of).is_some()
}

/// When it fails, the image lacks something: nobody runs it to see whether it works.
fn is_in_earnest(command: &Command) -> bool {
    let name = command.name.as_deref().unwrap_or_default();
    let has = |flag| command.flag(flag).is_some();
    match name {
        "" => true,
        "rm" => has("-f"),
        "mkdir" => has("-p"),
        _ => programs::is(name, Role::InEarnest),
    }
}

/// The `;` before a command and the `&&` that takes its place.
fn joint(p: &Project, command: usize) -> Option<(Span, String)> {
    let own = p.commands[command - 1].command.span;
    let next = p.commands[command].command.span;
    let file = p.dockerfile.file;
    if own.file != file || next.file != file || own.end > next.start {
        return None;
    }
    let between = p.text.slice(Span::new(file, own.end, next.start));
    let semicolon = between.find(';')?;
    let (before, after) = (&between[..semicolon], &between[semicolon + 1..]);
    let is_lone = before.chars().all(|c| c == ' ' || c == '\t')
        && after.lines().all(|line| {
            let line = line.trim();
            let is_escape = line.chars().all(|c| c == p.dockerfile.escape);
            is_escape || line.starts_with('#')
        });
    let end = own.end + u32::try_from(semicolon + 1).ok()?;
    is_lone.then(|| (Span::new(file, own.end, end), " &&".to_owned()))
}

/// Where `set -e` begins a heredoc, and the line.
fn first_line(p: &Project, content: Span) -> Option<(Span, String)> {
    if content.file != p.dockerfile.file {
        return None;
    }
    let text = p.text.slice(content);
    let skipped = match text.starts_with("#!") {
        true => text.find('\n')? + 1,
        false => 0,
    };
    let line = &text[skipped..];
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    let place = content.start + u32::try_from(skipped).ok()?;
    Some((
        Span::point(content.file, place),
        format!("{indent}set -e\n"),
    ))
}

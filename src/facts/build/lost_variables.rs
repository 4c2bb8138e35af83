//! Variables that a RUN uses and that do not reach it: what an earlier RUN has set (each is a shell of its own), and
//! ARGs before the first FROM (which stand outside every stage).

use crate::maps::HashMap;
use std::collections::BTreeSet;

use crate::dockerfile::ast::Args;
use crate::facts::build::at;
use crate::facts::build::variables::Variables;
use crate::facts::model::{BuildPhase, LostVariable};
use crate::knowledge::programs::{self, Role};
use crate::span::Span;

/// Where a variable was set that does not reach the RUN.
#[derive(Clone, Copy)]
struct Elsewhere {
    span: Span,
    is_global: bool,
    /// The later it was set, the higher.
    turn: usize,
}

/// Uses of variables that only an earlier RUN of the stage, or an ARG before the first FROM, has set; first use of each
/// in a layer.
pub(crate) fn variables(p: &BuildPhase) -> Vec<LostVariable> {
    let mut out = Vec::new();
    let mut globals: HashMap<&str, Elsewhere> = HashMap::default();
    for (turn, arg) in p.global_args.iter().enumerate() {
        let (name, span) = (arg.name.as_str(), arg.name.span());
        if !Variables::is_given(name) {
            globals.entry(name).or_insert(Elsewhere {
                span,
                is_global: true,
                turn,
            });
        }
    }
    for stage in &p.stages {
        let mut set: HashMap<&str, Elsewhere> = HashMap::default();
        for layer in &stage.layers {
            let commands = &p.commands[p.layers[*layer].commands.clone()];
            let known = |name: &str| set.get(name).or_else(|| globals.get(name)).copied();
            if !p.layers[*layer].is_opaque && !is_exec_form(p, *layer) {
                let instruction = p.dockerfile.instructions[p.layers[*layer].instruction].span;
                let names = names_in(instruction.slice(&p.text.text)).into_iter();
                let mut lost: Vec<(&str, Elsewhere)> = names
                    .filter_map(|name| Some((name, known(name)?)))
                    .filter(|(name, _)| !sets(p, stage.index, name) && !may_set(p, *layer, name))
                    .collect();
                lost.sort_by_key(|(_, elsewhere)| elsewhere.turn);
                for (name, elsewhere) in lost {
                    let used = commands
                        .iter()
                        .find_map(|fact| use_of(&p.text.text, fact.command.span, name));
                    if let Some(used) = used {
                        out.push(LostVariable {
                            layer: *layer,
                            name: name.to_owned(),
                            span: used,
                            assigned: elsewhere.span,
                            is_global: elsewhere.is_global,
                        });
                    }
                }
            }
            let own = commands
                .iter()
                .filter(|fact| fact.command.name.as_deref() == Some(""))
                .flat_map(|fact| &fact.command.assignments);
            for assignment in own {
                let elsewhere = Elsewhere {
                    span: assignment.span,
                    is_global: false,
                    turn: p.global_args.len() + assignment.span.start as usize,
                };
                set.insert(assignment.name.as_str(), elsewhere);
            }
        }
    }
    out
}

/// The names behind `$` and `${`.
fn names_in(text: &str) -> BTreeSet<&str> {
    let uses = text.match_indices('$').map(|(at, _)| &text[at + 1..]);
    let names = uses.map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        rest.split(is_end).next().unwrap_or_default()
    });
    names.filter(|name| !name.is_empty()).collect()
}

/// No shell puts anything in the place of `$NAME` there.
fn is_exec_form(p: &BuildPhase, layer: usize) -> bool {
    let instruction = &p.dockerfile.instructions[p.layers[layer].instruction];
    matches!(instruction.args, Args::Json(_))
}

/// ENV, ARG or the base image sets the variable as well.
fn sets(p: &BuildPhase, stage: usize, name: &str) -> bool {
    let chain = at::chain(&p.stages, stage);
    at::base_may_set(&p.stages, stage, name)
        || chain.iter().any(|part| {
            let part = &p.stages[*part];
            part.set.args.contains_key(name) || part.set.envs.contains_key(name)
        })
}

/// The layer sets it itself, in any way: an assignment, `for`, `read`, `export`, a sourced file.
fn may_set(p: &BuildPhase, layer: usize, name: &str) -> bool {
    p.commands[p.layers[layer].commands.clone()]
        .iter()
        .any(|fact| {
            let command = &fact.command;
            let text = command.span.slice(&p.text.text);
            command
                .assignments
                .iter()
                .any(|assignment| assignment.name == name)
                || command
                    .name
                    .as_deref()
                    .is_some_and(|name| programs::is(name, Role::SetsVariables))
                || command.loop_depth > 0
                || text.contains(&format!("{name}="))
                || text.contains(&format!("{name}:"))
        })
}

/// The first `$NAME` or `${NAME}` in a piece of the file, outside single quotes.
fn use_of(text: &str, span: Span, name: &str) -> Option<Span> {
    let piece = span.slice(text);
    for written in [format!("${name}"), format!("${{{name}}}")] {
        for (at, _) in piece.match_indices(&written) {
            let before = &piece[..at];
            let after = piece[at + written.len()..].chars().next();
            let is_longer = !written.ends_with('}')
                && after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            let is_quoted = before.matches('\'').count() % 2 == 1 || before.ends_with(['\\', '$']);
            if !is_longer && !is_quoted {
                let start = span.start + u32::try_from(at).ok()?;
                let end = start + u32::try_from(written.len()).ok()?;
                return Some(Span::new(span.file, start, end));
            }
        }
    }
    None
}

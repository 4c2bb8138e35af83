//! Variables that a RUN uses and that do not reach it: what an earlier RUN has set (each is a shell of its own), and
//! ARGs before the first FROM (which stand outside every stage).

use crate::dockerfile::ast::Args;
use crate::facts::build::at;
use crate::facts::build::scope::Scope;
use crate::facts::model::{BuildPhase, LostVariable};
use crate::knowledge::programs::{self, Role};
use crate::span::Span;

/// Where a variable was set that does not reach the RUN.
#[derive(Clone, Copy)]
struct Elsewhere<'a> {
    name: &'a str,
    span: Span,
    is_global: bool,
}

/// Uses of variables that only an earlier RUN of the stage, or an ARG before the first FROM, has set; first use of each
/// in a layer.
pub(crate) fn variables(p: &BuildPhase) -> Vec<LostVariable> {
    let mut out = Vec::new();
    let globals: Vec<Elsewhere<'_>> = p
        .global_args
        .iter()
        .filter(|arg| !Scope::is_given(arg.name.as_str()))
        .map(|arg| Elsewhere {
            name: arg.name.as_str(),
            span: arg.name.span(),
            is_global: true,
        })
        .collect();
    for stage in &p.stages {
        let mut set = globals.clone();
        for layer in &stage.layers {
            let commands = &p.commands[p.layers[*layer].commands.clone()];
            let own: Vec<(&str, Span)> = commands
                .iter()
                .filter(|fact| fact.command.name.as_deref() == Some(""))
                .flat_map(|fact| &fact.command.assignments)
                .map(|assignment| (assignment.name.as_str(), assignment.span))
                .collect();
            if !set.is_empty() && !p.layers[*layer].is_opaque && !is_exec_form(p, *layer) {
                let instruction = p.dockerfile.instructions[p.layers[*layer].instruction].span;
                let text = instruction.slice(&p.text.text);
                for Elsewhere {
                    name,
                    span,
                    is_global,
                } in &set
                {
                    if !text.contains(name)
                        || sets(p, stage.index, name)
                        || may_set(p, *layer, name)
                    {
                        continue;
                    }
                    let used = commands
                        .iter()
                        .find_map(|fact| use_of(&p.text.text, fact.command.span, name));
                    if let Some(used) = used {
                        out.push(LostVariable {
                            layer: *layer,
                            name: (*name).to_owned(),
                            span: used,
                            assigned: *span,
                            is_global: *is_global,
                        });
                    }
                }
            }
            for (name, span) in own {
                set.retain(|earlier| earlier.name != name);
                set.push(Elsewhere {
                    name,
                    span,
                    is_global: false,
                });
            }
        }
    }
    out
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
            part.args.iter().any(|arg| arg.name.as_str() == name)
                || part
                    .envs
                    .iter()
                    .any(|env| p.envs[*env].name.as_str() == name)
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

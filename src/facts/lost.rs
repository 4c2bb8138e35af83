//! Shell variables that one RUN sets and a later one uses: each RUN is a shell of its own.

use crate::facts::effective;
use crate::facts::model::{LostVariable, Project};
use crate::span::Span;

/// Uses of variables that only an earlier RUN of the stage has set, first use of each in a layer.
pub(crate) fn variables(p: &Project) -> Vec<LostVariable> {
    let mut out = Vec::new();
    for stage in &p.stages {
        let mut set: Vec<(&str, Span)> = Vec::new();
        for layer in &stage.layers {
            let commands = &p.commands[p.layers[*layer].commands.clone()];
            let own: Vec<(&str, Span)> = commands
                .iter()
                .filter(|fact| fact.command.name.as_deref() == Some(""))
                .flat_map(|fact| &fact.command.assignments)
                .map(|assignment| (assignment.name.as_str(), assignment.span))
                .collect();
            if !set.is_empty() && !p.layers[*layer].is_opaque {
                for (name, assigned) in &set {
                    if sets(p, stage.index, name) || may_set(p, *layer, name) {
                        continue;
                    }
                    let used = commands
                        .iter()
                        .find_map(|fact| use_of(&p.text.text, fact.command.span, name));
                    if let Some(span) = used {
                        out.push(LostVariable {
                            layer: *layer,
                            name: (*name).to_owned(),
                            span,
                            assigned: *assigned,
                        });
                    }
                }
            }
            for (name, span) in own {
                set.retain(|(earlier, _)| *earlier != name);
                set.push((name, span));
            }
        }
    }
    out
}

/// ENV, ARG or the base image sets the variable as well.
fn sets(p: &Project, stage: usize, name: &str) -> bool {
    let chain = effective::chain(&p.stages, stage);
    effective::base_may_set(&p.stages, stage, name)
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
fn may_set(p: &Project, layer: usize, name: &str) -> bool {
    p.commands[p.layers[layer].commands.clone()]
        .iter()
        .any(|fact| {
            let command = &fact.command;
            let text = command.span.slice(&p.text.text);
            command
                .assignments
                .iter()
                .any(|assignment| assignment.name == name)
                || matches!(
                    command.name.as_deref(),
                    Some("." | "source" | "eval" | "read" | "export" | "getopts")
                )
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
            let is_quoted = before.matches('\'').count() % 2 == 1 || before.ends_with('\\');
            if !is_longer && !is_quoted {
                let start = span.start + u32::try_from(at).ok()?;
                let end = start + u32::try_from(written.len()).ok()?;
                return Some(Span::new(span.file, start, end));
            }
        }
    }
    None
}

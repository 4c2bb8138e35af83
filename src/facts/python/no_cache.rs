//! How the cache of pip is kept out of a stage: by a flag of each command, or by one variable where these would not
//! be all.

use std::sync::OnceLock;

use crate::facts::build::at;
use crate::facts::build::insert::in_env;
use crate::facts::model::{CacheHabits, CommandFact, Maybe, Project};
use crate::shell::ast::Command;
use crate::span::Span;

const FLAG: &str = " --no-cache-dir";
const VARIABLE: &str = "PIP_NO_CACHE_DIR=1";

/// As many commands ask for a variable.
const MANY: usize = 3;

/// Commands of a stage that get a flag together; with more each is on its own.
const MAX_FLAGS: usize = 64;

/// What is inserted, and where, so that no pip of the stage leaves a cache. Nothing where the variable of a stage
/// before does it.
pub(crate) fn edits(p: &Project, command: usize) -> Vec<(Span, String)> {
    let stage = p.commands[command].stage;
    let habits = habits(p);
    let mut before = at::parts(&p.stages, stage).skip(1);
    if before.any(|stage| habits.variables[stage].is_some()) {
        return Vec::new();
    }
    if let Some(first) = habits.variables[stage] {
        let edit = habits.edits[stage].get_or_init(|| variable(p, first));
        return edit.iter().cloned().collect();
    }
    let file = p.dockerfile.file;
    let pips = match habits.pips[stage].as_slice() {
        many if many.len() > MAX_FLAGS => &[command],
        pips => pips,
    };
    let subcommands = pips
        .iter()
        .filter_map(|i| p.commands[*i].command.subcommand.as_ref())
        .filter(|word| word.span.file == file);
    subcommands
        .map(|word| (Span::point(file, word.span.end), FLAG.to_owned()))
        .collect()
}

/// The first command of the same program in its stage that leaves its cache.
pub(crate) fn first_cache(p: &Project, index: usize) -> Option<usize> {
    let fact = &p.commands[index];
    let key = (fact.stage, fact.command.name.clone()?);
    habits(p).firsts.get(&key).copied()
}

fn habits(p: &Project) -> &CacheHabits {
    p.caches.get_or_init(|| {
        let mut habits = CacheHabits::default();
        habits.pips.resize(p.stages.len(), Vec::new());
        habits.edits.resize(p.stages.len(), OnceLock::new());
        for (index, fact) in p.commands.iter().enumerate() {
            if leaves(p, index) {
                habits.pips[fact.stage].push(index);
            }
            if let (Maybe::Known(true), Some(name)) = (&p.leaves_cache[index], &fact.command.name) {
                let first = habits.firsts.entry((fact.stage, name.clone()));
                first.or_insert(index);
            }
        }
        let stages = 0..p.stages.len();
        let variables = stages.map(|stage| wants_variable(p, stage, &habits));
        habits.variables = variables.collect();
        habits
    })
}

/// A pip that leaves its cache, or may.
fn leaves(p: &Project, command: usize) -> bool {
    is_pip(&p.commands[command].command)
        && matches!(p.leaves_cache[command], Maybe::Known(true) | Maybe::Unknown)
}

/// The first pip of a stage that leaves its cache, where a variable suits it better than flags.
fn wants_variable(p: &Project, stage: usize, habits: &CacheHabits) -> Option<usize> {
    let pips = &habits.pips[stage];
    let mut sure = pips.iter().copied();
    let first = sure.find(|i| p.leaves_cache[*i] == Maybe::Known(true))?;
    if !crate::facts::python::downloads::knows_variable(p, first) {
        return None;
    }
    let all = || {
        let layers = p.stages[stage].layers.iter();
        layers.flat_map(|layer| p.layers[*layer].commands.clone())
    };
    let has_flag = |index: usize| {
        let command = &p.commands[index].command;
        is_pip(command) && command.flag("--no-cache-dir").is_some()
    };
    // The variable stands before the first pip: what a Makefile ran until then is not reached by it.
    let hides = |index: usize| {
        let name = p.commands[index].command.name.as_deref();
        index >= first && matches!(name, Some("pip-sync" | "make"))
    };
    let wants = all().any(hides)
        || pips.iter().any(|i| is_aligned(p, &p.commands[*i]))
        || pips.len() >= MANY && !all().any(has_flag);
    wants.then_some(first)
}

fn is_pip(command: &Command) -> bool {
    command.name.as_deref() == Some("pip")
}

/// Further lines of its words stand below the first one, which an option before it would move.
fn is_aligned(p: &Project, fact: &CommandFact) -> bool {
    let Some(first) = fact.command.operands.first() else {
        return false;
    };
    let file = p.dockerfile.file;
    let span = fact.command.span;
    if first.span.file != file || span.file != file || !span.contains(first.span) {
        return false;
    }
    let before = p
        .text
        .text
        .get(..first.span.start as usize)
        .unwrap_or_default();
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let rest = p.text.slice(Span::new(file, first.span.start, span.end));
    let next = rest.lines().nth(1);
    next.is_some_and(|line| line.len() - line.trim_start().len() == column)
}

/// The variable: beside another one of Python or pip that is set before the command, else before the RUN and what is
/// said above it.
fn variable(p: &Project, command: usize) -> Option<(Span, String)> {
    let fact = &p.commands[command];
    let own = p.layers[fact.layer].instruction;
    let is_like = |i: &&usize| {
        let env = &p.envs[**i];
        let name = env.name.as_str();
        env.instruction < own && (name.starts_with("PYTHON") || name.starts_with("PIP_"))
    };
    if let Some(env) = p.stages[fact.stage].envs.iter().rev().find(is_like) {
        let insert = in_env(p, *env);
        return Some((
            insert.at,
            format!("{}{VARIABLE}{}", insert.before, insert.after),
        ));
    }
    let start = p.dockerfile.instructions.get(own)?.span.start as usize;
    let above = p.text.text.get(..start)?;
    let comments = above.split_inclusive('\n').rev();
    let comments = comments.take_while(|line| line.trim_start().starts_with('#'));
    let at = start - comments.map(str::len).sum::<usize>();
    let at = u32::try_from(at).ok()?;
    Some((
        Span::point(p.dockerfile.file, at),
        format!("ENV {VARIABLE}\n"),
    ))
}

//! What stands behind a command that does not end: behind `exec` it never runs, behind a server only when that ends.

use crate::facts::model::StartFact;
use crate::facts::start::foreground;
use crate::knowledge::programs::is_shell;
use crate::maps::HashMap;
use crate::shell::ast::{Command, Connector, Runs};

/// Notes of each command which one of its script stands before it and does not end.
pub(crate) fn note(starts: &mut [StartFact]) {
    let mut execs: HashMap<Option<usize>, usize> = HashMap::default();
    let mut staying: HashMap<Option<usize>, usize> = HashMap::default();
    for at in 0..starts.len() {
        let own = &starts[at];
        let before = |first: Option<&usize>| {
            first
                .copied()
                .filter(|first| is_before(&starts[*first], own))
        };
        let (exec, foreground) = (
            before(execs.get(&own.script)),
            before(staying.get(&own.script)),
        );
        if is_exec(&own.command) {
            execs.entry(own.script).or_insert(at);
        } else if stays(&own.command) {
            staying.entry(own.script).or_insert(at);
        }
        let own = &mut starts[at];
        (own.behind_exec, own.behind_foreground) = (exec, foreground);
    }
}

/// It takes the place of the shell that reads it.
fn is_exec(command: &Command) -> bool {
    let wrappers = own_wrappers(command);
    wrappers.first().is_some_and(|name| name == "exec")
        && command.name.as_deref().is_some_and(|name| !name.is_empty())
        && is_certain(command)
}

fn stays(command: &Command) -> bool {
    foreground::stays(command)
        && !command
            .wrappers
            .iter()
            .any(|name| name == "exec" || name == "start-stop-daemon")
        && is_certain(command)
}

/// It runs at every start, and the shell waits for it.
fn is_certain(command: &Command) -> bool {
    command.runs == Runs::Always
        && !command.is_condition
        && !command.is_background
        && !command.is_substitution
        && command.function.is_none()
        && command.pipeline.1 <= 1
}

/// What runs it within the shell that reads it.
fn own_wrappers(command: &Command) -> &[String] {
    let shell = command.wrappers.iter().rposition(|name| is_shell(name));
    &command.wrappers[shell.map_or(0, |at| at + 1)..]
}

/// `own` stands behind it, and the same shell reads both.
fn is_before(start: &StartFact, own: &StartFact) -> bool {
    let (command, other) = (&start.command, &own.command);
    let shells = |command: &Command| {
        command
            .wrappers
            .iter()
            .filter(|name| is_shell(name))
            .count()
    };
    // Of several `sh -c` in a script, each has a shell of its own.
    let is_same_shell = match start.script {
        Some(_) => shells(command) == 0,
        None => shells(command) == shells(other),
    };
    is_same_shell
        && other.function.is_none()
        && !other.is_substitution
        && other.pipeline.0 == 0
        && other.connector != Connector::Or
}

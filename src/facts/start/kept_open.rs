//! What keeps a container open in the place of what it is there for: `tail -f` before servers in the background, a loop
//! of the shell.

use crate::facts::model::{Project, StartFact};
use crate::facts::start::{foreground, written};
use crate::knowledge::programs::{self, Role};
use crate::shell::ast::{Arg, Command, Connector, Runs};

/// The servers and workers in the background before a command that only keeps the container open, where the shell does
/// nothing on a signal.
pub(crate) fn left_alone(starts: &[StartFact], at: usize) -> Vec<&StartFact> {
    let own = &starts[at].command;
    let is_placeholder = matches!(own.name.as_deref(), Some("tail" | "sleep"))
        && foreground::stays(own)
        && !own.is_background
        && own.runs == Runs::Always
        && own.pipeline.1 <= 1
        && own.function.is_none();
    if !is_placeholder || may_trap(starts.iter()) {
        return Vec::new();
    }
    let serves = |start: &&StartFact| {
        let command = &start.command;
        let is_beside = command.is_background && foreground::stays(command);
        command.runs == Runs::Always
            && command.function.is_none()
            && (is_beside || foreground::goes_to_background(command))
    };
    starts[..at].iter().filter(serves).collect()
}

/// The test of a loop of the shell that never ends and does some work, where the shell does nothing on a signal.
pub(crate) fn loops_for_good(p: &Project, image: usize, starts: &[StartFact], at: usize) -> bool {
    let own = &starts[at].command;
    let is_endless = own.is_condition
        && own.loop_depth == 1
        && never_ends(p, image, own)
        && !own.is_background
        && own.function.is_none()
        && own.connector == Connector::Sequence
        && own.pipeline.1 <= 1;
    if !is_endless || may_trap(starts.iter()) {
        return false;
    }
    // What stays in the foreground before it is what runs.
    let holds = |start: &StartFact| {
        let command = &start.command;
        !command.is_background && foreground::stays(command)
    };
    if starts[..at].iter().any(holds) {
        return false;
    }
    let inside = starts[at + 1..].iter();
    let body: Vec<&Command> = inside
        .map(|start| &start.command)
        .take_while(|command| command.loop_depth >= 1)
        .collect();
    let leaves = |command: &&Command| {
        let name = command.name.as_deref();
        name.is_none_or(|name| programs::is(name, Role::GivesUp) || name == "exit")
            || command.wrappers.iter().any(|name| name == "exec")
            || command.is_background
    };
    let works = |command: &&Command| {
        let name = command.name.as_deref().unwrap_or_default();
        let is_idle = name.is_empty() || name == "sleep" || programs::is(name, Role::Quiet);
        !is_idle && !command.is_substitution
    };
    !body.iter().any(leaves) && body.iter().any(works)
}

/// `while true`, `until false`, with nothing between.
fn never_ends(p: &Project, image: usize, test: &Command) -> bool {
    let keyword = match test.name.as_deref() {
        Some("true" | ":") => "while",
        Some("false") => "until",
        _ => return false,
    };
    let before = written::before(p, image, test.span);
    before.is_some_and(|before| before.trim_end().ends_with(keyword))
}

/// A command may set a trap: `trap` itself, a file that the shell reads, a word that is not known.
pub(crate) fn may_trap<'a>(mut starts: impl Iterator<Item = &'a StartFact>) -> bool {
    starts.any(|start| {
        let name = start.command.name.as_deref();
        let is_shell_of_name = |arg: &Arg| arg.as_str().is_none();
        matches!(name, None | Some("trap" | "." | "source" | "eval"))
            || name.is_some_and(programs::is_shell)
                && start.command.args.iter().any(is_shell_of_name)
    })
}

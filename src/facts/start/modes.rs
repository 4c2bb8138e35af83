//! What `chmod` makes of the mode of a file, as far as the commands of a stage say.

use crate::facts::build::at;
use crate::facts::model::{CommandFact, Project};
use crate::shell::ast::{Arg, Command};
use crate::source::is_in;
use crate::span::Span;

/// A command that may change the mode of a file.
pub(crate) struct Change<'a> {
    pub(crate) command: &'a Command,
    /// The mode, for `chmod` of a mode that is known.
    pub(crate) mode: Option<&'a str>,
    /// It names the file itself.
    pub(crate) is_named: bool,
}

/// What the last command says that changes the mode of a file, and its mode; nothing where none does. `None` where one
/// says something else than `read` knows. What `leaves` modes as they are is passed over.
pub(crate) fn last<T>(
    p: &Project,
    stage: usize,
    path: &str,
    leaves: impl Fn(&Command) -> bool,
    read: impl Fn(&Change<'_>) -> Option<T>,
) -> Option<Option<(T, Span)>> {
    let mut found = None;
    let own = |fact: &&CommandFact| at::is_part(&p.stages, fact.stage, stage);
    for fact in p.commands.iter().filter(own) {
        let command = &fact.command;
        if leaves(command) || !concerns(p, fact, path)? {
            continue;
        }
        let first = command.operands.first()?;
        let words = command.operands.iter().skip(1).filter_map(Arg::as_str);
        let mut named = words.filter_map(|word| at::path_of(p, fact, word));
        let is_chmod = command.name.as_deref() == Some("chmod");
        let change = Change {
            command,
            mode: first.as_str().filter(|_| is_chmod),
            is_named: named.any(|word| word == path),
        };
        found = Some((read(&change)?, first.span));
    }
    Some(found)
}

/// A command names a file: by its name, by that of a directory around it, or by a pattern.
fn concerns(p: &Project, fact: &CommandFact, path: &str) -> Option<bool> {
    let (directory, name) = path.rsplit_once('/')?;
    let place = |text: &str| at::path_of(p, fact, text);
    let is_above = |text: &str| {
        matches!(text, "" | ".") || place(text).is_some_and(|it| is_in(directory, &it))
    };
    // `uvicorn[standard]` is no pattern of files elsewhere.
    let may_match = |text: &str| {
        let head = text.find(['?', '[']).map(|at| place(&text[..at]));
        let is_before = head.is_some_and(|head| head.is_none_or(|head| path.starts_with(&head)));
        text.contains('*') || is_before
    };
    let mut args = fact.command.args.iter();
    Some(args.any(|arg| {
        arg.as_str().is_none_or(|text| {
            let text = text.trim_end_matches('/');
            text.contains(name) || may_match(text) || is_above(text)
        })
    }))
}

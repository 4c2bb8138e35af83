//! What `chmod` makes of the mode of a file, as far as the commands of a stage say.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::model::{CommandFact, CopyFact, CopyFrom, Project};
use crate::shell::ast::{Arg, Command};
use crate::source::{Entry, is_in, join, normalize};
use crate::span::Span;

/// A command that may change the mode of a file.
pub(crate) struct Change<'a> {
    pub(crate) command: &'a Command,
    /// The mode, for `chmod` of a mode that is known.
    pub(crate) mode: Option<&'a str>,
    /// It names the file itself.
    pub(crate) is_named: bool,
}

/// A directory of the build context that nobody but its owner can enter in the image: the mode of a COPY counts for
/// directories as well. Nothing where a later command of the stage changes modes.
pub(crate) fn closed_directory(p: &Project, copy: &CopyFact) -> Option<String> {
    let mode = copy.chmod.as_ref()?.as_deref()?;
    let mode = u32::from_str_radix(mode, 8).ok()?;
    // Whom the files belong to may be whom the container runs as.
    let needed = if copy.chown.is_some() { 0o111 } else { 0o011 };
    if mode & needed != 0 || copy.from != CopyFrom::Context || copy.keyword == Keyword::Add {
        return None;
    }
    let changes = |fact: &CommandFact| {
        let name = fact.command.name.as_deref();
        fact.stage == copy.stage
            && fact.layer > copy.layer
            && name.is_none_or(|name| name == "chmod")
    };
    if p.commands.iter().any(changes) {
        return None;
    }
    let context = &p.around.context;
    let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
    sources.find_map(|text| {
        let source = normalize(text.as_str().trim_matches('/'))?;
        let names = context.list(&source)?;
        let inside = names.iter().map(|name| join(&source, name));
        let mut directories = inside.filter(|path| context.entry(path) == Entry::Directory);
        directories.find(|path| context.ignored_by(path).is_none())
    })
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

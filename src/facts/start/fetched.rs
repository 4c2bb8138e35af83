//! Scripts that ADD fetches from an address: it makes them readable for root alone, and whoever starts them as another
//! user needs to read them.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::model::Project;
use crate::facts::start::modes::{self, Change};
use crate::facts::start::user;
use crate::knowledge::programs;
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{Arg, Command};
use crate::span::Span;

/// A script that its user may not read.
pub(crate) struct Unreadable {
    /// By its path in the image.
    pub(crate) path: String,
    pub(crate) user: String,
    /// The mode that a `chmod` gives it, which others may not read either.
    pub(crate) mode: Option<Span>,
}

/// The script that an ADD fetches, where what starts in an image as another user than root needs to read it.
pub(crate) fn unreadable(p: &Project, copy: usize) -> Option<Unreadable> {
    let fact = &p.copies[copy];
    let [(_, Some(source))] = &fact.sources[..] else {
        return None;
    };
    let address = source.as_str().split(['?', '#']).next()?;
    let is_fetched = fact.keyword == Keyword::Add
        && (address.starts_with("https://") || address.starts_with("http://"))
        && !address.ends_with(".git");
    let name = address.rsplit('/').next()?;
    if !is_fetched || !name.ends_with(".sh") || fact.chmod.is_some() || fact.chown.is_some() {
        return None;
    }
    let target = fact.target.as_deref()?;
    let written = fact.destination.1.as_ref()?.as_str();
    let path = match written.ends_with('/') || written == "." {
        true => format!("{}/{name}", target.trim_end_matches('/')),
        false => target.to_owned(),
    };
    let mode = mode_of(p, fact.stage, &path)?;
    (0..p.images.len()).find_map(|image| {
        let is_part = at::is_part(&p.stages, fact.stage, p.images[image].stage);
        let user = user::not_root(p, image, None).filter(|_| is_part && starts(p, image, &path))?;
        Some(Unreadable {
            path: path.clone(),
            user,
            mode,
        })
    })
}

/// What `chmod` makes of a path, where nobody but its owner, root, may read it after that; nothing where another one
/// may, or that is not known.
fn mode_of(p: &Project, stage: usize, path: &str) -> Option<Option<Span>> {
    let leaves = |command: &Command| matches!(command.name.as_deref(), Some("sha256sum" | "ls"));
    let is_closed = |change: &Change<'_>| {
        let mode = change.mode?;
        OptionWords::ExecutableOnly.contains(mode).then_some(())
    };
    let mode = modes::last(p, stage, path, leaves, is_closed)?;
    Some(mode.map(|((), span)| span))
}

/// The image starts a script by its path, by its name on the search path, or hands it to a shell.
fn starts(p: &Project, image: usize, path: &str) -> bool {
    let fact = &p.images[image];
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_searched = directory == "/usr/local/bin" || directory == "/usr/bin";
    let is_it = |text: &str| text == path || is_searched && text == name;
    let runs = |command: &Command| {
        let is_shell = command.name.as_deref().is_some_and(programs::is_shell);
        let first = command.args.first().and_then(Arg::as_str);
        command.program.as_deref().is_some_and(is_it)
            || command.wrappers.iter().any(|it| is_it(it))
            || is_shell && first.is_some_and(is_it)
    };
    let first = fact.words.first();
    first.is_some_and(|word| is_it(word.as_str()))
        || fact.scripts.iter().any(|script| script.path == path)
        || fact.starts.iter().any(|start| runs(&start.command))
}

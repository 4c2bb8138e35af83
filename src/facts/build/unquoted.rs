//! Versions that the shell takes for redirections: `pip install django>=4` writes a file `=4`.

use crate::shell::ast::{Arg, Command, Redirect};
use crate::span::Span;

/// The words of an install that a redirection touches which was meant as a version: the place of all of it.
pub(crate) fn versions(command: &Command) -> Vec<Span> {
    let touched = command.operands.iter().filter(|arg| !arg.is_quoted);
    touched
        .filter_map(|arg| with_version(command, arg))
        .collect()
}

/// A word and the redirections that follow it without a space, when one of them reads like a version.
pub(crate) fn with_version(command: &Command, arg: &Arg) -> Option<Span> {
    let mut whole = arg.word;
    let mut is_version = false;
    while let Some(next) = command
        .redirects
        .iter()
        .find(|redirect| redirect.span.file == whole.file && redirect.span.start == whole.end)
    {
        is_version |= reads_like_version(next);
        whole = whole.cover(next.span);
    }
    is_version.then_some(whole)
}

fn reads_like_version(redirect: &Redirect) -> bool {
    let Some(target) = &redirect.target else {
        return false;
    };
    let text = target.as_str().unwrap_or(&target.prefix);
    let bare = text.strip_prefix('=').unwrap_or(text);
    matches!(redirect.operator.as_str(), ">" | "<")
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && (text.starts_with('=') || text.contains('.') || redirect.operator == "<")
}

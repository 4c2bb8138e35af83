//! What programs leave in a file system that write where they stand, or where they are told to.
//!
//! Their options are not read one by one: every word may be a place. What is left over is said to be
//! generated, never missing.

use crate::context::image::{ImageFs, absolute};
use crate::knowledge::programs::{self, Role};
use crate::shell::ast::{Arg, Command};
use crate::span::Span;

/// Marks what a command may have written. A program that is not known may write anything.
pub(crate) fn mark(command: &Command, directory: Option<&str>, fs: &mut ImageFs, span: Span) {
    let writes = command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::Writes));
    let Some(directory) = directory.filter(|_| writes) else {
        fs.unknown_all(span);
        return;
    };
    let is_at_top = directory == "/";
    if !is_at_top {
        fs.opaque(directory, span);
    }
    let mut is_told = false;
    for arg in &command.args {
        match arg.as_str() {
            Some(text) => is_told |= word(text, directory, fs, span),
            None => unknown(arg, fs, span),
        }
    }
    let unpacks = command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::Unpacks));
    if is_at_top && unpacks && !is_told {
        fs.opaque("/", span);
    }
}

/// A word that may name what is written; whether it names a directory elsewhere.
fn word(text: &str, directory: &str, fs: &mut ImageFs, span: Span) -> bool {
    if let Some((_, name)) = text.rsplit_once("://") {
        // What is fetched gets the last name of its address.
        if directory == "/" {
            let name = name.split(['?', '#']).next().unwrap_or(name);
            let name = name.trim_end_matches('/').rsplit('/').next();
            let name = name.unwrap_or_default();
            let cut = name.strip_suffix(".git").unwrap_or(name);
            for name in [name, cut] {
                fs.opaque(&absolute("/", name), span);
            }
        }
        return false;
    }
    // `--prefix=/opt`, `-C/opt`, `of=/file`
    let place = match text.split_once('=') {
        Some((_, place)) => place,
        None if text.starts_with('-') => text.find('/').map_or("", |at| &text[at..]),
        None => text,
    };
    if place.starts_with('~') {
        fs.opaque("/root", span);
        fs.opaque("/home", span);
        return true;
    }
    if place.is_empty() || place.starts_with('-') {
        return false;
    }
    if place == "/" {
        fs.opaque("/", span);
        return true;
    }
    let place = absolute(directory, place);
    if place != "/" {
        fs.opaque(&place, span);
    }
    text.starts_with('/') || text.contains("=/") || text.starts_with("-C/")
}

/// A word that is not known, but perhaps how it begins.
fn unknown(arg: &Arg, fs: &mut ImageFs, span: Span) {
    let prefix = arg.prefix.as_str();
    let prefix = prefix.split_once('=').map_or(prefix, |(_, place)| place);
    match prefix.rfind('/') {
        Some(at) if prefix.starts_with('/') && at > 0 => fs.opaque(&prefix[..at], span),
        _ => fs.unknown_all(span),
    }
}

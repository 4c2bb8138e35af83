//! The commands that `find` runs: `find /code -name '*.sh' -exec chmod +x {} +`.

use super::ast::{Arg, Command};
use crate::span::Span;

/// The words of each `-exec`, their place, and the programs that run them. The files that are found
/// are not known, only the directory that they lie in.
pub(super) fn of_find(command: &Command) -> Vec<(Vec<Arg>, Span, Vec<String>)> {
    if command.name.as_deref() != Some("find") {
        return Vec::new();
    }
    let is_start = |arg: &&Arg| !arg.prefix.starts_with(['-', '(', '!']);
    let starts: Vec<&Arg> = command.args.iter().take_while(is_start).collect();
    let below = match starts.as_slice() {
        [] => "./".to_owned(),
        [one] => one
            .as_str()
            .map(|path| format!("{}/", path.trim_end_matches('/')))
            .unwrap_or_default(),
        _ => String::new(),
    };
    let mut wrappers = command.wrappers.clone();
    wrappers.push("find".to_owned());
    let mut found = Vec::new();
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        if !matches!(arg.as_str(), Some("-exec" | "-execdir" | "-ok" | "-okdir")) {
            continue;
        }
        let words: Vec<Arg> = args
            .by_ref()
            .take_while(|arg| !matches!(arg.as_str(), Some(";" | "+")))
            .map(|arg| match arg.as_str() {
                Some("{}") => Arg {
                    text: None,
                    prefix: below.clone(),
                    ..arg.clone()
                },
                _ => arg.clone(),
            })
            .collect();
        let span = words.iter().map(|arg| arg.word).reduce(Span::cover);
        if let Some(span) = span {
            found.push((words, span, wrappers.clone()));
        }
    }
    found
}

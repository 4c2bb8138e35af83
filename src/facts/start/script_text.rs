//! The text of start scripts as a shell reads it: marks and line ends that editors on Windows write, and how far a
//! shell gets.

use crate::facts::model::ScriptFact;
use crate::knowledge::programs::is_shell;
use crate::shell::ast::{Arg, Command};
use crate::shell::reserved;
use crate::shell::{self, Dialect, Options, ShellError};
use crate::span::Traced;

/// Lines behind which a shell may have ended that are tried.
const MAX_ENDS: usize = 10;
/// Longest text of which this is asked, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// The text without what only keeps shells from reading it, so that each fault is one finding: carriage returns, and
/// the line that a byte order mark spoils.
pub(crate) fn readable(text: &Traced) -> Traced {
    let raw = text.as_str();
    let from = match raw.strip_prefix('\u{feff}') {
        Some(rest) => raw.len() - rest.len() + rest.find('\n').unwrap_or(rest.len()),
        None => 0,
    };
    if from == 0 && !raw.contains("\r\n") {
        return text.clone();
    }
    let mut out = Traced::empty(text.span_of(from..from));
    let mut at = from;
    for line in raw[from..].split_inclusive('\n') {
        match line.strip_suffix("\r\n") {
            Some(kept) => {
                out.push_slice(text, at..at + kept.len());
                out.push_slice(text, at + kept.len() + 1..at + line.len());
            }
            None => out.push_slice(text, at..at + line.len()),
        }
        at += line.len();
    }
    out
}

/// The errors that a shell comes to: it reads line by line, and nothing behind an `exec` or `exit` that certainly runs.
pub(crate) fn reached(text: &Traced, dialect: Dialect, errors: &[ShellError]) -> Vec<ShellError> {
    let is_limit = errors.iter().any(|error| error.is_limit);
    if errors.is_empty() || is_limit || text.len() > MAX_TEXT {
        return errors.to_vec();
    }
    let mut at = 0;
    let mut tried = 0;
    for line in text.as_str().split_inclusive('\n') {
        at += line.len();
        let code = line.trim_end();
        let ends = code == "exit" || code.starts_with("exit ") || code.starts_with("exec ");
        let is_continued = code.ends_with(['\\', '|', '&']) && !code.ends_with("&&");
        // `exec >log` only redirects.
        let redirects = code.strip_prefix("exec ").is_some_and(|rest| {
            rest.trim_start()
                .starts_with(['<', '>', '&', '1', '2', '3'])
        });
        if !ends || is_continued || redirects || code.contains("||") || code.contains("&&") {
            continue;
        }
        tried += 1;
        if tried > MAX_ENDS {
            break;
        }
        if shell::parse(&text.slice(0..at), dialect).errors.is_empty() {
            return Vec::new();
        }
    }
    errors.to_vec()
}

/// A shell that reads lines with carriage returns at their ends stops: in a compound command, or at `set -e\r`. Other
/// commands run, with a carriage return in their last word (tried with dash 0.5.12, bash 5.2, BusyBox 1.35).
pub(crate) fn stops_at_carriage_returns(text: &str, dialect: Dialect) -> bool {
    let mut is_open = false;
    for line in text.split('\n') {
        let Some(code) = line.strip_suffix('\r').map(str::trim) else {
            continue;
        };
        if code.starts_with('#') {
            continue;
        }
        let first = code.split_whitespace().next().unwrap_or_default();
        let last = code.rsplit(|c: char| c.is_whitespace() || c == ';').next();
        is_open |= reserved::opens(first);
        if is_open && last.is_some_and(reserved::goes_on) {
            return true;
        }
        let stops = match dialect {
            Dialect::Bash => code.ends_with("pipefail") || code.ends_with("() {"),
            Dialect::Posix | Dialect::BusyBox => true,
        };
        if stops && (first == "set" && code != "set" || code.ends_with("() {")) {
            return dialect == Dialect::Bash || first == "set";
        }
    }
    false
}

/// A shell that reads its script from a pipe or a file.
pub(crate) fn reads_unknown(command: &Command) -> bool {
    let is_given = command.pipeline.0 > 0
        || command
            .redirects
            .iter()
            .any(|redirect| redirect.operator.starts_with('<'));
    is_given && command.operands.is_empty() && command.name.as_deref().is_some_and(is_shell)
}

/// The options and arguments that a script starts with; `is_errexit`: it is sourced where `set -e` holds.
pub(crate) fn options(fact: &ScriptFact, command: &Command, is_errexit: bool) -> Options {
    let mut options = match &fact.shebang {
        Some(shebang) if !fact.is_interpreted => shebang.options(),
        _ => Options {
            errexit: fact.is_interpreted && command.flag("-e").is_some(),
            ..Options::default()
        },
    };
    options.errexit |= is_errexit;
    let args: &[Arg] = if fact.is_interpreted {
        let from = command.operands.first().map(|first| first.span);
        let at = command.args.iter().position(|arg| Some(arg.span) == from);
        at.and_then(|at| command.args.get(at + 1..)).unwrap_or(&[])
    } else {
        &command.args
    };
    options.args = args.iter().map(|arg| arg.text.clone()).collect();
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Span};

    fn traced(text: &str) -> Traced {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Traced::new(text, Span::new(FileId(0), 0, end))
    }

    #[test]
    fn carriage_returns_and_marks_are_read_past() {
        let text = traced("\u{feff}#!/bin/sh\r\nset -e\r\nexec x\r\n");
        let read = readable(&text);
        assert_eq!(read.as_str(), "\nset -e\nexec x\n");
        let at = read.as_str().find("exec").unwrap_or_default();
        assert_eq!(read.span_of(at..at + 4).slice(text.as_str()), "exec");
        assert_eq!(readable(&traced("a\nb")), traced("a\nb"));
    }

    #[test]
    fn a_shell_reads_up_to_what_ends_it() {
        let errors = |text: &str| {
            let text = traced(text);
            let script = shell::parse(&text, Dialect::Posix);
            assert!(!script.errors.is_empty(), "{}", text.as_str());
            reached(&text, Dialect::Posix, &script.errors).len()
        };
        assert_eq!(errors("exec gunicorn app\nif true; then\n"), 0);
        assert!(errors("exec >/log\nif true; then\n") > 0);
        assert!(errors("if true; then\nexec gunicorn app\n") > 0);
    }

    #[test]
    fn carriage_returns_stop_a_shell_in_compound_commands() {
        let stops = stops_at_carriage_returns;
        assert!(stops("if true; then\r\n a\r\nfi\r\n", Dialect::Bash));
        assert!(stops("set -e\r\na\r\n", Dialect::Posix));
        assert!(!stops("set -e\r\na\r\n", Dialect::Bash));
        assert!(stops("set -euo pipefail\r\na\r\n", Dialect::Bash));
        assert!(!stops("# if then\r\necho in\r\nexec a\r\n", Dialect::Posix));
    }
}

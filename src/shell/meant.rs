//! Which program a command line means: `pip` for `sudo -E /venv/bin/python3 -m pip`.
//!
//! Peels the programs that only run others, and finds the scripts handed to other shells.

use super::Dialect;
use super::ast::{Arg, Assignment};
use super::grammar::{self, Parsed};
use crate::span::{Span, Traced};

/// A command line as meant.
#[derive(Debug, Default)]
pub(super) struct Meant {
    pub(super) wrappers: Vec<String>,
    /// See [`super::ast::Command::runners`].
    pub(super) runners: Vec<Traced>,
    pub(super) run_as: Option<Arg>,
    /// Those of `env`.
    pub(super) assignments: Vec<Assignment>,
    /// More arguments come from standard input.
    pub(super) has_more: bool,
    /// See [`super::ast::Command::name`].
    pub(super) name: Option<String>,
    pub(super) program: Option<String>,
    /// Index of the word that names the program.
    pub(super) at: usize,
    /// Index behind the words that name it.
    pub(super) end: usize,
    pub(super) script: Option<Handed>,
}

/// A script handed to a shell as an argument.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) text: Traced,
    /// `None` for `eval`: it runs in the shell that reads it.
    pub(super) shell: Option<Shell>,
    /// Arguments behind the script; `None` when one of them is not known.
    pub(super) args: Option<Vec<Traced>>,
}

#[derive(Debug)]
pub(super) struct Shell {
    pub(super) dialect: Dialect,
    pub(super) errexit: bool,
    pub(super) pipefail: bool,
}

impl Shell {
    fn new(dialect: Dialect, options: &Parsed) -> Self {
        let is_set = |letter: &str, word: &str| {
            options.flags.iter().any(|flag| {
                let value = flag.value.as_ref().and_then(Arg::as_str);
                flag.name == letter || (flag.name == "-o" && value == Some(word))
            })
        };
        Self {
            dialect,
            errexit: is_set("-e", "errexit"),
            pipefail: is_set("", "pipefail"),
        }
    }
}

/// The dialect of a shell named as meant; `None` when it is no shell.
pub(crate) fn shell_dialect(name: &str) -> Option<Dialect> {
    match name {
        "sh" | "dash" | "ksh" => Some(Dialect::Posix),
        "ash" => Some(Dialect::BusyBox),
        "bash" | "rbash" | "zsh" => Some(Dialect::Bash),
        _ => None,
    }
}

/// The text that names a program: all of it, or what is known behind an unknown directory.
fn naming(arg: &Arg) -> Option<&str> {
    match arg.as_str() {
        Some(text) => Some(text),
        None => arg.suffix.contains('/').then_some(arg.suffix.as_str()),
    }
}

pub(super) fn resolve(args: &[Arg]) -> Meant {
    let mut meant = Meant::default();
    loop {
        let at = meant.at;
        let Some(arg) = args.get(at) else {
            return meant;
        };
        meant.end = at + 1;
        meant.program = arg.as_str().map(str::to_owned);
        let Some(text) = naming(arg) else {
            meant.name = None;
            return meant;
        };
        let name = grammar::program(text);
        meant.name = Some(name.to_owned());
        let rest = &args[at + 1..];
        if wraps(&mut meant, name, name, rest, at + 1) {
            meant.runners.extend(arg.text.clone());
            continue;
        }
        if grammar::has_wrapping_subcommand(name)
            && let Some(operand) = grammar::first_operand(name, rest)
            && let Some(subcommand) = rest.get(operand).and_then(Arg::as_str)
        {
            let behind = at + 1 + operand + 1;
            let full = [name, " ", subcommand].concat();
            if wraps(&mut meant, &full, &full, &args[behind..], behind) {
                meant.runners.extend(arg.text.clone());
                continue;
            }
        }
        if name == "python" && python(&mut meant, args) {
            continue;
        }
        meant.script = handed(&mut meant, rest);
        return meant;
    }
}

/// Steps over a wrapper; `from` is the index of `rest` in all the arguments.
fn wraps(meant: &mut Meant, key: &str, name: &str, rest: &[Arg], from: usize) -> bool {
    let Some(wrapper) = grammar::wrapper(key) else {
        return false;
    };
    let Some(read) = wrapper.read(rest) else {
        return false;
    };
    let mut at = read.at;
    let mut assignments = Vec::new();
    if wrapper.assignments {
        while let Some(assignment) = rest.get(at).and_then(assignment) {
            assignments.push(assignment);
            at += 1;
        }
    }
    if at >= rest.len() {
        return false;
    }
    meant.assignments.append(&mut assignments);
    meant.wrappers.push(name.to_owned());
    if read.run_as.is_some() {
        meant.run_as = read.run_as;
    }
    meant.has_more |= wrapper.stdin;
    meant.at = from + at;
    true
}

/// `NAME=value` as an argument of `env`.
fn assignment(arg: &Arg) -> Option<Assignment> {
    let text = arg.as_str().unwrap_or(&arg.prefix);
    let equals = text.find('=')?;
    let name = &text[..equals];
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    if !is_name {
        return None;
    }
    Some(Assignment {
        name: name.to_owned(),
        name_span: arg
            .text
            .as_ref()
            .map_or(arg.span, |text| text.span_of(0..equals)),
        value: arg
            .text
            .as_ref()
            .map(|text| text.slice(equals + 1..text.len())),
        span: arg.span,
    })
}

/// `python -m pip`, `python -m debugpy manage.py`, `python /venv/bin/pip`: names the program behind
/// it. `true` when another command line follows.
fn python(meant: &mut Meant, args: &[Arg]) -> bool {
    let from = meant.at + 1;
    let rest = &args[from..];
    let parsed = grammar::parse("python", rest);
    let last = parsed.flags.last().filter(|flag| flag.written == "-m");
    if let Some(module) = last.and_then(|flag| flag.value.as_ref()) {
        let Some(text) = module.as_str() else {
            return false;
        };
        let full = ["python -m ", text].concat();
        let behind = from + parsed.read;
        if wraps(meant, &full, &full, &args[behind..], behind) {
            return true;
        }
        let next = rest.get(parsed.read).and_then(Arg::as_str);
        if let Some((name, words)) = grammar::module(text, next) {
            meant.name = Some(name.to_owned());
            meant.end = behind + words - 1;
        }
        return false;
    }
    if let Some(script) = rest.get(parsed.read).and_then(naming) {
        let name = grammar::program(script);
        if script.contains('/') && !script.ends_with(".py") && grammar::grammar(name).is_some() {
            meant.name = Some(name.to_owned());
            meant.end = from + parsed.read + 1;
        }
    }
    false
}

/// The script of `sh -c`, `su -c`, `eval`.
fn handed(meant: &mut Meant, rest: &[Arg]) -> Option<Handed> {
    let name = meant.name.as_deref()?;
    if name == "eval" {
        let mut words = rest.iter();
        let mut text = words.next()?.text.clone()?;
        for word in words {
            let word = word.text.as_ref()?;
            let place = word.span();
            text.push(" ", Span::point(place.file, place.start));
            text.push_traced(word);
        }
        return Some(Handed {
            text,
            shell: None,
            args: None,
        });
    }
    if name == "env" {
        return split_string(rest);
    }
    let is_su = name == "su" || name == "runuser";
    let dialect = if is_su {
        Some(Dialect::Posix)
    } else {
        shell_dialect(name)
    }?;
    let parsed = grammar::parse(name, rest);
    let flag = parsed.flags.iter().find(|flag| flag.name == "-c")?;
    let text = flag.value.as_ref()?.text.clone()?;
    let mut behind: Option<Vec<Traced>> = None;
    if is_su {
        let user = parsed
            .operands
            .iter()
            .find(|operand| operand.as_str() != Some("-"));
        meant.run_as = user.cloned();
    } else {
        let args = rest.get(parsed.read..).unwrap_or_default();
        behind = args.iter().skip(1).map(|arg| arg.text.clone()).collect();
    }
    Some(Handed {
        text,
        shell: Some(Shell::new(dialect, &parsed)),
        args: behind,
    })
}

/// `env -S 'X=1 program args'`: words as a shell splits them, without operators.
fn split_string(rest: &[Arg]) -> Option<Handed> {
    let (first, more) = rest.split_first()?;
    let text = first.text.as_ref()?;
    let (mut text, more) = match text.as_str() {
        "-S" | "--split-string" => (more.first()?.text.clone()?, more.get(1..)?),
        joined => {
            let value = ["--split-string=", "-S"]
                .iter()
                .find_map(|flag| joined.strip_prefix(flag))?;
            (text.slice(text.len() - value.len()..text.len()), more)
        }
    };
    for word in more {
        let word = word.text.as_ref()?;
        let place = word.span();
        text.push(" ", Span::point(place.file, place.start));
        text.push_traced(word);
    }
    let is_plain = !text
        .as_str()
        .contains([';', '&', '|', '<', '>', '(', '`', '#', '\n']);
    is_plain.then(|| Handed {
        text,
        shell: Some(Shell {
            dialect: Dialect::Posix,
            errexit: false,
            pipefail: false,
        }),
        args: Some(Vec::new()),
    })
}

/// The script that a shell without one among its arguments reads from a heredoc.
pub(super) fn from_heredoc(meant: &Meant, rest: &[Arg], script: &Traced) -> Option<Handed> {
    let name = meant.name.as_deref()?;
    let dialect = shell_dialect(name)?;
    let parsed = grammar::parse(name, rest);
    let is_plain = |operand: &Arg| matches!(operand.as_str(), Some("-" | "-s"));
    let has_script = parsed.flags.iter().any(|flag| flag.name == "-c");
    if has_script || !rest.get(parsed.read..)?.iter().all(is_plain) {
        return None;
    }
    Some(Handed {
        text: script.clone(),
        shell: Some(Shell::new(dialect, &parsed)),
        args: Some(Vec::new()),
    })
}

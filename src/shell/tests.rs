//! Tests of the shell front end: one line of text for each command found.

use super::ast::{Arg, Command};
use super::{Dialect, Options, Script, Var, Variables, parse};
use crate::span::{FileId, Span, Traced};

const FILE: FileId = FileId(0);

/// An environment written down as a list: `X=1` is known, `?X` unknown, all else unset.
struct Outer(&'static [&'static str]);

impl Variables for Outer {
    fn get(&self, name: &str) -> Var {
        for entry in self.0 {
            if entry.strip_prefix('?') == Some(name) {
                return Var::Unknown;
            }
            if let Some((key, value)) = entry.split_once('=')
                && key == name
            {
                return Var::Known(Traced::new(
                    value,
                    Span::new(FileId(1), 0, value.len() as u32),
                ));
            }
        }
        Var::Unset
    }
}

fn traced(text: &str) -> Traced {
    Traced::new(text, Span::new(FILE, 0, text.len() as u32))
}

fn script(text: &str, dialect: Dialect) -> Script {
    parse(&traced(text), dialect)
}

fn commands(text: &str) -> Vec<Command> {
    script(text, Dialect::Posix).commands(&Outer(&[]), &Options::default())
}

fn arg(arg: &Arg) -> String {
    match arg.as_str() {
        Some(text) if text.is_empty() || text.contains(' ') => format!("'{text}'"),
        Some(text) => text.to_owned(),
        None => format!("{}?{}", arg.prefix, arg.suffix),
    }
}

/// `wrapper>name(subcommand) --flag=value operand`
fn show(command: &Command) -> String {
    let mut out = String::new();
    for wrapper in &command.wrappers {
        out += &format!("{wrapper}>");
    }
    out += command.name.as_deref().unwrap_or("?");
    if command.runs_arguments {
        out += "@";
    }
    if let Some(management) = &command.management {
        out += &format!("[{}]", arg(management));
    } else if let Some(subcommand) = &command.subcommand {
        out += &format!("({})", arg(subcommand));
    }
    for flag in &command.flags {
        out += &format!(" {}", flag.name);
        if let Some(value) = &flag.value {
            out += &format!("={}", arg(value));
        }
    }
    for operand in &command.operands {
        out += &format!(" {}", arg(operand));
    }
    if command.name.as_deref() == Some("") {
        for assignment in &command.assignments {
            let value = assignment.value.as_ref().map_or("?", Traced::as_str);
            out += &format!("{}={value}", assignment.name);
        }
    }
    out
}

fn shown(text: &str) -> String {
    commands(text)
        .iter()
        .map(show)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn commands_are_named_as_meant() {
    assert_eq!(
        shown("sudo -E /venv/bin/pip3.12 install -U x; env A=1 python -m pip list; exec \"$@\""),
        "sudo>pip(install) --upgrade x; env>pip(list); exec>?@"
    );
}

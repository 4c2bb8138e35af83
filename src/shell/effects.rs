//! What builtins do to the shell: `set`, `cd`, `export`, `read`, `exit`, `.` and the like.

use std::rc::Rc;

use super::ast::{Arg, Connector, Runs};
use super::environment::Value;
use super::meant::Meant;
use super::positional::{Positional, Tail};
use super::script::Dialect;
use super::state::{Context, Walk};
use crate::source::clean;
use crate::span::Traced;

/// What a command does to the shell it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    Builtin(Builtin),
    /// It takes the place of the shell.
    Exec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Set,
    Trap,
    Shift,
    Cd,
    Popd,
    Declare { is_export: bool, is_local: bool },
    Unset,
    Read,
    PrintfTo,
    Source,
    Exit,
    Return,
    Eval,
    Leave,
}

/// What scripts that activate a virtual environment assign; all else stays as it is.
const ACTIVATE: [&str; 5] = [
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "PATH",
    "PYTHONHOME",
    "PS1",
];

/// What `/etc/os-release` assigns.
const OS_RELEASE: [&str; 8] = [
    "ID",
    "ID_LIKE",
    "NAME",
    "PRETTY_NAME",
    "UBUNTU_CODENAME",
    "VERSION",
    "VERSION_CODENAME",
    "VERSION_ID",
];

impl Effect {
    pub(super) fn of(meant: &Meant) -> Self {
        if meant.wrappers.iter().any(|wrapper| wrapper == "exec") {
            return Effect::Exec;
        }
        if meant
            .wrappers
            .iter()
            .any(|wrapper| wrapper != "command" && wrapper != "builtin")
        {
            return Effect::Nothing;
        }
        let builtin = match meant.program.as_deref() {
            Some("set") => Builtin::Set,
            Some("trap") => Builtin::Trap,
            Some("shift") => Builtin::Shift,
            Some("cd" | "pushd") => Builtin::Cd,
            Some("popd") => Builtin::Popd,
            Some("export") => Builtin::Declare {
                is_export: true,
                is_local: false,
            },
            Some("readonly") => Builtin::Declare {
                is_export: false,
                is_local: false,
            },
            Some("local" | "declare" | "typeset") => Builtin::Declare {
                is_export: false,
                is_local: true,
            },
            Some("unset") => Builtin::Unset,
            Some("read" | "getopts" | "mapfile" | "readarray" | "let") => Builtin::Read,
            Some("printf") => Builtin::PrintfTo,
            Some("." | "source") => Builtin::Source,
            Some("exit") => Builtin::Exit,
            Some("return") => Builtin::Return,
            Some("eval") => Builtin::Eval,
            Some("break" | "continue") => Builtin::Leave,
            _ => return Effect::Nothing,
        };
        Effect::Builtin(builtin)
    }
}

impl Walk<'_, '_, '_> {
    /// Does what a command with these arguments does to the shell.
    pub(super) fn apply(&mut self, effect: Effect, args: &[Arg], context: &Context) {
        let builtin = match effect {
            Effect::Nothing => return,
            Effect::Exec => {
                self.ends(context, true);
                return;
            }
            Effect::Builtin(builtin) => builtin,
        };
        match builtin {
            Builtin::Set => self.set(args),
            Builtin::Trap if context.runs == Runs::Always => self.trap(args),
            Builtin::Trap => {}
            Builtin::Shift => {
                let count = args
                    .first()
                    .map_or(Some(1), |arg| arg.as_str()?.parse().ok());
                match count {
                    Some(count) => self.shared.mode.args.shift(count),
                    None => self.shared.mode.args = Positional::unknown(),
                }
            }
            Builtin::Cd => self.change_directory(args),
            Builtin::Popd => self.shared.mode.cd = None,
            Builtin::Declare {
                is_export,
                is_local,
            } => {
                for arg in args {
                    self.declare(arg, is_export, is_local && context.function.is_some());
                }
            }
            Builtin::Unset => {
                for name in args.iter().filter_map(Arg::as_str) {
                    self.assign(name, Value::Unset);
                }
            }
            Builtin::Read => {
                for name in args.iter().filter_map(Arg::as_str) {
                    let name = name.split('=').next().unwrap_or(name);
                    if is_name(name) {
                        self.assign(name, Value::Unknown);
                    }
                }
            }
            Builtin::PrintfTo => {
                if let [flag, name, ..] = args
                    && flag.as_str() == Some("-v")
                    && let Some(name) = name.as_str()
                {
                    self.assign(name, Value::Unknown);
                }
            }
            Builtin::Source => self.source(args.first()),
            Builtin::Eval => self.shared.environment.forget_all(),
            Builtin::Exit | Builtin::Return => {
                let is_after_failure = context.connector == Connector::Or;
                let is_success = match args.first() {
                    Some(code) => matches!(code.as_str(), Some("0") | None),
                    None => !is_after_failure,
                };
                if builtin == Builtin::Return {
                    self.shared.mode.is_returned = true;
                    self.shared.may_have_returned |= is_success && context.runs == Runs::Perhaps;
                    self.shared.mode.is_ended = true;
                } else {
                    self.ends(context, is_success);
                }
            }
            Builtin::Leave => self.shared.mode.is_ended |= context.loop_depth == 0,
        }
    }

    /// The shell ends here.
    pub(super) fn ends(&mut self, context: &Context, is_success: bool) {
        self.shared.mode.is_ended = true;
        self.shared.may_be_over |= is_success && context.runs == Runs::Perhaps;
    }

    /// Gives a variable a value.
    pub(super) fn assign(&mut self, name: &str, value: Value) {
        if name == "IFS" {
            self.shared.mode.has_own_separators = true;
        }
        self.shared.environment.set(name, value);
    }

    fn set(&mut self, args: &[Arg]) {
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            let Some(text) = arg.as_str() else {
                return;
            };
            let is_on = text.starts_with('-');
            if text == "--" || !(is_on || text.starts_with('+')) || text.len() < 2 {
                let from = at + usize::from(text == "--");
                let rest = args.get(from..).unwrap_or_default();
                let known: Vec<Traced> = rest.iter().map_while(|arg| arg.text.clone()).collect();
                let is_given = self.shared.mode.args.tail == Tail::Given;
                let tail = match rest.len() - known.len() {
                    0 => Tail::Nothing,
                    1 if is_given => Tail::Given,
                    _ => Tail::Unknown,
                };
                self.shared.mode.args = Positional {
                    known: known.into(),
                    tail,
                };
                return;
            }
            if text.contains('e') {
                self.shared.mode.errexit = is_on;
            }
            if text.ends_with('o') {
                match args.get(at + 1).and_then(Arg::as_str) {
                    Some("errexit") => self.shared.mode.errexit = is_on,
                    Some("pipefail") => self.shared.mode.pipefail = is_on,
                    _ => {}
                }
                at += 1;
            }
            at += 1;
        }
    }

    /// `trap 'exit 1' ERR` does what `set -e` does; only bash knows it, dash ends with "bad trap".
    fn trap(&mut self, args: &[Arg]) {
        let mut words = args.iter().filter_map(Arg::as_str);
        let is_known = self.script.dialect == Dialect::Bash;
        let ends = words.next().is_some_and(|action| action.contains("exit"));
        if is_known && ends && words.any(|signal| signal == "ERR") {
            self.shared.mode.errexit = true;
        }
    }

    fn change_directory(&mut self, args: &[Arg]) {
        let target = args.iter().find(|arg| {
            let text = arg.as_str().unwrap_or(&arg.prefix);
            text == "-" || !text.starts_with('-')
        });
        let target = target
            .and_then(Arg::as_str)
            .filter(|text| *text != "-" && !text.starts_with('~'));
        let before = self.shared.mode.cd.clone();
        self.shared.mode.cd = match (target, before) {
            (Some(target), _) if target.starts_with('/') => Some(normal("", target)),
            (Some(target), Some(before)) => Some(normal(&before, target)),
            _ => None,
        };
    }

    /// `NAME`, `NAME=value` of `export` and its kin.
    fn declare(&mut self, arg: &Arg, is_export: bool, is_local: bool) {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        if text.starts_with('-') {
            return;
        }
        let equals = text.find('=');
        let (name, is_appended) = match equals {
            Some(at) => {
                let name = &text[..at];
                (name.strip_suffix('+').unwrap_or(name), name.ends_with('+'))
            }
            None => (text, false),
        };
        let name = name.split('[').next().unwrap_or(name);
        if !is_name(name) {
            return;
        }
        if is_local {
            let before = self.shared.environment.get(name);
            self.shared.hidden.push((name.to_owned(), before));
        }
        let is_array = equals.is_some_and(|at| text[at + 1..].starts_with('('));
        match (equals, &arg.text) {
            (Some(at), Some(text)) if !is_appended && !is_array => {
                let value = text.slice(at + 1..text.len());
                self.assign(name, Value::Known(Rc::new(value)));
            }
            (Some(_), _) => self.assign(name, Value::Unknown),
            (None, Some(_)) if is_local => self.assign(name, Value::Unset),
            _ => {}
        }
        if is_export {
            self.shared.environment.export(name);
        }
    }

    /// `. file`: what it assigns is not known, but for files everybody knows.
    fn source(&mut self, file: Option<&Arg>) {
        let path = file.map_or("", |arg| arg.as_str().unwrap_or(&arg.suffix));
        let names: &[&str] = if path.ends_with("/activate") || path == "activate" {
            &ACTIVATE
        } else if path.ends_with("/os-release") {
            &OS_RELEASE
        } else {
            self.shared.environment.forget_all();
            self.shared.mode.cd = None;
            return;
        };
        for name in names {
            self.assign(name, Value::Unknown);
        }
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

/// `before/target` without `.` and `..` where they can be taken away by the text alone; empty where nothing is left.
fn normal(before: &str, target: &str) -> Rc<str> {
    let path = match before.is_empty() || target.starts_with('/') {
        true => clean(target),
        false => clean(&format!("{before}/{target}")),
    };
    if path == "." { "".into() } else { path.into() }
}

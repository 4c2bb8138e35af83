//! Shell programs: commands as meant, what their failing does, where their words were written.

mod commands;
mod corpus;
mod failure;
mod hostile;
mod words;

use crate::shell::ast::{Arg, Command};
use crate::shell::{
    Dialect, Options, Script, Var, Variables, canonical_flag, exec_form, parse, shebang,
};
use crate::source::Sources;
use crate::span::{Span, Traced};
use proptest::prelude::*;

/// A program and its environment, in files of their own.
struct Setup {
    sources: Sources,
    /// `NAME=value`: known; `NAME?`: unknown; all else is unset.
    environment: Vec<(String, Option<Traced>)>,
}

impl Variables for Setup {
    fn get(&self, name: &str) -> Var {
        match self.environment.iter().find(|(known, _)| known == name) {
            Some((_, Some(value))) => Var::Known(value.clone()),
            Some((_, None)) => Var::Unknown,
            None => Var::Unset,
        }
    }
}

impl Setup {
    fn new(environment: &[&str]) -> Self {
        let sources = Sources::new();
        let mut values = Vec::new();
        for entry in environment {
            if let Some(name) = entry.strip_suffix('?') {
                values.push((name.to_owned(), None));
                continue;
            }
            let (name, value) = entry.split_once('=').unwrap();
            let file = sources.add("env", *entry);
            let from = u32::try_from(name.len() + 1).unwrap();
            let span = Span::new(file, from, from + u32::try_from(value.len()).unwrap());
            values.push((name.to_owned(), Some(Traced::new(value, span))));
        }
        Self {
            sources,
            environment: values,
        }
    }

    fn traced(&self, text: &str) -> Traced {
        let file = self.sources.add("script", text);
        Traced::new(text, Span::new(file, 0, u32::try_from(text.len()).unwrap()))
    }

    fn script(&self, text: &str, dialect: Dialect) -> Script {
        parse(&self.traced(text), dialect)
    }

    fn commands(&self, text: &str, dialect: Dialect) -> Vec<Command> {
        self.script(text, dialect)
            .commands(self, &Options::default())
    }

    fn slice(&self, span: Span) -> String {
        self.sources.slice(span)
    }
}

fn arg(arg: &Arg) -> String {
    match arg.as_str() {
        Some(text) if text.is_empty() || text.contains([' ', '\n']) => format!("'{text}'"),
        Some(text) => text.to_owned(),
        None => format!("{}?{}", arg.prefix, arg.suffix),
    }
}

/// `wrapper>name(subcommand) --flag=value operand`, `user@` before it when a wrapper switches to one.
fn show(command: &Command) -> String {
    let mut out = String::new();
    if let Some(user) = &command.run_as {
        out += &format!("{}@", arg(user));
    }
    for wrapper in &command.wrappers {
        out += &format!("{wrapper}>");
    }
    out += command.name.as_deref().unwrap_or("?");
    if command.runs_arguments {
        out += "(arguments)";
    }
    if let Some(management) = &command.management {
        out += &format!("[{}]", arg(management));
    } else if let Some(subcommand) = &command.subcommand {
        out += &format!("({})", subcommand.as_str().unwrap_or("?"));
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
    for assignment in &command.assignments {
        let value = assignment.value.as_ref().map_or("?", Traced::as_str);
        out += &format!(" {}:={value}", assignment.name);
    }
    out
}

fn shown(text: &str, dialect: Dialect, environment: &[&str]) -> String {
    let commands = Setup::new(environment).commands(text, dialect);
    commands.iter().map(show).collect::<Vec<_>>().join("; ")
}

/// Compares all rows before it complains.
fn check<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>, found: impl Fn(&str) -> String) {
    let mut wrong = String::new();
    for (text, expected) in rows {
        let found = found(text);
        if found != expected {
            wrong += &format!("\n{text}\n  expected {expected}\n  found    {found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn marks_are_what_a_person_edits() {
    let marks = |text: &str| {
        let setup = Setup::new(&[]);
        let commands = setup.commands(text, Dialect::Posix);
        let command = commands.last().unwrap();
        let mut out = format!(
            "{}|{}",
            setup.slice(command.span),
            setup.slice(command.name_span)
        );
        if let Some(subcommand) = &command.subcommand {
            out += &format!("|{}", setup.slice(subcommand.span));
        }
        for flag in &command.flags {
            out += &format!("|{}", setup.slice(flag.span));
        }
        for assignment in &command.assignments {
            out += &format!("|{}", setup.slice(assignment.span));
        }
        for redirect in &command.redirects {
            out += &format!("|{}", setup.slice(redirect.span));
            if let Some(target) = &redirect.target {
                out += &format!("|{}", setup.slice(target.span));
            }
        }
        out
    };
    let rows = [
        (
            "a && pip install -U 'x' && b; :; A=1 pip  install  -r r.txt >/x 2>&1 || :; pip list",
            "pip list|pip|list",
        ),
        (
            "A=1 pip  install  -r  r.txt >/x 2>&1",
            "A=1 pip  install  -r  r.txt >/x 2>&1|pip|install|-r  r.txt|A=1|>/x|/x|2>&1|1",
        ),
        (
            "sudo -E env B=2 python3 -m pip install --cert=c.pem -qU x",
            "sudo -E env B=2 python3 -m pip install --cert=c.pem -qU x|python3 -m pip|install|--cert=c.pem|-qU|-qU|B=2",
        ),
        (
            "uv --quiet pip  install x",
            "uv --quiet pip  install x|uv|pip  install|--quiet",
        ),
        (
            "x <a <<<\"b\" >>'c d' &>e 3<&- >|f",
            "x <a <<<\"b\" >>'c d' &>e 3<&- >|f|x|<a|a|<<<\"b\"|\"b\"|>>'c d'|'c d'|&>e|e|3<&-|-|>|f|f",
        ),
        ("sh -c 'a; pip install x'", "pip install x|pip|install"),
        ("A=$(pip list)", "A=$(pip list)||A=$(pip list)"),
        ("if a; then pip list; fi", "pip list|pip|list"),
        ("x $(curl \"`pip list`\")", "x $(curl \"`pip list`\")|x"),
    ];
    check(rows, marks);
}

#[test]
fn circumstances_are_kept() {
    let setup = Setup::new(&[]);
    let commands = setup.commands(
        "cd /a; cd b; if a; then x $(b); fi; while c; do d | e; done; f() { g; }; f; cd -; h & i <<E\nbody $(j)\nE\n",
        Dialect::Posix,
    );
    let find = |name: &str| {
        commands
            .iter()
            .find(|c| c.name.as_deref() == Some(name))
            .unwrap()
    };
    assert!(find("a").is_condition && !find("x").is_condition);
    assert!(find("b").is_substitution && find("j").is_substitution);
    assert_eq!(find("a").cd.as_deref(), Some("/a/b"));
    assert_eq!(find("h").cd, None);
    assert_eq!((find("d").pipeline, find("e").pipeline), ((0, 2), (1, 2)));
    assert_eq!((find("d").loop_depth, find("h").loop_depth), (1, 0));
    assert_eq!(find("g").function.as_deref(), Some("f"));
    assert!(find("h").is_background && !find("i").is_background);
    let heredoc = &find("i").redirects[0];
    assert_eq!(heredoc.operator, "<<");
    assert_eq!(heredoc.body.as_ref().unwrap().as_str(), "body $(j)\n");
}

#[test]
fn completeness_says_what_may_be_missing() {
    let complete = |text: &str| {
        let setup = Setup::new(&["UNKNOWN?"]);
        setup
            .commands(text, Dialect::Posix)
            .last()
            .unwrap()
            .is_complete
    };
    assert!(complete("pip install a $NOTHING"));
    assert!(!complete("pip install $UNKNOWN"));
    assert!(!complete("echo a | xargs pip install"));
}

#[test]
fn exec_forms_are_not_expanded() {
    let setup = Setup::new(&["PORT?"]);
    let shown = |words: &[&str]| {
        let words: Vec<Traced> = words.iter().map(|word| setup.traced(word)).collect();
        let commands = exec_form(&words, &setup, &Options::default());
        commands.iter().map(show).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        shown(&["gunicorn", "-b", ":$PORT", "a b"]),
        "gunicorn --bind=:$PORT 'a b'"
    );
    assert_eq!(
        shown(&["tini", "--", "uwsgi", "--ini", "x.ini"]),
        "tini>uwsgi --ini=x.ini"
    );
    assert_eq!(
        shown(&["sh", "-c", "a && exec gunicorn -b :$PORT x"]),
        "sh>a; sh>exec>gunicorn --bind=:? x"
    );
    assert_eq!(shown(&["/entrypoint.sh", "run"]), "entrypoint.sh run");
    assert_eq!(shown(&[]), "");
}

#[test]
fn shebangs_name_the_interpreter() {
    let setup = Setup::new(&[]);
    let read = |text: &str| {
        let found = shebang(&setup.traced(text))?;
        let options = found.options();
        Some((
            found.interpreter.clone(),
            found.dialect(),
            options.errexit,
            options.pipefail,
        ))
    };
    let shell = |name: &str, dialect, errexit, pipefail| {
        Some((name.to_owned(), Some(dialect), errexit, pipefail))
    };
    assert_eq!(
        read("#!/bin/sh\na"),
        shell("sh", Dialect::Posix, false, false)
    );
    assert_eq!(
        read("#!/bin/sh -ex\na"),
        shell("sh", Dialect::Posix, true, false)
    );
    assert_eq!(
        read("#!/bin/ash\na"),
        shell("ash", Dialect::BusyBox, false, false)
    );
    assert_eq!(
        read("#!/usr/bin/env -S bash -eo pipefail\na"),
        shell("bash", Dialect::Bash, true, true)
    );
    assert_eq!(
        read("#!/usr/bin/env python3\na"),
        Some(("python3".to_owned(), None, false, false))
    );
    assert_eq!(read("a\n#!/bin/sh"), None);
}

#[test]
fn errors_do_not_hide_what_stands_before() {
    let setup = Setup::new(&[]);
    let script = setup.script("pip list\napt-get update\nif a; then\nb\n", Dialect::Posix);
    assert_eq!(script.errors.len(), 1);
    assert!(setup.slice(script.errors[0].span).len() <= 2);
    let names: Vec<_> = script
        .commands(&setup, &Options::default())
        .iter()
        .map(show)
        .collect();
    assert_eq!(names, ["pip(list)", "apt-get(update)"]);
    let ok = setup.script("[[ -f x ]] && function f { a; }", Dialect::Posix);
    assert!(ok.errors.is_empty(), "{:?}", ok.errors);
}

#[test]
fn flags_have_one_spelling() {
    assert_eq!(canonical_flag("apt-get", "--yes"), "-y");
    assert_eq!(canonical_flag("pip", "-r"), "--requirement");
    assert_eq!(canonical_flag("nothing", "-r"), "-r");
    let setup = Setup::new(&[]);
    let commands = setup.commands("pip install --no-cache x -r a -r b", Dialect::Posix);
    let flag = commands[0].flag("--no-cache-dir").unwrap();
    assert_eq!(
        (flag.name.as_str(), flag.written.as_str()),
        ("--no-cache-dir", "--no-cache")
    );
    let last = commands[0].flag("-r").unwrap();
    assert_eq!(last.value.as_ref().and_then(Arg::as_str), Some("b"));
    assert!(commands[0].flag("--upgrade").is_none());
}

/// Every span of a command lies in a file and on character boundaries.
fn spans_fit(setup: &Setup, commands: &[Command]) {
    for command in commands {
        let mut spans = vec![command.span, command.name_span];
        for arg in &command.args {
            spans.extend([arg.span, arg.word]);
        }
        spans.extend(command.flags.iter().map(|flag| flag.span));
        spans.extend(
            command
                .assignments
                .iter()
                .flat_map(|a| [a.span, a.name_span]),
        );
        spans.extend(command.redirects.iter().map(|redirect| redirect.span));
        for span in spans {
            let file = setup.sources.get(span.file);
            assert!(file.text.get(span.range()).is_some(), "{span:?}");
        }
    }
}

#[test]
fn no_place_stands_inside_of_a_character() {
    // The parser places the end of the nested command a byte too early.
    let setup = Setup::new(&["A=b c"]);
    spans_fit(
        &setup,
        &setup.commands("A+=($'$';;${A:-$(A=é", Dialect::Bash),
    );
}

proptest! {
    #[test]
    fn nothing_panics(text in "(?s).{0,80}") {
        let setup = Setup::new(&["A=b c", "B?"]);
        for dialect in [Dialect::Posix, Dialect::Bash] {
            spans_fit(&setup, &setup.commands(&text, dialect));
        }
    }

    #[test]
    fn nothing_shell_like_panics(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "$A", "${A:-", "${B%%", "}", "{", "{a,b}", "{1..3}", "$(", ")", "(", "((", "`", "\"", "'",
                "\\", "\n", " ", ";", "&&", "||", "|", "&", "<<E", "<<<", ">", "2>&1", "if ", "then ",
                "fi", "for x in ", "do ", "done", "case ", "esac", "in ", ";;", "[[ ", "]]", "pip ",
                "install ", "-r", "--x=", "sh -c ", "eval ", "exec ", "sudo -u ", "env X=", "set -- ",
                "\"$@\"", "$'", "é", "\u{1F980}", "~", "*", "A=", "A+=(", "export ", "f() ", "E\n", "x",
                "python -m ", "tar ", "xzf", "cd ", ".. ", "shift", "${A[@]}", "${A//b/", "local ",
            ]),
            0..40,
        )
    ) {
        let text = pieces.concat();
        let setup = Setup::new(&["A=b c", "B?"]);
        for dialect in [Dialect::Posix, Dialect::Bash, Dialect::BusyBox] {
            spans_fit(&setup, &setup.commands(&text, dialect));
        }
    }
}

//! Commands that no shell reads, and the first line that names who reads a file.

use super::ast::{Arg, Command};
use super::state::{Context, Shared, Walk};
use super::{Dialect, Options, Variables, parse};
use crate::knowledge::programs::{self, Role};
use crate::span::{Span, Traced};

/// The command of a JSON exec form. Nothing is expanded; a script handed to a shell (`["sh", "-c",
/// "..."]`) gives its commands. Empty for an empty list.
#[must_use]
pub(crate) fn exec_form(
    args: &[Traced],
    variables: &dyn Variables,
    options: &Options,
) -> Vec<Command> {
    let Some(first) = args.first() else {
        return Vec::new();
    };
    let words: Vec<Arg> = args.iter().map(Arg::whole).collect();
    let script = parse(&Traced::empty(first.span()), Dialect::Posix);
    let mut shared = Shared::new(variables, options);
    let span = words
        .iter()
        .fold(first.span(), |span, word| span.cover(word.span));
    Walk::new(&script, &mut shared).words(words, span, &Context::top());
    shared.commands
}

/// Which of the words is the script of `sh -c`, where the first of them is a shell, or stands behind a small process 1.
#[must_use]
pub(crate) fn script_word(words: &[Traced]) -> Option<usize> {
    let name = |word: &Traced| super::grammar::program(word.as_str()).to_owned();
    let at = words
        .iter()
        .position(|word| programs::is_shell(&name(word)))?;
    let is_init =
        |word: &Traced| word.as_str().starts_with('-') || programs::is(&name(word), Role::Init);
    let flag = words.get(at + 1)?.as_str();
    let reads_script = flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c');
    let is_whole = words.len() > at + 2 && words[..at].iter().all(is_init);
    (reads_script && is_whole).then_some(at + 2)
}

/// `#!/usr/bin/env -S bash -e`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// The program without its directory: `bash`.
    pub interpreter: String,
    /// What follows it: `-e`.
    pub args: Vec<String>,
    /// The line, without its end.
    pub span: Span,
}

impl Shebang {
    /// The shell that reads the file; `None` when it is no shell script.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        super::meant::shell_dialect(super::grammar::program(&self.interpreter))
    }

    /// The options it starts the shell with: `-e`, `-o pipefail`.
    #[must_use]
    pub fn options(&self) -> Options {
        let has = |letter: char, word: &str| {
            self.args.iter().enumerate().any(|(i, arg)| {
                let is_short = arg.starts_with('-') && !arg.starts_with("--");
                let is_word = self.args.get(i + 1).is_some_and(|next| next == word);
                is_short && (arg.contains(letter) || (arg.ends_with('o') && is_word))
            })
        };
        Options {
            errexit: has('e', "errexit"),
            pipefail: has('\0', "pipefail"),
            args: None,
        }
    }
}

/// The first line, when it begins with `#!`.
#[must_use]
pub(crate) fn shebang(text: &Traced) -> Option<Shebang> {
    let line = text.as_str().lines().next()?;
    let mut words = line.strip_prefix("#!")?.split_whitespace();
    let base = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let mut interpreter = base(words.next()?);
    let mut args: Vec<String> = words.map(str::to_owned).collect();
    if interpreter == "env" || interpreter == "with-contenv" || interpreter == "busybox" {
        let is_program = |word: &String| !word.starts_with('-') && !word.contains('=');
        if let Some(at) = args.iter().position(is_program) {
            interpreter = base(&args[at]);
            args.drain(..=at);
        }
    }
    Some(Shebang {
        interpreter,
        args,
        span: text.span_of(0..line.len()),
    })
}

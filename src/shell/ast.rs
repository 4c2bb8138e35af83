//! Shell commands as the facts see them: flat, in order, resolved, each knowing its circumstances.
//!
//! [`crate::shell::parse`] reads a program once; [`crate::shell::Script::commands`] walks it with the variables of the
//! moment and yields these. Words that cannot be resolved are unknown, never guessed.

use crate::span::{Span, Traced};

/// One field of a command line after expansion and word splitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    /// The text; `None` when it is not known. An unknown unquoted expansion may stand for any
    /// number of fields.
    pub text: Option<Traced>,
    /// Known text before the first unknown piece (`django==` of `django==$V`); empty when it starts unknown,
    /// the whole text when it is known.
    pub prefix: String,
    /// Known text after the last unknown piece (`/bin/pip` of `$VENV/bin/pip`); empty when the text is known.
    pub suffix: String,
    /// Where a person edits it: in the assignment when the field comes whole from one, else the word.
    pub span: Span,
    /// The word of the command it comes from.
    pub word: Span,
    /// Some part of the word was quoted.
    pub is_quoted: bool,
}

impl Arg {
    /// A word that no shell has split: one of an exec form, or of a list in a compose file.
    #[must_use]
    pub fn whole(text: &Traced) -> Self {
        Self {
            prefix: text.as_str().to_owned(),
            suffix: String::new(),
            span: text.span(),
            word: text.span(),
            is_quoted: true,
            text: Some(text.clone()),
        }
    }

    /// The text, when known.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.text.as_ref().map(Traced::as_str)
    }
}

/// `NAME=value`, before a command or alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: String,
    pub name_span: Span,
    /// `None` when not known.
    pub value: Option<Traced>,
    /// The whole assignment.
    pub span: Span,
}

/// `--name value`, `--name=value`, `-n value` or `-n`, as the grammar of the command reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFlag {
    /// With its dashes, in the one spelling the table of commands keeps of several: `--no-cache-dir` for
    /// pip's `--no-cache`, `-y` for `--yes` of apt-get. Short flags written together (`-qy`) are one each.
    /// [`crate::shell::canonical_flag`] gives this spelling for any other.
    pub name: String,
    /// The spelling used.
    pub written: String,
    /// `None` for a switch.
    pub value: Option<Arg>,
    /// The flag and its value.
    pub span: Span,
}

/// What failing of a command does to the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The script (the layer) fails: `&&` chain to its end, `set -e`, or it is the last command.
    Stops,
    /// Something else runs (`|| other`, a condition) or nothing happens (`;` without `set -e`, a pipe without
    /// pipefail).
    Continues,
}

/// How sure it is that a command runs when the script runs to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    Always,
    /// In a branch, a loop, after `||`, in a function, a case.
    Perhaps,
}

/// How a command hangs together with the command before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// The first, or after `;`, a newline or `&`.
    Sequence,
    And,
    Or,
    Pipe,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// `>`, `>>`, `<`, `2>`, `&>`, `<<` ...
    pub operator: String,
    /// `None` for a heredoc.
    pub target: Option<Arg>,
    /// The raw lines of a heredoc; `None` otherwise.
    pub body: Option<Traced>,
    pub span: Span,
}

/// A simple command with its circumstances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The command as written, wrappers, prefix assignments and redirections included.
    pub span: Span,
    /// The program as meant: `pip` for `/venv/bin/pip3.12`, `python -m pip`, `env X=1 pip`,
    /// `sudo -E pip`, `xargs pip`. `None` when the word is not known; empty for a bare assignment.
    pub name: Option<String>,
    /// The word (or words: `python -m pip`) that name the program.
    pub name_span: Span,
    /// That word as written, resolved: `/venv/bin/pip3.12`; `None` when not known.
    pub program: Option<String>,
    /// Programs that run it: `sudo`, `env`, `xargs`, `exec`, `gosu`, `time`, ... outermost first.
    pub wrappers: Vec<String>,
    /// The words by which these are called, where they are known; what `find` runs is not run by words of the line.
    pub(crate) runners: Vec<Traced>,
    /// The user a wrapper switches to: `app` of `gosu app gunicorn`, `sudo -u app`.
    pub run_as: Option<Arg>,
    /// The program is what the script was given as arguments: `exec "$@"`. Not set when these are known
    /// (see [`crate::shell::Options::args`]): the command is then the one they name.
    pub runs_arguments: bool,
    /// Assignments that hold for this command only (also those of `env`); for a bare assignment, the assignments.
    pub assignments: Vec<Assignment>,
    /// Everything after the name.
    pub args: Vec<Arg>,
    /// First operand, for programs that have subcommands (`install` of pip, `pip install` of `uv` is `pip install`).
    pub subcommand: Option<Arg>,
    pub flags: Vec<CommandFlag>,
    /// Arguments that are neither flags, their values, nor the subcommand.
    pub operands: Vec<Arg>,
    /// Django's management command: `migrate` of `python manage.py migrate`, `python -m django migrate`,
    /// `django-admin migrate`. Operands are then those of the management command.
    pub management: Option<Arg>,
    /// Every argument is known: a flag that is not here was not given.
    pub is_complete: bool,
    pub connector: Connector,
    pub on_failure: OnFailure,
    pub runs: Runs,
    /// It stands in a branch that the arguments of the script certainly do not choose.
    pub(crate) is_passed_over: bool,
    /// It is (part of) the test of an `if`, `while` or `until`.
    pub is_condition: bool,
    /// The test that lets it run, when what is known of the variables decides that it holds: `[ "$X" = on ]`.
    pub guard: Option<Span>,
    /// It stands inside `$(...)` or backticks.
    pub is_substitution: bool,
    /// Number of loops around it.
    pub loop_depth: u32,
    /// It runs beside what follows: `command &`.
    pub is_background: bool,
    /// Name of the innermost function around it; `None` at top level.
    pub function: Option<String>,
    /// Position in its pipeline (from 0) and length of that pipeline.
    pub pipeline: (u32, u32),
    pub redirects: Vec<Redirect>,
    /// Working directory set by `cd` before it in the same script: `None` unknown, empty: unchanged.
    pub cd: Option<String>,
}

//! A program, parsed.

use shuck_parser::ShellDialect;
use shuck_parser::parser::ParseResult;
use shuck_parser::parser::Parser;

use crate::span::{Span, Traced};

/// Longest program that is read, in bytes.
const MAX_LENGTH: usize = 1024 * 1024;

/// Most errors that are kept of one program.
const MAX_ERRORS: usize = 50;

/// The shell that reads a program. It decides what words expand to; the structure is read the same
/// way for all, so that a construct only one of them has is still understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `sh` of Debian and its like.
    Posix,
    Bash,
    /// `sh` of Alpine.
    BusyBox,
}

/// A parsed program.
#[derive(Debug)]
pub(crate) struct Script {
    pub(super) text: Traced,
    pub(super) file: shuck_ast::File,
    pub(super) dialect: Dialect,
    /// In text order; empty when the shell would accept it. Commands near an error may be missing.
    pub errors: Vec<ShellError>,
}

/// Something a shell refuses.
#[derive(Debug, Clone)]
pub struct ShellError {
    pub span: Span,
    /// One clause, lower case.
    pub message: String,
    /// Not a shell refuses it: it is larger or deeper than what is read here.
    pub is_limit: bool,
}

/// The value of a variable.
#[derive(Debug, Clone)]
pub(crate) enum Var {
    Known(Traced),
    /// Certainly not set: expands to nothing.
    Unset,
    /// It may have any value, or none.
    Unknown,
}

/// The environment a script starts with.
pub(crate) trait Variables {
    /// The value of `name` before the script assigns it.
    fn get(&self, name: &str) -> Var;
}

/// An environment of which nothing is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnknownVariables;

impl Variables for UnknownVariables {
    fn get(&self, _name: &str) -> Var {
        Var::Unknown
    }
}

/// How the shell is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `sh -e`, `#!/bin/sh -e`, `SHELL ["/bin/bash", "-e", "-c"]`.
    pub errexit: bool,
    /// `bash -o pipefail`.
    pub pipefail: bool,
    /// The arguments `$1`, `$2` ... of a script; `None` when they are not known.
    pub args: Option<Vec<Traced>>,
}

/// Parses a program: a logical line joined over continuations, a script, the body of a heredoc.
#[must_use]
pub(crate) fn parse(text: &Traced, dialect: Dialect) -> Script {
    if text.len() > MAX_LENGTH {
        let message = format!("a program of more than {MAX_LENGTH} bytes is not read");
        return Script {
            file: Parser::new("").parse().file,
            text: Traced::empty(text.span()),
            dialect,
            errors: vec![ShellError {
                span: text.span_of(0..0),
                message,
                is_limit: true,
            }],
        };
    }
    let source = text.as_str();
    let mut result = Parser::with_dialect(source, ShellDialect::Bash).parse();
    if result.is_err() && dialect != Dialect::Bash {
        let plain = Parser::with_dialect(source, ShellDialect::Posix).parse();
        if plain.is_ok() {
            result = plain;
        }
    }
    let errors = errors(&result, text);
    Script {
        text: text.clone(),
        file: result.file,
        dialect,
        errors,
    }
}

impl Script {}

fn errors(result: &ParseResult, text: &Traced) -> Vec<ShellError> {
    let mut errors: Vec<ShellError> = result
        .diagnostics
        .iter()
        .take(MAX_ERRORS)
        .map(|diagnostic| {
            let start = diagnostic.span.start.offset().min(text.len());
            let end = diagnostic.span.end.offset().clamp(start, text.len());
            ShellError {
                span: text.span_of(start..end),
                message: diagnostic.message.replace('\n', " "),
                is_limit: is_limit(&diagnostic.message),
            }
        })
        .collect();
    if errors.is_empty() && result.is_err() {
        let message = result
            .terminal_error
            .as_ref()
            .map_or_else(|| "the shell cannot read this".to_owned(), plain_message);
        errors.push(ShellError {
            span: text.span_of(0..0),
            is_limit: is_limit(&message),
            message,
        });
    }
    errors
}

/// The parser gave up at its bound; its errors have no kinds, only texts.
fn is_limit(message: &str) -> bool {
    message.contains("nesting too deep")
}

fn plain_message(error: &shuck_parser::Error) -> String {
    let shuck_parser::Error::Parse { message, .. } = error;
    message.clone()
}

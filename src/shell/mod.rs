//! RUN bodies, scripts and command strings as commands with spans.
//!
//! [`parse`] reads a program once, tolerantly; [`Script::commands`] walks it with the variables of
//! the moment and gives its simple commands: flat, in the order they run, each with the program as
//! meant, flags and operands by that program's grammar, and what its failing does. [`exec_form`] does
//! the same for the JSON form of an instruction. Nothing here knows Dockerfiles or files.

mod asked;
pub(crate) mod ast;
mod brace;
mod compound;
mod effects;
mod environment;
mod exec;
mod executed;
mod expander;
mod expanding;
mod field;
mod grammar;
mod meant;
mod nested;
mod parameter;
mod positional;
mod redirect;
pub(crate) mod reserved;
mod scan;
mod script;
mod simple;
mod sorted;
mod state;
mod substitutions;
mod test;
#[cfg(test)]
mod tests;
mod walk;
mod word;

pub(crate) use script::{
    Dialect, Options, Script, ShellError, UnknownVariables, Var, Variables, parse,
};

pub(crate) use self::exec::{Shebang, exec_form, script_word, shebang};
pub(crate) use self::grammar::{canonical_flag, program};
pub(crate) use self::meant::shell_dialect;

//! The command line: arguments, commands, exit codes.
//!
//! The only place that writes to standard output and that decides how the process ends. What is
//! found and what counts is decided elsewhere.

pub mod args;
mod output;

//! RUN bodies, scripts and command strings as commands with spans.

pub mod ast;

//! `seatrial` checks the Dockerfiles of Python and Django projects.
//!
//! Text becomes a tree, the tree becomes facts, rules ask the facts, policy decides what counts,
//! reporters only speak.

pub mod check;
pub mod cli;
pub mod compose;
pub mod config;
pub mod context;
pub mod deployed;
pub mod dockerfile;
pub mod facts;
pub mod finding;
pub mod fix;
pub mod knowledge;
pub mod lint;
pub mod policy;
pub mod python;
pub mod report;
pub mod rule;
pub mod server;
pub mod shell;
pub mod source;
pub mod span;

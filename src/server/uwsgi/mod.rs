//! uWSGI's options from everywhere it takes them, in the order it takes them.
//!
//! Environment, then command line, then files named as operands; a file named by an option stands
//! where the option does. Then `$(VARIABLE)`, `@(file)` and `%(placeholder)` are filled in. The last
//! value of a scalar wins, lists keep all. What a condition or loop holds is unknown.

mod config;
mod files;
mod queue;
mod serve;

pub(crate) use config::Item;
pub(crate) use config::{
    ConfigFile, ConfigState, Effective, OptionSource, OptionValue, UwsgiConfig,
};

pub(crate) use queue::read;
pub(crate) use serve::server;

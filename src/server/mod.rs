//! The process a container starts and what it is told: server, application, addresses, workers.
//!
//! [`read`] reads the options of a server from its command line, its variables and its configuration files into one
//! [`Server`]. What comes from a file or variable that is not known is unknown, never a default.

mod bind;
mod conf;
pub(crate) mod env;
mod listens;
mod model;
mod options;
mod reader;
mod setting;
pub(crate) mod supervisor;
#[cfg(test)]
mod tests;
pub(crate) mod uwsgi;

pub(crate) use model::module_target;
pub(crate) use model::{DevFlag, Process, Server, Target, TargetKind};
pub(crate) use setting::Setting;

pub(crate) use bind::{Address, Bind, Protocol};
pub(crate) use env::{FileState, Files, ProcessEnv, Surroundings};
pub(crate) use uwsgi::UwsgiConfig;

use crate::knowledge::servers::Reading;

/// Reads the options of a server; `None` when those of the product are not known.
#[must_use]
pub(crate) fn read(process: &Process, around: &Surroundings<'_>) -> Option<Server> {
    match process.product.reads {
        Reading::Uwsgi => Some(uwsgi::server(process, around)),
        Reading::Options => Some(reader::server(process, around)),
        Reading::Nothing => None,
    }
}

//! The process a container starts and what it is told: server, application, addresses, workers.
//!
//! [`process::identify`] finds the program behind wrappers; [`read`] reads the options of a server
//! from its command line, its variables and its configuration files into one [`Server`]. What comes
//! from a file or variable that is not known is unknown, never a default.

mod asgi;
mod bind;
mod conf;
pub mod env;
mod gunicorn;
mod model;
mod options;
pub mod process;
mod setting;
mod simple;
pub mod uwsgi;

pub(crate) use model::module_target;
pub use model::{DevFlag, Server, Target, TargetKind};
pub use setting::Setting;

pub use bind::{Address, Bind, Protocol};
pub use env::{EnvValue, FileState, Files, NoFiles, ProcessEnv, ProcessVar, Surroundings};
pub use process::{Argv, Kind, Process, identify};
pub use uwsgi::UwsgiConfig;

use crate::knowledge::servers::Server as Product;

pub(crate) use options::is_off;

/// Reads the options of the server a process is; `None` when it is none that is known.
#[must_use]
pub fn read(process: &Process, around: &Surroundings<'_>) -> Option<Server> {
    let Kind::Server(product) = process.kind else {
        return None;
    };
    match product {
        Product::Uwsgi => Some(uwsgi::server(process, around)),
        Product::Gunicorn => Some(gunicorn::server(process, around)),
        Product::Uvicorn | Product::Daphne | Product::Hypercorn | Product::Granian => {
            Some(asgi::server(product, process, around))
        }
        Product::Waitress | Product::Runserver | Product::RunserverPlus => {
            Some(simple::server(product, process, around))
        }
        _ => None,
    }
}

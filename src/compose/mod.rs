//! Compose files: services with the place of every value, as written and as compose puts the files
//! together.
//!
//! [`Project::load`] reads the files of a project; [`Project::files`] holds each as written,
//! [`Project::stacks`] what runs: `extends` followed, override files merged, variables filled in from
//! `.env`. A broken file is an error of that file only. Nothing here knows Dockerfiles or images.

pub mod dotenv;
mod found;
mod lower_case;
mod merge;
pub mod model;
mod ports;
mod project;
mod purpose;
mod read;
mod service;
#[cfg(test)]
mod tests;
pub mod text;
mod tree;
mod volumes;
pub mod yaml;

pub use found::discover;
pub use model::{
    Build, CommandForm, CommandLine, ComposeFile, EnvVar, Environment, Healthcheck, Mount,
    MountKind, Port, Service,
};
pub use project::{Project, Stack, may_be_behind};
pub(crate) use purpose::of_project as purpose_of_project;
pub use purpose::{is_compose_name, rank};
pub use text::{Text, UNKNOWN, skeleton};
pub(crate) use tree::parsed;
pub use yaml::Style;

//! Compose files: services with the place of every value, as written and as compose puts the files
//! together.
//!
//! [`Project::load`] reads the files of a project; [`Project::files`] holds each as written,
//! [`Project::stacks`] what runs: `extends` followed, override files merged, variables filled in from
//! `.env`. A broken file is an error of that file only. Of Dockerfiles
//! nothing but the base of what a service builds is known here, of images nothing.

mod base;
pub(crate) mod dotenv;
mod found;
mod lower_case;
mod merge;
pub(crate) mod model;
mod networks;
mod ports;
mod project;
mod purpose;
mod read;
mod service;
mod shadowed;
mod stacks;
mod started;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod tree;
mod volumes;
pub(crate) mod yaml;

pub(crate) use found::discover;
pub(crate) use model::{
    Build, CommandForm, CommandLine, ComposeFile, Dependency, EnvVar, Environment, Healthcheck,
    Mount, MountKind, Pair, Port, Service, split,
};
pub(crate) use project::{Project, Stack, may_be_behind};
pub(crate) use purpose::of_project as purpose_of_project;
pub(crate) use purpose::{is_compose_name, is_own, purpose_of, rank};
pub(crate) use shadowed::{given_inside, shadowed};
pub(crate) use text::{Text, UNKNOWN, skeleton};
pub(crate) use tree::{Documents, Parsed, documents, parsed};
pub(crate) use yaml::Style;

//! Requirements: what an installer is asked for, with the place of each entry.
//!
//! One shape for `requirements*.txt`, `pyproject.toml`, lock files, `Pipfile`, `setup.cfg` and
//! `setup.py`. Files are read through [`crate::source::Root`] only. Nothing is resolved against an
//! index: what no file says stays unsaid ([`RequirementSet::is_complete`],
//! [`RequirementSet::is_closed`]).

mod building;
mod comparison;
mod install;
mod lines;
mod lock;
mod lock_walk;
mod marker;
mod model;
mod name;
mod pipfile;
mod poetry;
mod problem;
mod project;
mod pyproject;
mod requirement;
mod setup;
mod specifier;
pub(crate) mod toml_tree;
mod txt;

#[cfg(test)]
mod tests;

pub(crate) use building::{BuildNeed, HISTORY, building};
pub(crate) use install::{Groups, Invocation, PipProject, installed_by};
pub(crate) use model::{Include, ProblemKind, Requirement, RequirementSet};
pub(crate) use name::normalize_name;
pub(crate) use specifier::{Specifier, Versions};
pub(crate) use txt::read_requirements;

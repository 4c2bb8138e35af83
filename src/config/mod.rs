//! `seatrial.toml`, or `[tool.seatrial]` in `pyproject.toml`: what a project asks of the checks.
//!
//! [`read`] turns the text into a [`Config`] or into problems with a place; nothing is guessed and
//! nothing falls back to defaults. Which rules exist is not known here: names of rules are kept with
//! their spans and looked up by `policy`.

mod find;
mod globs;
mod model;
mod reader;
mod version;

pub(crate) use model::{Config, Named, RuleTable, Setting, Value, quoted};

pub(crate) use find::{FILE, Finder};
pub(crate) use globs::Globs;
pub(crate) use reader::{KEYS, read};

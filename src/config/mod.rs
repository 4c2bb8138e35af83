//! `seatrial.toml`, or `[tool.seatrial]` in `pyproject.toml`: what a project asks of the checks.
//!
//! [`read`] turns the text into a [`Config`] or into problems with a place; nothing is guessed and
//! nothing falls back to defaults. Which rules exist is not known here: names of rules are kept with
//! their spans and looked up by `policy`.

mod find;
mod globs;
mod model;
mod reader;

pub use model::{Config, Named, RuleTable, Setting, Value};

pub use find::Finder;
pub use globs::Globs;
pub use reader::read;

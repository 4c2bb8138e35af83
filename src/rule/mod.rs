//! Rules: from a TOML file to something that can be asked of a fact.
//!
//! A rule file ([`file`]) becomes plain data ([`source`]), at build time for the rules of this
//! repository and at run time for those of users ([`load`]); its conditions and templates become
//! checked expressions (`compile`) when they are first needed ([`set`]) and are evaluated over
//! facts (`eval`). This module knows the table of facts, but no fact, and no rule by name.

mod builtins;
mod check;
mod compile;
pub mod docs;
pub(crate) mod eval;
pub mod example;
pub(crate) mod expr;
pub(crate) mod file;
mod filters;
pub mod load;
mod parse;
mod place;
pub mod set;
pub mod source;
mod suggest;
mod template;
#[cfg(test)]
mod tests;
mod tree;
mod types;

pub use suggest::suggest;

pub use load::{Catalogue, RuleError};
pub use set::{RuleSet, Selection, Settings};
pub use source::{OptionValue, Rule};

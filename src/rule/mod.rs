//! Rules: from a TOML file to something that can be asked of a fact.
//!
//! A rule file ([`file`]) becomes plain data ([`source`]), at build time for the rules of this
//! repository and at run time for those of users ([`load`]); its conditions and templates become
//! checked expressions (`compile`) when they are first needed ([`set`]) and are evaluated over
//! facts (`eval`). This module knows the table of facts, but no fact, and no rule by name.

mod below;
mod builtins;
mod check;
mod compile;
pub(crate) mod docs;
pub(crate) mod eval;
pub(crate) mod example;
pub(crate) mod expr;
pub(crate) mod file;
mod filters;
pub(crate) mod load;
mod parse;
mod place;
mod print;
pub(crate) mod set;
pub(crate) mod source;
mod suggest;
mod template;
#[cfg(test)]
mod tests;
mod tree;
mod types;

pub(crate) use suggest::suggest;

pub use load::Catalogue;
pub(crate) use load::RuleError;
pub(crate) use set::{RuleSet, Selection, Settings};
pub(crate) use source::OptionValue;
pub use source::Rule;

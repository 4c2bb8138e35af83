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
mod template;
#[cfg(test)]
mod tests;
mod tree;
mod types;

pub use load::{Catalogue, RuleError};
pub use set::{RuleSet, Selection, Settings};
pub use source::{OptionValue, Source};

/// The name of `known` that was probably meant; `None` when none is close.
pub fn suggest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let limit = 1 + name.chars().count() / 4;
    let distances = known.into_iter().map(|candidate| {
        let is_part = name.len() > 3 && (candidate.contains(name) || name.contains(candidate));
        let distance = strsim::damerau_levenshtein(name, candidate);
        (
            if is_part {
                distance.min(limit)
            } else {
                distance
            },
            candidate,
        )
    });
    let near = distances.filter(|(distance, _)| *distance <= limit);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

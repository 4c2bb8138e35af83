//! What is known of variables, asked by whoever expands a word.

use crate::span::Traced;

/// Where the values of variables come from.
pub(crate) trait Lookup {
    /// The value of a variable. Never asked for special and positional parameters.
    fn get(&self, name: &str) -> Var<'_>;
}

/// What is known of a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Var<'a> {
    Known(&'a Traced),
    /// It surely has no value.
    Unset,
    /// It may have any value or none.
    Unknown,
}

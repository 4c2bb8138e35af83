//! Every integration test, in one binary.

mod compose;
mod context;
mod knowledge;
mod python;
mod rules;
#[cfg(test)]
mod syntax;
mod user_rules;

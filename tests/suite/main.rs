//! Every integration test, in one binary.

mod architecture;
mod cli;
mod compose;
mod context;
mod knowledge;
mod policy;
mod python;
mod report;
mod rules;
mod support;
#[cfg(test)]
mod syntax;
mod user_rules;

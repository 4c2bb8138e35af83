//! Every integration test, in one binary.

mod context;
mod python;
#[cfg(test)]
mod syntax;

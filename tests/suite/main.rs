//! Every integration test, in one binary.

mod context;
mod python;

//! The one pipeline from paths to an outcome, used by the command line and the language server.

pub mod discover;

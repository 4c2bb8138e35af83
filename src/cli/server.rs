//! `seatrial server`: the language server on standard input and output.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::output;
use super::request::{named_configuration, named_policy, today};
use crate::lsp::{self, Named};
use crate::policy::Status;
use crate::source::Disk;

pub(super) fn run() -> Status {
    // Folders have other working directories than the server.
    let absolute = |file: PathBuf| std::path::absolute(&file).unwrap_or(file);
    let named = Named {
        configuration: named_configuration().map(absolute),
        policy: named_policy().map(absolute),
    };
    // A client that goes without a word is what the protocol has an exit code for.
    match lsp::serve(io::stdin(), output::stream(), Arc::new(Disk), named, today) {
        true => Status::Clean,
        false => Status::Findings,
    }
}

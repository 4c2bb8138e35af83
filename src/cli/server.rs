//! `seatrial server`: the language server on standard input and output.

use std::io;
use std::sync::Arc;

use super::output;
use super::request::{named_policy, today};
use crate::lsp;
use crate::policy::Status;
use crate::source::Disk;

pub(super) fn run() -> Status {
    // Folders have other working directories than the server.
    let policy = named_policy().map(|policy| std::path::absolute(&policy).unwrap_or(policy));
    // A client that goes without a word is what the protocol has an exit code for.
    match lsp::serve(io::stdin(), output::stream(), Arc::new(Disk), policy, today) {
        true => Status::Clean,
        false => Status::Findings,
    }
}

//! The `seatrial` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    seatrial::cli::run()
}

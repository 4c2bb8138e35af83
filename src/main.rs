//! The `seatrial` command.

use std::process::ExitCode;

/// Facts are many small pieces of memory, which this allocator hands out faster than the system's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    seatrial::run()
}

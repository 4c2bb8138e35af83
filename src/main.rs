//! The `seatrial` command.

fn main() {}

//! See `seatrial::fuzzing::project`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::project(bytes));

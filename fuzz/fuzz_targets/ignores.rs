//! See `seatrial::fuzzing::ignores`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::ignores(bytes));

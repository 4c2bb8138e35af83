//! See `seatrial::fuzzing::markers`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::markers(bytes));

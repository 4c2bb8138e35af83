//! See `seatrial::fuzzing::rules`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::rules(bytes));

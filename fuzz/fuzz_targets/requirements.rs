//! See `seatrial::fuzzing::requirements`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::requirements(bytes));

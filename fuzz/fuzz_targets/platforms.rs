//! See `seatrial::fuzzing::platforms`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::platforms(bytes));

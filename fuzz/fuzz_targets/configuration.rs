//! See `seatrial::fuzzing::configuration`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::configuration(bytes));

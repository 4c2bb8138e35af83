//! See `seatrial::fuzzing::fixes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::fixes(bytes));

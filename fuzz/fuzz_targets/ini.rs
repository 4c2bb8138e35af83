//! See `seatrial::fuzzing::ini`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::ini(bytes));

//! See `seatrial::fuzzing::compose`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::compose(bytes));

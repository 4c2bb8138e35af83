//! See `seatrial::fuzzing::settings`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::settings(bytes));

//! See `seatrial::fuzzing::dockerfile`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::dockerfile(bytes));

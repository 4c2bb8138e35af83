//! See `seatrial::fuzzing::locks`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::locks(bytes));

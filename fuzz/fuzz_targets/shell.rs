//! See `seatrial::fuzzing::shell`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seatrial::fuzzing::shell(bytes));

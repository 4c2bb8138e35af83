//! Rule files of `rules/` as static Rust data.

pub(crate) fn generate() {}

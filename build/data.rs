//! Tables of `rules/data` as static Rust data.

pub(crate) fn generate() {}

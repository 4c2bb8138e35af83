//! Unit tests of the Dockerfile syntax: trees, errors and spans.

mod errors;
mod expand;
mod tree;

use super::ast::Dockerfile;
use crate::span::FileId;

/// The file of every test.
pub(super) const FILE: FileId = FileId(0);

pub(super) fn parse(text: &str) -> Dockerfile {
    super::parse(FILE, text)
}

//! Syntax of Dockerfiles: BuildKit's grammar, lossless and tolerant.
//!
//! [`parse`] turns text into a [`ast::Dockerfile`]; it never fails. [`expand`] expands `$NAME` in
//! words as BuildKit does. [`image`] reads image references. Nothing here knows stages or layers.

pub mod ast;

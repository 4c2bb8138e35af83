//! What the image will be: facts computed from the syntax trees, asked by rules.

pub mod table;

//! What unit tests and the suite have in common.

pub(crate) mod corpus;

//! The options of uWSGI: where they are given, what follows from them, where another one is written.

pub(crate) mod answers;
pub(crate) mod host_filter;
pub(crate) mod options;
pub(crate) mod slot;
pub(crate) mod static_map;

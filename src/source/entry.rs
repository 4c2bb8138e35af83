//! What kind of thing a path below a root is.

/// What lies at a path below a [`Root`](super::Root).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    File {
        is_executable: bool,
    },
    Directory,
    /// Nothing there.
    Missing,
    /// A symbolic link out of the root, a path that cannot be looked at: nothing may be said of it.
    Unknown,
}

//! The only door to files: reading, file ids, line index.
//!
//! [`Sources`] holds every file read in a run, shared between threads. [`Files`] is the file system it reads: the
//! [`Disk`], files in [`Memory`], or an [`Overlay`] of unsaved texts on either. A [`Root`] is a directory
//! that reading never leaves: not by `..`, not by an absolute path, not by a symbolic link. Sizes
//! are bounded. Other modules get text and spans, never paths to open.

mod disk;
mod door;
mod entry;
mod file;
mod files;
mod kept;
mod made;
mod memory;
mod modes;
mod overlay;
mod paths;
mod patterns;
mod root;
mod seen;
mod sources;
mod uncommitted;
mod wide;

pub use disk::Disk;
pub(crate) use entry::Entry;
pub(crate) use file::{MAX_BASELINE_SIZE, MAX_FILE_SIZE, SourceError};
pub use file::{Place, Position, SourceFile};
pub(crate) use files::whole;
pub use files::{Files, Found, Kind, Names, Stamp};
pub use kept::Kept;
pub use memory::{Memory, MemoryFile};
pub(crate) use modes::is_tracked;
pub use overlay::Overlay;
pub(crate) use paths::normalize;
pub(crate) use paths::{absolute, clean, is_in, join, parent};
pub(crate) use root::Root;
pub(crate) use seen::{Seen, during as seen_during};
pub(crate) use sources::Left;
pub use sources::Sources;

#[cfg(test)]
mod tests;

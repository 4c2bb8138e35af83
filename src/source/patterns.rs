//! The lines of a `.gitignore`, and what they match.

use crate::maps::HashMap;
use std::sync::{Arc, RwLock};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Longest `.gitignore` that is read, in bytes.
pub(super) const MAX_SIZE: u64 = 1024 * 1024;

/// Patterns by directory; `None` where a directory has none.
pub(super) type Patterns = RwLock<HashMap<String, Option<Arc<Lines>>>>;

/// The lines of a `.gitignore`, and what they match.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) text: Vec<String>,
    pub(super) matcher: Gitignore,
}

impl Lines {
    /// The lines of a file.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut builder = GitignoreBuilder::new("");
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines() {
            // A line that is not a pattern ignores nothing.
            let _ = builder.add_line(None, line);
        }
        Some(Lines {
            text: text.lines().map(str::to_owned).collect(),
            matcher: builder.build().ok()?,
        })
    }
}

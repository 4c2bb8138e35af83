//! File patterns in the manner of `.gitignore`, relative to the directory of the configuration.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns, each set relative to a directory of its own; the default matches nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Globs(Vec<Gitignore>);

impl Globs {
    /// # Errors
    /// The position of the first pattern that is none, with what is wrong with it.
    pub(crate) fn new<'a>(
        directory: &Path,
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, (usize, String)> {
        let mut builder = GitignoreBuilder::new(directory);
        let mut is_empty = true;
        for (index, pattern) in patterns.into_iter().enumerate() {
            is_empty = false;
            if let Err(error) = builder.add_line(None, pattern) {
                return Err((index, reason(&error)));
            }
        }
        if is_empty {
            return Ok(Self::default());
        }
        match builder.build() {
            Ok(globs) => Ok(Self(vec![globs])),
            Err(error) => Err((0, reason(&error))),
        }
    }

    /// Whether `path`, absolute, or a directory it lies in matches. Paths elsewhere do not.
    #[must_use]
    pub(crate) fn matches(&self, path: &Path) -> bool {
        self.0.iter().any(|globs| {
            path.starts_with(globs.path())
                && globs.matched_path_or_any_parents(path, false).is_ignore()
        })
    }

    /// Matches what the others match, too.
    pub(crate) fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }
}

fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. }
        | ignore::Error::WithPath { err, .. } => reason(err),
        other => other.to_string(),
    }
}

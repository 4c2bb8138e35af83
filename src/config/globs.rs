//! File patterns in the manner of `.gitignore`, relative to directories.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns, each set relative to a directory of its own; the default matches nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Globs {
    sets: Vec<Gitignore>,
    /// As written.
    patterns: Vec<String>,
}

impl Globs {
    /// Patterns that are relative to each of the directories.
    ///
    /// # Errors
    /// The position of the first pattern that is none, with what is wrong with it.
    pub(crate) fn new<'a>(
        directories: &[PathBuf],
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, (usize, String)> {
        let patterns: Vec<&str> = patterns.into_iter().collect();
        if patterns.is_empty() {
            return Ok(Self::default());
        }
        let mut all = Vec::with_capacity(directories.len());
        for directory in directories {
            let mut builder = GitignoreBuilder::new(directory);
            for (index, pattern) in patterns.iter().enumerate() {
                if let Err(error) = builder.add_line(None, pattern) {
                    return Err((index, reason(&error)));
                }
            }
            all.push(builder.build().map_err(|error| (0, reason(&error)))?);
        }
        let patterns = patterns.into_iter().map(str::to_owned).collect();
        Ok(Self {
            sets: all,
            patterns,
        })
    }

    /// Whether `path`, absolute, or a directory it lies in matches. Paths elsewhere do not.
    #[must_use]
    pub(crate) fn matches(&self, path: &Path) -> bool {
        self.sets.iter().any(|globs| {
            path.starts_with(globs.path())
                && globs.matched_path_or_any_parents(path, false).is_ignore()
        })
    }

    /// The patterns as they are written.
    pub(crate) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Matches what the others match, too.
    pub(crate) fn join(&mut self, others: Self) {
        self.sets.extend(others.sets);
        self.patterns.extend(others.patterns);
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

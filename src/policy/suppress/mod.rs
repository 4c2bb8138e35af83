//! Comments that keep findings quiet.
//!
//! `scan` finds them in a file, [`Suppressions`] silences findings and remembers which words did
//! something. Comments of other linters are honoured and never complained about.

mod pragma;
mod scan;

#[cfg(test)]
mod tests;

pub use pragma::{Dialect, Word};
pub use scan::{scan_dockerfile, scan_other};

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::span::{FileId, Span};

/// One comment that silences something.
#[derive(Debug, Clone)]
pub struct Pragma {
    /// From the comment sign to the end of the comment.
    pub span: Span,
    pub dialect: Dialect,
    pub words: Vec<Word>,
    /// What is written after the brackets; may be empty.
    pub reason: String,
    pub scope: Scope,
    /// The comment has a line of its own.
    pub owns_line: bool,
}

/// What a comment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole file.
    File,
    /// Whatever lies in this place: the next instruction.
    Within(Span),
    /// Whatever begins in this place: the next line, with the commands that begin on it.
    Begins(Span),
    /// Whatever begins or ends in this place: the line that the comment ends.
    Touches(Span),
    /// Nothing follows the comment.
    Nothing,
}

impl Scope {
    /// Whether a place of a finding is covered.
    #[must_use]
    pub fn covers(self, file: FileId, place: Span) -> bool {
        let begins = |line: Span| {
            place.file == line.file && line.start <= place.start && place.start <= line.end
        };
        match self {
            Self::File => place.file == file,
            Self::Within(span) => span.contains(place),
            Self::Begins(line) => begins(line),
            Self::Touches(line) => {
                begins(line)
                    || place.file == line.file && line.start < place.end && place.end <= line.end
            }
            Self::Nothing => false,
        }
    }
}

/// The comments of every file that findings lie in.
#[derive(Debug, Default)]
pub struct Suppressions {
    files: BTreeMap<FileId, Vec<Pragma>>,
}

impl Suppressions {
    /// Adds the comments of a file, unless it is known.
    pub fn add(&mut self, file: FileId, scan: impl FnOnce() -> Vec<Pragma>) {
        self.files.entry(file).or_insert_with(scan);
    }

    /// Every comment, by file and place.
    pub fn pragmas(&self) -> impl Iterator<Item = &Pragma> {
        self.files.values().flatten()
    }

    /// The reason of the first comment that covers the finding (its primary place or a selected
    /// fact), if any. `aliases` are the names that other linters have for its rule.
    pub fn silence(&mut self, finding: &Finding, aliases: &[Cow<'static, str>]) -> Option<String> {
        let mut reason = None;
        for place in std::iter::once(&finding.primary).chain(&finding.covers) {
            let Some(pragmas) = self.files.get_mut(&place.file) else {
                continue;
            };
            for pragma in pragmas {
                if !pragma.scope.covers(place.file, *place) {
                    continue;
                }
                for word in &mut pragma.words {
                    if pragma.dialect.names(&word.text, &finding.rule, aliases) {
                        word.is_used = true;
                        reason.get_or_insert_with(|| pragma.reason.clone());
                    }
                }
            }
        }
        reason
    }
}

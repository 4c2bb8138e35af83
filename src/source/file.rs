//! A file in memory, and why one is not.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::wide;
use crate::span::Span;

/// Largest file that is read, in bytes. Larger ones are an error that says so.
pub(crate) const MAX_FILE_SIZE: u64 = 4 * 1024 * 1024;

/// Largest file of known findings that is read, in bytes: a hundred thousand entries.
pub(crate) const MAX_BASELINE_SIZE: u64 = 64 * 1024 * 1024;

/// A file in memory.
#[derive(Debug)]
pub struct SourceFile {
    /// As shown to people: relative to the working directory if it is below it, with `/`.
    pub name: String,
    /// The content; each byte that is not UTF-8 is replaced by U+FFFD (see `is_lossy`).
    pub text: String,
    /// Some bytes were not UTF-8: spans do not fit the file on disk, so nothing may be rewritten.
    pub is_lossy: bool,
    /// Its path on disk; `None` for standard input and examples.
    pub path: Option<PathBuf>,
    pub(super) lines: OnceLock<Vec<u32>>,
}

/// A position for people: line and column from 1, the column in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalar values.
    pub column: u32,
    /// In bytes from the start of the file.
    pub offset: u32,
}

/// A span with its positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As shown to people, with `/`.
    pub file: String,
    /// Where it starts.
    pub start: Position,
    /// After its last character.
    pub end: Position,
}

impl SourceFile {
    pub(super) fn new(name: String, bytes: Vec<u8>, path: Option<PathBuf>) -> Self {
        // As pip reads lists of requirements; nothing else reads UTF-16.
        let wide = name
            .ends_with(".txt")
            .then(|| wide::utf16(&bytes))
            .flatten();
        if let Some(text) = wide {
            return Self {
                name,
                text,
                is_lossy: true,
                path,
                lines: OnceLock::new(),
            };
        }
        let (text, is_lossy) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (lossy(error.as_bytes()), true),
        };
        Self {
            name,
            text,
            is_lossy,
            path,
            lines: OnceLock::new(),
        }
    }

    /// Byte offsets at which the lines start; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            let after = ends.map(|(i, _)| u32::try_from(i + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(after).collect()
        })
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut at = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= at) - 1;
        let before = &self.text[starts[line] as usize..at];
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
            offset: u32::try_from(at).unwrap_or(u32::MAX),
        }
    }

    /// The text of a span of this file; empty when it does not fit.
    pub fn slice(&self, span: Span) -> &str {
        span.slice(&self.text)
    }
}

/// Text of any bytes: one U+FFFD for each byte that is not UTF-8, as BuildKit has it.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let replaced = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
        text.extend(replaced);
    }
    text
}

/// Why a file could not be read. The text tells what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    #[error("cannot read `{name}`: {reason}")]
    Io { name: String, reason: String },
    #[error("`{name}` has {size} bytes; files over {MAX_FILE_SIZE} bytes are not read")]
    TooLarge { name: String, size: u64 },
    #[error("`{name}` is outside the project and not read")]
    Outside { name: String },
    #[error("`{name}` does not exist")]
    Missing { name: String },
}

impl SourceError {
    /// The file, as shown to people.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Io { name, .. }
            | Self::TooLarge { name, .. }
            | Self::Outside { name }
            | Self::Missing { name } => name,
        }
    }

    /// The sentence for those who named the file already.
    #[must_use]
    pub fn without_name(&self) -> String {
        match self {
            Self::Io { reason, .. } => format!("cannot be read: {reason}"),
            Self::TooLarge { size, .. } => {
                format!("has {size} bytes; files over {MAX_FILE_SIZE} bytes are not read")
            }
            Self::Outside { .. } => "is outside the project and not read".to_owned(),
            Self::Missing { .. } => "does not exist".to_owned(),
        }
    }
}

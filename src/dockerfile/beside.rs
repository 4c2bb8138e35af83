//! Dockerfiles of other images than the one that is checked: read once, whoever asks.

use std::sync::Arc;

use super::ast::{Args, Dockerfile, Instruction, Keyword};
use super::parse;
use crate::source::{Root, Sources};
use crate::span::Traced;

/// The Dockerfile at a path below the root; `None` where none can be read.
pub(crate) fn read(root: &Root, sources: &Sources, path: &str) -> Option<Arc<Dockerfile>> {
    if !root.is_file(path) {
        return None;
    }
    let file = root.read(sources, path).ok()?;
    Some(sources.once(file, |source| parse(file, &source.text)))
}

impl Dockerfile {
    /// Its FROM instructions, by their position.
    pub(crate) fn stages(&self) -> impl DoubleEndedIterator<Item = usize> {
        let all = self.instructions.iter().enumerate();
        all.filter(|(_, it)| it.keyword == Keyword::From)
            .map(|(at, _)| at)
    }
}

impl Instruction {
    /// The image that a FROM names; `None` where a variable is part of it.
    pub(crate) fn written_base(&self) -> Option<&Traced> {
        let Args::Words(words) = &self.args else {
            return None;
        };
        words.first().filter(|word| !word.as_str().contains('$'))
    }

    /// What a COPY or ADD takes, as written; empty for others.
    pub(crate) fn written_sources(&self) -> &[Traced] {
        match (&self.args, self.keyword) {
            (Args::Words(words) | Args::Json(words), Keyword::Copy | Keyword::Add) => {
                words.split_last().map_or(&[], |(_, sources)| sources)
            }
            _ => &[],
        }
    }
}

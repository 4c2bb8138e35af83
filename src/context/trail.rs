//! What is known so far about a path of the image that is followed back, and the answer.

use std::sync::Arc;

use crate::context::Context;
use crate::context::ignore::Pattern;
use crate::context::image::{CopyStep, ImageFs};
use crate::span::{Span, Traced};

/// Where a path of the image comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A file of the context, by its path there.
    Context(String),
    /// Written in the Dockerfile itself, in a heredoc.
    Inline(Arc<Traced>),
    /// A directory, with the one of the context it was copied from.
    Directory(Option<String>),
    /// The context has it, but this pattern keeps it out of the build.
    Ignored(String, Pattern),
    /// Everything that could have brought it is known, and nothing did.
    Missing,
    /// Generated, cloned, downloaded or mounted: there is no file to open.
    Generated,
    Unknown,
}

/// Who owns a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// As written (`app`, `app:app`, `1000`); `root` where nothing was.
    Known(String),
    Unknown,
}

/// The answer of [`ImageFs::lookup`].
#[derive(Debug, Clone)]
pub struct Found {
    pub origin: Origin,
    /// Whether it may be executed; `None` when not known or not a file.
    pub is_executable: Option<bool>,
    /// Where the execute bit was decided in the Dockerfile; `None`: by the file in the context.
    pub mode_span: Option<Span>,
    pub owner: Owner,
    /// The effect that brought it.
    pub span: Option<Span>,
}

/// The names in a directory of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Sorted.
    pub names: Vec<String>,
    /// There are no others.
    pub is_closed: bool,
}

pub(crate) const MAX_DEPTH: u32 = 60;

/// What is known so far about the path that is followed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    pub(crate) mode: Option<(Option<bool>, Span)>,
    pub(crate) owner: Option<Owner>,
    pub(crate) is_generated: bool,
    /// What was generated nearby may have changed its mode too.
    pub(crate) may_have_another_mode: bool,
    pub(crate) is_unknown: bool,
    /// The effect that made it a directory.
    pub(crate) directory: Option<Span>,
    pub(crate) ignored: Option<(String, Pattern, Span)>,
}

impl Trail {
    /// The answer when no effect brought the path.
    pub(crate) fn end(self) -> Found {
        let (origin, span) = if let Some(span) = self.directory {
            (Origin::Directory(None), Some(span))
        } else if self.is_generated {
            (Origin::Generated, None)
        } else if self.is_unknown {
            (Origin::Unknown, None)
        } else if let Some((path, pattern, span)) = self.ignored {
            (Origin::Ignored(path, pattern), Some(span))
        } else {
            (Origin::Missing, None)
        };
        Found {
            origin,
            is_executable: None,
            mode_span: None,
            owner: self.owner.unwrap_or(Owner::Unknown),
            span,
        }
    }

    /// The answer when an effect did.
    pub(crate) fn found(
        self,
        origin: Origin,
        brought: &CopyStep,
        own_mode: Option<bool>,
        span: Span,
    ) -> Found {
        let (is_executable, mode_span) = match (self.mode, brought.chmod) {
            (Some((mode, at)), _) => (mode, Some(at)),
            (None, Some(mode)) => (mode, Some(span)),
            (None, None) => (own_mode, None),
        };
        let is_executable = is_executable.filter(|is| *is || !self.may_have_another_mode);
        let is_file = !matches!(origin, Origin::Directory(_));
        Found {
            origin,
            is_executable: is_executable.filter(|_| is_file),
            mode_span,
            owner: self.owner.unwrap_or_else(|| match &brought.chown {
                None => Owner::Known("root".to_owned()),
                Some(Some(owner)) => Owner::Known(owner.clone()),
                Some(None) => Owner::Unknown,
            }),
            span: Some(span),
        }
    }
}

/// Follows paths back through the effects of stages.
pub(crate) trait Follow {
    fn context(&self) -> &Context;

    /// Where `path` comes from, looking back from effect `upto` (excluded) of `fs`.
    fn find(&self, fs: &ImageFs, upto: usize, path: String, trail: Trail, depth: u32) -> Found;

    /// Whether a path is a directory when effect `upto` runs.
    fn is_directory(&self, fs: &ImageFs, upto: usize, path: &str, depth: u32) -> Option<bool> {
        let found = self.find(fs, upto, path.to_owned(), Trail::default(), depth + 1);
        match found.origin {
            Origin::Directory(_) => Some(true),
            Origin::Context(_) | Origin::Inline(_) | Origin::Missing | Origin::Ignored(..) => {
                Some(false)
            }
            Origin::Generated | Origin::Unknown => None,
        }
    }
}

//! What lies where: sources of copies, the files of each stage, what copies take along.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use crate::context::image::{Base as FileBase, ImageFs};
use crate::context::{Context, Origin};
use crate::facts::model::{BuildPhase, LostVariable};
use crate::span::{Span, Traced};

/// A source of COPY or ADD in the build context.
#[derive(Debug)]
pub struct SourceFact {
    pub copy: usize,
    /// As written, expanded.
    pub path: Traced,
    pub presence: SourcePresence,
}

/// What the context has for a source.
#[derive(Debug, Clone)]
pub enum SourcePresence {
    There,
    Missing,
    /// It is there, and this pattern of the ignore file keeps it out.
    Ignored(Span, String),
    Unknown,
}

/// The files of a stage, and how many effects there were before each of its layers.
#[derive(Debug)]
pub struct StageFiles {
    pub(crate) fs: Arc<ImageFs>,
    /// `(command, effects before it)`, in order.
    pub(crate) commands: Vec<(usize, usize)>,
    /// Files that commands edit in place, also those of the stages before.
    pub(crate) edits: Vec<Edit>,
}

/// A file edited in place.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    /// Absolute; may hold `*`.
    pub(crate) path: String,
    /// Only carriage returns are taken away.
    pub(crate) is_line_ends: bool,
    /// The effects of its stage that came before; none of a stage that starts from that one.
    pub(crate) after: usize,
}

/// What commands did to the text of a file after it was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edited {
    No,
    /// Carriage returns were taken away.
    LineEnds,
    /// Its text is no longer that of the context.
    Text,
}

impl StageFiles {
    /// What became of the text of a file since it was copied.
    pub(crate) fn edited(&self, context: &Context, path: &str) -> Edited {
        let mut verdict = Edited::No;
        // A COPY behind the edit brings the file anew.
        let is_copied_after = |edit: &Edit| {
            let mut later = ImageFs::new(FileBase::Empty);
            let effects = self.fs.effects.get(edit.after..).unwrap_or_default();
            later.effects.extend_from_slice(effects);
            !effects.is_empty() && matches!(later.lookup(context, path).origin, Origin::Context(_))
        };
        for edit in &self.edits {
            let is_it = match edit.path.split_once('*') {
                Some((before, after)) => path.starts_with(before) && path.ends_with(after),
                None => edit.path == path,
            };
            if !is_it || is_copied_after(edit) {
                continue;
            }
            if edit.is_line_ends {
                verdict = Edited::LineEnds;
            } else {
                return Edited::Text;
            }
        }
        verdict
    }

    /// The file system as a command of a RUN finds it.
    pub(crate) fn before_command(&self, command: usize) -> ImageFs {
        let at = self
            .commands
            .binary_search_by_key(&command, |(index, _)| *index);
        let effects = at
            .ok()
            .and_then(|at| self.commands.get(at))
            .map_or(self.fs.effects.len(), |(_, count)| *count);
        let mut fs = ImageFs::new(self.fs.base.clone());
        fs.effects.extend_from_slice(&self.fs.effects[..effects]);
        fs
    }
}

/// Something of the build context that is copied into an image.
#[derive(Debug)]
pub struct UnwantedFact {
    pub copy: usize,
    /// The source that takes it along.
    pub source: Span,
    /// Path in the context.
    pub path: String,
    pub category: Category,
    /// For secrets: the variable, where it is written.
    pub secret: Option<(String, Span)>,
    /// For secrets: the file says that it is to develop or test with, and no stack for production reads it.
    pub is_for_development: bool,
    /// For secrets: the only one is a key as Django's `startproject` makes it.
    pub is_generated: bool,
    /// For the history: a file of the repository's own, by which it is the same in every Dockerfile.
    pub repository: Option<Span>,
    /// The ignore file of the context, as shown to people.
    pub ignore_file: Option<String>,
    /// For the history: what is shipped is built from git, without it.
    pub is_built_from_git: bool,
    /// For the history: continuous integration or a platform publishes the image, or a compose stack for production
    /// builds it.
    pub is_published: bool,
}

/// What is unwanted about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// `.git` at the top of the context.
    History,
    /// A file of variables with a secret, a private key.
    Secret,
    Virtualenv,
    Database,
    NodeModules,
    Caches,
}

impl Category {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Secret => "secret",
            Self::Virtualenv => "virtualenv",
            Self::Database => "database",
            Self::NodeModules => "node-modules",
            Self::Caches => "cache",
        }
    }
}

/// Where compose services mount something over the files of the image.
#[derive(Debug, Default)]
pub(crate) struct Mounted {
    /// Without a slash at the end.
    pub(crate) targets: HashSet<String>,
    /// One of the places is not known.
    pub(crate) is_open: bool,
}

/// What is known when it is known what lies where.
#[derive(Debug)]
pub struct FilesPhase {
    /// The phase before.
    pub before: BuildPhase,
    /// The file system of each stage, by its index.
    pub files: Vec<StageFiles>,
    /// Every source of a COPY or ADD from the context.
    pub sources: Vec<SourceFact>,
    pub(crate) mounted: Mounted,
    /// The first COPY or ADD of the whole context in each stage.
    pub(crate) first_whole: Vec<Option<usize>>,
    /// What copies of whole directories take along.
    pub unwanted: Vec<UnwantedFact>,
    pub lost_variables: Vec<LostVariable>,
}

impl Deref for FilesPhase {
    type Target = BuildPhase;

    fn deref(&self) -> &BuildPhase {
        &self.before
    }
}

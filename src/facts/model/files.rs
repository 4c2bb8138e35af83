//! What lies where: sources of copies, the files of each stage, what copies take along.

use crate::maps::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use crate::context::Context;
use crate::context::image::ImageFs;
use crate::facts::model::{BuildPhase, Firsts, LostVariable};
use crate::shell::ast::Command;
use crate::span::{Span, Traced};

/// A source of COPY or ADD in the build context.
#[derive(Debug)]
pub struct SourceFact {
    pub copy: usize,
    /// As written, expanded.
    pub path: Traced,
    pub presence: SourcePresence,
    /// For a table of cron.
    pub(crate) cron_table: Option<CronFact>,
}

/// A table of cron as it is written, read as one that names the user of each job.
#[derive(Debug, Default)]
pub(crate) struct CronTable {
    /// What its jobs call by their bare names, see [`crate::facts::files::cron_jobs`].
    pub(crate) called: Vec<(String, Span)>,
    /// The word of each job at the place of the user.
    pub(crate) users: Vec<Traced>,
    /// What stands behind the times of each job: the user, in a table that names one, and the command.
    pub(crate) jobs: Vec<Traced>,
    /// The variables that it sets for them.
    pub(crate) variables: Vec<String>,
    /// The last line, where no newline ends it.
    pub(crate) unended: Option<Span>,
}

/// A table of cron that a COPY brings.
#[derive(Debug)]
pub(crate) struct CronFact {
    pub(crate) table: CronTable,
    /// Its path in the image.
    pub(crate) target: String,
    /// The `crontab` of a RUN that makes it the table of a user.
    pub(crate) installed: Option<Span>,
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
    pub(crate) edits: Arc<Edits>,
}

/// A frontend of the build context.
#[derive(Debug)]
pub(crate) struct Frontend {
    /// Its `package.json`, by its path in the context.
    pub(crate) path: String,
    /// What npm leaves out for production.
    pub(crate) left_out: HashSet<String>,
    /// By name, the commands of each script.
    pub(crate) scripts: HashMap<String, Vec<Command>>,
    /// The releases of webpack that its lock files name, see [`Webpacks`].
    pub(crate) webpacks: Vec<Webpacks>,
    /// Something in it may have webpack make its hashes in another way, or Node.js take old ones.
    pub(crate) may_hash_otherwise: bool,
    /// By name, the directory that each script makes, where one is known to.
    pub(crate) bundles: HashMap<String, &'static str>,
    /// By name, the development server that each script starts, where one is known.
    pub(crate) servers: HashMap<String, FrontendServer>,
    /// Modules that its code imports and the ignore file keeps out.
    pub(crate) left_out_modules: Vec<LeftOutModule>,
}

/// What a lock file says of webpack.
#[derive(Debug)]
pub(crate) struct Webpacks {
    /// The file's name.
    pub(crate) lock: &'static str,
    /// The package that gets it, and the release; of no package where the file does not say which.
    pub(crate) releases: Vec<(Option<&'static str>, String)>,
}

/// A development server of a frontend.
#[derive(Debug)]
pub(crate) struct FrontendServer {
    pub(crate) program: &'static str,
    pub(crate) port: u16,
    /// It listens to its own container alone.
    pub(crate) is_loopback: bool,
    /// Ports of localhost that it hands requests on to, and where they are written.
    pub(crate) asks: Vec<(u16, Span)>,
}

/// A module that is imported and that the build does not get.
#[derive(Debug)]
pub(crate) struct LeftOutModule {
    /// By its path in the context.
    pub(crate) module: String,
    /// The pattern of the ignore file.
    pub(crate) pattern: Span,
    /// Where it is imported.
    pub(crate) import: Span,
}

/// Files that commands edit in place.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// By their absolute paths.
    paths: HashMap<String, Vec<Edit>>,
    /// Of paths with `*`.
    patterns: Vec<(String, Edit)>,
    /// Those of the nearest stage before that has some.
    before: Option<Arc<Self>>,
}

/// How a file is edited in place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit {
    /// Only carriage returns are taken away.
    pub(crate) is_line_ends: bool,
    /// The effects of its stage that came before.
    pub(crate) after: usize,
}

impl Edits {
    pub(crate) fn add(&mut self, path: String, edit: Edit) {
        match path.contains('*') {
            true => self.patterns.push((path, edit)),
            false => self.paths.entry(path).or_default().push(edit),
        }
    }

    /// Those of a stage that starts from one with these.
    pub(crate) fn after(before: &Arc<Self>) -> Self {
        let is_empty = before.paths.is_empty() && before.patterns.is_empty();
        Self {
            before: match is_empty {
                true => before.before.clone(),
                false => Some(Arc::clone(before)),
            },
            ..Self::default()
        }
    }

    /// Those of a path, in the stage itself.
    fn of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Edit> + 'a {
        let fits = move |(pattern, _): &&(String, Edit)| {
            let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
            path.starts_with(before) && path.ends_with(after)
        };
        let patterns = self.patterns.iter().filter(fits).map(|(_, edit)| *edit);
        self.paths
            .get(path)
            .into_iter()
            .flatten()
            .copied()
            .chain(patterns)
    }
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
        let before = std::iter::successors(Some(&self.edits), |edits| edits.before.as_ref());
        for (depth, edits) in before.enumerate() {
            for edit in edits.of(path) {
                // A COPY behind the edit brings the file anew.
                let after = if depth == 0 { edit.after } else { 0 };
                if self.fs.is_brought_since(context, path, after) {
                    continue;
                }
                if !edit.is_line_ends {
                    return Edited::Text;
                }
                verdict = Edited::LineEnds;
            }
        }
        verdict
    }

    /// How many effects there were before a command of a RUN.
    pub(crate) fn before_command(&self, command: usize) -> usize {
        let at = self.commands.binary_search_by_key(&command, |it| it.0);
        let at = at.ok().and_then(|at| self.commands.get(at));
        at.map_or(self.fs.effects.len(), |(_, count)| *count)
    }
}

/// The commands that may read what git keeps; see [`crate::facts::nodes::unwanted`].
#[derive(Debug)]
pub(crate) struct HistoryReaders {
    pub(crate) always: Firsts,
    /// Where a tool of the project takes its version from there.
    pub(crate) for_version: Firsts,
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
    /// For secrets: the values of all of them.
    pub secrets: Vec<String>,
    /// For secrets: the file says that it is for development or tests, and no stack for production reads it.
    pub is_for_development: bool,
    /// For secrets: the only one is a key as Django's `startproject` makes it.
    pub is_generated: bool,
    /// For the history: `pyproject.toml` has a tool that takes the version from it.
    pub gives_version: bool,
    /// For the history: a file of the repository's own, by which it is the same in every Dockerfile.
    pub repository: Option<Span>,
    /// The ignore file of the context, as shown to people.
    pub ignore_file: Option<String>,
    /// For the history: what is shipped is built from git, without it.
    pub is_built_from_git: bool,
    /// For the history: whatever ships it has it from an archive or a push, without it.
    pub is_archived: bool,
    /// For the history: continuous integration builds the image of a checkout without it.
    pub is_one_commit: bool,
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
    /// Frontends that some COPY brings.
    pub(crate) frontends: Vec<Frontend>,
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

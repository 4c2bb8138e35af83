//! The directory `docker build` sends: which one it is, how sure that is, what is in it.

use crate::maps::HashMap;
use crate::source::clean;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::context::ignore::{Ignore, Pattern};
use crate::context::paths::below;
use crate::context::{glob, placed};
use crate::knowledge::words::FileWords;
use crate::source::join;
use crate::source::{Entry, Root, SourceError, Sources, normalize};
use crate::span::FileId;

/// Names read of one directory; in a larger one nothing is said about what a wildcard matches.
pub(crate) const MAX_LISTED: usize = 2000;

/// Entries of a directory among which another context is looked for.
const MAX_NEIGHBOURS: usize = 300;

/// An ignore file with more of them is not read: each is held against each path.
const MAX_PATTERNS: usize = 2_000;

/// How sure it is that the directory is the build context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Nothing points to a directory: no path may be called missing.
    Unknown,
    /// The surroundings suggest it: a path is missing only when something else confirms the guess.
    Guessed,
    /// Named by the user, or by a compose service that builds this Dockerfile.
    Certain,
}

/// The directory `docker build` sends.
#[derive(Debug, Clone)]
pub struct Context {
    /// The directory reading never leaves; the context is `base` below it.
    pub root: Root,
    /// Relative to `root`, without slash at the end; empty for the root itself.
    pub base: String,
    pub certainty: Certainty,
    /// Its ignore file; `None` without one.
    pub ignore: Option<Arc<Ignore>>,
    /// The Dockerfile as seen from the context; `None` when it lies outside.
    pub dockerfile: Option<String>,
    /// Other directories (relative to `root`) the context could be; empty unless it is guessed.
    pub candidates: Vec<String>,
    /// Sources of the Dockerfile that were seen to exist in a guessed context.
    confirmations: Vec<String>,
    /// Others were looked for in vain.
    lacks_sources: bool,
    /// Paths of git submodules, relative to the root.
    submodules: Vec<String>,
    /// Paths that were looked for in the candidates.
    elsewhere: Arc<Mutex<HashMap<String, bool>>>,
}

/// What a path of the context is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    File {
        /// Some execute bit is set in the working tree.
        is_executable: bool,
    },
    Directory,
    /// It is not there, and that is sure enough to say so.
    Missing,
    Unknown,
}

/// What the context of a Dockerfile is looked for with.
#[derive(Debug, Clone, Default)]
pub struct Search<'a> {
    /// The Dockerfile, relative to the root; `None` for standard input.
    pub dockerfile: Option<&'a str>,
    /// `--context`, relative to the root.
    pub explicit: Option<&'a str>,
    /// Contexts of the compose services that build this Dockerfile, relative to the root.
    pub compose: Vec<String>,
    /// The root is a directory that the user named: the context lies in it.
    pub is_named: bool,
}

impl Context {
    /// Finds the context of a Dockerfile below `root` and reads its ignore file.
    ///
    /// The error is that of an ignore file that exists and cannot be read: the context then has
    /// none, and nothing is sure about it.
    #[must_use]
    pub fn find(
        root: &Root,
        sources: &Sources,
        search: &Search<'_>,
    ) -> (Self, Option<SourceError>) {
        let (base, certainty, candidates) = place(root, search);
        let dockerfile = search.dockerfile.and_then(|path| below(&base, path));
        let mut context = Self {
            root: root.clone(),
            base,
            certainty,
            ignore: None,
            dockerfile,
            candidates,
            confirmations: Vec::new(),
            lacks_sources: false,
            submodules: submodules(root, sources),
            elsewhere: Arc::default(),
        };
        let error = context.read_ignore(sources, search.dockerfile).err();
        if error.is_some() {
            context.certainty = Certainty::Unknown;
        }
        (context, error)
    }

    /// A context nothing is known of.
    #[must_use]
    pub fn unknown(root: &Root) -> Self {
        Self {
            root: root.clone(),
            base: String::new(),
            certainty: Certainty::Unknown,
            ignore: None,
            dockerfile: None,
            candidates: Vec::new(),
            confirmations: Vec::new(),
            lacks_sources: false,
            submodules: Vec::new(),
            elsewhere: Arc::default(),
        }
    }

    /// The same path seen from the root; `None` when it leaves the context.
    #[must_use]
    pub fn below_root(&self, path: &str) -> Option<String> {
        let clean = normalize(path.trim_start_matches('/'))?;
        Some(join(&self.base, &clean))
    }

    /// A path below the root as the context has it; `None` outside of it, and where it is not known what the context
    /// is.
    #[must_use]
    pub(crate) fn of_root(&self, path: &str) -> Option<String> {
        below(&self.base, path).filter(|_| self.is_settled())
    }

    /// What the file system has at a path of the context, certain or not. `Missing` says only that
    /// nothing is there.
    #[must_use]
    pub fn entry(&self, path: &str) -> Entry {
        if self.certainty == Certainty::Unknown {
            return Entry::Unknown;
        }
        self.below_root(path)
            .map_or(Entry::Unknown, |path| self.root.entry(&path))
    }

    /// Whether a file of the context may be executed, as the image gets it; `None` when not known.
    #[must_use]
    pub fn is_executable(&self, path: &str, on_disk: bool) -> Option<bool> {
        let path = self.below_root(path)?;
        self.root.is_executable(&path, on_disk)
    }

    /// What is at a path of the context, `Missing` only when that may be said.
    #[must_use]
    pub fn presence(&self, path: &str) -> Presence {
        match self.entry(path) {
            Entry::File { is_executable } => Presence::File { is_executable },
            Entry::Directory => Presence::Directory,
            Entry::Unknown => Presence::Unknown,
            Entry::Missing if self.may_miss(path) => Presence::Missing,
            Entry::Missing => Presence::Unknown,
        }
    }

    /// The same for what COPY or ADD takes: a directory is not missing either when git ignores all that it is for.
    #[must_use]
    pub fn source_presence(&self, path: &str) -> Presence {
        let is_filled = |path: String| placed::may_be_filled(&self.root, &path);
        match self.presence(path) {
            Presence::Missing if self.below_root(path).is_some_and(is_filled) => Presence::Unknown,
            other => other,
        }
    }

    /// Notes the COPY and ADD sources of the Dockerfile: in a guessed context a path may be called
    /// missing only when another one of them exists there. Remote sources and `.` say nothing.
    pub fn confirm<'a>(&mut self, sources: impl IntoIterator<Item = &'a str>) {
        if self.certainty != Certainty::Guessed {
            return;
        }
        for source in sources {
            if glob::has_wildcard(source) || source.contains("://") || source.contains('$') {
                continue;
            }
            let source = clean(source.trim_start_matches('/'));
            let known = self.confirmations.contains(&source);
            if source == "." || known {
                continue;
            }
            if self.exists(&source) {
                self.confirmations.push(source);
            } else {
                self.lacks_sources = true;
            }
        }
    }

    /// Whether it is this directory and none of the others it could be: it was named, or the Dockerfile lies at its
    /// top, or a source of the Dockerfile is there and in none of these.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let is_at_top = |path: &String| !path.contains('/');
        match self.certainty {
            Certainty::Certain => true,
            Certainty::Unknown => false,
            Certainty::Guessed => {
                let mut sources = self.confirmations.iter();
                // Below the root a Dockerfile often lies beside nothing that it copies.
                let is_refuted =
                    !self.base.is_empty() && self.lacks_sources && self.confirmations.is_empty();
                self.dockerfile.as_ref().is_some_and(is_at_top) && !is_refuted
                    || sources.any(|path| !self.exists_elsewhere(path))
            }
        }
    }

    /// Whether a path lies in a git submodule: its files are there once it is checked out.
    fn is_in_submodule(&self, path: &str) -> bool {
        let Some(path) = self.below_root(path) else {
            return false;
        };
        self.submodules.iter().any(|submodule| {
            path.strip_prefix(submodule.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether git ignores a path of the context: it may be made or fetched before the build.
    #[must_use]
    pub fn is_git_ignored(&self, path: &str) -> bool {
        self.below_root(path)
            .is_some_and(|path| self.root.is_git_ignored(&path))
    }

    /// Whether an absent path may be called missing.
    fn may_miss(&self, path: &str) -> bool {
        let is_placed = |path: String| placed::may_be_placed(&self.root, &path);
        if self.is_in_submodule(path) || self.below_root(path).is_some_and(is_placed) {
            return false;
        }
        match self.certainty {
            Certainty::Certain => true,
            Certainty::Unknown => false,
            Certainty::Guessed => {
                let path = clean(path.trim_start_matches('/'));
                self.confirmations.iter().any(|other| *other != path)
                    && !self.exists_elsewhere(&path)
            }
        }
    }

    /// Whether a directory that might be the context instead holds the path: one above the
    /// Dockerfile, or one right below one of these. In a crowded directory it is taken to.
    fn exists_elsewhere(&self, path: &str) -> bool {
        let known = self.lock().get(path).copied();
        if let Some(known) = known {
            return known;
        }
        let exists = |base: &str| {
            normalize(path).is_none_or(|path| self.root.entry(&join(base, &path)) != Entry::Missing)
        };
        let all = || {
            let others = self.candidates.iter().map(String::as_str);
            others.chain([self.base.as_str()])
        };
        let is_there = self.candidates.iter().any(|base| exists(base))
            || all().any(|base| {
                let names = self.root.list(base, MAX_NEIGHBOURS);
                // A name with an ending is hardly ever a directory.
                let mut directories = names.iter().filter(|name| !name.contains('.'));
                names.len() >= MAX_NEIGHBOURS || directories.any(|name| exists(&join(base, name)))
            });
        self.lock().insert(path.to_owned(), is_there);
        is_there
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, bool>> {
        self.elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn exists(&self, path: &str) -> bool {
        matches!(self.entry(path), Entry::File { .. } | Entry::Directory)
    }

    /// The pattern of the ignore file that keeps a path of the context out of the build.
    #[must_use]
    pub fn ignored_by(&self, path: &str) -> Option<&Pattern> {
        self.ignore.as_deref()?.excludes(path)
    }

    /// Whether a negated pattern may send something below a directory that is kept out.
    pub(crate) fn may_reinclude(&self, directory: &str) -> bool {
        self.ignore
            .as_deref()
            .is_some_and(|ignore| ignore.may_reinclude_below(directory))
    }

    /// Whether a path is absent, and would be kept out of the build if someone made it.
    pub(crate) fn is_kept_out_when_made(&self, path: &str) -> bool {
        self.entry(path) == Entry::Missing
            && self.is_git_ignored(path)
            && self.ignored_by(path).is_some()
            && !self.may_reinclude(path)
    }

    /// Reads a file of the context, whether it is sent or not.
    ///
    /// # Errors
    /// As [`Root::read`]; a path that leaves the context is outside.
    pub fn read(&self, sources: &Sources, path: &str) -> Result<FileId, SourceError> {
        match self.below_root(path) {
            Some(path) => self.root.read(sources, &path),
            None => Err(SourceError::Outside {
                name: path.to_owned(),
            }),
        }
    }

    /// The names in a directory of the context, sorted; `None` when they are not all known.
    #[must_use]
    pub fn list(&self, directory: &str) -> Option<Arc<[String]>> {
        let path = self.below_root(directory)?;
        if self.certainty == Certainty::Unknown || self.root.entry(&path) != Entry::Directory {
            return None;
        }
        let names = self.root.list(&path, MAX_LISTED);
        (names.len() < MAX_LISTED).then_some(names)
    }

    /// `<Dockerfile>.dockerignore` beside the Dockerfile wins over `.dockerignore` in the context; podman
    /// and buildah, for which a Containerfile is written, look for `.containerignore` before that
    /// (containers-common, containerignore(5)).
    fn read_ignore(
        &mut self,
        sources: &Sources,
        dockerfile: Option<&str>,
    ) -> Result<(), SourceError> {
        let own = dockerfile.map(|path| format!("{path}.dockerignore"));
        let general =
            (self.certainty != Certainty::Unknown).then(|| join(&self.base, ".dockerignore"));
        let is_containerfile = dockerfile
            .and_then(|path| path.rsplit('/').next())
            .is_some_and(|name| name.starts_with("Containerfile"));
        let podman = (is_containerfile && self.certainty != Certainty::Unknown)
            .then(|| join(&self.base, ".containerignore"));
        for path in [own, podman, general].into_iter().flatten() {
            match self.root.entry(&path) {
                Entry::Missing | Entry::Directory => {}
                Entry::File { .. } | Entry::Unknown => {
                    let file = self.root.read(sources, &path)?;
                    let ignore = Ignore::parse(file, &sources.get(file).text);
                    if ignore.patterns.len() > MAX_PATTERNS {
                        return Err(SourceError::Io {
                            name: self.root.display(&path),
                            reason: format!("it has more than {MAX_PATTERNS} patterns"),
                        });
                    }
                    self.ignore = Some(Arc::new(ignore));
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Base, certainty and the other directories it could be.
fn place(root: &Root, search: &Search<'_>) -> (String, Certainty, Vec<String>) {
    let is_directory = |path: &str| root.entry(path) == Entry::Directory;
    if let Some(explicit) = search.explicit {
        return match normalize(explicit) {
            Some(base) if is_directory(&base) => (base, Certainty::Certain, Vec::new()),
            _ => (String::new(), Certainty::Unknown, Vec::new()),
        };
    }
    let mut named: Vec<String> = Vec::new();
    for base in search.compose.iter().filter_map(|base| normalize(base)) {
        if !named.contains(&base) && is_directory(&base) {
            named.push(base);
        }
    }
    if !named.is_empty() {
        let base = named.remove(0);
        // Services that disagree about the context leave it a guess.
        let certainty = if named.is_empty() {
            Certainty::Certain
        } else {
            Certainty::Guessed
        };
        return (base, certainty, named);
    }
    let Some(dockerfile) = search.dockerfile.and_then(normalize) else {
        return (String::new(), Certainty::Unknown, Vec::new());
    };
    let mut above = Vec::new();
    let mut directory = dockerfile.as_str();
    while let Some((parent, _)) = directory
        .rsplit_once('/')
        .or((!directory.is_empty()).then_some(("", "")))
    {
        above.push(parent.to_owned());
        if root.entry(&join(parent, ".git")) != Entry::Missing {
            break;
        }
        directory = parent;
    }
    let marked = above.iter().position(|directory| {
        let names = root.list(directory, MAX_LISTED);
        let is_there = |marker: &str| {
            let found = names.binary_search_by(|name| name.as_str().cmp(marker));
            // A crowded directory is asked for each.
            let is_all = names.len() < MAX_LISTED;
            found.is_ok() || !is_all && root.entry(&join(directory, marker)) != Entry::Missing
        };
        FileWords::ProjectMarker.iter().any(is_there)
    });
    match marked {
        Some(index) => {
            let base = above.remove(index);
            (base, Certainty::Guessed, above)
        }
        // Without anything to go by, the directory that `docker build` is given most often.
        None if search.is_named && !above.is_empty() => {
            (above.remove(0), Certainty::Guessed, above)
        }
        None => (String::new(), Certainty::Unknown, above),
    }
}

/// The `path` entries of `.gitmodules` at the root.
fn submodules(root: &Root, sources: &Sources) -> Vec<String> {
    let Ok(file) = root.read(sources, ".gitmodules") else {
        return Vec::new();
    };
    let source = sources.get(file);
    let entries = source.text.lines().filter_map(|line| line.split_once('='));
    entries
        .filter(|(key, _)| key.trim() == "path")
        .filter_map(|(_, path)| normalize(path.trim()))
        .filter(|path| !path.is_empty())
        .collect()
}

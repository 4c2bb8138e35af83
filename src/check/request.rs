//! What is to be checked, and how.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::knowledge::Date;
use crate::policy::{Baseline, KnownFile, Overrides};

/// What is to be checked, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Absolute; paths are relative to it and names are shown from it on.
    pub(crate) working_directory: PathBuf,
    /// Files and directories.
    pub(crate) paths: Vec<PathBuf>,
    /// A Dockerfile that is not on disk, or differs from what is: standard input, text of a program that uses the
    /// library.
    pub(crate) buffer: Option<Buffer>,
    pub(crate) overrides: Overrides,
    /// Directories of further rules, relative to the working directory.
    pub(crate) rules: Vec<PathBuf>,
    pub(crate) context: Option<PathBuf>,
    pub(crate) target: Option<String>,
    /// They win over those of the configuration.
    pub(crate) build_args: Vec<(String, String)>,
    pub(crate) today: Date,
    /// Findings that are known.
    pub(crate) known: Knowing,
    /// The exclusions of the configuration apply to files that were named, too; named files that are not
    /// Dockerfiles are passed over.
    pub(crate) force_exclude: bool,
    /// Patterns of Dockerfiles to leave out, as those of the configuration.
    pub(crate) exclude: Vec<String>,
    /// Comments that silence findings do not count.
    pub(crate) no_ignores: bool,
    /// It is no problem when the directories hold no Dockerfile.
    pub(crate) allow_empty: bool,
    /// The facts are wanted with the findings.
    pub(crate) keeps_facts: bool,
    /// What is not found of the images is wanted with the findings.
    pub(crate) seeks_unfound: bool,
    /// Something like it will be checked again.
    pub(crate) remembers: bool,
    /// Once it is set nobody waits for the outcome: what is not begun is left out.
    pub(crate) stop: Option<Arc<AtomicBool>>,
}

/// Where known findings come from.
#[derive(Debug, Clone, Default)]
pub(crate) enum Knowing {
    /// None are.
    #[default]
    Nothing,
    /// One list for all that is checked.
    All(KnownFile),
    /// Each project's own, which its configuration names.
    Configured {
        /// One that is not there, or cannot be understood, is going to be written.
        is_written: bool,
    },
}

/// Text that stands for a Dockerfile.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// Where it would lie; without it nothing is known of a project.
    pub path: Option<PathBuf>,
    /// Its content.
    pub text: Vec<u8>,
}

impl Request {
    /// A check of the working directory with nothing said about it.
    #[must_use]
    pub fn new(working_directory: impl Into<PathBuf>, today: Date) -> Self {
        Self {
            working_directory: working_directory.into(),
            paths: Vec::new(),
            buffer: None,
            overrides: Overrides::default(),
            rules: Vec::new(),
            context: None,
            target: None,
            build_args: Vec::new(),
            today,
            known: Knowing::Nothing,
            force_exclude: false,
            exclude: Vec::new(),
            no_ignores: false,
            allow_empty: false,
            keeps_facts: false,
            seeks_unfound: true,
            remembers: false,
            stop: None,
        }
    }

    /// Files and directories, relative to the working directory.
    #[must_use]
    pub fn paths<P: Into<PathBuf>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.paths.extend(paths.into_iter().map(Into::into));
        self
    }

    /// A Dockerfile that is not on disk, or differs from what is.
    #[must_use]
    pub fn buffer(mut self, buffer: Buffer) -> Self {
        self.buffer = Some(buffer);
        self
    }

    /// What counts instead of what the configuration says.
    #[must_use]
    pub fn overrides(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    /// A directory of further rules.
    #[must_use]
    pub fn rules(mut self, directory: impl Into<PathBuf>) -> Self {
        self.rules.push(directory.into());
        self
    }

    /// The directory that is built from.
    #[must_use]
    pub fn context(mut self, directory: impl Into<PathBuf>) -> Self {
        self.context = Some(directory.into());
        self
    }

    /// The stage that is built.
    #[must_use]
    pub fn target(mut self, stage: impl Into<String>) -> Self {
        self.target = Some(stage.into());
        self
    }

    /// The value of a build argument.
    #[must_use]
    pub fn build_arg(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.build_args.push((name.into(), value.into()));
        self
    }

    /// Findings that are known.
    #[must_use]
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.known = Knowing::All(KnownFile {
            path: PathBuf::new(),
            baseline: Arc::new(baseline),
            is_trusted: true,
            home: None,
        });
        self
    }

    /// Exclusions of the configuration apply to files that are named, too.
    #[must_use]
    pub fn force_exclude(mut self) -> Self {
        self.force_exclude = true;
        self
    }

    /// It is no problem when the directories hold no Dockerfile.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Nobody waits for the outcome any more.
    pub(super) fn is_stopped(&self) -> bool {
        let stop = self.stop.as_ref();
        stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

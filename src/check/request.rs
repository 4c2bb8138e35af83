//! What is to be checked, and how.

use std::path::PathBuf;
use std::sync::Arc;

use crate::knowledge::Date;
use crate::policy::{Baseline, Overrides};

/// What is to be checked, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Absolute; paths are relative to it and names are shown from it on.
    pub working_directory: PathBuf,
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// A Dockerfile that is not on disk, or differs from what is: standard input, text of a program that uses the library.
    pub buffer: Option<Buffer>,
    pub overrides: Overrides,
    /// Directories of further rules, relative to the working directory.
    pub rules: Vec<PathBuf>,
    /// The configuration for every file, instead of the nearest one.
    pub config: Option<PathBuf>,
    /// No configuration is looked for.
    pub no_config: bool,
    pub context: Option<PathBuf>,
    pub target: Option<String>,
    /// They win over those of the configuration.
    pub build_args: Vec<(String, String)>,
    pub today: Date,
    /// Findings that are known.
    pub baseline: Option<Arc<Baseline>>,
    /// The exclusions of the configuration apply to files that were named, too; named files that are not
    /// Dockerfiles are passed over.
    pub force_exclude: bool,
    /// It is no problem when the directories hold no Dockerfile.
    pub allow_empty: bool,
    /// The process ends after this check: what it made is left to the system, which frees faster.
    pub is_last: bool,
}

/// Text that stands for a Dockerfile.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// Where it would lie; without it nothing is known of a project.
    pub path: Option<PathBuf>,
    pub text: Vec<u8>,
}

impl Request {
    /// A check of the working directory with nothing said about it.
    #[must_use]
    pub fn new(working_directory: PathBuf, today: Date) -> Self {
        Self {
            working_directory,
            paths: Vec::new(),
            buffer: None,
            overrides: Overrides::default(),
            rules: Vec::new(),
            config: None,
            no_config: false,
            context: None,
            target: None,
            build_args: Vec::new(),
            today,
            baseline: None,
            force_exclude: false,
            allow_empty: false,
            is_last: false,
        }
    }
}

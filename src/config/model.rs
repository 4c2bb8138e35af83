//! What a configuration says, as plain data.

use crate::knowledge::intent_words::Intent;
use std::path::PathBuf;

use crate::config::globs::Globs;
use crate::finding::Severity;
use crate::span::{FileId, Span};

/// A word of the configuration with its place; `span` is `None` on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub text: String,
    pub span: Option<Span>,
}

impl Named {
    /// A word that was typed on the command line.
    #[must_use]
    pub(crate) fn typed(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            span: None,
        }
    }
}

/// What one configuration file says. The default says nothing.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The file itself; `None` when there is none.
    pub file: Option<FileId>,
    /// Where it lies: globs and paths in it are relative to this directory.
    pub directory: PathBuf,
    /// Exactly these rules run; `None` is the rules that are on by default.
    pub select: Option<Vec<Named>>,
    /// These rules do not.
    pub ignore: Vec<Named>,
    /// Rules with the severity they have here.
    pub severity: Vec<(Named, Severity)>,
    /// The least severity that makes a run fail.
    pub fail_on: Option<Severity>,
    /// Dockerfiles that a walk does not pick up.
    pub exclude: Globs,
    /// Files that need not be read: it is no problem when they are too large.
    pub unread: Globs,
    /// Directories with further rules, relative to `directory`.
    pub rules: Vec<Named>,
    /// What Dockerfiles are for; the first glob that matches counts.
    pub intent: Vec<(Globs, Intent)>,
    /// The build context, relative to `directory`.
    pub context: Option<Named>,
    /// The stage that is built.
    pub target: Option<Named>,
    /// Build arguments and their values.
    pub build_args: Vec<(String, String)>,
    /// Files, and the rules that do not report in them.
    pub per_file_ignores: Vec<(Globs, Vec<Named>)>,
    /// `[rule.<id>]`, in the order of their names.
    pub rule: Vec<RuleTable>,
}

/// `[rule.<id>]`.
#[derive(Debug)]
pub(crate) struct RuleTable {
    pub id: Named,
    /// `None`: the severity of the rule itself.
    pub severity: Option<Severity>,
    /// `None`: as the rule is by default.
    pub enabled: Option<bool>,
    /// Files in which the rule does not report.
    pub exclude: Globs,
    /// Everything else: the options that the rule declares.
    pub options: Vec<(Named, Setting)>,
}

/// The value of an option, not yet compared with its declaration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    pub value: Value,
    pub span: Span,
}

/// A TOML value that an option may have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Int(i64),
    Str(String),
    List(Vec<Setting>),
}

impl Value {
    /// What a person calls it.
    #[must_use]
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Str(_) => "a string",
            Self::List(_) => "a list",
        }
    }
}

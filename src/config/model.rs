//! What a configuration says, as plain data.

use crate::knowledge::intent_words::Intent;
use std::path::{Path, PathBuf};

use crate::config::globs::Globs;
use crate::finding::Severity;
use crate::knowledge::Date;
use crate::span::{FileId, Span};

/// A word of the configuration with its place; `span` is `None` on the command line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub text: String,
    pub span: Option<Span>,
    /// The last day on which it counts; `None`: it always does.
    pub until: Option<Date>,
}

impl Named {
    /// A path that is relative to a directory, as an absolute one.
    fn below(mut self, directory: &Path) -> Self {
        self.text = directory.join(&self.text).to_string_lossy().into_owned();
        self
    }

    /// A word that was typed on the command line.
    #[must_use]
    pub(crate) fn typed(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            span: None,
            until: None,
        }
    }
}

/// What one configuration file says. The default says nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    /// The file itself; `None` when there is none.
    pub file: Option<FileId>,
    /// The files that it was read from, those it extends too, as shown to people.
    pub names: Vec<(FileId, String)>,
    /// Which file has which key, in the order in which they count.
    pub keys: Vec<(String, FileId)>,
    /// Configurations that this one adds to, relative to `directory`.
    pub extends: Vec<Named>,
    /// The file of known findings, relative to `directory`.
    pub baseline: Option<Named>,
    /// What the project is called among others.
    pub project: Option<Named>,
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
    /// The least severity that is shown.
    pub min_severity: Option<Severity>,
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
    /// The configuration that is laid over this one: what it sets cannot be weakened here.
    pub policy: Option<Box<Config>>,
}

impl Config {
    /// The name of the file that a word stands in.
    #[must_use]
    pub(crate) fn name_of(&self, word: &Named) -> String {
        let file = word.span.map(|span| span.file);
        let name = self.names.iter().find(|(known, _)| Some(*known) == file);
        name.map_or_else(|| "command line".to_owned(), |(_, name)| name.clone())
    }

    /// Whether the policy has a word: what it names may be anywhere.
    pub(crate) fn is_of_policy(&self, word: &Named) -> bool {
        let names = self.policy.iter().flat_map(|policy| &policy.names);
        let file = word.span.map(|span| span.file);
        file.is_some() && names.into_iter().any(|(known, _)| Some(*known) == file)
    }

    /// The files that have a key, in the order in which they count.
    pub(crate) fn files_with(&self, key: &str) -> Vec<&str> {
        let files = self.keys.iter().filter(|(known, _)| known == key);
        let name = |file: FileId| self.names.iter().find(|(known, _)| *known == file);
        files
            .filter_map(|(_, file)| name(*file).map(|(_, name)| &**name))
            .collect()
    }

    /// Adds what a configuration says that this one extends: where both speak, this one wins, and lists add up.
    pub(crate) fn extend(&mut self, base: Config) {
        let directory = base.directory.clone();
        let absolute = |named: Named| named.below(&directory);
        self.names.extend(base.names);
        self.keys.extend(base.keys);
        self.select = self.select.take().or(base.select);
        self.ignore.splice(0..0, base.ignore);
        self.severity.splice(0..0, base.severity);
        self.fail_on = self.fail_on.or(base.fail_on);
        self.min_severity = self.min_severity.or(base.min_severity);
        self.exclude.join(base.exclude);
        self.unread.join(base.unread);
        self.baseline = self.baseline.take().or(base.baseline.map(absolute));
        self.project = self.project.take().or(base.project);
        self.rules
            .splice(0..0, base.rules.into_iter().map(absolute));
        self.intent.extend(base.intent);
        self.context = self.context.take().or(base.context.map(absolute));
        self.target = self.target.take().or(base.target);
        self.build_args.splice(0..0, base.build_args);
        self.per_file_ignores.extend(base.per_file_ignores);
        self.rule.splice(0..0, base.rule);
    }

    /// Lays a policy over it. What says which rules count is compared with the policy where that is decided; of the
    /// rest, what the policy says comes first.
    pub(crate) fn obey(&mut self, policy: Config) {
        let absolute = |named: &Named| named.clone().below(&policy.directory);
        self.names.extend(policy.names.iter().cloned());
        self.unread.join(policy.unread.clone());
        self.rules.splice(0..0, policy.rules.iter().map(absolute));
        self.intent.splice(0..0, policy.intent.iter().cloned());
        if let Some(context) = &policy.context {
            self.context = Some(absolute(context));
        }
        if let Some(target) = &policy.target {
            self.target = Some(target.clone());
        }
        self.build_args.extend(policy.build_args.iter().cloned());
        self.policy = Some(Box::new(policy));
    }

    /// Takes the ignores out whose last day was before `today`.
    pub(crate) fn expire(&mut self, today: Date) -> Vec<Named> {
        let mut expired = Vec::new();
        let mut sort = |names: &mut Vec<Named>| {
            let is_over = |named: &Named| named.until.is_some_and(|until| until < today);
            expired.extend(names.iter().filter(|named| is_over(named)).cloned());
            names.retain(|named| !is_over(named));
        };
        sort(&mut self.ignore);
        for (_, names) in &mut self.per_file_ignores {
            sort(names);
        }
        if let Some(policy) = &mut self.policy {
            expired.extend(policy.expire(today));
        }
        expired
    }
}

/// `[rule.<id>]`.
#[derive(Debug, Clone)]
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

/// Text as a string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

//! What a reporter is given.

use crate::finding::Severity;
use crate::policy::Outcome;
use crate::source::Sources;

/// What a reporter may say about a rule.
#[derive(Debug, Clone)]
pub struct RuleDoc {
    /// The name of its file, without `.toml`.
    pub id: String,
    /// The folder of its file; empty where there is none.
    pub topic: String,
    /// What it finds, in a few words.
    pub summary: String,
    /// Markdown; may be empty.
    pub why: String,
    /// How bad its findings are, unless something says otherwise.
    pub severity: Severity,
    /// It runs without being selected.
    pub is_default: bool,
    /// What it finds can be used against whoever runs the image.
    pub is_security: bool,
    /// Its first reference.
    pub url: Option<String>,
}

/// What a reporter is given.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was found.
    pub outcome: &'a Outcome,
    /// The files that it points into.
    pub sources: &'a Sources,
    /// Every rule, whether it ran or not; empty when the format does not [need](crate::report::Format::needs_rules)
    /// them.
    pub rules: &'a [RuleDoc],
    /// Escape sequences for colours are wanted.
    pub colour: bool,
    /// Rules are links to their pages, where colours are wanted.
    pub links: bool,
    /// How many columns a line may have; `None`: as many as it takes.
    pub width: Option<usize>,
    /// Checks that could not be decided are told too.
    pub show_undecided: bool,
    /// Counts by rule instead of findings, where a format knows them.
    pub statistics: bool,
    /// Findings and problems only, for people: no sum of them.
    pub quiet: bool,
}

impl<'a> Report<'a> {
    /// As it is written to a file: everything, in no colours, and no undecided checks.
    #[must_use]
    pub fn plain(outcome: &'a Outcome, sources: &'a Sources) -> Self {
        Self {
            outcome,
            sources,
            rules: &[],
            colour: false,
            links: false,
            width: None,
            show_undecided: false,
            statistics: false,
            quiet: false,
        }
    }
}

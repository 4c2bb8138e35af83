//! What rules produce: plain data, no presentation.

use std::sync::Arc;

use crate::span::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; never fails a run unless asked to.
    Info,
    /// Probably breaks, leaks or bloats.
    Warning,
    /// Certainly breaks or leaks.
    Error,
}

impl Severity {
    /// As it is written in rules, configurations and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of that name. What is shown to people as a `note` is `info`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = if name == "note" { "info" } else { name };
        [Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

/// How editors show what is marked, beside the severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// It may as well be left out.
    Unnecessary,
    /// It has had its time.
    Deprecated,
}

/// A second place, in any file, with what it has to do with the finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// One clause, lower case, no period.
    pub message: String,
}

/// Whether a fix may be applied without a person looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// The image behaves the same, but for the fault.
    Safe,
    /// Right in most projects.
    Unsafe,
}

/// One replacement; an insertion when the span is empty, a deletion when the text is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there then.
    pub text: String,
}

/// Edits that mend a finding, in order and not overlapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is done, in the imperative, without a period.
    pub title: String,
    /// Whether a person has to look at it first.
    pub safety: Safety,
    /// In order, not overlapping.
    pub edits: Vec<Edit>,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// An image of the Dockerfile; the name of its stage, where it is written, if it has one.
    Image(Option<Span>),
    /// What is not part of an image: a service of a compose file, a comment.
    Other,
}

/// A fault at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of its rule.
    pub rule: Arc<str>,
    /// How bad it is here.
    pub severity: Severity,
    /// How editors show it, beside the severity.
    pub tags: Vec<Tag>,
    /// One clause, lower case, no period.
    pub message: String,
    /// What to type.
    pub help: Option<String>,
    /// What the caret marks.
    pub primary: Span,
    /// Further places of the same fault, when the rule marks a list; marked like `primary`.
    pub also: Vec<Span>,
    /// Places that explain the fault; they are not wrong themselves.
    pub related: Vec<Related>,
    /// What it is about.
    pub about: About,
    /// The package or image whose release it is about: it stays the same finding with another release.
    pub(crate) lasting: Option<Arc<str>>,
    /// `None` when nothing can be mended without asking.
    pub fix: Option<Fix>,
    /// The first reference of the rule.
    pub url: Option<Arc<str>>,
    /// The facts that were selected: a suppression that covers one of them silences the finding.
    pub covers: Vec<Span>,
    /// Findings of one rule with this place in common are reported as one.
    pub group: Option<Span>,
    /// What brings this finding about: when one of these is found, this one is not reported.
    pub follows: Vec<Cause>,
}

/// A finding that brings about another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub rule: Arc<str>,
    /// Where its marks begin, end or lie around.
    pub places: Vec<Span>,
}

/// A rule that could not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// The id of its rule.
    pub rule: Arc<str>,
    /// The fact it was asked of.
    pub span: Span,
    /// What was not known.
    pub reason: String,
}

/// Something that no rule could ask, because it was not found: the server of an image, its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfound {
    /// The FROM of the image.
    pub span: Span,
    /// What was not found, and why.
    pub reason: String,
}

/// A file, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As shown to people.
    pub file: String,
    /// `None` when the file has no text, as when it cannot be opened.
    pub span: Option<Span>,
    /// One clause, lower case, no period.
    pub message: String,
}

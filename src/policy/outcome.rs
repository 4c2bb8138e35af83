//! The result of a run, ready to be told: what counts, what was silenced, what could not be done.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::baseline::Baseline;
use super::terms::Terms;
use crate::finding::{Finding, Problem, Severity, Undecided, Unfound};
use crate::span::{FileId, shorter};

/// Longest text about what could not be read, in bytes: text of files stands in it.
const MOST_SAID: usize = 1024;

/// Everything a run found. Lists are in their final order.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The Dockerfiles that were checked, as shown to people.
    pub files: Vec<String>,
    /// The projects that they belong to.
    pub(crate) projects: BTreeSet<String>,
    /// How many of them are for what.
    pub purposes: Purposes,
    /// Files that were not checked because something fills them in before they are Dockerfiles, by name.
    pub templates: Vec<String>,
    /// Those that count, in the order of reports.
    pub findings: Vec<Reported>,
    /// Findings that are less severe than what is to be shown; they do not count.
    pub hidden: Vec<Reported>,
    /// Findings that a comment or the baseline keeps quiet.
    pub silenced: Vec<Silenced>,
    /// The files of known findings that were compared with, and what became of their entries.
    pub baselines: Vec<Compared>,
    /// What rules could not decide, in the order of places; never a finding.
    pub undecided: Vec<Undecided>,
    /// What was not found of the images, in the order of the Dockerfiles.
    pub unfound: Vec<Unfound>,
    /// Whatever could not be read: the run did not do its job.
    pub problems: Vec<Problem>,
    /// What is configured and has no effect; it never fails a run.
    pub warnings: Vec<Problem>,
}

/// What the Dockerfiles of a run are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purposes {
    /// Those that are shipped.
    pub production: usize,
    /// Those for development.
    pub development: usize,
    /// Those for tests, lints, continuous integration.
    pub ci: usize,
}

/// A finding that counts.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The finding itself.
    pub finding: Finding,
    /// 32 hexadecimal digits that survive edits elsewhere.
    pub fingerprint: String,
    /// The path from the root of the repository on, which the fingerprint is made of.
    pub(crate) path: String,
    /// What the project is called; `None` where nothing names it.
    pub project: Option<String>,
    /// What it was judged by.
    pub(crate) terms: Arc<Terms>,
    /// It is at or above the threshold.
    pub fails: bool,
    /// It is severe enough to be shown.
    pub is_shown: bool,
    /// The Dockerfiles that lead to it, in order of their names; none for a finding about a comment.
    pub dockerfiles: Vec<FileId>,
    /// Further findings of its group, in the order of places: their marks and fixes are in the
    /// finding, their fingerprints are their own.
    pub others: Vec<Self>,
}

/// A file of known findings, and which of its entries did nothing.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Where it is; empty for one that is not a file.
    pub(crate) path: PathBuf,
    /// What it says.
    pub baseline: Arc<Baseline>,
    /// Entries that no longer occur although everything that could hold them was checked; positions in it, in order.
    pub stale: Vec<usize>,
    /// Entries whose last day has passed and whose findings are reported again; positions in it, in order.
    pub expired: Vec<usize>,
}

/// A finding that does not count, and why.
#[derive(Debug, Clone)]
pub struct Silenced {
    /// The finding, as it would be reported.
    pub reported: Reported,
    /// What keeps it quiet.
    pub by: Silence,
}

/// What keeps a finding quiet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// A comment.
    Comment {
        /// What is written after it; may be empty.
        reason: String,
    },
    /// The finding stands in the baseline.
    Baseline,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// Something could not be read or understood.
    Failed,
}

impl Outcome {
    /// What the exit code says: a problem weighs more than a finding.
    #[must_use]
    pub fn status(&self) -> Status {
        if !self.problems.is_empty() {
            Status::Failed
        } else if self.findings.iter().any(|reported| reported.fails) {
            Status::Findings
        } else {
            Status::Clean
        }
    }

    /// Whether it has fewer of the findings that count than one had `before`, those that are told together counted one
    /// by one, and no more problems: what was done in between silences something and makes nothing worse.
    pub(crate) fn is_quieter_than(
        &self,
        before: &Self,
        counts: impl Fn(&Reported) -> bool,
    ) -> bool {
        let count = |outcome: &Self| -> usize {
            let findings = outcome.findings.iter().filter(|one| counts(one));
            findings.map(|one| 1 + one.others.len()).sum()
        };
        count(self) < count(before) && self.problems.len() <= before.problems.len()
    }

    /// Leaves out the findings that are not severe enough to be shown.
    pub(crate) fn hide(&mut self) {
        let (shown, hidden) = std::mem::take(&mut self.findings)
            .into_iter()
            .partition(|reported| reported.is_shown);
        self.findings = shown;
        self.hidden = hidden;
    }

    /// Adds what has no effect, in order.
    pub(crate) fn add_warnings(&mut self, warnings: impl IntoIterator<Item = Problem>) {
        self.warnings.extend(warnings);
        let place = |it: &Problem| (it.file.clone(), it.span, it.message.clone());
        self.warnings.sort_by_cached_key(place);
        self.warnings.dedup();
    }

    /// Adds what went wrong elsewhere, in order.
    pub fn add_problems(&mut self, problems: Vec<Problem>) {
        if problems.is_empty() {
            return;
        }
        self.problems
            .extend(problems.into_iter().map(|problem| Problem {
                message: shorter(&problem.message, MOST_SAID).into_owned(),
                ..problem
            }));
        self.problems
            .sort_by(|a, b| (&a.file, a.span, &a.message).cmp(&(&b.file, b.span, &b.message)));
        self.problems.dedup();
    }

    /// How many findings the baseline keeps quiet, and how many comments do.
    #[must_use]
    pub fn quiet(&self) -> (usize, usize) {
        let silenced = self.silenced.iter();
        let known = silenced.filter(|it| it.by == Silence::Baseline).count();
        (known, self.silenced.len() - known)
    }

    /// How many findings have that severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|reported| reported.finding.severity == severity)
            .count()
    }
}

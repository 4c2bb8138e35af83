//! The result of a run, ready to be told: what counts, what was silenced, what could not be done.

use crate::finding::{Finding, Problem, Severity, Undecided};
use crate::span::{FileId, shorter};

/// Longest text about what could not be read, in bytes: text of files stands in it.
const MOST_SAID: usize = 1024;

/// Everything a run found. Lists are in their final order.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The Dockerfiles that were checked, as shown to people.
    pub files: Vec<String>,
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
    /// Entries of the baseline that no longer occur although everything that could hold them was
    /// checked; positions in it, in order.
    pub stale: Vec<usize>,
    /// What rules could not decide, in the order of places; never a finding.
    pub undecided: Vec<Undecided>,
    /// Whatever could not be read: the run did not do its job.
    pub problems: Vec<Problem>,
}

/// What the Dockerfiles of a run are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purposes {
    /// Those that are shipped.
    pub production: usize,
    /// Those to develop with.
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

    /// Whether it has fewer of the findings that count than one had `before`, and no more problems: what was done in
    /// between silences something and makes nothing worse.
    pub(crate) fn is_quieter_than(
        &self,
        before: &Self,
        counts: impl Fn(&Reported) -> bool,
    ) -> bool {
        let count = |outcome: &Self| outcome.findings.iter().filter(|one| counts(one)).count();
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

    /// How many findings have that severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|reported| reported.finding.severity == severity)
            .count()
    }
}

//! Repeats: of what a rule finds many times in one file the first is shown, the others are named by their lines.

use crate::maps::{HashMap, HashSet};

use super::super::Report;
use crate::finding::{Finding, Severity};
use crate::span::FileId;

/// So many findings of one rule in one file are shown as one.
const MANY: usize = 3;

type Key<'a> = (FileId, &'a str, Severity);

/// The findings of a rule that a file has many of. Errors are always shown each.
pub(super) struct Folds<'a> {
    report: &'a Report<'a>,
    lines: HashMap<Key<'a>, Vec<u32>>,
    shown: HashSet<Key<'a>>,
}

impl<'a> Folds<'a> {
    pub(super) fn new(report: &'a Report<'a>) -> Self {
        let mut lines: HashMap<Key<'a>, Vec<u32>> = HashMap::default();
        for reported in &report.outcome.findings {
            let finding = &reported.finding;
            if finding.severity < Severity::Error {
                let at = report.sources.place(finding.primary).start.line;
                lines.entry(key(finding)).or_default().push(at);
            }
        }
        lines.retain(|_, lines| lines.len() >= MANY);
        Self {
            report,
            lines,
            shown: HashSet::default(),
        }
    }

    /// Whether the finding is shown with an earlier one.
    pub(super) fn is_folded(&mut self, finding: &'a Finding) -> bool {
        self.lines.contains_key(&key(finding)) && !self.shown.insert(key(finding))
    }

    /// The sentence about those that are shown with this one.
    pub(super) fn shown_with(&self, finding: &'a Finding) -> Option<String> {
        let lines = self.lines.get(&key(finding))?;
        let shown = self.report.sources.place(finding.primary).start.line;
        let mut left = lines.clone();
        if let Some(at) = left.iter().position(|line| *line == shown) {
            left.remove(at);
        }
        let numbers: Vec<String> = left.iter().map(u32::to_string).collect();
        Some(format!(
            "{} more like this in this file, lines {}",
            left.len(),
            numbers.join(", ")
        ))
    }
}

fn key(finding: &Finding) -> Key<'_> {
    (finding.primary.file, &finding.rule, finding.severity)
}

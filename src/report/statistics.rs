//! How often each rule reported, the most frequent first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Report;
use crate::finding::Severity;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = counts(report);
    let width = counts
        .first()
        .map_or(0, |(count, _, _)| count.to_string().len());
    for (count, rule, severity) in &counts {
        writeln!(out, "{count:>width$}  {:<7}  {rule}", severity.name())?;
    }
    super::concise::problems(report, out)?;
    super::human::summary(report, out)
}

/// Count, rule and severity; a rule with several severities appears once for each.
pub(super) fn counts<'a>(report: &Report<'a>) -> Vec<(usize, &'a str, Severity)> {
    let mut by_rule: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        *by_rule
            .entry((&finding.rule, finding.severity))
            .or_default() += 1;
    }
    let mut counts: Vec<_> = by_rule
        .into_iter()
        .map(|((rule, severity), count)| (count, rule, severity))
        .collect();
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)).then(b.2.cmp(&a.2)));
    counts
}

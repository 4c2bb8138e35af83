//! The last line: how much was found, in what, and what to do next.

use std::io::{self, Write};

use super::super::Report;
use super::head::{bold, width, wrapped};
use crate::finding::{Safety, Severity};
use crate::policy::{Outcome, Purposes};

/// What parts of the line stand between.
const DOT: &str = " · ";

/// The last line; nothing when quiet.
pub(in crate::report) fn summary(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.quiet {
        return Ok(());
    }
    let outcome = report.outcome;
    let mut parts = vec![verdict(outcome)];
    parts.extend(fixable(outcome));
    if !outcome.hidden.is_empty() {
        parts.push(format!(
            "{} below the minimum severity",
            outcome.hidden.len()
        ));
    }
    parts.extend(known(outcome));
    if report.show_undecided {
        let count = outcome.undecided.len() + outcome.unfound.len();
        parts.push(format!("{count} undecided"));
    }
    if let Some(gravest) = outcome.findings.iter().max_by_key(|it| it.finding.severity) {
        parts.push(format!("`seatrial explain {}`", gravest.finding.rule));
    }
    let line = parts.join(DOT);
    let lines = match width(report) {
        Some(width) => wrapped(&line, 0, 0, width),
        None => vec![line],
    };
    writeln!(out, "{}", bold(report, &lines.join("\n")))
}

/// What was found in one line, and how much of it a baseline keeps quiet.
pub(in crate::report) fn headline(outcome: &Outcome) -> String {
    let parts = std::iter::once(verdict(outcome)).chain(known(outcome));
    parts.collect::<Vec<_>>().join(DOT)
}

/// What a baseline keeps quiet.
fn known(outcome: &Outcome) -> Option<String> {
    let (count, _) = outcome.quiet();
    (count > 0).then(|| format!("{count} known from the baseline"))
}

/// What the options that fix would fix.
fn fixable(outcome: &Outcome) -> Option<String> {
    let (mut safe, mut further) = (0, 0);
    for fix in outcome
        .findings
        .iter()
        .filter_map(|it| it.finding.fix.as_ref())
    {
        match fix.safety {
            Safety::Safe => safe += 1,
            Safety::Unsafe => further += 1,
        }
    }
    match (safe, further) {
        (0, 0) => None,
        (_, 0) => Some(format!("{safe} fixable with `--fix`")),
        (0, _) => Some(format!("{further} fixable with `--fix --unsafe-fixes`")),
        _ => Some(format!(
            "{safe} fixable with `--fix`, {further} more with `--unsafe-fixes`"
        )),
    }
}

/// How much was found, in words.
fn verdict(outcome: &Outcome) -> String {
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        match outcome.count(severity) {
            0 => {}
            count => parts.push(counted(count, severity.name())),
        }
    }
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    let problems = outcome.problems.len();
    if outcome.files.is_empty() && problems > 0 {
        return format!("nothing was checked; {}", counted(problems, "problem"));
    }
    let files = counted(outcome.files.len(), "Dockerfile");
    let mut verdict = format!("{} in {files}", parts.join(", "));
    if let Some(purposes) = purposes(&outcome.purposes) {
        verdict.push_str(&format!(" ({purposes})"));
    }
    if problems > 0 {
        verdict.push_str(&format!("; {}", counted(problems, "problem")));
    }
    verdict
}

/// What the Dockerfiles are for.
fn purposes(purposes: &Purposes) -> Option<String> {
    let counts = [
        (purposes.production, "production"),
        (purposes.development, "development"),
        (purposes.ci, "CI"),
    ];
    let counts: Vec<(usize, &str)> = counts.into_iter().filter(|(count, _)| *count > 0).collect();
    match counts[..] {
        [] => None,
        [(_, word)] => Some(word.to_owned()),
        _ => {
            let words = counts.iter().map(|(count, word)| format!("{count} {word}"));
            Some(words.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `1 error`, `2 errors`.
fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

//! For people: the lines of the file with carets. With its parts, the only user of `codespan-reporting`.

mod shelf;

use crate::maps::{HashMap, HashSet};
use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Level};
use codespan_reporting::files::Error;
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{Config, Styles, StylesWriter, emit_to_write_style};

use super::Report;
use super::text::{one_line, tame};
use crate::finding::{Finding, Fix, Problem, Safety, Severity, Undecided};
use crate::policy::{Outcome, Silence};
use crate::span::{FileId, Span};
use shelf::Shelf;

/// Places of one finding that are marked: drawing them takes longer the more there are.
const MOST_LABELS: usize = 100;

/// So many notes of one rule in one file are told at once.
const MANY: usize = 4;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut diagnostics = Vec::new();
    let mut folds = Folds::new(report);
    for reported in &report.outcome.findings {
        if !folds.is_folded(&reported.finding) {
            diagnostics.push(finding(
                &reported.finding,
                folds.told_with(&reported.finding),
            ));
        }
    }
    if report.show_undecided {
        diagnostics.extend(report.outcome.undecided.iter().map(undecided));
    }
    diagnostics.extend(report.outcome.problems.iter().map(problem));

    let shelf = Shelf::new(report, &diagnostics);
    let config = Config::default();
    let mut text = Vec::new();
    for diagnostic in &mut diagnostics {
        let excerpt = shelf.excerpt(diagnostic);
        let told = if report.colour {
            let styles = Styles::default();
            let mut writer = StylesWriter::new(Ansi::new(&mut text), &styles);
            emit_to_write_style(&mut writer, &config, &excerpt, diagnostic)
        } else {
            let styles = Styles::no_color();
            let mut writer = StylesWriter::new(NoColor::new(&mut text), &styles);
            emit_to_write_style(&mut writer, &config, &excerpt, diagnostic)
        };
        told.map_err(|error| match error {
            Error::Io(error) => error,
            other => io::Error::other(other.to_string()),
        })?;
        out.write_all(&text)?;
        text.clear();
    }
    summary(report, out)
}

/// The last line: how much was found, in how many files. Nothing when quiet.
pub(super) fn summary(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.quiet {
        return Ok(());
    }
    write!(out, "{}", verdict(report.outcome))?;
    let in_baseline = report
        .outcome
        .silenced
        .iter()
        .filter(|silenced| silenced.by == Silence::Baseline)
        .count();
    let findings = report.outcome.findings.iter();
    let fixes = findings.filter_map(|reported| reported.finding.fix.as_ref());
    let is_safe = |fix: &&Fix| fix.safety == Safety::Safe;
    let fixable = fixes.filter(is_safe).count();
    if fixable > 0 {
        write!(out, "; `--fix` mends {fixable}")?;
    }
    if in_baseline > 0 {
        write!(out, "; {in_baseline} known from the baseline")?;
    }
    if report.show_undecided {
        write!(out, "; {} undecided", report.outcome.undecided.len())?;
    }
    writeln!(out)
}

/// How much was found, in words.
pub(super) fn verdict(outcome: &Outcome) -> String {
    let counted = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let mut parts = Vec::new();
    for (severity, one) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ] {
        let count = outcome.count(severity);
        if count > 0 {
            parts.push(counted(count, one));
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
    if problems > 0 {
        verdict.push_str(&format!("; {}", counted(problems, "problem")));
    }
    verdict
}

/// The notes of a rule that a file has many of: the first is shown, the others are named by their lines.
struct Folds<'a> {
    report: &'a Report<'a>,
    lines: HashMap<(FileId, &'a str), Vec<u32>>,
    shown: HashSet<(FileId, &'a str)>,
}

impl<'a> Folds<'a> {
    fn new(report: &'a Report<'a>) -> Self {
        let mut lines: HashMap<(FileId, &str), Vec<u32>> = HashMap::default();
        for reported in &report.outcome.findings {
            let finding = &reported.finding;
            if finding.severity == Severity::Info {
                let at = report.sources.place(finding.primary).start.line;
                lines.entry(Self::key(finding)).or_default().push(at);
            }
        }
        lines.retain(|_, lines| lines.len() >= MANY);
        Self {
            report,
            lines,
            shown: HashSet::default(),
        }
    }

    fn key(finding: &'a Finding) -> (FileId, &'a str) {
        (finding.primary.file, &finding.rule)
    }

    /// Whether the finding is told with an earlier one.
    fn is_folded(&mut self, finding: &'a Finding) -> bool {
        finding.severity == Severity::Info
            && self.lines.contains_key(&Self::key(finding))
            && !self.shown.insert(Self::key(finding))
    }

    /// The sentence about those that are told with this one.
    fn told_with(&self, finding: &'a Finding) -> Option<String> {
        if finding.severity != Severity::Info {
            return None;
        }
        let lines = self.lines.get(&Self::key(finding))?;
        let shown = self.report.sources.place(finding.primary).start.line;
        let mut left = lines.clone();
        if let Some(at) = left.iter().position(|line| *line == shown) {
            left.remove(at);
        }
        let numbers: Vec<String> = left.iter().map(u32::to_string).collect();
        Some(format!(
            "note: {} more like it in this file, lines {}",
            left.len(),
            numbers.join(", ")
        ))
    }
}

fn finding(finding: &Finding, more: Option<String>) -> Diagnostic<FileId> {
    let level = match finding.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    };
    let mut labels = vec![label(finding.primary, true)];
    let also = finding.also.iter().take(MOST_LABELS);
    labels.extend(also.map(|span| label(*span, true)));
    for related in finding.related.iter().take(MOST_LABELS) {
        labels.push(label(related.span, false).with_message(one_line(&related.message)));
    }
    let mut notes = Vec::new();
    if let Some(left) = finding
        .also
        .len()
        .checked_sub(MOST_LABELS)
        .filter(|left| *left > 0)
    {
        notes.push(format!("note: {left} more places are not marked here"));
    }
    if let Some(help) = &finding.help {
        notes.push(format!("help: {}", tame(help)));
    }
    notes.extend(more);
    Diagnostic::new(level)
        .with_code(&*finding.rule)
        .with_message(one_line(&finding.message))
        .with_labels(labels)
        .with_notes(notes)
}

fn undecided(undecided: &Undecided) -> Diagnostic<FileId> {
    Diagnostic::new(Level::Help)
        .with_code(&*undecided.rule)
        .with_message(format!("undecided: {}", one_line(&undecided.reason)))
        .with_labels(vec![label(undecided.span, true)])
}

fn problem(problem: &Problem) -> Diagnostic<FileId> {
    let diagnostic = Diagnostic::new(Level::Error);
    let message = one_line(&problem.message);
    match problem.span {
        Some(span) => diagnostic
            .with_message(message)
            .with_labels(vec![label(span, true)]),
        None => diagnostic.with_message(format!("{}: {message}", one_line(&problem.file))),
    }
}

fn label(span: Span, is_primary: bool) -> Label<FileId> {
    if is_primary {
        Label::primary(span.file, span.range())
    } else {
        Label::secondary(span.file, span.range())
    }
}

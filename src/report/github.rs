//! Workflow commands that GitHub turns into annotations, and a last line for the log.

use std::io::{self, Write};

use super::Report;
use super::text::tame;
use crate::finding::Severity;
use crate::source::Place;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut message = finding.message.clone();
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(help);
        }
        let place = report.sources.place(finding.primary);
        command(out, level, &place, &finding.rule, &message)?;
    }
    for problem in &report.outcome.problems {
        match problem.span.map(|span| report.sources.place(span)) {
            Some(place) => command(out, "error", &place, "error", &problem.message)?,
            None => {
                let file = property(&problem.file);
                let message = data(&problem.message);
                writeln!(out, "::error file={file},title=error::{message}")?;
            }
        }
    }
    writeln!(out, "{}", super::human::headline(report.outcome))
}

fn command(
    out: &mut dyn Write,
    level: &str,
    place: &Place,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let (start, end) = (place.start, place.end);
    write!(
        out,
        "::{level} file={},line={}",
        property(&place.file),
        start.line
    )?;
    write!(out, ",endLine={}", end.line)?;
    // Columns are refused in annotations of several lines.
    if start.line == end.line {
        write!(out, ",col={},endColumn={}", start.column, end.column)?;
    }
    writeln!(out, ",title={}::{}", property(title), data(message))
}

/// Whoever reads the log sees these characters too.
fn data(text: &str) -> String {
    tame(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

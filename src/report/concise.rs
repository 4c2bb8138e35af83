//! One line a finding: `file:line:column: severity[rule] message`.

use std::io::{self, Write};

use super::Report;
use super::text::one_line;
use crate::source::Place;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        let place = report.sources.place(finding.primary);
        let severity = finding.severity.name();
        let message = one_line(&finding.message);
        head(out, &place)?;
        writeln!(out, "{severity}[{}] {message}", finding.rule)?;
    }
    if report.show_undecided {
        for undecided in &report.outcome.undecided {
            head(out, &report.sources.place(undecided.span))?;
            let reason = one_line(&undecided.reason);
            writeln!(out, "undecided[{}] {reason}", undecided.rule)?;
        }
        for unfound in &report.outcome.unfound {
            head(out, &report.sources.place(unfound.span))?;
            writeln!(out, "undecided {}", one_line(&unfound.reason))?;
        }
    }
    problems(report, out)
}

/// What could not be done, in the same manner.
pub(super) fn problems(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for problem in &report.outcome.problems {
        match problem.span.map(|span| report.sources.place(span)) {
            Some(place) => head(out, &place)?,
            None => write!(out, "{}: ", one_line(&problem.file))?,
        }
        writeln!(out, "error {}", one_line(&problem.message))?;
    }
    Ok(())
}

fn head(out: &mut dyn Write, place: &Place) -> io::Result<()> {
    let file = one_line(&place.file);
    write!(out, "{file}:{}:{}: ", place.start.line, place.start.column)
}

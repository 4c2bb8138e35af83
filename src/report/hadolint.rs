//! The JSON that hadolint prints, for editors and CI jobs that read it already.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::source::Place;

/// In the order in which hadolint writes them.
#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    column: u32,
    file: &'a str,
    level: &'static str,
    line: u32,
    message: &'a str,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let places: Vec<Place> = report
        .outcome
        .findings
        .iter()
        .map(|reported| report.sources.place(reported.finding.primary))
        .collect();
    let mut entries: Vec<Entry<'_>> = report
        .outcome
        .findings
        .iter()
        .zip(&places)
        .map(|(reported, place)| Entry {
            code: &reported.finding.rule,
            column: place.start.column,
            file: &place.file,
            level: reported.finding.severity.name(),
            line: place.start.line,
            message: &reported.finding.message,
        })
        .collect();
    for problem in &report.outcome.problems {
        let place = problem.span.map(|span| report.sources.place(span));
        let start = place.map(|place| place.start);
        entries.push(Entry {
            code: "error",
            column: start.map_or(1, |start| start.column),
            file: &problem.file,
            level: "error",
            line: start.map_or(1, |start| start.line),
            message: &problem.message,
        });
    }
    out.write_all(super::text::json_escaped(&serde_json::to_string(&entries)?).as_bytes())?;
    out.write_all(b"\n")
}

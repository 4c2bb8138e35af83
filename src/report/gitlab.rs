//! GitLab Code Quality.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::finding::Severity;
use crate::policy::fingerprint::fingerprint;
use crate::source::Place;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut issues = Vec::new();
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        let place = report.sources.place(finding.primary);
        issues.push(Issue {
            // GitLab does not show `check_name`.
            description: format!("{}: {}", finding.rule, finding.message),
            check_name: finding.rule.to_string(),
            fingerprint: reported.fingerprint.clone(),
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: location(&place),
        });
    }
    for (ordinal, problem) in report.outcome.problems.iter().enumerate() {
        let place = problem.span.map(|span| report.sources.place(span));
        issues.push(Issue {
            description: problem.message.clone(),
            check_name: "error".to_owned(),
            fingerprint: fingerprint("error", &problem.file, &problem.message, ordinal),
            severity: "critical",
            location: place.as_ref().map_or_else(
                || Location {
                    path: problem.file.clone(),
                    positions: Positions {
                        begin: Point { line: 1, column: 1 },
                        end: Point { line: 1, column: 1 },
                    },
                },
                location,
            ),
        });
    }
    super::text::json(out, &issues)?;
    out.write_all(b"\n")
}

fn location(place: &Place) -> Location {
    let point = |position: crate::source::Position| Point {
        line: position.line,
        column: position.column,
    };
    Location {
        path: place.file.clone(),
        positions: Positions {
            begin: point(place.start),
            end: point(place.end),
        },
    }
}

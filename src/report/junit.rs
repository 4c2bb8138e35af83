//! JUnit's XML: a suite for each file, a failed case for each finding that fails the run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Report;
use super::xml::escape;

struct Case {
    name: String,
    line: u32,
    outcome: Told,
}

enum Told {
    Failure {
        kind: &'static str,
        message: String,
        text: String,
    },
    Error {
        message: String,
    },
    /// Below the threshold.
    Note(String),
    Passed,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(report);
    let count = |test: fn(&Told) -> bool| -> usize {
        let cases = suites.values().flatten();
        cases.filter(|case| test(&case.outcome)).count()
    };
    let (all, failed, errors) = (count(|_| true), count(is_failure), count(is_error));
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="seatrial" tests="{all}" failures="{failed}" errors="{errors}">"#
    )?;
    for (file, cases) in &suites {
        suite(out, file, cases)?;
    }
    writeln!(out, "</testsuites>")
}

fn suites(report: &Report<'_>) -> BTreeMap<String, Vec<Case>> {
    let mut suites: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        let place = report.sources.place(finding.primary);
        let (line, column) = (place.start.line, place.start.column);
        let mut text = format!("{}:{line}:{column}: {}", place.file, finding.message);
        if let Some(help) = &finding.help {
            text.push_str("\nhelp: ");
            text.push_str(help);
        }
        let outcome = if reported.fails {
            Told::Failure {
                kind: finding.severity.name(),
                message: finding.message.clone(),
                text,
            }
        } else {
            Told::Note(text)
        };
        suites.entry(place.file).or_default().push(Case {
            name: format!("{} ({line}:{column})", finding.rule),
            line,
            outcome,
        });
    }
    for problem in &report.outcome.problems {
        let place = problem.span.map(|span| report.sources.place(span));
        let line = place.map_or(1, |place| place.start.line);
        suites.entry(problem.file.clone()).or_default().push(Case {
            name: format!("error ({line})"),
            line,
            outcome: Told::Error {
                message: problem.message.clone(),
            },
        });
    }
    for file in &report.outcome.files {
        suites.entry(file.clone()).or_insert_with(|| {
            vec![Case {
                name: "no findings".to_owned(),
                line: 1,
                outcome: Told::Passed,
            }]
        });
    }
    suites
}

fn suite(out: &mut dyn Write, file: &str, cases: &[Case]) -> io::Result<()> {
    let failed = cases
        .iter()
        .filter(|case| is_failure(&case.outcome))
        .count();
    let errors = cases.iter().filter(|case| is_error(&case.outcome)).count();
    let name = escape(file);
    writeln!(
        out,
        r#"  <testsuite name="{name}" tests="{}" failures="{failed}" errors="{errors}">"#,
        cases.len()
    )?;
    for case in cases {
        write!(
            out,
            r#"    <testcase classname="{name}" name="{}" file="{name}" line="{}">"#,
            escape(&case.name),
            case.line
        )?;
        match &case.outcome {
            Told::Failure {
                kind,
                message,
                text,
            } => write!(
                out,
                r#"<failure type="{kind}" message="{}">{}</failure>"#,
                escape(message),
                escape(text)
            )?,
            Told::Error { message } => write!(
                out,
                r#"<error type="error" message="{0}">{0}</error>"#,
                escape(message)
            )?,
            Told::Note(text) => write!(out, "<system-out>{}</system-out>", escape(text))?,
            Told::Passed => {}
        }
        writeln!(out, "</testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

fn is_failure(outcome: &Told) -> bool {
    matches!(outcome, Told::Failure { .. })
}

fn is_error(outcome: &Told) -> bool {
    matches!(outcome, Told::Error { .. })
}

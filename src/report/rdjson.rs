//! Reviewdog's diagnostic format. Its columns count bytes of UTF-8.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::place::further;
use crate::finding::Severity;
use crate::source::Sources;
use crate::span::Span;

#[derive(Serialize)]
struct Root<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let sources = report.sources;
    let mut diagnostics = Vec::new();
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        let mut message = finding.message.clone();
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(help);
        }
        // A suggestion has no path of its own, and an edit without its fellows breaks the file.
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        let suggestions = if edits
            .clone()
            .all(|edit| edit.span.file == finding.primary.file)
        {
            edits
                .map(|edit| Suggestion {
                    range: range(sources, edit.span),
                    text: &edit.text,
                })
                .collect()
        } else {
            Vec::new()
        };
        let related = further(finding).map(|(span, message)| Related {
            message,
            location: location(sources, span),
        });
        diagnostics.push(Diagnostic {
            message,
            location: location(sources, finding.primary),
            severity: match finding.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Info => "INFO",
            },
            code: Code {
                value: &finding.rule,
                url: finding.url.as_deref(),
            },
            suggestions,
            related_locations: related.collect(),
        });
    }
    for problem in &report.outcome.problems {
        diagnostics.push(Diagnostic {
            message: problem.message.clone(),
            location: Location {
                path: problem.file.clone(),
                range: problem.span.map(|span| range(sources, span)),
            },
            severity: "ERROR",
            code: Code {
                value: "error",
                url: None,
            },
            suggestions: Vec::new(),
            related_locations: Vec::new(),
        });
    }
    let root = Root {
        source: Source { name: "seatrial" },
        diagnostics,
    };
    super::text::json(out, &root)?;
    out.write_all(b"\n")
}

fn location(sources: &Sources, span: Span) -> Location {
    Location {
        path: sources.get(span.file).name.clone(),
        range: Some(range(sources, span)),
    }
}

fn range(sources: &Sources, span: Span) -> Range {
    let file = sources.get(span.file);
    let point = |offset: u32| {
        let position = file.position(offset);
        let line = usize::try_from(position.line - 1).unwrap_or_default();
        let start = file.line_starts().get(line).copied().unwrap_or_default();
        Point {
            line: position.line,
            column: position.offset - start + 1,
        }
    };
    Range {
        start: point(span.start),
        end: point(span.end),
    }
}

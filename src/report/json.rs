//! One JSON object, version 1. These structures are the format: nothing else is serialized.
//!
//! Keys may be added within a version; none is renamed, removed or given another type.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::place::{further, stage_name};
use crate::finding::{About, Finding, Problem, Safety, Severity};
use crate::policy::Reported;
use crate::source::Place;
use crate::source::{Position, Sources};
use crate::span::Span;

#[derive(Serialize)]
struct Root<'a> {
    schema_version: u32,
    tool: Tool,
    files_checked: usize,
    findings: Vec<FindingV1<'a>>,
    undecided: Vec<UndecidedV1<'a>>,
    unfound: Vec<UnfoundV1<'a>>,
    errors: Vec<ErrorV1<'a>>,
    warnings: Vec<ErrorV1<'a>>,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Vec<StatisticV1<'a>>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FindingV1<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    file: String,
    range: Range,
    related: Vec<RelatedV1<'a>>,
    fix: Option<FixV1<'a>>,
    fingerprint: &'a str,
    url: Option<&'a str>,
    dockerfile: Option<String>,
    image: Option<String>,
    project: Option<&'a str>,
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
    offset: u32,
}

#[derive(Serialize)]
struct RelatedV1<'a> {
    file: String,
    range: Range,
    message: &'a str,
}

#[derive(Serialize)]
struct FixV1<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<EditV1<'a>>,
}

#[derive(Serialize)]
struct EditV1<'a> {
    file: String,
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct UndecidedV1<'a> {
    rule: &'a str,
    file: String,
    reason: &'a str,
}

#[derive(Serialize)]
struct UnfoundV1<'a> {
    file: String,
    range: Range,
    reason: &'a str,
}

#[derive(Serialize)]
struct ErrorV1<'a> {
    file: &'a str,
    range: Option<Range>,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    info: usize,
    hidden: usize,
    known: usize,
    suppressed: usize,
}

#[derive(Serialize)]
struct StatisticV1<'a> {
    rule: &'a str,
    severity: &'static str,
    count: usize,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let sources = report.sources;
    let root = Root {
        schema_version: 1,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        files_checked: outcome.files.len(),
        findings: outcome
            .findings
            .iter()
            .map(|reported| finding(sources, reported))
            .collect(),
        undecided: outcome
            .undecided
            .iter()
            .map(|undecided| UndecidedV1 {
                rule: &undecided.rule,
                file: sources.get(undecided.span.file).name.clone(),
                reason: &undecided.reason,
            })
            .collect(),
        unfound: outcome
            .unfound
            .iter()
            .map(|unfound| UnfoundV1 {
                file: sources.get(unfound.span.file).name.clone(),
                range: range(&sources.place(unfound.span)),
                reason: &unfound.reason,
            })
            .collect(),
        errors: errors(sources, &outcome.problems),
        warnings: errors(sources, &outcome.warnings),
        summary: Summary {
            error: outcome.count(Severity::Error),
            warning: outcome.count(Severity::Warning),
            info: outcome.count(Severity::Info),
            hidden: outcome.hidden.len(),
            known: outcome.quiet().0,
            suppressed: outcome.quiet().1,
        },
        statistics: report.statistics.then(|| {
            let counts = super::statistics::counts(report);
            counts
                .into_iter()
                .map(|(count, rule, severity)| StatisticV1 {
                    rule,
                    severity: severity.name(),
                    count,
                })
                .collect()
        }),
    };
    super::text::json(out, &root)?;
    out.write_all(b"\n")
}

fn errors<'a>(sources: &Sources, problems: &'a [Problem]) -> Vec<ErrorV1<'a>> {
    let error = |problem: &'a Problem| ErrorV1 {
        file: &problem.file,
        range: problem
            .span
            .map(|span| sources.place(span))
            .map(|place| range(&place)),
        message: &problem.message,
    };
    problems.iter().map(error).collect()
}

fn finding<'a>(sources: &Sources, reported: &'a Reported) -> FindingV1<'a> {
    let finding: &Finding = &reported.finding;
    let (file, range) = place(sources, finding.primary);
    FindingV1 {
        rule: &finding.rule,
        severity: finding.severity.name(),
        message: &finding.message,
        help: finding.help.as_deref(),
        file,
        range,
        related: further(finding)
            .map(|(span, message)| {
                let (file, range) = place(sources, span);
                RelatedV1 {
                    file,
                    range,
                    message,
                }
            })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| FixV1 {
            title: &fix.title,
            safety: match fix.safety {
                Safety::Safe => "safe",
                Safety::Unsafe => "unsafe",
            },
            edits: fix
                .edits
                .iter()
                .map(|edit| {
                    let (file, range) = place(sources, edit.span);
                    EditV1 {
                        file,
                        range,
                        text: &edit.text,
                    }
                })
                .collect(),
        }),
        fingerprint: &reported.fingerprint,
        url: finding.url.as_deref(),
        dockerfile: reported
            .dockerfiles
            .first()
            .map(|file| sources.get(*file).name.clone()),
        image: match finding.about {
            About::Image(stage) => stage.map(|span| stage_name(sources, span)),
            About::Other => None,
        },
        project: reported.project.as_deref(),
    }
}

fn place(sources: &Sources, span: Span) -> (String, Range) {
    let place = sources.place(span);
    let range = range(&place);
    (place.file, range)
}

fn range(place: &Place) -> Range {
    let point = |position: Position| Point {
        line: position.line,
        column: position.column,
        offset: position.offset,
    };
    Range {
        start: point(place.start),
        end: point(place.end),
    }
}

//! What was found, as diagnostics.

use std::collections::BTreeMap;
use std::path::Path;

use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, Position, Range,
};
use serde_json::json;

use super::analysis::{Analysis, Places, Project};
use crate::check::discover;
use crate::finding::{Problem, Severity, Tag};
use crate::policy::Reported;
use crate::report::place::further;
use crate::report::text::tame;

/// Who says it.
pub(super) const SOURCE: &str = "seatrial";

/// What is shown in files, by their address, in order.
pub(super) type Shown = BTreeMap<String, Vec<Diagnostic>>;

/// What a state comes to: diagnostics, and what belongs to no file.
pub(super) fn all(analysis: &Analysis) -> (Shown, Vec<String>) {
    let mut shown = Shown::new();
    let mut rest = Vec::new();
    for project in &analysis.projects {
        let places = analysis.places(project);
        for reported in &project.checked.outcome.findings {
            let file = reported.finding.primary.file;
            if let Some(uri) = places.uri(file) {
                let told = finding(&places, reported);
                shown.entry(uri).or_default().push(told);
            }
        }
        for wrong in &project.checked.outcome.problems {
            match problem(analysis, project, &places, wrong) {
                Some((uri, told)) => shown.entry(uri).or_default().push(told),
                None => rest.push(format!("{}: {}", wrong.file, wrong.message)),
            }
        }
    }
    for told in shown.values_mut() {
        told.sort_by_cached_key(|one| {
            (
                one.range,
                code(one).to_owned(),
                json!(one.message).to_string(),
            )
        });
        // Folders may lie in each other.
        told.dedup();
    }
    (shown, rest)
}

fn code(diagnostic: &Diagnostic) -> &str {
    match &diagnostic.code {
        Some(Code::String(code)) => code,
        _ => "",
    }
}

/// A finding, with everything that is told of it.
pub(super) fn finding(places: &Places<'_>, reported: &Reported) -> Diagnostic {
    let finding = &reported.finding;
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let related = further(finding).filter_map(|(span, message)| {
        let location = places.location(span)?;
        Some(DiagnosticRelatedInformation::new(
            location,
            tame(message).into_owned(),
        ))
    });
    let related: Vec<_> = related.collect();
    let url = finding.url.as_deref();
    let tags = finding.tags.iter().map(|tag| match tag {
        Tag::Unnecessary => DiagnosticTag::Unnecessary,
        Tag::Deprecated => DiagnosticTag::Deprecated,
    });
    let tags: Vec<_> = tags.collect();
    Diagnostic {
        range: places.range(finding.primary),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Info => DiagnosticSeverity::Information,
        }),
        code: Some(Code::String(finding.rule.to_string())),
        code_description: url.map(|url| CodeDescription::new(url.into())),
        source: Some(SOURCE.to_owned()),
        message: tame(&message).into_owned().into(),
        tags: (!tags.is_empty()).then_some(tags),
        related_information: (!related.is_empty()).then_some(related),
        data: Some(json!({"fingerprint": reported.fingerprint})),
    }
}

/// Where a problem is shown, and how; `None` for what is wrong with no file.
fn problem(
    analysis: &Analysis,
    project: &Project,
    places: &Places<'_>,
    problem: &Problem,
) -> Option<(String, Diagnostic)> {
    let (uri, range) = match problem.span {
        Some(span) => (places.uri(span.file)?, places.range(span)),
        None => {
            let path = discover::absolute(&project.root, Path::new(&problem.file));
            let files = project.checked.sources.file_system();
            // What is a link that leads nowhere has no text to open.
            files.has_file(&path).then_some(())?;
            let start = Position::new(0, 0);
            (analysis.names.uri(&path), Range::new(start, start))
        }
    };
    let told = Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::Error),
        code: None,
        code_description: None,
        source: Some(SOURCE.to_owned()),
        message: tame(&problem.message).into_owned().into(),
        tags: None,
        related_information: None,
        data: None,
    };
    Some((uri, told))
}

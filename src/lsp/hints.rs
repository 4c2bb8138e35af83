//! What stands beside the text when it is asked for: values of variables, ends of life, who runs.

use gen_lsp_types::{InlayHintParams, Position};
use serde_json::{Value, json};

use super::analysis::Analysis;
use super::ask;
use crate::facts::Facts;
use crate::facts::table::NodeRef;
use crate::span::Span;

/// Longest value that is shown, in characters.
const LONGEST: usize = 60;

pub(super) fn hints(analysis: &Analysis, params: &InlayHintParams) -> Result<Value, String> {
    let mut found: Vec<(Position, String)> = Vec::new();
    if !analysis.snapshot.settings.inlay_hints {
        return Ok(json!([]));
    }
    for (project, file) in analysis.files(&params.text_document.uri.0) {
        let places = analysis.places(project);
        for (_, facts) in &project.checked.facts {
            for (span, label) in all(facts) {
                if span.file != file {
                    continue;
                }
                let end = places.range(span).end;
                if params.range.start <= end && end <= params.range.end {
                    found.push((end, label));
                }
            }
        }
    }
    // Several Dockerfiles may say the same of a file.
    found.sort();
    found.dedup();
    let told = found.into_iter();
    let told =
        told.map(|(end, label)| json!({"position": end, "label": label, "paddingLeft": true}));
    Ok(told.collect())
}

fn all(facts: &Facts) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    let mut add = |node: &NodeRef, label: Option<String>| {
        if let Some((span, label)) = node.span().zip(label) {
            let is_long = label.chars().count() > LONGEST;
            let short: String = label.chars().take(LONGEST).collect();
            let short = short.replace(['\n', '\r'], " ");
            found.push((
                span,
                if is_long {
                    format!("{short}...")
                } else {
                    short
                },
            ));
        }
    };
    for node in ask::all(facts, "reference") {
        let value = ask::text(&node, "value").filter(|value| !value.is_empty());
        add(&node, value.map(|value| format!("= {value}")));
    }
    for node in ask::all(facts, "base") {
        let python = ask::text(&node, "python_eol");
        let python = python.map(|end| format!("Python until {end}"));
        let system = ask::text(&node, "suite_lts_end").or_else(|| ask::text(&node, "ubuntu_eol"));
        let system = system.map(|end| format!("system until {end}"));
        let told: Vec<String> = python.into_iter().chain(system).collect();
        add(&node, (!told.is_empty()).then(|| told.join(", ")));
    }
    for image in ask::all(facts, "image") {
        let user = ask::text(&image, "user");
        let user = user.map(|user| {
            if user.is_empty() {
                "root".to_owned()
            } else {
                user
            }
        });
        for field in ["entrypoint", "cmd"] {
            if let Some(process) = ask::fact(&image, field) {
                add(&process, user.as_ref().map(|user| format!("as {user}")));
                break;
            }
        }
    }
    found
}

//! What a client may ask, by method, and what it is told that it may ask.

use std::collections::BTreeMap;

use gen_lsp_types::DocumentLinkParams;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::analysis::Analysis;
use super::settings::Client;
use super::worker::Question;
use super::{actions, completion, hints, hover, links};
use crate::report::text::tame;
use crate::span::FileId;

/// How a request is answered; `None` for one that is not known.
pub(super) fn question(method: &str, params: Value) -> Option<Result<Question, String>> {
    Some(match method {
        "textDocument/codeAction" => with(params, actions::actions),
        "codeAction/resolve" => Ok(Box::new(|analysis| actions::resolve(analysis, params))),
        "textDocument/hover" => with(params, hover::hover),
        "textDocument/completion" => with(params, completion::completion),
        "textDocument/definition" => with(params, links::definition),
        "textDocument/references" => with(params, links::references),
        "textDocument/documentLink" => with(params, links::links),
        "textDocument/inlayHint" => with(params, hints::hints),
        "seatrial/facts" => with(params, facts),
        "seatrial/files" => Ok(Box::new(|analysis| Ok(files(analysis)))),
        _ => return None,
    })
}

/// What is known of an open Dockerfile, as `seatrial facts` prints it: for whoever writes conditions.
fn facts(analysis: &Analysis, params: &DocumentLinkParams) -> Result<Value, String> {
    let mut found = analysis.files(&params.text_document.uri.0);
    let told = found.find_map(|(project, file)| {
        let checked = &project.checked;
        let mut facts = checked.facts.iter();
        let (_, facts) = facts.find(|(dockerfile, _)| *dockerfile == file)?;
        Some(facts.to_json(&checked.sources))
    });
    Ok(told.unwrap_or(Value::Null))
}

/// Every file that was read, with how much was found in it.
fn files(analysis: &Analysis) -> Value {
    let mut told = BTreeMap::new();
    for project in &analysis.projects {
        let checked = &project.checked;
        let mut found: BTreeMap<FileId, usize> = BTreeMap::new();
        for reported in &checked.outcome.findings {
            *found.entry(reported.finding.primary.file).or_default() += 1;
        }
        for file in checked.sources.ids() {
            let source = checked.sources.get(file);
            let Some(path) = &source.path else {
                continue;
            };
            let is_dockerfile = checked.facts.iter().any(|(known, _)| *known == file);
            let uri = analysis.names.uri(path);
            let one = json!({
                "uri": uri,
                "name": tame(&source.name),
                "isDockerfile": is_dockerfile,
                "findings": found.get(&file).copied().unwrap_or_default(),
            });
            // Dockerfiles come first.
            told.insert((!is_dockerfile, source.name.clone(), uri), one);
        }
    }
    told.into_values().collect()
}

/// A question whose parameters are read now, so that a mistake in them is told as one.
fn with<P: DeserializeOwned + Send + 'static>(
    params: Value,
    answer: fn(&Analysis, &P) -> Result<Value, String>,
) -> Result<Question, String> {
    let params: P = serde_json::from_value(params).map_err(|error| error.to_string())?;
    Ok(Box::new(move |analysis| answer(analysis, &params)))
}

/// Adds what is offered.
pub(super) fn offer(capabilities: &mut Value, client: &Client) {
    capabilities["codeActionProvider"] = json!({
        "codeActionKinds": actions::KINDS,
        "resolveProvider": client.resolves_edits,
    });
    for plain in [
        "hoverProvider",
        "definitionProvider",
        "referencesProvider",
        "inlayHintProvider",
    ] {
        capabilities[plain] = json!(true);
    }
    capabilities["documentLinkProvider"] = json!({});
    capabilities["completionProvider"] = json!({
        "triggerCharacters": ["_", "-", "=", "[", "\"", ".", ","],
    });
}

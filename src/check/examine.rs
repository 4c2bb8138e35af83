//! One Dockerfile, from its text to what the rules say of it. Runs on its own, beside others.

use std::path::Path;
use std::sync::Arc;

use super::Request;
use super::setup::Setup;
use crate::dockerfile;
use crate::facts::{self, Inputs};
use crate::finding::Problem;
use crate::lint;
use crate::policy::Examined;
use crate::policy::fingerprint::stage_names;
use crate::policy::suppress::scan_dockerfile;
use crate::source::Sources;
use crate::span::FileId;

/// `path` is absolute; `None` when nothing is known of a project.
pub(super) fn examine(
    sources: &Sources,
    file: FileId,
    path: Option<&Path>,
    request: &Request,
    setup: &Setup,
) -> Examined {
    let source = sources.get(file);
    let tree = dockerfile::parse(file, &source.text);
    let problems = tree
        .errors
        .iter()
        .map(|error| Problem {
            file: source.name.clone(),
            span: Some(error.span),
            message: error.message.clone(),
        })
        .collect();
    let pragmas = scan_dockerfile(&tree, &source.text);
    let stage_names = stage_names(&tree);
    let inputs = Inputs {
        text: Arc::clone(&source),
        build_args: &setup.build_args,
        target: setup.target.as_deref(),
        intent: setup.intent(path),
        today: request.today,
    };
    let facts = facts::build(tree, &inputs);
    let mut found = lint::run(&setup.rules, &facts);
    for finding in &mut found.findings {
        // Where bytes were replaced on reading, spans do not fit the file on disk.
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        if edits
            .clone()
            .any(|edit| sources.get(edit.span.file).is_lossy)
        {
            finding.fix = None;
        }
    }
    Examined {
        file,
        findings: found.findings,
        undecided: found.undecided,
        problems,
        pragmas,
        stage_names,
        terms: Arc::clone(&setup.terms),
    }
}

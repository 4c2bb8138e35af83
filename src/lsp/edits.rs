//! Changes of texts, as clients apply them.

use std::collections::BTreeMap;

use gen_lsp_types::Range;
use serde_json::{Value, json};

use super::analysis::{Analysis, Places};
use super::text::Lines;
use crate::finding::Edit;

/// One replacement.
#[derive(Debug)]
pub(super) struct Replacement {
    pub(super) range: Range,
    pub(super) text: String,
    /// The text has places to fill in.
    pub(super) is_snippet: bool,
}

/// Changes by the address of the file; a file that is not there yet is made.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) files: BTreeMap<String, Vec<Replacement>>,
    pub(super) made: Vec<String>,
}

impl Changes {
    /// What edits of a finding change; `None` where one is in what no client could open.
    pub(super) fn of(places: &Places<'_>, edits: &[Edit]) -> Option<Self> {
        let mut changes = Self::default();
        for edit in edits {
            let uri = places.uri(edit.span.file)?;
            let replacement = Replacement {
                range: places.range(edit.span),
                text: edit.text.clone(),
                is_snippet: false,
            };
            changes.files.entry(uri).or_default().push(replacement);
        }
        Some(changes)
    }

    /// What makes `after` of `before`, line by line.
    pub(super) fn between(analysis: &Analysis, uri: String, before: &str, after: &str) -> Self {
        let is_open = analysis.document(&uri).is_some();
        // Editors show no byte order mark of a file that they open.
        let strip = |text: &'_ str| match is_open {
            true => text.to_owned(),
            false => text.trim_start_matches('\u{feff}').to_owned(),
        };
        let (before, after) = (strip(before), strip(after));
        let lines = Lines::new(before.as_str(), analysis.snapshot.client.encoding);
        let starts = |text: &str| -> Vec<usize> {
            let ends = text.match_indices('\n').map(|(at, _)| at + 1);
            let mut starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
            starts.push(text.len());
            starts.dedup();
            starts
        };
        let (old_starts, new_starts) = (starts(&before), starts(&after));
        let at = |starts: &[usize], line: usize, text: &str| {
            starts.get(line).copied().unwrap_or(text.len())
        };
        let diff = similar::TextDiff::from_lines(&before, &after);
        let replacements = diff.ops().iter().filter_map(|op| {
            if op.tag() == similar::DiffTag::Equal {
                return None;
            }
            let (old, new) = (op.old_range(), op.new_range());
            let old = at(&old_starts, old.start, &before)..at(&old_starts, old.end, &before);
            let new = at(&new_starts, new.start, &after)..at(&new_starts, new.end, &after);
            Some(Replacement {
                range: lines.range(old),
                text: after.get(new).unwrap_or_default().to_owned(),
                is_snippet: false,
            })
        });
        let replacements: Vec<Replacement> = replacements.collect();
        Self {
            files: BTreeMap::from([(uri, replacements)]),
            made: Vec::new(),
        }
    }

    /// As a `WorkspaceEdit`; `None` where the client cannot make the files that are missing.
    pub(super) fn told(&self, analysis: &Analysis) -> Option<Value> {
        let client = &analysis.snapshot.client;
        let makes_files = client.creates_files && client.has_versioned_edits;
        if !self.made.is_empty() && !makes_files {
            return None;
        }
        let plain = |one: &Replacement| json!({"range": one.range, "newText": one.text});
        if !client.has_versioned_edits {
            let files = self.files.iter();
            let files = files.map(|(uri, list)| {
                let list: Vec<Value> = list.iter().map(plain).collect();
                (uri.clone(), json!(list))
            });
            let files: serde_json::Map<String, Value> = files.collect();
            return Some(json!({"changes": files}));
        }
        let made = self.made.iter();
        let made = made
            .map(|uri| json!({"kind": "create", "uri": uri, "options": {"ignoreIfExists": true}}));
        let changed = self.files.iter().map(|(uri, list)| {
            let version = analysis.document(uri).map(|document| document.version);
            let edits = list.iter().map(|one| match one.is_snippet {
                true => json!({
                    "range": one.range,
                    "snippet": {"kind": "snippet", "value": one.text},
                }),
                false => plain(one),
            });
            let edits: Vec<Value> = edits.collect();
            json!({"textDocument": {"uri": uri, "version": version}, "edits": edits})
        });
        let all: Vec<Value> = made.chain(changed).collect();
        Some(json!({"documentChanges": all}))
    }
}

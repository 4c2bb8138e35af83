//! Changes of texts, as clients apply them.

use std::collections::BTreeMap;

use gen_lsp_types::Range;
use serde_json::{Value, json};

use super::analysis::{Analysis, Places};
use super::text::{self, Encoding, Lines};
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
        let from = |text: &str| text::hidden(text, is_open);
        let encoding = analysis.snapshot.client.encoding;
        let replacements = replacements(&before[from(before)..], &after[from(after)..], encoding);
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

/// What makes `after` of `before`, line by line.
fn replacements(before: &str, after: &str, encoding: Encoding) -> Vec<Replacement> {
    let diff = similar::TextDiff::from_lines(before, after);
    let old_starts = starts(diff.iter_old_slices());
    let new_starts = starts(diff.iter_new_slices());
    let lines = Lines::new(before, encoding);
    let at = |starts: &[usize], line: usize| starts.get(line).or(starts.last()).copied();
    let bytes = |starts: &[usize], lines: std::ops::Range<usize>| {
        Some(at(starts, lines.start)?..at(starts, lines.end)?)
    };
    let changed = diff
        .ops()
        .iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal);
    let replacements = changed.filter_map(|op| {
        Some(Replacement {
            range: lines.range(bytes(&old_starts, op.old_range())?),
            text: after.get(bytes(&new_starts, op.new_range())?)?.to_owned(),
            is_snippet: false,
        })
    });
    replacements.collect()
}

/// Where slices of a text begin, and where the last one ends.
fn starts<'a>(slices: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let ends = slices.scan(0, |end, slice| {
        *end += slice.len();
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::text::replace;

    #[test]
    fn replacements_make_one_text_of_the_other() {
        let pairs = [
            ("a\rb\nADD . .\n", "a\rb\nCOPY . .\n"),
            ("a\rb\nADD . .\n", "a\rc\nCOPY . ."),
            ("a\r\nb\r\r\nc", "b\r\r\nc\rd\n"),
            ("\ré\n\n🙂\r", "é\r\r🙂\n"),
            ("", "a\n"),
            ("a\n", ""),
        ];
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (one, other) in pairs {
                for (before, after) in [(one, other), (other, one)] {
                    let mut text = before.to_owned();
                    for change in replacements(before, after, encoding).into_iter().rev() {
                        replace(&mut text, change.range, &change.text, encoding);
                    }
                    assert_eq!(text, after, "{before:?} {encoding:?}");
                }
            }
        }
    }
}

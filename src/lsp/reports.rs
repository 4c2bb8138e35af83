//! Who was told which diagnostics: what is pushed to clients that wait for it, and given to those that ask.

use std::collections::{BTreeMap, BTreeSet};

use gen_lsp_types::{
    Diagnostic, PublishDiagnosticsParams, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport,
};
use serde_json::{Value, json};

use super::documents::Documents;
use super::tell::Shown;

/// The diagnostics of every file, and who knows them.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// By address; a file that had diagnostics stays, with none.
    files: BTreeMap<String, Report>,
    /// What the client was told without asking, with the version of the text.
    pushed: BTreeMap<String, (Option<i32>, Vec<Diagnostic>)>,
    /// Counts changes of reports.
    changes: u64,
    /// The client asks for those of all files.
    is_asked_for_all: bool,
}

#[derive(Debug, Default)]
struct Report {
    /// Tells whether the client knows it.
    id: u64,
    items: Vec<Diagnostic>,
}

impl Reports {
    /// Takes what a check shows; the files whose diagnostics are other ones now.
    pub(super) fn take(&mut self, mut shown: Shown) -> BTreeSet<String> {
        for uri in self.files.keys() {
            shown.entry(uri.clone()).or_default();
        }
        let mut changed = BTreeSet::new();
        for (uri, items) in shown {
            let report = self.files.entry(uri.clone()).or_default();
            if report.items != items {
                self.changes += 1;
                report.id = self.changes;
                report.items = items;
                changed.insert(uri);
            }
        }
        changed
    }

    /// What the client has to be told without asking.
    pub(super) fn push(
        &mut self,
        documents: &Documents,
        client_pulls: bool,
    ) -> Vec<PublishDiagnosticsParams> {
        let mut out = Vec::new();
        let open = documents.all().map(|document| document.uri.clone());
        let known = self.files.keys().chain(self.pushed.keys()).cloned();
        let all: BTreeSet<String> = open.chain(known).collect();
        for uri in all {
            let version = documents.get(&uri).map(|document| document.version);
            let is_asked = client_pulls && (self.is_asked_for_all || version.is_some());
            let items = match self.files.get(&uri) {
                Some(report) if !is_asked => report.items.clone(),
                _ => Vec::new(),
            };
            let before = self.pushed.get(&uri);
            let is_same = match before {
                Some((told, before)) => *before == items && (is_asked || *told == version),
                None => items.is_empty() && (is_asked || version.is_none()),
            };
            if is_same {
                continue;
            }
            if items.is_empty() && version.is_none() {
                self.pushed.remove(&uri);
            } else {
                self.pushed.insert(uri.clone(), (version, items.clone()));
            }
            out.push(PublishDiagnosticsParams::new(uri.into(), version, items));
        }
        out
    }

    /// Whether the client asked for the diagnostics of all files.
    pub(super) fn is_asked_for_all(&self) -> bool {
        self.is_asked_for_all
    }

    /// The files that have diagnostics, or had some.
    pub(super) fn uris(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// The answer to whoever asks for a file and knows `previous`.
    pub(super) fn pull(&self, uri: &str, previous: Option<&str>) -> Value {
        let none = Report::default();
        let report = self.files.get(uri).unwrap_or(&none);
        report.told(previous)
    }

    /// The answer to whoever asks for all files.
    pub(super) fn pull_all(
        &mut self,
        params: &WorkspaceDiagnosticParams,
        documents: &Documents,
    ) -> Value {
        self.is_asked_for_all = true;
        let known = params.previous_result_ids.iter();
        let known: BTreeMap<&str, &str> = known
            .map(|known| (known.uri.0.as_str(), known.value.as_str()))
            .collect();
        let items = self.files.iter().filter_map(|(uri, report)| {
            let previous = known.get(uri.as_str()).copied();
            // Nobody has to know that there is still nothing.
            if report.items.is_empty() && previous.is_none() {
                return None;
            }
            let mut told = report.told(previous);
            told["uri"] = json!(uri);
            told["version"] = json!(documents.get(uri).map(|document| document.version));
            Some(told)
        });
        let items: Vec<Value> = items.collect();
        debug_assert!(
            serde_json::from_value::<WorkspaceDiagnosticReport>(json!({"items": items})).is_ok()
        );
        json!({"items": items})
    }
}

impl Report {
    fn told(&self, previous: Option<&str>) -> Value {
        let id = self.id.to_string();
        match previous == Some(id.as_str()) {
            true => json!({"kind": "unchanged", "resultId": id}),
            false => json!({"kind": "full", "resultId": id, "items": self.items}),
        }
    }
}

//! Findings that are known and kept quiet: a file of fingerprints.
//!
//! A baseline is a multiset: each entry keeps one finding quiet. It holds no line numbers, so that
//! edits elsewhere in a file change nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Reported, Silence, Silenced};

/// The known findings, by file, rule and fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Equal entries keep as many findings quiet.
    pub entries: Vec<Entry>,
}

/// One known finding. Only the fingerprint counts; the rest is for people and for pruning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From the root of the repository on.
    pub file: String,
    pub rule: String,
    pub fingerprint: String,
    pub message: String,
}

/// The file, version 1.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileV1 {
    schema_version: u32,
    findings: Vec<Entry>,
}

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// What is wrong with the text.
    #[error("this is not a baseline: {0}; write it again with `--write-baseline`")]
    Malformed(String),
    #[error(
        "this baseline has version {0}; this version of seatrial reads version 1; write it again with \
            `--write-baseline`"
    )]
    /// It was written by a later version.
    Version(u32),
}

impl Baseline {
    /// Reads what [`Baseline::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is no baseline, or a later one.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: FileV1 = serde_json::from_str(text)
            .map_err(|error| BaselineError::Malformed(error.to_string()))?;
        if file.schema_version != 1 {
            return Err(BaselineError::Version(file.schema_version));
        }
        Ok(Self {
            entries: file.findings,
        })
    }

    /// Everything found in a run, also what an earlier baseline keeps quiet and what is not severe
    /// enough to be shown. `stable_path` gives the
    /// path of a finding's file from the root of the repository on.
    #[must_use]
    pub fn of(outcome: &Outcome, stable_path: impl Fn(&Reported) -> String) -> Self {
        let known = outcome
            .silenced
            .iter()
            .filter(|silenced| silenced.by == Silence::Baseline)
            .map(|silenced| &silenced.reported);
        let mut entries: Vec<Entry> = outcome
            .findings
            .iter()
            .chain(&outcome.hidden)
            .flat_map(|reported| std::iter::once(reported).chain(&reported.others))
            .chain(known)
            .map(|reported| Entry {
                file: stable_path(reported),
                rule: reported.finding.rule.to_string(),
                fingerprint: reported.fingerprint.clone(),
                message: reported.finding.message.clone(),
            })
            .collect();
        entries.sort();
        Self { entries }
    }

    /// The file's text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = FileV1 {
            schema_version: 1,
            findings: self.entries.clone(),
        };
        // Strings and numbers always serialize.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Keeps the known findings of an outcome quiet. Gives the positions of the entries that
    /// occurred, in order.
    pub fn apply(&self, outcome: &mut Outcome) -> Vec<usize> {
        let mut known: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, entry) in self.entries.iter().enumerate().rev() {
            known.entry(&entry.fingerprint).or_default().push(position);
        }
        let mut occurred = Vec::new();
        let findings = std::mem::take(&mut outcome.findings);
        for reported in findings {
            match known.get_mut(&*reported.fingerprint).and_then(Vec::pop) {
                Some(position) => {
                    occurred.push(position);
                    outcome.silenced.push(Silenced {
                        reported,
                        by: Silence::Baseline,
                    });
                }
                None => outcome.findings.push(reported),
            }
        }
        occurred.sort_unstable();
        occurred
    }
}

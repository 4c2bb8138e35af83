//! Findings that are known and kept quiet: a file of fingerprints.
//!
//! A baseline is a multiset: each entry keeps one finding quiet. It holds no line numbers, so that
//! edits elsewhere in a file change nothing.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::knowledge::Date;
use crate::maps::HashMap;

/// The known findings, by file, rule and fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Equal entries keep as many findings quiet.
    pub entries: Vec<Entry>,
}

/// One known finding. Only project, fingerprint and day count; the rest is for people and for pruning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The project, where the baseline is not in its repository; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// From the root of the repository on.
    pub file: String,
    pub rule: String,
    pub fingerprint: String,
    pub message: String,
    /// The last day on which it counts, `2027-01-31`; `None`: it always does.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "day")]
    pub until: Option<Date>,
}

/// A day as text.
mod day {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::knowledge::Date;

    pub(super) fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Date>, D::Error> {
        let text = String::deserialize(from)?;
        let wrong = |_| de::Error::custom(format!("`{text}` is not a day; write `2027-01-31`"));
        text.parse().map(Some).map_err(wrong)
    }
}

/// A file of known findings.
#[derive(Debug, Clone)]
pub(crate) struct KnownFile {
    /// Absolute; empty for one that is not a file.
    pub path: PathBuf,
    pub baseline: Arc<Baseline>,
    /// It also keeps quiet what a policy sets: the project's own does not.
    pub is_trusted: bool,
    /// Where the paths of entries begin that name no project: of the project that it lies in; `None`: in none.
    pub home: Option<PathBuf>,
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

    /// Takes over from an earlier one what is not found anew: the days of entries, and the entries that `stay`.
    pub(crate) fn keep(&mut self, earlier: &Self, stay: impl Fn(&Entry) -> bool) {
        let mut days: HashMap<(&str, Option<&str>), Option<Date>> = HashMap::default();
        for known in &earlier.entries {
            let key = (&*known.fingerprint, known.project.as_deref());
            days.entry(key).or_insert(known.until);
        }
        for entry in &mut self.entries {
            let key = (&*entry.fingerprint, entry.project.as_deref());
            entry.until = days.get(&key).copied().flatten();
        }
        let more = earlier.entries.iter().filter(|entry| stay(entry));
        self.entries.extend(more.cloned());
        self.entries.sort();
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
}

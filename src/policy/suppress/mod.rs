//! Comments that keep findings quiet.
//!
//! `scan` finds them in a file, [`Suppressions`] silences findings and remembers which words did
//! something. Comments of other linters are honoured and never complained about.

mod pragma;
mod scan;

#[cfg(test)]
mod tests;

pub(super) use pragma::Until;
pub(crate) use pragma::{Dialect, Pragma, Scope, Word};
pub(crate) use scan::{has_line_end_comments, scan_dockerfile, scan_other};

use std::collections::BTreeMap;

use super::Known;
use crate::finding::Finding;
use crate::knowledge::Date;
use crate::span::FileId;

/// The comments of every file that findings lie in.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    files: BTreeMap<FileId, Vec<Pragma>>,
}

impl Suppressions {
    /// Adds the comments of a file, unless it is known.
    pub(crate) fn add(&mut self, file: FileId, scan: impl FnOnce() -> Vec<Pragma>) {
        self.files.entry(file).or_insert_with(scan);
    }

    /// Every comment, by file and place.
    pub(crate) fn pragmas(&self) -> impl Iterator<Item = &Pragma> {
        self.files.values().flatten()
    }

    /// The reason of the first comment that covers the finding (its primary place or a selected
    /// fact), if any still counts `today`. `known` is its rule; where a policy locks it, no comment counts.
    pub(crate) fn silence(
        &mut self,
        finding: &Finding,
        known: Option<&Known>,
        today: Date,
        is_locked: bool,
    ) -> Option<String> {
        let mut reason = None;
        for place in std::iter::once(&finding.primary).chain(&finding.covers) {
            let Some(pragmas) = self.files.get_mut(&place.file) else {
                continue;
            };
            for pragma in pragmas {
                let is_over = pragma.until.is_some_and(|until| until.is_over(today));
                if is_over || !pragma.scope.covers(place.file, *place) {
                    continue;
                }
                for word in &mut pragma.words {
                    if known.is_some_and(|known| pragma.dialect.names(&word.text, known)) {
                        if is_locked {
                            word.is_overruled = true;
                            continue;
                        }
                        word.is_used = true;
                        reason.get_or_insert_with(|| pragma.reason.clone());
                    }
                }
            }
        }
        reason
    }
}

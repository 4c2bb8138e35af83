//! What a baseline does to an outcome, and the baseline of one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::baseline::{Baseline, Entry};
use super::outcome::{Outcome, Reported, Silence};
use crate::knowledge::Date;
use crate::maps::HashMap;

/// A baseline that the findings of an outcome are compared with, one after the other.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    baseline: &'a Baseline,
    today: Date,
    /// The positions of the entries that did not occur yet, by fingerprint, the last first.
    waiting: HashMap<&'a str, Vec<usize>>,
    /// The positions of the entries that occurred.
    pub occurred: Vec<usize>,
    /// Those whose last day has passed and whose finding is reported for that.
    pub expired: Vec<usize>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(baseline: &'a Baseline, today: Date) -> Self {
        let mut waiting: HashMap<&str, Vec<usize>> = HashMap::default();
        for (position, entry) in baseline.entries.iter().enumerate().rev() {
            let places = waiting.entry(&entry.fingerprint).or_default();
            places.push(position);
        }
        Self {
            baseline,
            today,
            waiting,
            occurred: Vec::new(),
            expired: Vec::new(),
        }
    }

    /// Whether an entry keeps a finding quiet; it keeps no other one.
    pub(crate) fn hides(&mut self, reported: &Reported) -> bool {
        let entries = &self.baseline.entries;
        let is_for = |position: &usize| {
            let project = &entries[*position].project;
            project.is_none() || *project == reported.project
        };
        let places = self.waiting.get_mut(&*reported.fingerprint);
        let position = places.and_then(|places| {
            let at = places.iter().rposition(is_for)?;
            Some(places.remove(at))
        });
        let Some(position) = position else {
            return false;
        };
        self.occurred.push(position);
        let is_over = entries[position].until.is_some_and(|day| day < self.today);
        if is_over {
            self.expired.push(position);
        }
        !is_over
    }
}

impl Baseline {
    /// Everything found in a run, by the file of known findings that it belongs to: also what an earlier baseline keeps
    /// quiet and what is not severe enough to be shown. `project` says which project an entry belongs to.
    pub(crate) fn of(
        outcome: &Outcome,
        project: impl Fn(&Reported) -> Option<String>,
    ) -> BTreeMap<PathBuf, Self> {
        let known = outcome
            .silenced
            .iter()
            .filter(|silenced| silenced.by == Silence::Baseline)
            .map(|silenced| &silenced.reported);
        let all = outcome
            .findings
            .iter()
            .chain(&outcome.hidden)
            .flat_map(|reported| std::iter::once(reported).chain(&reported.others))
            .chain(known);
        let mut files: BTreeMap<PathBuf, Self> = BTreeMap::new();
        for reported in all {
            let Some(known) = &reported.terms.known else {
                continue;
            };
            let entry = Entry {
                project: project(reported),
                file: reported.path.clone(),
                rule: reported.finding.rule.to_string(),
                fingerprint: reported.fingerprint.clone(),
                message: reported.finding.message.clone(),
                until: None,
            };
            let file = files.entry(known.path.clone()).or_default();
            file.entries.push(entry);
        }
        for file in files.values_mut() {
            file.entries.sort();
        }
        files
    }
}

//! What a baseline does to an outcome, and the baseline of one.

use std::collections::BTreeMap;

use super::baseline::{Baseline, Entry};
use super::outcome::{Outcome, Reported, Silence, Silenced};
use crate::knowledge::Date;

/// What a baseline did.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// The positions of the entries that occurred, in order.
    pub occurred: Vec<usize>,
    /// Those whose last day has passed and whose finding is reported for that.
    pub expired: Vec<usize>,
}

impl Baseline {
    /// Everything found in a run that `is_here`, also what an earlier baseline keeps quiet and what is not severe
    /// enough to be shown. `project` says which project an entry belongs to.
    pub(crate) fn of(
        outcome: &Outcome,
        is_here: impl Fn(&Reported) -> bool,
        project: impl Fn(&Reported) -> Option<String>,
    ) -> Self {
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
            .filter(|reported| is_here(reported))
            .map(|reported| Entry {
                project: project(reported),
                file: reported.path.clone(),
                rule: reported.finding.rule.to_string(),
                fingerprint: reported.fingerprint.clone(),
                message: reported.finding.message.clone(),
                until: None,
            })
            .collect();
        entries.sort();
        Self { entries }
    }

    /// Keeps the known findings of an outcome quiet that `may` be.
    pub(crate) fn apply(
        &self,
        outcome: &mut Outcome,
        today: Date,
        may: impl Fn(&Reported) -> bool,
    ) -> Applied {
        let mut known: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, entry) in self.entries.iter().enumerate().rev() {
            known.entry(&entry.fingerprint).or_default().push(position);
        }
        let mut applied = Applied::default();
        let findings = std::mem::take(&mut outcome.findings);
        for reported in findings {
            let is_for = |position: &usize| {
                let project = &self.entries[*position].project;
                project.is_none() || *project == reported.project
            };
            let places = known
                .get_mut(&*reported.fingerprint)
                .filter(|_| may(&reported));
            let position = places.and_then(|places| {
                let at = places.iter().rposition(is_for)?;
                Some(places.remove(at))
            });
            let is_over =
                |position: usize| self.entries[position].until.is_some_and(|day| day < today);
            applied.occurred.extend(position);
            match position {
                Some(position) if is_over(position) => {
                    applied.expired.push(position);
                    outcome.findings.push(reported);
                }
                Some(_) => outcome.silenced.push(Silenced {
                    reported,
                    by: Silence::Baseline,
                }),
                None => outcome.findings.push(reported),
            }
        }
        applied.occurred.sort_unstable();
        applied.expired.sort_unstable();
        applied
    }
}

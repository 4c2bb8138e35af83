//! From what the rules found in each Dockerfile to one outcome.
//!
//! Order of the steps: severities and exclusions of the configuration, one finding per rule and
//! place, fingerprints, comments, what another finding brings about, what the comments did, order. Fingerprints come
//! before comments, so that a new comment changes nobody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::suppress::{Pragma, Suppressions, scan_other};
use super::terms::Terms;
use super::{Known, Outcome, Reported, Silence, Silenced, cascade, fingerprint, own, selection};
use crate::config::Config;
use crate::finding::{Finding, Problem, Undecided, Unfound};
use crate::knowledge::Date;
use crate::knowledge::intent_words::Intent;
use crate::source::Sources;
use crate::span::{FileId, Span};

/// What was found in one Dockerfile and the files it leads to.
#[derive(Debug, Clone)]
pub(crate) struct Examined {
    pub file: FileId,
    pub findings: Vec<Finding>,
    pub undecided: Vec<Undecided>,
    pub unfound: Vec<Unfound>,
    pub problems: Vec<Problem>,
    /// The comments of the Dockerfile itself.
    pub pragmas: Vec<Pragma>,
    /// See [`fingerprint::stage_names`].
    pub stage_names: Vec<Span>,
    pub intent: Intent,
    pub terms: Arc<Terms>,
}

/// What is known of the files beside their text.
pub(crate) trait Surroundings {
    /// The day of the check.
    fn today(&self) -> Date;
    /// The path from the root of the repository on, or whatever names the file as stably.
    fn stable_path(&self, file: FileId, config: &Config) -> String;
    /// What the project of a file is called; `None` where nothing names it.
    fn project(&self, file: FileId, config: &Config) -> Option<String>;
    /// Comments that silence findings count.
    fn minds_comments(&self) -> bool;
    /// Every Dockerfile that may use this file was checked.
    fn is_fully_checked(&self, path: &Path) -> bool;
}

/// Judges everything that was examined; the order of `examined` does not matter.
#[must_use]
pub(crate) fn judge(
    sources: &Sources,
    mut examined: Vec<Examined>,
    surroundings: &dyn Surroundings,
) -> Outcome {
    examined.sort_by_cached_key(|one| sources.get(one.file).name.clone());
    let mut court = Court {
        sources,
        names: BTreeMap::new(),
        suppressions: Suppressions::default(),
        stage_names: BTreeMap::new(),
    };
    let mut outcome = Outcome {
        files: examined
            .iter()
            .map(|one| sources.get(one.file).name.clone())
            .collect(),
        ..Outcome::default()
    };
    for one in &examined {
        let purposes = &mut outcome.purposes;
        *match one.intent {
            Intent::Production => &mut purposes.production,
            Intent::Development => &mut purposes.development,
            Intent::Ci => &mut purposes.ci,
        } += 1;
    }
    let mut cases: Vec<Case> = Vec::new();
    let problems = examined
        .iter_mut()
        .flat_map(|one| std::mem::take(&mut one.problems));
    outcome.add_problems(problems.collect());
    for one in &mut examined {
        court.open(one, &mut outcome, &mut cases);
    }
    court.once(&mut cases);
    court.undecided(&mut outcome.undecided);

    let mut names = court.fingerprints(&cases, surroundings);
    let mut kept = Vec::with_capacity(cases.len());
    let caused = cascade::caused(cases.iter().map(|case| &case.finding));
    let named = cases.into_iter().zip(names.drain(..));
    for ((case, fingerprint), is_caused) in named.zip(caused) {
        let silenced = match surroundings.minds_comments() {
            true => court.silence(&case, surroundings.today()),
            false => None,
        };
        match silenced {
            Some(reason) => outcome.silenced.push(Silenced {
                reported: case.reported(fingerprint, surroundings),
                by: Silence::Comment { reason },
            }),
            None if is_caused => {}
            None => kept.push(case.reported(fingerprint, surroundings)),
        }
    }
    let mut own = match surroundings.minds_comments() {
        true => court.comments(&examined, &outcome, &kept, surroundings),
        false => Vec::new(),
    };
    if !own.is_empty() {
        court.once(&mut own);
        let names = court.fingerprints(&own, surroundings);
        let reported = own.into_iter().zip(names);
        kept.extend(reported.map(|(case, fingerprint)| case.reported(fingerprint, surroundings)));
        kept.sort_by_cached_key(|reported| court.order(&reported.finding));
    }
    outcome.findings = kept;
    outcome
}

/// A finding with the terms it is judged by.
struct Case {
    finding: Finding,
    terms: Arc<Terms>,
    dockerfiles: Vec<FileId>,
}

impl Case {
    fn reported(self, name: (String, String), surroundings: &dyn Surroundings) -> Reported {
        let (fingerprint, path) = name;
        let file = self.dockerfiles.first().copied();
        let file = file.unwrap_or(self.finding.primary.file);
        Reported {
            project: surroundings.project(file, &self.terms.config),
            path,
            terms: Arc::clone(&self.terms),
            fails: self.finding.severity >= self.terms.selection.fail_on,
            is_shown: self.finding.severity >= self.terms.selection.min_severity,
            dockerfiles: self.dockerfiles,
            finding: self.finding,
            fingerprint,
            others: Vec::new(),
        }
    }
}

struct Court<'a> {
    sources: &'a Sources,
    names: BTreeMap<FileId, Arc<str>>,
    suppressions: Suppressions,
    stage_names: BTreeMap<FileId, Vec<Span>>,
}

type Order = (Arc<str>, u32, u32, Arc<str>);

impl Court<'_> {
    /// Takes what was found in one Dockerfile: everything but what the configuration leaves out.
    fn open(&mut self, one: &mut Examined, outcome: &mut Outcome, cases: &mut Vec<Case>) {
        self.stage_names
            .insert(one.file, std::mem::take(&mut one.stage_names));
        let pragmas = std::mem::take(&mut one.pragmas);
        self.suppressions.add(one.file, || pragmas);
        outcome.unfound.append(&mut one.unfound);
        for undecided in std::mem::take(&mut one.undecided) {
            let file = undecided.span.file;
            if self.reports(&one.terms, &undecided.rule, file) {
                outcome.undecided.push(undecided);
            }
        }
        for finding in std::mem::take(&mut one.findings) {
            if self.reports(&one.terms, &finding.rule, finding.primary.file) {
                let terms = Arc::clone(&one.terms);
                let dockerfiles = vec![one.file];
                cases.push(Case {
                    finding,
                    terms,
                    dockerfiles,
                });
            }
        }
    }

    /// Whether a rule reports in a file.
    fn reports(&self, terms: &Terms, rule: &str, file: FileId) -> bool {
        if !terms.selection.runs(rule) {
            return false;
        }
        let is_locked = terms.selection.is_locked(rule);
        let own = Some(&terms.config).filter(|_| !is_locked);
        let policy = terms.config.policy.as_deref();
        let has_any =
            |config: &&Config| !config.per_file_ignores.is_empty() || !config.rule.is_empty();
        let mut configs = own.into_iter().chain(policy).filter(has_any).peekable();
        if configs.peek().is_none() {
            return true;
        }
        let source = self.sources.get(file);
        let (Some(path), Some(known)) = (&source.path, terms.selection.known(rule)) else {
            return true;
        };
        configs.all(|config| {
            let mut ignores = config.per_file_ignores.iter();
            let is_ignored = ignores
                .any(|(globs, names)| selection::names_rule(names, known) && globs.matches(path));
            let mut tables = config.rule.iter();
            let is_excluded =
                tables.any(|table| table.id.text == rule && table.exclude.matches(path));
            !is_ignored && !is_excluded
        })
    }

    /// Sorts, and keeps one finding for a rule and a place.
    fn once(&mut self, cases: &mut Vec<Case>) {
        for case in cases.iter() {
            self.name(case.finding.primary.file);
        }
        cases.sort_by_cached_key(|case| self.order(&case.finding));
        cases.dedup_by(|again, first| {
            let is_same = again.finding.rule == first.finding.rule
                && again.finding.primary == first.finding.primary;
            if is_same {
                first.dockerfiles.append(&mut again.dockerfiles);
            }
            is_same
        });
    }

    fn undecided(&mut self, undecided: &mut Vec<Undecided>) {
        for one in undecided.iter() {
            self.name(one.span.file);
        }
        undecided.sort_by_cached_key(|one| {
            let name = self.known_name(one.span.file);
            (
                name,
                one.span.start,
                one.span.end,
                Arc::clone(&one.rule),
                one.reason.clone(),
            )
        });
        undecided.dedup();
    }

    fn order(&self, finding: &Finding) -> Order {
        let place = finding.primary;
        let rule = Arc::clone(&finding.rule);
        (self.known_name(place.file), place.start, place.end, rule)
    }

    fn known_name(&self, file: FileId) -> Arc<str> {
        let known = self.names.get(&file).map(Arc::clone);
        known.unwrap_or_else(|| Arc::from(self.sources.get(file).name.as_str()))
    }

    fn name(&mut self, file: FileId) {
        let sources = self.sources;
        self.names
            .entry(file)
            .or_insert_with(|| Arc::from(sources.get(file).name.as_str()));
    }

    /// One for each case, in the same order, with the path that it is made of.
    fn fingerprints(
        &self,
        cases: &[Case],
        surroundings: &dyn Surroundings,
    ) -> Vec<(String, String)> {
        let mut paths: BTreeMap<FileId, String> = BTreeMap::new();
        let mut seen: BTreeMap<(Arc<str>, FileId, String), usize> = BTreeMap::new();
        let mut names = Vec::with_capacity(cases.len());
        for case in cases {
            let place = case.finding.primary;
            let omit = self
                .stage_names
                .get(&place.file)
                .map_or(&[][..], Vec::as_slice);
            let text = &self.sources.get(place.file).text;
            let marked = match &case.finding.lasting {
                Some(name) => name.to_string(),
                None => fingerprint::marked_text(text, place, omit),
            };
            let path = paths
                .entry(place.file)
                .or_insert_with(|| surroundings.stable_path(place.file, &case.terms.config));
            let rule = Arc::clone(&case.finding.rule);
            let count = seen.entry((rule, place.file, marked.clone())).or_default();
            let known = case.terms.selection.known(&case.finding.rule);
            let rule = known.map_or(&*case.finding.rule, Known::first_id);
            let name = fingerprint::fingerprint(rule, path, &marked, *count);
            names.push((name, path.clone()));
            *count += 1;
        }
        names
    }

    fn silence(&mut self, case: &Case, today: Date) -> Option<String> {
        let sources = self.sources;
        let finding = &case.finding;
        for place in std::iter::once(&finding.primary).chain(&finding.covers) {
            self.suppressions.add(place.file, || {
                let source = sources.get(place.file);
                scan_other(place.file, &source.name, &source.text)
            });
        }
        let known = case.terms.selection.known(&finding.rule);
        let is_locked = case.terms.selection.is_locked(&finding.rule);
        self.suppressions.silence(finding, known, today, is_locked)
    }

    /// Findings about the comments themselves.
    fn comments(
        &mut self,
        examined: &[Examined],
        outcome: &Outcome,
        kept: &[Reported],
        surroundings: &dyn Surroundings,
    ) -> Vec<Case> {
        let Some(first) = examined.first() else {
            return Vec::new();
        };
        let broken: BTreeSet<FileId> = outcome
            .problems
            .iter()
            .filter_map(|problem| Some(problem.span?.file))
            .collect();
        let terms: BTreeMap<FileId, &Arc<Terms>> =
            examined.iter().map(|one| (one.file, &one.terms)).collect();
        for file in self.sources.ids() {
            let source = self.sources.get(file);
            let is_open = source.path.as_deref().is_some_and(|path| {
                surroundings.is_fully_checked(path) && source.text.contains("seatrial:")
            });
            if is_open {
                self.suppressions
                    .add(file, || scan_other(file, &source.name, &source.text));
            }
        }
        let mut cases = Vec::new();
        for pragma in self.suppressions.pragmas() {
            let file = pragma.span.file;
            let is_dockerfile = terms.contains_key(&file);
            let terms = terms.get(&file).map_or(&first.terms, |terms| terms);
            let source = self.sources.get(file);
            let may_be_unused = !broken.contains(&file)
                && (is_dockerfile
                    || source
                        .path
                        .as_deref()
                        .is_some_and(|path| surroundings.is_fully_checked(path)));
            let is_active = |rule: &str| self.reports(terms, rule, file);
            let is_undecided = |rule: &str| {
                outcome.undecided.iter().any(|undecided| {
                    &*undecided.rule == rule
                        && pragma.scope.covers(undecided.span.file, undecided.span)
                })
            };
            let reported_at = |rule: &str| {
                let places = kept
                    .iter()
                    .map(|it| (&*it.finding.rule, it.finding.primary));
                let mut places = places.filter(|(name, place)| *name == rule && place.file == file);
                let (_, span) = places.next()?;
                Some((span, self.sources.place(span).start.line))
            };
            let found = own::about(
                pragma,
                &source.text,
                &own::Knows {
                    selection: &terms.selection,
                    today: surroundings.today(),
                    may_be_unused,
                    is_active: &is_active,
                    is_undecided: &is_undecided,
                    reported_at: &reported_at,
                },
            );
            for mut finding in found {
                if self.reports(terms, &finding.rule, file) {
                    let chosen = terms.selection.severity(&finding.rule);
                    finding.severity = chosen.unwrap_or(finding.severity);
                    let terms = Arc::clone(terms);
                    let dockerfiles = Vec::new();
                    cases.push(Case {
                        finding,
                        terms,
                        dockerfiles,
                    });
                }
            }
        }
        cases
    }
}

//! From a request to an outcome: every Dockerfile on its own, then all of them together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checked::{Checked, Remembered};
use super::described::Described;
use super::discover;
use super::examine::Looked;
use super::known::{self, Projects};
use super::plan::{Batch, Made, Plan, Setups, watched};
use super::request::Request;
use super::setup::Setup;
use super::workspace::{Refused, Workspace};
use crate::config::Config;
use crate::facts::Facts;
use crate::finding::Problem;
use crate::knowledge::Date;
use crate::policy::{Surroundings, cascade, judge};
use crate::rule::Catalogue;
use crate::source::{Left, Seen, Sources};
use crate::span::FileId;

/// What would be checked.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) dockerfiles: Vec<Described>,
    pub(crate) templates: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

impl Workspace {
    /// Each Dockerfile that was asked for, with what it is taken for.
    pub(crate) fn describe(&self, request: &Request) -> Listed {
        let sources = Sources::on(Arc::clone(&self.files));
        let plan = Plan::new(self, &sources, request);
        let described = plan.each(request, || Sources::on(Arc::clone(&self.files)));
        let batch = plan.sort(described);
        Listed {
            dockerfiles: batch.results,
            templates: batch.templates,
            problems: batch.problems,
        }
    }

    /// The directory that the first path names, or lies in; without a path, that of the text that stands for a file.
    pub(super) fn first_directory(&self, request: &Request) -> PathBuf {
        let base = &request.working_directory;
        let input = request.buffer.as_ref().and_then(|it| it.path.as_ref());
        let first = request.paths.first().or(input);
        let first = first.map_or_else(|| base.clone(), |path| discover::absolute(base, path));
        match first.parent() {
            Some(above) if !self.files.has_directory(&first) => above.to_owned(),
            _ => first,
        }
    }

    /// Checks everything that was asked for. Never fails: what could not be done is in the outcome.
    #[must_use]
    pub fn check(&self, request: &Request) -> Checked {
        let sources = Sources::on(Arc::clone(&self.files));
        let (plan, around) = watched(request, || Plan::new(self, &sources, request));
        let looked = plan.run(
            &sources,
            request,
            |_| None,
            |subject| Arc::new(subject.examine()),
        );
        self.conclude(request, sources, Arc::new(plan), around, looked)
    }

    /// [`Workspace::check`] of the same request, where nothing is other than it was at a check `before` but the text
    /// of the files at `changed`: paths without links, of which each was and is there, and whose text came from an
    /// overlay at that check too, since only what an overlay gives is noted. Looks again only at the
    /// Dockerfiles that these can matter to; `None` when everything has to be checked.
    pub(crate) fn check_again(
        &self,
        request: &Request,
        before: &Checked,
        changed: &[PathBuf],
    ) -> Option<Checked> {
        let Remembered {
            plan,
            around,
            looked,
        } = before.memory.as_ref()?;
        if !before.sources.left().is_empty() {
            return None;
        }
        let (sources, changed) = before.sources.renewed(&self.files, changed)?;
        if around.depends_on(&changed) {
            return None;
        }
        sources.wake(around.files.iter().copied());
        let known = |at: usize| {
            let (looked, seen) = looked.get(at)?.as_ref()?;
            if seen.depends_on(&changed) {
                return None;
            }
            sources.wake(seen.files.iter().copied());
            Some((looked.clone(), seen.clone()))
        };
        let looked = plan.run(&sources, request, known, |subject| {
            Arc::new(subject.examine())
        });
        Some(self.conclude(request, sources, Arc::clone(plan), around.clone(), looked))
    }

    /// Judges what was looked at.
    fn conclude(
        &self,
        request: &Request,
        sources: Sources,
        plan: Arc<Plan>,
        around: Seen,
        looked: Vec<Made<Arc<Looked>>>,
    ) -> Checked {
        let memory = request.remembers.then(|| {
            // What was read past the sources may be remembered where others found it, also by one that failed.
            let mut around = around;
            for (_, seen) in &looked {
                around.texts.extend(seen.texts.iter().cloned());
            }
            let kept = |(made, seen): &Made<Arc<Looked>>| {
                let made = made.as_ref().ok()?;
                Some((Arc::clone(made), Arc::clone(seen)))
            };
            Remembered {
                looked: looked.iter().map(kept).collect(),
                plan: Arc::clone(&plan),
                around,
            }
        });
        let Batch {
            results,
            templates,
            problems,
        } = plan.sort(looked);
        let lacks_target =
            !results.is_empty() && !results.iter().any(|examined| examined.has_target);
        let mut judged = Vec::with_capacity(results.len());
        let mut kept_facts = Vec::new();
        for examined in results.into_iter().map(Arc::unwrap_or_clone) {
            let file = examined.result.file;
            judged.push(examined.result);
            kept_facts.extend(examined.facts.map(|facts| (file, facts)));
        }
        let around = Around {
            sources: &sources,
            request,
            walked: &plan.walked,
        };
        let mut projects = Projects::default();
        for one in &judged {
            let config = &one.terms.config;
            if let Some(name) = around.project(one.file, config) {
                // Names are shown from the working directory on where nothing else is known.
                let root = around.root(one.file, config);
                let root = root.unwrap_or_else(|| request.working_directory.clone());
                projects.roots.entry(name).or_default().insert(root);
            }
        }
        let mut outcome = judge(&sources, judged, &around);
        outcome.projects = projects.roots.keys().cloned().collect();
        let doubled = known::doubled(request, &projects);
        outcome.add_warnings(plan.warnings.iter().cloned().chain(doubled));
        for setup in &plan.setups {
            outcome.add_warnings(setup.warnings.iter().cloned());
        }
        outcome.templates = templates;
        let left = left(&sources, &plan.setups, &problems, &mut outcome.problems);
        outcome.add_problems(problems);
        outcome.add_problems(left);
        if let (true, Some(target)) = (lacks_target, &request.target) {
            outcome.add_problems(vec![Problem {
                file: "command line".to_owned(),
                span: None,
                message: format!(
                    "there is no stage `{target}`; a target is the name after AS in a FROM line"
                ),
            }]);
        }
        let mut terms: Vec<_> = plan.setups.iter().map(|setup| &setup.terms).collect();
        terms.sort_by_key(|terms| terms.known.as_ref().map(|known| &known.path));
        known::apply(&sources, request, &terms, &projects, &mut outcome, |path| {
            around.is_fully_checked(path)
        });
        cascade::group(&mut outcome);
        outcome.hide();
        Checked {
            sources,
            outcome,
            facts: kept_facts,
            memory,
            kept: vec![Box::new(plan)],
        }
    }

    /// The facts of every Dockerfile that was asked for, by the name of the file, with the files they point into.
    #[must_use]
    pub fn facts(&self, request: &Request) -> (Sources, Vec<(FileId, Facts)>, Vec<Problem>) {
        let sources = Sources::on(Arc::clone(&self.files));
        let plan = Plan::new(self, &sources, request);
        let made = plan.run(
            &sources,
            request,
            |_| None,
            |subject| {
                let tree = subject.parse();
                let problems = subject.problems(&tree);
                (subject.file, subject.facts(tree), problems)
            },
        );
        let batch = plan.sort(made);
        let mut problems = batch.problems;
        let facts = batch.results.into_iter().map(|(file, facts, mut wrong)| {
            problems.append(&mut wrong);
            (file, facts)
        });
        let facts = facts.collect();
        let left = left(&sources, &plan.setups, &[], &mut problems);
        problems.extend(left);
        (sources, facts, problems)
    }

    /// Every rule that a check of the working directory would see.
    ///
    /// # Errors
    /// Every mistake in its configuration and in the rules it names, with the files they stand in.
    pub fn catalogue(&self, request: &Request) -> Result<Catalogue, Box<Refused>> {
        let sources = Sources::on(Arc::clone(&self.files));
        let mut setups = Setups::new(self, &sources, request);
        match setups.get(&request.working_directory) {
            Some(setup) => Ok(setup.catalogue.clone()),
            None => {
                let problems = setups.problems;
                Err(Box::new(Refused { sources, problems }))
            }
        }
    }
}

/// The files of the projects that are there and could not be read, but for those that a configuration excuses: no
/// Dockerfile, of which `of_dockerfiles` tells. What `told` says of any of them goes.
fn left(
    sources: &Sources,
    setups: &[Arc<Setup>],
    of_dockerfiles: &[Problem],
    told: &mut Vec<Problem>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for Left {
        name,
        message,
        path,
    } in sources.left()
    {
        let mut problem = Problem {
            file: name,
            span: None,
            message,
        };
        if of_dockerfiles.contains(&problem) {
            continue;
        }
        told.retain(|other| *other != problem);
        let mut configs = setups.iter().map(|setup| &setup.terms.config);
        if !configs.any(|config| config.unread.matches(&path)) {
            problem.message +=
                "; to check without it, add it to `allow-unread` in the configuration";
            problems.push(problem);
        }
    }
    problems
}

struct Around<'a> {
    sources: &'a Sources,
    request: &'a Request,
    walked: &'a [PathBuf],
}

impl Around<'_> {
    /// Where the paths of a file's project begin.
    fn root(&self, file: FileId, config: &Config) -> Option<PathBuf> {
        known::root(self.sources, file, config)
    }
}

impl Surroundings for Around<'_> {
    fn today(&self) -> Date {
        self.request.today
    }

    /// It stays the same wherever the command is run.
    fn stable_path(&self, file: FileId, config: &Config) -> String {
        let source = self.sources.get(file);
        let path = source.path.as_deref();
        let from_root = || Some(discover::display_name(&self.root(file, config)?, path?));
        from_root().unwrap_or_else(|| source.name.clone())
    }

    fn project(&self, file: FileId, config: &Config) -> Option<String> {
        if let Some(project) = &config.project {
            return Some(project.text.clone());
        }
        let root = self.root(file, config)?;
        Some(root.file_name()?.to_string_lossy().into_owned())
    }

    fn minds_comments(&self) -> bool {
        !self.request.no_ignores
    }

    fn is_fully_checked(&self, path: &Path) -> bool {
        self.walked
            .iter()
            .any(|directory| path.starts_with(directory))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Date;
    use crate::source::{Disk, Files, Overlay};

    const TEXTS: [(&str, &str); 5] = [
        (
            "a/Dockerfile",
            "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\nCMD [\"./run.sh\"]\n",
        ),
        ("a/run.sh", "apt-get install -y vim\n"),
        (
            "b/Dockerfile",
            "FROM python:3.8\n# seatrial: ignore[unused]\n",
        ),
        ("compose.yaml", "services:\n  b:\n    build: b\n"),
        ("notes.md", "text\n"),
    ];

    /// With another text of a file.
    fn files(root: &Path, file: &str, text: &str) -> Arc<dyn Files> {
        let mut files = Overlay::new(Arc::new(Disk));
        for (name, text) in TEXTS {
            files = files.with(root.join(name), text);
        }
        Arc::new(files.with(root.join(file), text))
    }

    fn told(checked: &Checked) -> Vec<String> {
        let place = |reported: &crate::policy::Reported| {
            let finding = &reported.finding;
            let place = checked.sources.place(finding.primary);
            format!("{place:?} {} {}", finding.rule, finding.message)
        };
        let mut told: Vec<String> = checked.outcome.findings.iter().map(place).collect();
        // Numbers of files are given in the order in which threads come to them.
        let place = |problem: &crate::finding::Problem| {
            let place = problem.span.map(|span| checked.sources.place(span));
            format!("{place:?} {} {}", problem.file, problem.message)
        };
        told.extend(checked.outcome.problems.iter().map(place));
        told
    }

    #[test]
    fn only_what_a_change_can_matter_to_is_looked_at_again() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for (name, text) in TEXTS {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let today = Date::constant(2026, 1, 1);
        let mut request = Request::new(&root, today).paths(["."]);
        request.remembers = true;
        let first = Workspace::new(files(&root, "notes.md", "text")).check(&request);
        // How many are looked at again; `None`: everything.
        for (file, text, again) in [
            (
                "a/Dockerfile",
                "FROM python:3.9\n# seatrial: ignore[x]\n",
                Some(1),
            ),
            (
                "a/run.sh",
                "apt-get update && apt-get install -y nano\n",
                Some(1),
            ),
            // The stack beside the other one builds it.
            ("b/Dockerfile", "", Some(2)),
            ("notes.md", "other\n", Some(0)),
            ("compose.yaml", "services:\n  b:\n    build: a\n", None),
            ("b/Dockerfile", &"# much\n".repeat(1_000_000), None),
        ] {
            let workspace = Workspace::new(files(&root, file, text));
            let second = workspace.check_again(&request, &first, &[root.join(file)]);
            let looked = |checked: &Checked| {
                let memory = checked.memory.as_ref().unwrap();
                let looked = memory.looked.iter().flatten();
                looked
                    .map(|(looked, _)| Arc::clone(looked))
                    .collect::<Vec<_>>()
            };
            let is_new = second.as_ref().map(|second| {
                let pairs = looked(&first).into_iter().zip(looked(second));
                pairs
                    .filter(|(before, now)| !Arc::ptr_eq(before, now))
                    .count()
            });
            assert_eq!(is_new, again, "{file}");
            if let Some(second) = second {
                assert_eq!(told(&second), told(&workspace.check(&request)), "{file}");
            }
        }
    }
}

//! From a request to an outcome: every Dockerfile on its own, then all of them together.

use crate::maps::HashMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Finder;
use crate::facts::Facts;
use crate::finding::Problem;
use crate::policy::{Baseline, Outcome, Surroundings, cascade, judge};
use crate::rule::Catalogue;
use crate::source::{Left, Sources};
use crate::span::FileId;

use super::discover::{self, Target};
use super::examine::{self, Subject};
use super::guard;
use super::names::{self, Beginning};
use super::request::{Buffer, Request};
use super::setup::Setup;
use super::workspace::{Checked, Configuration, Refused, Workspace};

impl Workspace {
    /// Checks everything that was asked for. Never fails: what could not be done is in the outcome.
    #[must_use]
    pub fn check(&self, request: &Request) -> Checked {
        let sources = Sources::on(Arc::clone(&self.files));
        let Batch {
            results,
            walked,
            templates,
            problems,
            setups,
        } = each(self, &sources, request, |subject| subject.examine());
        let lacks_target =
            !results.is_empty() && !results.iter().any(|examined| examined.has_target);
        let mut judged = Vec::with_capacity(results.len());
        let mut kept_facts = Vec::new();
        for examined in results {
            let file = examined.result.file;
            judged.push(examined.result);
            kept_facts.extend(examined.facts.map(|facts| (file, facts)));
        }
        let around = Around {
            sources: &sources,
            walked: &walked,
        };
        let mut outcome = judge(&sources, judged, &around);
        outcome.templates = templates;
        let left = left(&sources, &setups, &problems, &mut outcome.problems);
        outcome.add_problems(problems);
        outcome.add_problems(left);
        if let (true, Some(target)) = (lacks_target, &request.target) {
            outcome.add_problems(vec![Problem {
                file: "command line".to_owned(),
                span: None,
                message: format!(
                    "no stage is called `{target}`; a target is the name after AS in a FROM line"
                ),
            }]);
        }
        if let Some(baseline) = &request.baseline {
            let occurred = baseline.apply(&mut outcome);
            outcome.stale = around.stale(request, baseline, &occurred, &outcome);
        }
        cascade::group(&mut outcome);
        Checked {
            sources,
            outcome,
            facts: kept_facts,
            kept: vec![Box::new(setups)],
        }
    }

    /// The facts of every Dockerfile that was asked for, by the name of the file, with the files they point into.
    #[must_use]
    pub fn facts(&self, request: &Request) -> (Sources, Vec<(FileId, Facts)>, Vec<Problem>) {
        let sources = Sources::on(Arc::clone(&self.files));
        let batch = each(self, &sources, request, |subject| {
            let tree = subject.parse();
            let problems = subject.problems(&tree);
            (subject.file, subject.facts(tree), problems)
        });
        let mut problems = batch.problems;
        let facts = batch.results.into_iter().map(|(file, facts, mut wrong)| {
            problems.append(&mut wrong);
            (file, facts)
        });
        let facts = facts.collect();
        let left = left(&sources, &batch.setups, &[], &mut problems);
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

/// The path of a file from the root of its repository on; without one, its name. It stays the same
/// wherever the command is run.
#[must_use]
pub(crate) fn stable_path(sources: &Sources, file: FileId) -> String {
    let source = sources.get(file);
    let from_root = source.path.as_deref().and_then(|path| {
        let root = sources.repository(path.parent()?)?;
        Some(discover::display_name(root, path))
    });
    from_root.unwrap_or_else(|| source.name.clone())
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
                "; if the check may do without it, name it in `allow-unread` of the configuration";
            problems.push(problem);
        }
    }
    problems
}

/// What was made of the Dockerfiles of a request.
struct Batch<T> {
    /// By name.
    results: Vec<T>,
    /// See [`discover::Discovered`].
    walked: Vec<PathBuf>,
    /// Files that would be Dockerfiles once something has filled them in, by name.
    templates: Vec<String>,
    /// What kept files from being read.
    problems: Vec<Problem>,
    /// Those that were used.
    setups: Vec<Arc<Setup>>,
}

/// Runs `make` on every Dockerfile of the request, on several threads when there are several.
fn each<T: Send>(
    workspace: &Workspace,
    sources: &Sources,
    request: &Request,
    make: impl Fn(&Subject<'_>) -> T + Sync,
) -> Batch<T> {
    let found = discover::discover(
        sources,
        &request.working_directory,
        &request.paths,
        request.force_exclude,
    );
    let is_empty = found.targets.is_empty() && found.candidates.is_empty();
    let mut problems: Vec<Problem> = found
        .missing
        .into_iter()
        .map(|missing| Problem {
            file: missing.name,
            span: None,
            message: missing.reason,
        })
        .collect();
    let mut setups = Setups::new(workspace, sources, request);
    let mut jobs: Vec<(Job<'_>, Arc<Setup>)> = Vec::new();
    if let Some(buffer) = &request.buffer {
        let place = buffer.path.as_deref().unwrap_or(Path::new("Dockerfile"));
        let place = discover::absolute(&request.working_directory, place);
        if let Some(setup) = setups.get(place.parent().unwrap_or(&place)) {
            jobs.push((Job::Buffer(buffer), setup));
        }
    }
    for target in &found.targets {
        let Some(setup) = setups.get(target.path.parent().unwrap_or(&target.path)) else {
            continue;
        };
        let may_exclude = request.force_exclude || !target.is_named;
        if !(may_exclude && setup.terms.config.exclude.matches(&target.path)) {
            jobs.push((Job::File(target), setup));
        }
    }
    for candidate in &found.candidates {
        let target = &candidate.target;
        let Some(setup) = setups.get(target.path.parent().unwrap_or(&target.path)) else {
            continue;
        };
        if !setup.terms.config.exclude.matches(&target.path)
            && examine::is_about(sources, request, &setup, candidate)
        {
            jobs.push((Job::File(target), setup));
        }
    }
    problems.append(&mut setups.problems);

    if is_empty
        && jobs.is_empty()
        && problems.is_empty()
        && let Some(directory) = found.walked.first()
        && !request.allow_empty
    {
        problems.push(nothing_found(request, directory, &found.templates));
    }

    // With many files, memory that is given back serves the next one.
    let is_alone = jobs.len() == 1;
    let run = |(job, setup): &(Job<'_>, Arc<Setup>)| {
        if request.is_stopped() {
            return Err(Unread::Stopped);
        }
        let made = guard::caught(|| {
            let mut subject = job.open(sources, request, setup)?;
            subject.keeps_facts |= is_alone;
            Ok(make(&subject))
        });
        made.unwrap_or_else(|message| {
            Err(Unread::Problem(Problem {
                file: job.name(request),
                span: None,
                message,
            }))
        })
    };
    // Threads cost more than a single file does.
    let made: Vec<Result<T, Unread>> = if jobs.len() > 1 {
        jobs.par_iter().map(run).collect()
    } else {
        jobs.iter().map(run).collect()
    };
    let mut results = Vec::with_capacity(made.len());
    let mut templates = found.templates;
    for result in made {
        match result {
            Ok(one) => results.push(one),
            Err(Unread::Problem(problem)) => problems.push(problem),
            Err(Unread::Template(name)) => templates.push(name),
            Err(Unread::Stopped) => {}
        }
    }
    templates.sort();
    Batch {
        results,
        walked: found.walked,
        templates,
        problems,
        setups: setups.made.into_values().flatten().collect(),
    }
}

/// Directories were named, and there is nothing to check in them.
fn nothing_found(request: &Request, directory: &Path, templates: &[String]) -> Problem {
    let name = discover::display_name(&request.working_directory, directory);
    let hint = if templates.is_empty() {
        "name a file, or pass `--allow-empty` if that is fine"
    } else {
        "only templates, which are not checked"
    };
    Problem {
        file: if name.is_empty() {
            ".".to_owned()
        } else {
            name
        },
        span: None,
        message: format!("no Dockerfile was found here: {hint}"),
    }
}

/// Why a Dockerfile is not checked.
enum Unread {
    Problem(Problem),
    /// It begins with a line of a template language.
    Template(String),
    /// Nobody waits for it.
    Stopped,
}

/// One Dockerfile to read.
enum Job<'a> {
    File(&'a Target),
    Buffer(&'a Buffer),
}

impl Job<'_> {
    /// As shown to people.
    fn name(&self, request: &Request) -> String {
        match self {
            Self::File(target) => target.name.clone(),
            Self::Buffer(Buffer { path: None, .. }) => "-".to_owned(),
            Self::Buffer(Buffer {
                path: Some(path), ..
            }) => {
                let directory = &request.working_directory;
                discover::display_name(directory, &discover::absolute(directory, path))
            }
        }
    }

    fn open<'s>(
        &self,
        sources: &'s Sources,
        request: &'s Request,
        setup: &'s Setup,
    ) -> Result<Subject<'s>, Unread> {
        let mut bound = None;
        let (file, path) = match self {
            Self::File(target) => {
                let read = sources.read(&target.path, &target.name);
                let file = read.map_err(|error| {
                    Unread::Problem(Problem {
                        file: target.name.clone(),
                        span: None,
                        message: error.without_name(),
                    })
                })?;
                let may_pass = request.force_exclude || !target.is_named;
                if may_pass && names::beginning(&sources.get(file).text) == Beginning::Template {
                    return Err(Unread::Template(target.name.clone()));
                }
                bound.clone_from(&target.bound);
                (file, Some(target.path.clone()))
            }
            Self::Buffer(buffer) => {
                let directory = &request.working_directory;
                let path = buffer.path.as_ref();
                let path = path.map(|path| discover::absolute(directory, path));
                (sources.add(self.name(request), buffer.text.clone()), path)
            }
        };
        Ok(Subject {
            sources,
            setup,
            typed_target: request.target.as_deref(),
            today: request.today,
            keeps_facts: request.keeps_facts,
            working_directory: request.working_directory.clone(),
            file,
            path,
            bound,
        })
    }
}

/// The setups of a run: one for each configuration, made when the first file needs it.
struct Setups<'a> {
    workspace: &'a Workspace,
    sources: &'a Sources,
    request: &'a Request,
    finder: Finder,
    /// `None`: it has a mistake, and its files are not checked.
    made: HashMap<Option<PathBuf>, Option<Arc<Setup>>>,
    problems: Vec<Problem>,
}

impl<'a> Setups<'a> {
    fn new(workspace: &'a Workspace, sources: &'a Sources, request: &'a Request) -> Self {
        Self {
            workspace,
            sources,
            request,
            finder: Finder::default(),
            made: HashMap::default(),
            problems: Vec::new(),
        }
    }

    fn get(&mut self, directory: &Path) -> Option<Arc<Setup>> {
        let config = match &self.workspace.configuration {
            Configuration::File(config) => {
                Some(discover::absolute(&self.request.working_directory, config))
            }
            Configuration::None => None,
            Configuration::Nearest => self.finder.find(&*self.workspace.files, directory),
        };
        if let Some(made) = self.made.get(&config) {
            return made.clone();
        }
        let setup = match Setup::new(
            self.sources,
            &self.workspace.catalogue,
            self.request,
            config.as_deref(),
            matches!(self.workspace.configuration, Configuration::Nearest),
        ) {
            Ok(setup) => Some(Arc::new(setup)),
            Err(mut problems) => {
                self.problems.append(&mut problems);
                None
            }
        };
        self.made.insert(config, setup.clone());
        setup
    }
}

struct Around<'a> {
    sources: &'a Sources,
    walked: &'a [PathBuf],
}

impl Around<'_> {
    /// The entries that did not occur and that this run would have seen: their files were checked,
    /// or lie in a directory that was walked.
    fn stale(
        &self,
        request: &Request,
        baseline: &Baseline,
        occurred: &[usize],
        outcome: &Outcome,
    ) -> Vec<usize> {
        let base = &request.working_directory;
        let root = self.sources.repository(base).unwrap_or(base);
        let checked: BTreeSet<PathBuf> = outcome
            .files
            .iter()
            .map(|name| discover::absolute(base, Path::new(name)))
            .collect();
        let broken: BTreeSet<&str> = outcome
            .problems
            .iter()
            .map(|problem| problem.file.as_str())
            .collect();
        let entries = baseline.entries.iter().enumerate();
        entries
            .filter(|(position, _)| occurred.binary_search(position).is_err())
            .filter(|(_, entry)| {
                let path = discover::absolute(root, Path::new(&entry.file));
                let name = discover::display_name(base, &path);
                let was_seen = checked.contains(&path) || self.is_fully_checked(&path);
                was_seen && !broken.contains(name.as_str())
            })
            .map(|(position, _)| position)
            .collect()
    }
}

impl Surroundings for Around<'_> {
    fn stable_path(&self, file: FileId) -> String {
        stable_path(self.sources, file)
    }

    fn is_fully_checked(&self, path: &Path) -> bool {
        self.walked
            .iter()
            .any(|directory| path.starts_with(directory))
    }
}

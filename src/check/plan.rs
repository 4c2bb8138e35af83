//! The Dockerfiles of a request, each with its configuration and rules; what is made of them, each on its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::described::Described;
use super::discover::{self, Target};
use super::examine::{self, Subject};
use super::guard;
use super::known::Baselines;
use super::names::{self, Beginning};
use super::request::{Buffer, Request};
use super::setup::{self, Origin, Setup};
use super::workspace::{Configuration, Workspace};
use crate::config::{Config, Finder, Globs};
use crate::finding::Problem;
use crate::maps::HashMap;
use crate::source::{Seen, Sources, seen_during};

/// What was made of the Dockerfiles of a request.
pub(super) struct Batch<T> {
    /// By name.
    pub(super) results: Vec<T>,
    /// Files that would be Dockerfiles once something has filled them in, by name.
    pub(super) templates: Vec<String>,
    /// What kept files from being read.
    pub(super) problems: Vec<Problem>,
}

/// What came of a Dockerfile, and whose text it came of.
pub(super) type Made<T> = (Result<T, Unread>, Arc<Seen>);

/// The Dockerfiles of a request.
#[derive(Debug)]
pub(super) struct Plan {
    jobs: Vec<(Job, Arc<Setup>)>,
    /// See [`discover::Discovered`].
    pub(super) walked: Vec<PathBuf>,
    templates: Vec<String>,
    /// What kept files from being found.
    problems: Vec<Problem>,
    /// What is asked for and has no effect.
    pub(super) warnings: Vec<Problem>,
    /// Those that are used.
    pub(super) setups: Vec<Arc<Setup>>,
}

/// Runs `work`, and tells whose text it was given: who checks once need not know.
pub(super) fn watched<T>(request: &Request, work: impl FnOnce() -> T) -> (T, Seen) {
    match request.remembers {
        true => seen_during(work),
        false => (work(), Seen::default()),
    }
}

impl Plan {
    pub(super) fn new(workspace: &Workspace, sources: &Sources, request: &Request) -> Self {
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
        let excluded = Globs::new(
            std::slice::from_ref(&request.working_directory),
            request.exclude.iter().map(String::as_str),
        );
        let excluded = excluded.unwrap_or_else(|(_, reason)| {
            problems.push(Problem {
                file: "command line".to_owned(),
                span: None,
                message: format!("not a file pattern: {reason}"),
            });
            Globs::default()
        });
        let mut setups = Setups::new(workspace, sources, request);
        let mut jobs: Vec<(Job, Arc<Setup>)> = Vec::new();
        if let Some(buffer) = &request.buffer {
            let place = buffer.path.as_deref().unwrap_or(Path::new("Dockerfile"));
            let place = discover::absolute(&request.working_directory, place);
            if let Some(setup) = setups.get(place.parent().unwrap_or(&place)) {
                jobs.push((Job::Buffer(buffer.clone()), setup));
            }
        }
        for target in &found.targets {
            let may_exclude = request.force_exclude || !target.is_named;
            if let Some(setup) = setups.for_file(&target.path, may_exclude.then_some(&excluded)) {
                jobs.push((Job::File(target.clone()), setup));
            }
        }
        for candidate in &found.candidates {
            let target = &candidate.target;
            let setup = setups.for_file(&target.path, Some(&excluded));
            if let Some(setup) = setup
                && examine::is_about(sources, request, &setup, candidate)
            {
                jobs.push((Job::File(target.clone()), setup));
            }
        }
        problems.append(&mut setups.problems);
        let used = |directory: &&PathBuf| {
            let others = found.candidates.iter().map(|it| &it.target);
            let mut targets = found.targets.iter().chain(others);
            targets.any(|target| target.path.starts_with(directory))
                || found_templates(request, &found.templates)
                    .any(|path| path.starts_with(directory))
        };
        let lone = found.walked.iter().filter(|directory| !used(directory));
        let warnings: Vec<Problem> = match request.allow_empty || found.walked.len() < 2 {
            true => Vec::new(),
            false => lone
                .map(|directory| nothing_found(request, directory, &[]))
                .collect(),
        };

        if is_empty
            && jobs.is_empty()
            && problems.is_empty()
            && let Some(directory) = found.walked.first()
            && !request.allow_empty
        {
            problems.push(nothing_found(request, directory, &found.templates));
        }

        Self {
            jobs,
            walked: found.walked,
            templates: found.templates,
            problems,
            warnings: if is_empty { Vec::new() } else { warnings },
            setups: setups.made.into_values().flatten().collect(),
        }
    }

    /// Runs `make` on every Dockerfile of which nothing is `known`, on several threads when there are several.
    pub(super) fn run<T: Send>(
        &self,
        sources: &Sources,
        request: &Request,
        known: impl Fn(usize) -> Option<(T, Arc<Seen>)> + Sync,
        make: impl Fn(&Subject<'_>) -> T + Sync,
    ) -> Vec<Made<T>> {
        // With many files, memory that is given back serves the next one.
        let is_alone = self.jobs.len() == 1;
        let run = |(at, (job, setup)): (usize, &(Job, Arc<Setup>))| {
            if let Some((made, seen)) = known(at) {
                return (Ok(made), seen);
            }
            if request.is_stopped() {
                return (Err(Unread::Stopped), Arc::default());
            }
            let work = || {
                guard::caught(|| {
                    let mut subject = job.open(sources, request, setup)?;
                    subject.keeps_facts |= is_alone;
                    Ok(make(&subject))
                })
            };
            let (made, seen) = watched(request, work);
            let made = made.unwrap_or_else(|message| {
                Err(Unread::Problem(Problem {
                    file: job.name(request),
                    span: None,
                    message,
                }))
            });
            (made, Arc::new(seen))
        };
        // Threads cost more than a single file does.
        if self.jobs.len() > 1 {
            self.jobs.par_iter().enumerate().map(run).collect()
        } else {
            self.jobs.iter().enumerate().map(run).collect()
        }
    }

    /// Each Dockerfile described, with sources of its own: what is read for it is read for nothing else.
    pub(super) fn each(
        &self,
        request: &Request,
        sources: impl Fn() -> Sources,
    ) -> Vec<Made<Described>> {
        let describe = |(job, setup): &(Job, Arc<Setup>)| {
            let sources = sources();
            let made = guard::caught(|| Ok(job.open(&sources, request, setup)?.describe()));
            let made = made.unwrap_or_else(|message| {
                Err(Unread::Problem(Problem {
                    file: job.name(request),
                    span: None,
                    message,
                }))
            });
            (made, Arc::default())
        };
        let mut made: Vec<Made<Described>> = self.jobs.iter().map(describe).collect();
        made.sort_by_key(|(made, _)| made.as_ref().ok().map(|one| one.name.clone()));
        made
    }

    /// What came of them, by kind.
    pub(super) fn sort<T>(&self, made: Vec<Made<T>>) -> Batch<T> {
        let mut results = Vec::with_capacity(made.len());
        let mut templates = self.templates.clone();
        let mut problems = self.problems.clone();
        for (result, _) in made {
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
            templates,
            problems,
        }
    }
}

/// Where the templates that were found are.
fn found_templates(request: &Request, names: &[String]) -> impl Iterator<Item = PathBuf> {
    let here = &request.working_directory;
    names
        .iter()
        .map(|name| discover::absolute(here, Path::new(name)))
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
pub(super) enum Unread {
    Problem(Problem),
    /// It begins with a line of a template language.
    Template(String),
    /// Nobody waits for it.
    Stopped,
}

/// One Dockerfile to read.
#[derive(Debug)]
enum Job {
    File(Target),
    Buffer(Buffer),
}

impl Job {
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
            seeks_unfound: request.seeks_unfound,
            working_directory: request.working_directory.clone(),
            file,
            path,
            bound,
        })
    }
}

/// The setups of a run: one for each configuration, made when the first file needs it.
pub(super) struct Setups<'a> {
    workspace: &'a Workspace,
    sources: &'a Sources,
    request: &'a Request,
    finder: Finder,
    /// Those of plain files, and of files that the project excludes. `None`: it has a mistake, or nothing is left to
    /// run, and its files are not checked.
    made: HashMap<(Option<PathBuf>, bool), Option<Arc<Setup>>>,
    /// The policy, read once; `None`: it has a mistake.
    policy: Option<Option<Config>>,
    baselines: Baselines,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Setups<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        sources: &'a Sources,
        request: &'a Request,
    ) -> Self {
        Self {
            workspace,
            sources,
            request,
            finder: Finder::default(),
            made: HashMap::default(),
            policy: None,
            baselines: Baselines::default(),
            problems: Vec::new(),
        }
    }

    /// The file that configures what is in a directory.
    pub(super) fn configuration(&mut self, directory: &Path) -> Option<PathBuf> {
        match &self.workspace.configuration {
            Configuration::File(config) => {
                Some(discover::absolute(&self.request.working_directory, config))
            }
            Configuration::None => None,
            Configuration::Nearest => self.finder.find(&*self.workspace.files, directory),
        }
    }

    /// What a file is checked by; `None` when it is not. Where it may be excluded, `excluded` is what the command line
    /// says: the policy's rules count in what only the project excludes.
    fn for_file(&mut self, path: &Path, excluded: Option<&Globs>) -> Option<Arc<Setup>> {
        let directory = path.parent().unwrap_or(path);
        let setup = self.get(directory)?;
        let Some(excluded) = excluded else {
            return Some(setup);
        };
        let config = &setup.terms.config;
        let policy = config.policy.as_ref();
        if excluded.matches(path) || policy.is_some_and(|policy| policy.exclude.matches(path)) {
            return None;
        }
        match config.exclude.matches(path) {
            true if policy.is_none() => None,
            true => self.excluded(directory, &setup),
            false => Some(setup),
        }
    }

    /// What a file is checked by where the project excludes what is checked by `plain`.
    fn excluded(&mut self, directory: &Path, plain: &Setup) -> Option<Arc<Setup>> {
        let key = (self.configuration(directory), true);
        let made = self.made.entry(key);
        made.or_insert_with(|| plain.only_locked().map(Arc::new))
            .clone()
    }

    pub(super) fn get(&mut self, directory: &Path) -> Option<Arc<Setup>> {
        let key = (self.configuration(directory), false);
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        let setup = self.new_setup(key.0.as_deref());
        let setup = setup.map_err(|mut problems| self.problems.append(&mut problems));
        let setup = setup.ok().map(Arc::new);
        self.made.insert(key, setup.clone());
        setup
    }

    fn new_setup(&mut self, config: Option<&Path>) -> Result<Setup, Vec<Problem>> {
        let (sources, request) = (self.sources, self.request);
        if let (None, Some(policy)) = (&self.policy, &self.workspace.policy) {
            let path = discover::absolute(&request.working_directory, policy);
            let read = setup::read(sources, request, &path, None, false);
            let read = read.map_err(|mut problems| self.problems.append(&mut problems));
            self.policy = Some(read.ok());
        }
        let policy = match &self.policy {
            Some(None) => return Err(Vec::new()),
            Some(policy) => policy.as_ref(),
            None => None,
        };
        let origin = Origin {
            config,
            is_found: matches!(self.workspace.configuration, Configuration::Nearest),
            policy,
        };
        let catalogue = &self.workspace.catalogue;
        Setup::new(sources, catalogue, request, origin, &mut self.baselines)
    }
}

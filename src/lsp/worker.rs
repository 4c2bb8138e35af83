//! The thread that checks, so that whoever speaks with the client never waits: states come in, diagnostics and answers
//! go out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use lsp_server::{ErrorCode, RequestId, Response};
use serde_json::Value;

use super::analysis::{Analysis, Names, Project, Snapshot};
use super::settings::Settings;
use super::tell::{self, Shown};
use crate::check::{Configuration, Request, Workspace, discover, guard};
use crate::finding::Severity;
use crate::knowledge::Date;
use crate::policy::Overrides;
use crate::policy::suppress::is_build_check;
use crate::rule::Catalogue;
use crate::source::{Files, Kept, Overlay, Sources};

/// Where a client tells what changes on the disk, it is looked at anyway after this time.
const OLDEST_TOLD: Duration = Duration::from_secs(30);

/// Where nobody tells, it is looked at this often.
pub(super) const OLDEST: Duration = Duration::from_secs(2);

/// Something that is answered from a state.
pub(super) type Question = Box<dyn FnOnce(&Analysis) -> Result<Value, String> + Send>;

pub(super) enum Job {
    Check(Snapshot),
    /// Whether the disk has changed.
    Look,
    Ask(RequestId, Question),
}

pub(super) enum Done {
    Checked {
        epoch: u64,
        shown: Shown,
        /// What belongs to no file.
        rest: Vec<String>,
        took: Duration,
    },
    /// Nobody waited any more.
    Stopped,
    /// A fault of ours.
    Failed {
        epoch: u64,
        message: String,
    },
    Looked {
        is_changed: bool,
        took: Duration,
    },
    Answered(Response),
}

pub(super) struct Worker {
    kept: Arc<Kept>,
    catalogue: Catalogue,
    today: fn() -> Date,
    looked: Instant,
    analysis: Option<Analysis>,
}

impl Worker {
    pub(super) fn new(files: Arc<dyn Files>, today: fn() -> Date) -> Self {
        Self {
            kept: Arc::new(Kept::new(files)),
            catalogue: Catalogue::embedded(),
            today,
            looked: Instant::now(),
            analysis: None,
        }
    }

    /// Works until nobody has a job any more, or nobody wants to know.
    pub(super) fn run(mut self, jobs: &Receiver<Job>, tell: impl Fn(Done) -> bool) {
        while let Ok(job) = jobs.recv() {
            let done = match job {
                Job::Check(snapshot) => self.check(snapshot),
                Job::Look => {
                    let is_changed = self.look();
                    let took = self.looked.elapsed();
                    Done::Looked { is_changed, took }
                }
                Job::Ask(id, question) => Done::Answered(self.answer(id, question)),
            };
            if !tell(done) {
                return;
            }
        }
    }

    fn look(&mut self) -> bool {
        self.looked = Instant::now();
        self.kept.look_again()
    }

    fn check(&mut self, snapshot: Snapshot) -> Done {
        let begun = Instant::now();
        let oldest = match snapshot.client.watches_files {
            true => OLDEST_TOLD,
            false => OLDEST,
        };
        if snapshot.looks || self.looked.elapsed() > oldest {
            self.look();
        }
        let (epoch, stop) = (snapshot.epoch, Arc::clone(&snapshot.stop));
        let made = guard::caught(|| {
            let analysis = self.analyse(snapshot);
            let told = tell::all(&analysis);
            (analysis, told)
        });
        if stop.load(Ordering::Relaxed) {
            return Done::Stopped;
        }
        match made {
            Ok((analysis, (shown, rest))) => {
                self.analysis = Some(analysis);
                Done::Checked {
                    epoch,
                    shown,
                    rest,
                    took: begun.elapsed(),
                }
            }
            Err(message) => Done::Failed { epoch, message },
        }
    }

    fn analyse(&self, snapshot: Snapshot) -> Analysis {
        let mut overlay = Overlay::new(Arc::clone(&self.kept) as Arc<dyn Files>);
        let mut names = Names::default();
        for document in &snapshot.documents {
            overlay = overlay.with(&document.path, document.text.as_bytes());
            for path in [overlay.place(&document.path), document.path.clone()] {
                names.open.insert(path, document.uri.clone());
            }
        }
        for folder in &snapshot.folders {
            let real = self.kept.canonical(folder);
            let real = real.unwrap_or_else(|_| folder.clone());
            names.folders.push((real, folder.clone()));
        }
        let files: Arc<dyn Files> = Arc::new(overlay);
        let mut projects = Vec::new();
        for (root, paths) in self.roots(&snapshot, &names, &files) {
            let workspace = Workspace::new(Arc::clone(&files))
                .with_catalogue(self.catalogue.clone())
                .with_configuration(configuration(&snapshot.settings));
            let request = Request {
                keeps_facts: true,
                stop: Some(Arc::clone(&snapshot.stop)),
                ..self.request(root.clone(), paths, &snapshot.settings)
            };
            let checked = workspace.check(&request);
            let request = Request {
                stop: None,
                keeps_facts: false,
                ..request
            };
            projects.push(Project::new(root, workspace, request, checked));
        }
        Analysis {
            snapshot,
            projects,
            names,
            asked: Arc::default(),
        }
    }

    /// What is checked: each folder, and the projects of open files that lie in none; with the open Dockerfiles,
    /// which a walk may pass over.
    fn roots(
        &self,
        snapshot: &Snapshot,
        names: &Names,
        files: &Arc<dyn Files>,
    ) -> Vec<(PathBuf, Vec<PathBuf>)> {
        let mut roots: BTreeSet<PathBuf> = BTreeSet::new();
        for (real, _) in &names.folders {
            // A whole disk is no project.
            if real.parent().is_some() && files.has_directory(real) {
                roots.insert(real.clone());
            }
        }
        let within = |roots: &BTreeSet<PathBuf>, path: &PathBuf| {
            roots.iter().find(|root| path.starts_with(root)).cloned()
        };
        let mut found: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
        let sources = Sources::on(Arc::clone(files));
        for document in &snapshot.documents {
            let real = files.canonical(&document.path);
            let path = real.unwrap_or_else(|_| document.path.clone());
            let Some(directory) = path.parent() else {
                continue;
            };
            if within(&roots, &path).is_none() {
                match discover::home(&sources, directory, None) {
                    Some(home) if home.parent().is_some() => _ = roots.insert(home.to_owned()),
                    _ if document.is_dockerfile => {
                        found.push((directory.to_owned(), vec![path]));
                    }
                    _ => {}
                }
            }
        }
        // What lies in another one is checked with it.
        let outer = roots.iter().filter(|root| {
            let mut above = root.ancestors().skip(1);
            !above.any(|above| roots.contains(above))
        });
        for root in outer {
            let open = snapshot
                .documents
                .iter()
                .filter(|document| document.is_dockerfile);
            let open = open.map(|document| overlaid(files, &document.path));
            let open = open.filter(|path| path.starts_with(root));
            let paths = std::iter::once(PathBuf::from(".")).chain(open);
            found.push((root.clone(), paths.collect()));
        }
        found.sort();
        found
    }

    fn request(&self, root: PathBuf, paths: Vec<PathBuf>, settings: &Settings) -> Request {
        let mut ignore = settings.ignore.clone();
        if settings.leave_to_build_checks {
            let rules = self.catalogue.rules();
            let told = rules.filter(|rule| rule.aliases.iter().any(|alias| is_build_check(alias)));
            ignore.extend(told.map(|rule| rule.id.to_string()));
        }
        let severity = settings.severity.iter().filter_map(|(rule, level)| {
            let severity = Severity::parse(level)?;
            Some((rule.clone(), severity))
        });
        let overrides = Overrides {
            select: settings.select.clone(),
            ignore,
            severity: severity.collect(),
            fail_on: None,
        };
        let mut request = Request::new(root, (self.today)())
            .paths(paths)
            .overrides(overrides)
            .force_exclude()
            .allow_empty();
        request.context.clone_from(&settings.context);
        request.target.clone_from(&settings.target);
        let build_args = settings.build_args.iter();
        request.build_args = build_args
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        request
    }

    fn answer(&self, id: RequestId, question: Question) -> Response {
        let failed = |message| {
            let code = ErrorCode::RequestFailed as i32;
            Response::new_err(id.clone(), code, message)
        };
        let Some(analysis) = &self.analysis else {
            return failed("nothing could be checked".to_owned());
        };
        match guard::caught(|| question(analysis)) {
            Ok(Ok(value)) => Response::new_ok(id, value),
            Ok(Err(message)) | Err(message) => failed(message),
        }
    }
}

/// A path without links in its directory.
fn overlaid(files: &Arc<dyn Files>, path: &std::path::Path) -> PathBuf {
    let directory = path
        .parent()
        .and_then(|parent| files.canonical(parent).ok());
    match (directory, path.file_name()) {
        (Some(directory), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}

fn configuration(settings: &Settings) -> Configuration {
    match &settings.configuration {
        Some(file) => Configuration::File(file.clone()),
        None if settings.isolated => Configuration::None,
        None => Configuration::Nearest,
    }
}

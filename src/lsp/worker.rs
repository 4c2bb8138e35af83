//! The thread that checks, so that whoever speaks with the client never waits: states come in, diagnostics and answers
//! go out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use lsp_server::{ErrorCode, RequestId, Response};
use serde_json::Value;

use super::analysis::{Analysis, Names, Project, Snapshot};
use super::documents::Document;
use super::settings::{Named, Settings};
use super::tell::{self, Shown};
use crate::check::{Configuration, Knowing, Request, Workspace, discover, guard};
use crate::finding::Severity;
use crate::knowledge::Date;
use crate::knowledge::foreign_codes::is_build_check;
use crate::policy::Overrides;
use crate::rule::Catalogue;
use crate::source::{Files, Kept, Overlay, Sources};

/// Where a client tells what changes on the disk, it is looked at anyway after this time.
const OLDEST_TOLD: Duration = Duration::from_secs(30);

/// Where nobody tells, it is looked at this often.
pub(super) const OLDEST: Duration = Duration::from_secs(2);

/// Looking at a large disk takes no more than this part of the time.
pub(super) const LOOKS_PART: u32 = 20;

/// What whoever cancels a question is told.
pub(super) const CANCELLED: &str = "cancelled";

/// Something that is answered from a state.
pub(super) type Question = Box<dyn FnOnce(&Analysis) -> Result<Value, String> + Send>;

pub(super) enum Job {
    Check(Snapshot),
    /// Whether the disk has changed.
    Look,
    /// With what is set once nobody waits for the answer.
    Ask(RequestId, Question, Arc<AtomicBool>),
}

pub(super) enum Done {
    Checked {
        epoch: u64,
        shown: Shown,
        /// What belongs to no file.
        rest: Vec<String>,
        took: Duration,
        /// As long a check of what is typed next may take.
        next: Duration,
    },
    /// Nothing is other than at the last check.
    Same {
        epoch: u64,
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
    named: Named,
    today: fn() -> Date,
    /// When it was last looked at the disk, and how long that took.
    looked: Instant,
    look_took: Duration,
    /// The disk is not as the analysis has it.
    is_stale: bool,
    analysis: Option<Analysis>,
}

impl Worker {
    pub(super) fn new(files: Arc<dyn Files>, named: Named, today: fn() -> Date) -> Self {
        Self {
            kept: Arc::new(Kept::new(files)),
            catalogue: Catalogue::embedded(),
            named,
            today,
            looked: Instant::now(),
            look_took: Duration::ZERO,
            is_stale: false,
            analysis: None,
        }
    }

    /// Works until nobody has a job any more, or nobody wants to know.
    pub(super) fn run(mut self, jobs: &Receiver<Job>, tell: impl Fn(Done) -> bool) {
        while let Ok(job) = jobs.recv() {
            let done = match job {
                Job::Check(snapshot) => self.check(snapshot),
                Job::Look => Done::Looked {
                    // Whatever went wrong: a check tells it.
                    is_changed: guard::caught(|| self.look()).unwrap_or(true),
                    took: self.look_took,
                },
                Job::Ask(id, question, stop) => Done::Answered(self.answer(id, question, stop)),
            };
            if !tell(done) {
                return;
            }
        }
    }

    /// Whether the disk has changed since it was looked at before.
    fn look(&mut self) -> bool {
        let begun = Instant::now();
        // It counts also if that comes to no end.
        let was_stale = std::mem::replace(&mut self.is_stale, true);
        let is_changed = self.kept.look_again();
        self.is_stale = was_stale || is_changed;
        self.look_took = begun.elapsed();
        self.looked = Instant::now();
        is_changed
    }

    /// Looks at the disk if it may have changed.
    fn look_if_due(&mut self, snapshot: &Snapshot) {
        let oldest = match snapshot.client.watches_files {
            true => OLDEST_TOLD,
            false => OLDEST,
        };
        let oldest = oldest.max(self.look_took * LOOKS_PART);
        if snapshot.looks || self.looked.elapsed() > oldest {
            self.look();
        }
    }

    /// Whether a check of a state would say what the last one said.
    fn is_same(&self, snapshot: &Snapshot) -> bool {
        let today = (self.today)();
        let is_same = |known: &Analysis| {
            let mut projects = known.projects.iter();
            known.snapshot.is_same(snapshot) && projects.all(|one| one.request.today == today)
        };
        !self.is_stale && self.analysis.as_ref().is_some_and(is_same)
    }

    fn check(&mut self, snapshot: Snapshot) -> Done {
        let begun = Instant::now();
        let (epoch, stop) = (snapshot.epoch, Arc::clone(&snapshot.stop));
        let made = guard::caught(|| {
            self.look_if_due(&snapshot);
            if self.is_same(&snapshot) {
                return None;
            }
            let is_typed = self.changed(&snapshot).is_some();
            let analysis = self.analyse(snapshot);
            let told = tell::all(&analysis);
            Some((analysis, told, is_typed))
        });
        if stop.load(Ordering::Relaxed) {
            return Done::Stopped;
        }
        match made {
            Ok(Some((analysis, (shown, rest), is_typed))) => {
                let took = begun.elapsed();
                let dockerfiles = analysis.projects.iter().map(|one| one.checked.facts.len());
                let dockerfiles = u32::try_from(dockerfiles.sum::<usize>().max(1));
                // Most of what is typed matters to one of them.
                let next = match is_typed {
                    true => took,
                    false => took / dockerfiles.unwrap_or(u32::MAX),
                };
                self.analysis = Some(analysis);
                self.is_stale = false;
                Done::Checked {
                    epoch,
                    shown,
                    rest,
                    took,
                    next,
                }
            }
            Ok(None) => Done::Same { epoch },
            Err(message) => {
                // What was known is of an older state.
                self.analysis = None;
                Done::Failed { epoch, message }
            }
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
        let changed = self.changed(&snapshot).map(|(known, changed)| {
            let places = changed.iter().map(|document| overlay.place(&document.path));
            (known, places.collect::<Vec<PathBuf>>())
        });
        let files: Arc<dyn Files> = Arc::new(overlay);
        let mut projects = Vec::new();
        for (root, paths) in self.roots(&snapshot, &names, &files) {
            let workspace = Workspace::new(Arc::clone(&files))
                .with_catalogue(self.catalogue.clone())
                .with_configuration(configuration(&snapshot.settings, &self.named))
                .with_policy(self.named.policy.clone());
            let request = Request {
                keeps_facts: true,
                remembers: true,
                stop: Some(Arc::clone(&snapshot.stop)),
                ..self.request(root.clone(), paths, &snapshot.settings)
            };
            let again = changed.as_ref().and_then(|(known, changed)| {
                let mut projects = known.projects.iter();
                let before =
                    projects.find(|one| one.root == root && one.request.paths == request.paths)?;
                workspace.check_again(&request, &before.checked, changed)
            });
            let checked = again.unwrap_or_else(|| workspace.check(&request));
            let request = Request {
                stop: None,
                keeps_facts: false,
                remembers: false,
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

    /// The last check and what has another text since then, where that is all that is other than it was.
    fn changed<'a>(&'a self, snapshot: &'a Snapshot) -> Option<(&'a Analysis, Vec<&'a Document>)> {
        let known = self.analysis.as_ref().filter(|_| !self.is_stale)?;
        let (before, now) = (&known.snapshot, snapshot);
        let is_as_it_was = before.folders == now.folders
            && before.settings == now.settings
            && before.documents.len() == now.documents.len()
            && known
                .projects
                .iter()
                .all(|one| one.request.today == (self.today)());
        let mut changed = Vec::new();
        for (before, now) in before.documents.iter().zip(&now.documents) {
            if (&before.uri, before.is_dockerfile) != (&now.uri, now.is_dockerfile) {
                return None;
            }
            if before.text != now.text {
                changed.push(now);
            }
        }
        is_as_it_was.then_some((known, changed))
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
            min_severity: None,
            extend_select: Vec::new(),
        };
        let mut request = Request::new(root, (self.today)())
            .paths(paths)
            .overrides(overrides)
            .force_exclude()
            .allow_empty();
        request.context.clone_from(&settings.context);
        request.target.clone_from(&settings.target);
        request.seeks_unfound = false;
        request.known = Knowing::Configured { is_written: false };
        let build_args = settings.build_args.iter();
        request.build_args = build_args
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        request
    }

    fn answer(&mut self, id: RequestId, question: Question, stop: Arc<AtomicBool>) -> Response {
        let failed = |message| {
            let code = ErrorCode::RequestFailed as i32;
            Response::new_err(id.clone(), code, message)
        };
        let Some(analysis) = &mut self.analysis else {
            return failed("nothing could be checked".to_owned());
        };
        analysis.asked = Arc::clone(&stop);
        let is_over = || stop.load(Ordering::Relaxed);
        let answer = match is_over() {
            true => Err(CANCELLED.to_owned()),
            false => guard::caught(|| question(analysis)).flatten(),
        };
        match answer {
            // What was stopped may know half of it.
            _ if is_over() => {
                let code = ErrorCode::RequestCanceled as i32;
                Response::new_err(id, code, CANCELLED.to_owned())
            }
            Ok(value) => Response::new_ok(id, value),
            Err(message) => failed(message),
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

fn configuration(settings: &Settings, named: &Named) -> Configuration {
    match (&settings.configuration, &named.configuration) {
        (Some(file), _) => Configuration::File(file.clone()),
        (None, _) if settings.isolated => Configuration::None,
        (None, Some(file)) => Configuration::File(file.clone()),
        (None, None) => Configuration::Nearest,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use serde_json::json;

    use super::super::documents::Documents;
    use super::*;
    use crate::source::{Disk, Found, Names as Listed, Stamp};

    /// The disk, until it fails.
    #[derive(Debug, Default)]
    struct Failing(AtomicBool);

    impl Files for Failing {
        fn entry(&self, path: &Path) -> io::Result<Found> {
            Disk.entry(path)
        }

        fn list(&self, directory: &Path, limit: usize) -> io::Result<Listed> {
            Disk.list(directory, limit)
        }

        fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
            Disk.read(path, most)
        }

        fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
            Disk.canonical(path)
        }

        fn stamp(&self, path: &Path) -> Stamp {
            assert!(!self.0.load(Ordering::Relaxed), "it fails");
            Disk.stamp(path)
        }

        fn has_settled(&self, path: &Path) -> bool {
            Disk.has_settled(path)
        }
    }

    fn today() -> Date {
        Date::constant(2026, 1, 1)
    }

    fn snapshot(root: &Path, epoch: u64) -> Snapshot {
        Snapshot {
            epoch,
            documents: Vec::new(),
            folders: vec![root.to_owned()],
            settings: Arc::default(),
            client: crate::lsp::settings::Client::default(),
            looks: true,
            stop: Arc::default(),
        }
    }

    fn project() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        std::fs::write(root.join("Dockerfile"), "FROM python:3.8\n").unwrap();
        std::fs::write(root.join("app.log"), "").unwrap();
        // What has just been written may be written again without that it shows.
        std::thread::sleep(Duration::from_millis(150));
        (directory, root)
    }

    #[test]
    fn nothing_is_checked_twice() {
        let (_directory, root) = project();
        let mut worker = Worker::new(Arc::new(Disk), Named::default(), today);
        let mut check = |snapshot: Snapshot| worker.check(snapshot);
        let first = check(snapshot(&root, 1));
        assert!(matches!(first, Done::Checked { epoch: 1, .. }));
        // No check has asked what stands there.
        std::fs::write(root.join("app.log"), "line\n").unwrap();
        let same = check(snapshot(&root, 2));
        assert!(matches!(same, Done::Same { epoch: 2 }));
        std::fs::write(root.join("Dockerfile"), "FROM python:3.9\n").unwrap();
        // Also if nobody waited for what came of it.
        let stopped = snapshot(&root, 3);
        stopped.stop.store(true, Ordering::Relaxed);
        assert!(matches!(check(stopped), Done::Stopped));
        std::thread::sleep(Duration::from_millis(150));
        let changed = check(snapshot(&root, 4));
        assert!(matches!(changed, Done::Checked { epoch: 4, .. }));
        let mut documents = Documents::default();
        let uri = crate::lsp::uri::of(&root.join("Dockerfile"));
        let item = json!({"uri": uri, "languageId": "x", "version": 1, "text": "FROM scratch\n"});
        documents.open(serde_json::from_value(json!({"textDocument": item})).unwrap());
        let mut opened = snapshot(&root, 5);
        opened.documents = documents.all().cloned().collect();
        assert!(matches!(check(opened), Done::Checked { epoch: 5, .. }));
    }

    #[test]
    fn after_a_fault_nothing_older_answers() {
        let (_directory, root) = project();
        let files = Arc::new(Failing::default());
        let mut worker = Worker::new(
            Arc::clone(&files) as Arc<dyn Files>,
            Named::default(),
            today,
        );
        worker.check(snapshot(&root, 1));
        let ask = |worker: &mut Worker, stop: bool| {
            let question: Question = Box::new(|_| Ok(Value::Null));
            let stop = Arc::new(AtomicBool::new(stop));
            let answer = worker.answer(RequestId::from(1), question, stop);
            answer.response_result.err().map(|error| error.code)
        };
        assert_eq!(ask(&mut worker, false), None);
        let cancelled = ErrorCode::RequestCanceled as i32;
        assert_eq!(ask(&mut worker, true), Some(cancelled));
        files.0.store(true, Ordering::Relaxed);
        let failed = worker.check(snapshot(&root, 2));
        assert!(matches!(failed, Done::Failed { epoch: 2, .. }));
        let refused = ErrorCode::RequestFailed as i32;
        assert_eq!(ask(&mut worker, false), Some(refused));
        files.0.store(false, Ordering::Relaxed);
        let checked = worker.check(snapshot(&root, 3));
        assert!(matches!(checked, Done::Checked { epoch: 3, .. }));
    }
}

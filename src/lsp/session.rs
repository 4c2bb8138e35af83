//! What a client has and wants, message by message. Never waits for a check.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use gen_lsp_types::{DocumentDiagnosticParams, MessageType, WorkspaceDiagnosticParams};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::analysis::Snapshot;
use super::documents::Documents;
use super::outbox::{Asked, Outbox};
use super::reports::Reports;
use super::settings::{Client, Level, Settings};
use super::tell::Shown;
use super::worker::{CANCELLED, Done, Job, LOOKS_PART, OLDEST, Question};
use super::{greeting, questions, uri};

/// A check that takes less is begun with each change.
const QUICK: Duration = Duration::from_millis(60);

/// A slower one waits for the end of a word, but never longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// A check that is out of date is given up, unless nothing was shown for this time.
const STARVED: Duration = Duration::from_secs(1);

/// What is said where nobody checks any more.
const GONE: &str = "internal error, files are no longer checked: restart the server";

pub(super) enum Event {
    Message(Message),
    Malformed(String),
    /// Nobody is at the other end.
    Gone,
    Done(Done),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    /// It was told to end.
    Ended,
}

/// What is answered when a state is known that is as new as the question.
struct Waiting {
    id: RequestId,
    epoch: u64,
    what: Wanted,
}

enum Wanted {
    File(DocumentDiagnosticParams),
    AllFiles(WorkspaceDiagnosticParams),
    Answer(Question),
}

pub(super) struct Session {
    out: Outbox,
    jobs: Sender<Job>,
    phase: Phase,
    client: Client,
    settings: Arc<Settings>,
    documents: Documents,
    folders: Vec<PathBuf>,
    reports: Reports,
    /// Counts the states.
    epoch: u64,
    /// The state of the last check that came to its end.
    known: u64,
    /// The state that is being checked, and what stops that.
    running: Option<(u64, Arc<AtomicBool>)>,
    /// Questions that are being answered, and what stops each.
    asking: HashMap<RequestId, Arc<AtomicBool>>,
    /// Why there is nothing to tell of the last state that was checked.
    failed: Option<String>,
    is_looking: bool,
    /// How often it looks whether the disk has changed.
    looks_every: Duration,
    /// The disk may have changed since the last check.
    looks: bool,
    changed: Instant,
    /// When the first change came that no check knows.
    unknown_since: Instant,
    shown: Instant,
    /// As long the next check may take.
    next: Duration,
    waiting: Vec<Waiting>,
    /// What was told of what belongs to no file.
    rest: Vec<String>,
}

impl Session {
    pub(super) fn new(out: Sender<Message>, jobs: Sender<Job>) -> Self {
        let now = Instant::now();
        Self {
            out: Outbox::new(out),
            jobs,
            phase: Phase::Fresh,
            client: Client::default(),
            settings: Arc::default(),
            documents: Documents::default(),
            folders: Vec::new(),
            reports: Reports::default(),
            epoch: 0,
            known: 0,
            running: None,
            asking: HashMap::new(),
            failed: None,
            is_looking: false,
            looks_every: OLDEST,
            looks: false,
            changed: now,
            unknown_since: now,
            shown: now,
            next: Duration::ZERO,
            waiting: Vec::new(),
            rest: Vec::new(),
        }
    }

    /// Serves until the client leaves; whether it took its leave.
    pub(super) fn run(mut self, inbox: &Receiver<Event>) -> bool {
        loop {
            let event = match inbox.recv_timeout(self.pause()) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return false,
            };
            let is_idle = event.is_none();
            // Everything that is here already comes before a check.
            let mut next = event;
            while let Some(event) = next {
                if let Some(is_proper) = self.event(event) {
                    return is_proper;
                }
                next = inbox.try_recv().ok();
            }
            self.begin();
            let is_calm = self.running.is_none() && !self.is_looking;
            if is_idle && is_calm && self.looks_by_itself() {
                self.is_looking = self.jobs.send(Job::Look).is_ok();
            }
        }
    }

    fn looks_by_itself(&self) -> bool {
        self.phase == Phase::Running && !self.client.watches_files
    }

    /// How long nothing happens by itself.
    fn pause(&self) -> Duration {
        let waits = self.phase == Phase::Running && self.running.is_none();
        match waits && self.epoch != self.known {
            true => self.due().saturating_duration_since(Instant::now()),
            false if self.looks_by_itself() => self.looks_every,
            false => Duration::from_secs(3600),
        }
    }

    /// When the newest state is to be checked.
    fn due(&self) -> Instant {
        if self.next < QUICK || !self.waiting.is_empty() {
            return self.changed;
        }
        let calm = self.changed + self.next.min(LONGEST_WAIT / 2);
        calm.min(self.unknown_since + LONGEST_WAIT)
    }

    /// `Some`: it is over; whether as it should be.
    fn event(&mut self, event: Event) -> Option<bool> {
        match event {
            Event::Gone => return Some(false),
            Event::Malformed(reason) => {
                self.out
                    .log(Level::Error, &format!("invalid message: {reason}"));
                // Whoever sent it gave no number that could be answered.
            }
            Event::Done(done) => self.done(done),
            Event::Message(Message::Request(request)) => {
                self.out.trace(&request.method);
                self.request(request);
            }
            Event::Message(Message::Response(response)) => self.response(response),
            Event::Message(Message::Notification(note)) => {
                if note.method == "exit" {
                    return Some(self.phase == Phase::Ended);
                }
                self.out.trace(&note.method);
                if self.phase == Phase::Running {
                    self.note(note);
                }
            }
        }
        None
    }

    fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        match (self.phase, method.as_str()) {
            (Phase::Fresh, "initialize") => self.initialize(id, &params),
            (Phase::Fresh, _) => {
                self.out.refuse(
                    id,
                    ErrorCode::ServerNotInitialized,
                    "`initialize` comes first",
                );
            }
            (Phase::Running, "shutdown") => {
                self.shut_down();
                self.out.answer(id, Value::Null);
            }
            (Phase::Running, "textDocument/diagnostic") => {
                self.want(id, params, Wanted::File);
            }
            (Phase::Running, "workspace/diagnostic") => {
                self.want(id, params, Wanted::AllFiles);
            }
            (Phase::Running, method) => match questions::question(method, params) {
                Some(Ok(question)) => self.wait(id, Wanted::Answer(question)),
                Some(Err(error)) => self.out.refuse(id, ErrorCode::InvalidParams, &error),
                None => {
                    let told = format!("`{method}` is not supported");
                    self.out.refuse(id, ErrorCode::MethodNotFound, &told);
                }
            },
            (Phase::Ended, _) => {
                self.out
                    .refuse(id, ErrorCode::InvalidRequest, "the server is shutting down");
            }
        }
    }

    /// Nothing is checked any more; whoever waits is told so.
    fn shut_down(&mut self) {
        self.phase = Phase::Ended;
        let checking = self.running.iter().map(|(_, stop)| stop);
        for stop in checking.chain(self.asking.values()) {
            stop.store(true, Ordering::Relaxed);
        }
        for one in std::mem::take(&mut self.waiting) {
            self.out.refuse(
                one.id,
                ErrorCode::RequestCanceled,
                "the server is shutting down",
            );
        }
    }

    fn want<T: DeserializeOwned>(
        &mut self,
        id: RequestId,
        params: Value,
        wanted: impl FnOnce(T) -> Wanted,
    ) {
        match serde_json::from_value(params) {
            Ok(params) => self.wait(id, wanted(params)),
            Err(error) => self
                .out
                .refuse(id, ErrorCode::InvalidParams, &error.to_string()),
        }
    }

    fn wait(&mut self, id: RequestId, what: Wanted) {
        let epoch = self.epoch;
        self.waiting.push(Waiting { id, epoch, what });
        self.serve();
    }

    fn initialize(&mut self, id: RequestId, params: &Value) {
        self.client = Client::read(params);
        self.out.traces = params["trace"].as_str().is_some_and(|trace| trace != "off");
        self.folders = greeting::folders(params);
        self.phase = Phase::Running;
        let told = greeting::answer(&self.client);
        self.out.answer(id, told);
        self.set(&params["initializationOptions"]);
        self.renew();
    }

    /// Takes settings; those with a mistake do not count.
    fn set(&mut self, value: &Value) {
        match Settings::read(value) {
            Ok(settings) if settings != *self.settings => {
                self.settings = Arc::new(settings);
                self.out.level = self.settings.server.log_level;
                self.renew();
                if self.client.refreshes_hints {
                    self.out
                        .ask("workspace/inlayHint/refresh", Value::Null, Asked::Nothing);
                }
            }
            Ok(_) => {}
            Err(error) => {
                let message = format!("seatrial: invalid settings are ignored: {error}");
                self.out.tell(
                    "window/showMessage",
                    json!({"type": MessageType::Warning, "message": message}),
                );
            }
        }
    }

    fn note(&mut self, note: Notification) {
        match note.method.as_str() {
            "initialized" => {
                self.register();
                self.ask_settings();
            }
            "textDocument/didOpen" => {
                let opened = self
                    .read(note)
                    .is_some_and(|params| self.documents.open(params));
                self.renew_if(opened);
            }
            "textDocument/didChange" => {
                let encoding = self.client.encoding;
                let changed = self.read(note);
                let changed = changed.is_some_and(|params| self.documents.change(params, encoding));
                self.renew_if(changed);
            }
            "textDocument/didClose" => {
                let uri = note
                    .params
                    .pointer("/textDocument/uri")
                    .and_then(Value::as_str);
                let closed = uri.is_some_and(|uri| self.documents.close(uri));
                self.looks |= closed;
                self.renew_if(closed);
            }
            // Of an open file it may be its mode that changed.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.looks = true;
                self.renew();
            }
            "workspace/didChangeConfiguration" => match self.client.gives_settings {
                true => self.ask_settings(),
                false => self.set(&note.params["settings"]),
            },
            "workspace/didChangeWorkspaceFolders" => {
                let paths = |key: &str| -> Vec<PathBuf> {
                    let folders = note.params["event"][key].as_array();
                    let uris = folders
                        .into_iter()
                        .flatten()
                        .filter_map(|one| one["uri"].as_str());
                    uris.filter_map(uri::to_path).collect()
                };
                let removed = paths("removed");
                self.folders.retain(|folder| !removed.contains(folder));
                self.folders.extend(paths("added"));
                self.renew();
            }
            "$/setTrace" => {
                self.out.traces = note.params["value"]
                    .as_str()
                    .is_some_and(|value| value != "off");
            }
            "$/cancelRequest" => {
                if let Ok(id) = serde_json::from_value(note.params["id"].clone()) {
                    self.cancel(id);
                }
            }
            _ => {}
        }
    }

    fn cancel(&mut self, id: RequestId) {
        if let Some(stop) = self.asking.get(&id) {
            // It is answered by whoever answers it.
            stop.store(true, Ordering::Relaxed);
        } else if self.waiting.iter().any(|one| one.id == id) {
            self.waiting.retain(|one| one.id != id);
            self.out.refuse(id, ErrorCode::RequestCanceled, CANCELLED);
        }
    }

    fn read<T: DeserializeOwned>(&self, note: Notification) -> Option<T> {
        let read = serde_json::from_value(note.params);
        if let Err(error) = &read {
            self.out
                .log(Level::Error, &format!("`{}`: {error}", note.method));
        }
        read.ok()
    }

    fn register(&mut self) {
        let registrations = greeting::registrations(&self.client);
        if !registrations.is_empty() {
            let params = json!({"registrations": registrations});
            self.out
                .ask("client/registerCapability", params, Asked::Nothing);
        }
    }

    fn ask_settings(&mut self) {
        if self.client.gives_settings {
            let params = json!({"items": [{"section": "seatrial"}]});
            self.out
                .ask("workspace/configuration", params, Asked::Settings);
        }
    }

    fn response(&mut self, response: Response) {
        match (self.out.asked(&response.id), response.response_result) {
            (Some(Asked::Settings), Ok(value)) => {
                // A client that knows of no settings sends none: what it began with stays.
                if let Some(first) = value.get(0).filter(|first| !first.is_null()) {
                    self.set(first);
                }
            }
            (_, Err(error)) => self.out.log(Level::Info, &error.message),
            _ => {}
        }
    }

    fn renew_if(&mut self, is_new: bool) {
        if is_new {
            self.renew();
        }
    }

    /// There is a new state.
    fn renew(&mut self) {
        self.changed = Instant::now();
        if self.epoch == self.known {
            self.unknown_since = self.changed;
        }
        self.epoch += 1;
    }

    /// Begins a check if there is something new and nothing else is done.
    fn begin(&mut self) {
        if self.phase != Phase::Running || self.epoch == self.known {
            return;
        }
        let now = Instant::now();
        if let Some((epoch, stop)) = &self.running {
            // What was begun for a state that is not the newest is of no use any more.
            if *epoch != self.epoch && now.duration_since(self.shown) < STARVED {
                stop.store(true, Ordering::Relaxed);
            }
            return;
        }
        if now < self.due() {
            return;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let snapshot = Snapshot {
            epoch: self.epoch,
            documents: self.documents.all().cloned().collect(),
            folders: self.folders.clone(),
            settings: Arc::clone(&self.settings),
            client: self.client.clone(),
            looks: std::mem::take(&mut self.looks),
            stop: Arc::clone(&stop),
        };
        match self.jobs.send(Job::Check(snapshot)) {
            Ok(()) => self.running = Some((self.epoch, stop)),
            Err(_) => self.done(Done::Failed {
                epoch: self.epoch,
                message: GONE.to_owned(),
            }),
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Answered(response) => {
                self.asking.remove(&response.id);
                self.out.respond(response);
            }
            // Nobody wants to know it any more.
            _ if self.phase == Phase::Ended => {}
            Done::Checked {
                epoch,
                shown,
                rest,
                took,
                next,
            } => {
                let message = format!("checked in {} ms", took.as_millis());
                self.out.log(Level::Debug, &message);
                self.known(epoch);
                self.next = next;
                self.failed = None;
                self.show(shown);
                for line in rest.iter().filter(|line| !self.rest.contains(line)) {
                    self.out.log(Level::Error, line);
                }
                self.rest = rest;
            }
            Done::Same { epoch } => {
                self.known(epoch);
                self.serve();
            }
            Done::Stopped => self.running = None,
            Done::Failed { epoch, message } => {
                self.out.log(Level::Error, &message);
                self.known(epoch);
                self.failed = Some(message);
                self.serve();
            }
            Done::Looked { is_changed, took } => {
                self.is_looking = false;
                self.looks_every = OLDEST.max(took * LOOKS_PART);
                self.renew_if(is_changed);
            }
        }
    }

    /// A check has come to its end.
    fn known(&mut self, epoch: u64) {
        self.running = None;
        self.known = epoch;
        self.shown = Instant::now();
        self.unknown_since = self.shown;
    }

    /// Shows what a check found, and answers who waited for it.
    fn show(&mut self, shown: Shown) {
        let changed = self.reports.take(shown);
        self.push();
        let told = self.serve();
        // Whoever asked for all files once relies on being told when to ask again.
        let asks =
            |uri: &String| self.reports.is_asked_for_all() || self.documents.get(uri).is_some();
        let is_news = |uri: &String| asks(uri) && !told.contains(uri);
        if self.client.pulls && changed.iter().any(is_news) {
            self.out
                .ask("workspace/diagnostic/refresh", Value::Null, Asked::Nothing);
        }
    }

    fn push(&mut self) {
        for params in self.reports.push(&self.documents, self.client.pulls) {
            self.out
                .tell("textDocument/publishDiagnostics", json!(params));
        }
    }

    /// Answers what can be answered now; the files whose diagnostics were asked for.
    fn serve(&mut self) -> BTreeSet<String> {
        let mut told = BTreeSet::new();
        if self.known == 0 {
            return told;
        }
        let known = self.known;
        let (ready, left) = self.waiting.drain(..).partition(|one| one.epoch <= known);
        self.waiting = left;
        let ready: Vec<Waiting> = ready;
        for Waiting { id, what, .. } in ready {
            if let Some(message) = &self.failed {
                // What is known is of an older state.
                self.out.refuse(id, ErrorCode::InternalError, message);
                continue;
            }
            match what {
                Wanted::File(params) => {
                    let uri = params.text_document.uri.0;
                    let previous = params.previous_result_id.as_deref();
                    self.out.answer(id, self.reports.pull(&uri, previous));
                    told.insert(uri);
                }
                Wanted::AllFiles(params) => {
                    let all = self.reports.pull_all(&params, &self.documents);
                    self.out.answer(id, all);
                    told.extend(self.reports.uris().cloned());
                    self.push();
                }
                Wanted::Answer(question) => {
                    let stop = Arc::new(AtomicBool::new(false));
                    self.asking.insert(id.clone(), Arc::clone(&stop));
                    let job = Job::Ask(id.clone(), question, stop);
                    if self.jobs.send(job).is_err() {
                        self.asking.remove(&id);
                        self.out.refuse(id, ErrorCode::InternalError, GONE);
                    }
                }
            }
        }
        told
    }
}

#[cfg(test)]
mod tests;

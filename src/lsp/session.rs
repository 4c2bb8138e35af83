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
use super::reports::Reports;
use super::settings::{Client, Level, Settings};
use super::worker::{Done, Job, OLDEST, Question};
use super::{greeting, questions, uri};

/// A check that takes less is begun with each change.
const QUICK: Duration = Duration::from_millis(60);

/// A slower one waits for the end of a word, but never longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// A check that is out of date is given up, unless nothing was shown for this time.
const STARVED: Duration = Duration::from_secs(1);

/// Looking at a large disk takes no more than this part of the time.
const LOOKS_PART: u32 = 20;

/// What is said where nobody checks any more.
const GONE: &str = "nothing is checked any more after a fault of ours: start the server anew";

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

/// What the client was asked for.
enum Asked {
    Settings,
    Nothing,
}

pub(super) struct Session {
    out: Sender<Message>,
    jobs: Sender<Job>,
    phase: Phase,
    client: Client,
    settings: Arc<Settings>,
    traces: bool,
    documents: Documents,
    folders: Vec<PathBuf>,
    reports: Reports,
    /// Counts the states.
    epoch: u64,
    /// The state of the last check that came to its end.
    known: u64,
    running: Option<Arc<AtomicBool>>,
    is_looking: bool,
    /// How often it looks whether the disk has changed.
    looks_every: Duration,
    /// The disk may have changed since the last check.
    looks: bool,
    changed: Instant,
    /// When the first change came that no check knows.
    unknown_since: Instant,
    shown: Instant,
    /// How long the last check took.
    took: Duration,
    waiting: Vec<Waiting>,
    asked: HashMap<RequestId, Asked>,
    requests: i32,
    /// What was told of what belongs to no file.
    rest: Vec<String>,
}

impl Session {
    pub(super) fn new(out: Sender<Message>, jobs: Sender<Job>) -> Self {
        let now = Instant::now();
        Self {
            out,
            jobs,
            phase: Phase::Fresh,
            client: Client::default(),
            settings: Arc::default(),
            traces: false,
            documents: Documents::default(),
            folders: Vec::new(),
            reports: Reports::default(),
            epoch: 0,
            known: 0,
            running: None,
            is_looking: false,
            looks_every: OLDEST,
            looks: false,
            changed: now,
            unknown_since: now,
            shown: now,
            took: Duration::ZERO,
            waiting: Vec::new(),
            asked: HashMap::new(),
            requests: 0,
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
        match self.running.is_none() && self.epoch != self.known {
            true => self.due().saturating_duration_since(Instant::now()),
            false if self.looks_by_itself() => self.looks_every,
            false => Duration::from_secs(3600),
        }
    }

    /// When the newest state is to be checked.
    fn due(&self) -> Instant {
        if self.took < QUICK || !self.waiting.is_empty() {
            return self.changed;
        }
        let calm = self.changed + self.took.min(LONGEST_WAIT / 2);
        calm.min(self.unknown_since + LONGEST_WAIT)
    }

    /// `Some`: it is over; whether as it should be.
    fn event(&mut self, event: Event) -> Option<bool> {
        match event {
            Event::Gone => return Some(false),
            Event::Malformed(reason) => {
                self.log(Level::Error, &format!("not understood: {reason}"));
                // Whoever sent it gave no number that could be answered.
            }
            Event::Done(done) => self.done(done),
            Event::Message(Message::Request(request)) => {
                self.trace(&request.method);
                self.request(request);
            }
            Event::Message(Message::Response(response)) => self.response(response),
            Event::Message(Message::Notification(note)) => {
                if note.method == "exit" {
                    return Some(self.phase == Phase::Ended);
                }
                self.trace(&note.method);
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
                self.refuse(
                    id,
                    ErrorCode::ServerNotInitialized,
                    "`initialize` comes first",
                );
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::Ended;
                self.answer(id, Value::Null);
            }
            (Phase::Running, "textDocument/diagnostic") => {
                self.want(id, params, Wanted::File);
            }
            (Phase::Running, "workspace/diagnostic") => {
                self.want(id, params, Wanted::AllFiles);
            }
            (Phase::Running, method) => match questions::question(method, params) {
                Some(Ok(question)) => self.wait(id, Wanted::Answer(question)),
                Some(Err(error)) => self.refuse(id, ErrorCode::InvalidParams, &error),
                None => {
                    let told = format!("`{method}` is not known here");
                    self.refuse(id, ErrorCode::MethodNotFound, &told);
                }
            },
            (Phase::Ended, _) => {
                self.refuse(id, ErrorCode::InvalidRequest, "it was told to shut down");
            }
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
            Err(error) => self.refuse(id, ErrorCode::InvalidParams, &error.to_string()),
        }
    }

    fn wait(&mut self, id: RequestId, what: Wanted) {
        let epoch = self.epoch;
        self.waiting.push(Waiting { id, epoch, what });
        self.serve();
    }

    fn initialize(&mut self, id: RequestId, params: &Value) {
        self.client = Client::read(params);
        self.traces = params["trace"].as_str().is_some_and(|trace| trace != "off");
        self.folders = greeting::folders(params);
        self.phase = Phase::Running;
        let told = greeting::answer(&self.client);
        self.answer(id, told);
        self.set(&params["initializationOptions"]);
        self.renew();
    }

    /// Takes settings; those with a mistake do not count.
    fn set(&mut self, value: &Value) {
        match Settings::read(value) {
            Ok(settings) if settings != *self.settings => {
                self.settings = Arc::new(settings);
                self.renew();
                if self.client.refreshes_hints {
                    self.ask("workspace/inlayHint/refresh", Value::Null, Asked::Nothing);
                }
            }
            Ok(_) => {}
            Err(error) => {
                let message = format!("seatrial: the settings do not count: {error}");
                self.tell(
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
                self.traces = note.params["value"]
                    .as_str()
                    .is_some_and(|value| value != "off");
            }
            "$/cancelRequest" => {
                let id = serde_json::from_value::<RequestId>(note.params["id"].clone());
                let waits = |id: &RequestId| self.waiting.iter().any(|one| one.id == *id);
                if let Some(id) = id.ok().filter(waits) {
                    self.waiting.retain(|one| one.id != id);
                    self.refuse(id, ErrorCode::RequestCanceled, "cancelled");
                }
            }
            _ => {}
        }
    }

    fn read<T: DeserializeOwned>(&self, note: Notification) -> Option<T> {
        let read = serde_json::from_value(note.params);
        if let Err(error) = &read {
            self.log(Level::Error, &format!("`{}`: {error}", note.method));
        }
        read.ok()
    }

    fn register(&mut self) {
        let registrations = greeting::registrations(&self.client);
        if !registrations.is_empty() {
            let params = json!({"registrations": registrations});
            self.ask("client/registerCapability", params, Asked::Nothing);
        }
    }

    fn ask_settings(&mut self) {
        if self.client.gives_settings {
            let params = json!({"items": [{"section": "seatrial"}]});
            self.ask("workspace/configuration", params, Asked::Settings);
        }
    }

    fn response(&mut self, response: Response) {
        match (self.asked.remove(&response.id), response.response_result) {
            (Some(Asked::Settings), Ok(value)) => {
                // A client that knows of no settings sends none: what it began with stays.
                if let Some(first) = value.get(0).filter(|first| !first.is_null()) {
                    self.set(first);
                }
            }
            (_, Err(error)) => self.log(Level::Info, &error.message),
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
        if let Some(stop) = &self.running {
            // What is running was begun for a state that is not the newest.
            if now.duration_since(self.shown) < STARVED {
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
            Ok(()) => self.running = Some(stop),
            Err(_) => self.done(Done::Failed {
                epoch: self.epoch,
                message: GONE.to_owned(),
            }),
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Checked {
                epoch,
                shown,
                rest,
                took,
            } => {
                self.log(Level::Debug, &format!("checked in {} ms", took.as_millis()));
                self.running = None;
                self.known = epoch;
                self.took = took;
                self.shown = Instant::now();
                self.unknown_since = self.shown;
                let changed = self.reports.take(shown);
                self.push();
                let told = self.serve();
                let is_news =
                    |uri: &String| self.documents.get(uri).is_some() && !told.contains(uri);
                if self.client.pulls && changed.iter().any(is_news) {
                    self.ask("workspace/diagnostic/refresh", Value::Null, Asked::Nothing);
                }
                for line in rest.iter().filter(|line| !self.rest.contains(line)) {
                    self.log(Level::Error, line);
                }
                self.rest = rest;
            }
            Done::Stopped => self.running = None,
            Done::Failed { epoch, message } => {
                self.log(Level::Error, &message);
                self.running = None;
                self.known = epoch;
                let (over, left) = self.waiting.drain(..).partition(|one| one.epoch <= epoch);
                self.waiting = left;
                let over: Vec<Waiting> = over;
                for one in over {
                    self.refuse(one.id, ErrorCode::InternalError, &message);
                }
            }
            Done::Looked { is_changed, took } => {
                self.is_looking = false;
                self.looks_every = OLDEST.max(took * LOOKS_PART);
                self.renew_if(is_changed);
            }
            Done::Answered(response) => {
                let _ = self.out.send(Message::Response(response));
            }
        }
    }

    fn push(&mut self) {
        for params in self.reports.push(&self.documents, self.client.pulls) {
            self.tell("textDocument/publishDiagnostics", json!(params));
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
            match what {
                Wanted::File(params) => {
                    let uri = params.text_document.uri.0;
                    let previous = params.previous_result_id.as_deref();
                    self.answer(id, self.reports.pull(&uri, previous));
                    told.insert(uri);
                }
                Wanted::AllFiles(params) => {
                    let all = self.reports.pull_all(&params, &self.documents);
                    self.answer(id, all);
                    self.push();
                }
                Wanted::Answer(question) => {
                    if self.jobs.send(Job::Ask(id.clone(), question)).is_err() {
                        self.refuse(id, ErrorCode::InternalError, GONE);
                    }
                }
            }
        }
        told
    }

    fn answer(&self, id: RequestId, value: Value) {
        let response = Response::new_ok(id, value);
        let _ = self.out.send(Message::Response(response));
    }

    fn refuse(&self, id: RequestId, code: ErrorCode, message: &str) {
        let response = Response::new_err(id, code as i32, message.to_owned());
        let _ = self.out.send(Message::Response(response));
    }

    fn tell(&self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        let _ = self.out.send(Message::Notification(note));
    }

    fn ask(&mut self, method: &str, params: Value, asked: Asked) {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.asked.insert(id.clone(), asked);
        let request = Request::new(id, method.to_owned(), params);
        let _ = self.out.send(Message::Request(request));
    }

    fn log(&self, level: Level, message: &str) {
        if level > self.settings.server.log_level {
            return;
        }
        let kind = match level {
            Level::Error | Level::Off => MessageType::Error,
            Level::Info => MessageType::Info,
            Level::Debug => MessageType::Log,
        };
        self.tell(
            "window/logMessage",
            json!({"type": kind, "message": message}),
        );
    }

    fn trace(&self, method: &str) {
        if self.traces {
            self.tell(
                "$/logTrace",
                json!({"message": format!("received `{method}`")}),
            );
        }
    }
}

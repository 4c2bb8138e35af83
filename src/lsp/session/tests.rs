//! When checks begin and end, who is told what: without a thread that checks.

use std::sync::mpsc::channel;

use super::*;

struct Talk {
    session: Session,
    told: Receiver<Message>,
    jobs: Receiver<Job>,
}

impl Talk {
    /// A session that was begun; its first check is under way.
    fn new(capabilities: &Value) -> (Self, Snapshot) {
        let (out, told) = channel();
        let (work, jobs) = channel();
        let session = Session::new(out, work);
        let mut talk = Self {
            session,
            told,
            jobs,
        };
        talk.request("initialize", json!({"capabilities": capabilities}));
        talk.session.begin();
        let Some(Job::Check(snapshot)) = talk.jobs.try_recv().ok() else {
            panic!("it begins to check");
        };
        (talk, snapshot)
    }

    fn request(&mut self, method: &str, params: Value) -> RequestId {
        let id = RequestId::from(format!("{method} {params}"));
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.session
            .event(Event::Message(Message::Request(request)));
        id
    }

    fn note(&mut self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        self.session
            .event(Event::Message(Message::Notification(note)));
    }

    fn open(&mut self, text: &str) {
        let item =
            json!({"uri": "file:///p/Dockerfile", "languageId": "x", "version": 1, "text": text});
        self.note("textDocument/didOpen", json!({"textDocument": item}));
    }

    fn checked(&mut self, epoch: u64, shown: Shown) {
        let took = Duration::ZERO;
        let rest = Vec::new();
        self.session.done(Done::Checked {
            epoch,
            shown,
            rest,
            took,
            next: took,
        });
    }

    /// The code of the error that a request was answered with.
    fn refused(&self, id: &RequestId) -> Option<i32> {
        self.told.try_iter().find_map(|message| match message {
            Message::Response(response) if response.id == *id => {
                Some(response.response_result.err()?.code)
            }
            _ => None,
        })
    }

    fn is_asked(&self, asked: &str) -> bool {
        let mut told = self.told.try_iter();
        told.any(|message| matches!(message, Message::Request(request) if request.method == asked))
    }
}

fn shown(message: &str) -> Shown {
    let place = json!({"line": 0, "character": 0});
    let one = json!({"range": {"start": place, "end": place}, "message": message});
    let one = serde_json::from_value(one).unwrap();
    Shown::from([("file:///p/closed.py".to_owned(), vec![one])])
}

fn file() -> Value {
    json!({"textDocument": {"uri": "file:///p/Dockerfile"}})
}

#[test]
fn a_check_of_the_newest_state_is_let_be() {
    let (mut talk, snapshot) = Talk::new(&json!({}));
    talk.session.shown = Instant::now();
    talk.note("$/setTrace", json!({"value": "off"}));
    talk.request("textDocument/diagnostic", file());
    talk.session.begin();
    assert!(!snapshot.stop.load(Ordering::Relaxed));
    talk.open("FROM scratch\n");
    talk.session.shown = Instant::now();
    talk.session.begin();
    assert!(snapshot.stop.load(Ordering::Relaxed));
}

#[test]
fn after_the_end_nothing_is_due_and_nobody_waits() {
    let (mut talk, snapshot) = Talk::new(&json!({}));
    talk.open("FROM scratch\n");
    let id = talk.request("textDocument/diagnostic", file());
    talk.request("shutdown", Value::Null);
    assert_eq!(talk.refused(&id), Some(ErrorCode::RequestCanceled as i32));
    assert!(snapshot.stop.load(Ordering::Relaxed));
    talk.session.done(Done::Stopped);
    assert!(talk.session.pause() > Duration::from_secs(60));
    talk.session.begin();
    assert!(talk.jobs.try_recv().is_err());
}

#[test]
fn after_a_check_that_failed_nothing_old_is_told() {
    let (mut talk, snapshot) = Talk::new(&json!({}));
    talk.checked(snapshot.epoch, shown("a"));
    talk.open("FROM scratch\n");
    talk.session.begin();
    let id = talk.request("textDocument/diagnostic", file());
    let epoch = talk.session.epoch;
    let message = "odd".to_owned();
    talk.session.done(Done::Failed { epoch, message });
    assert_eq!(talk.refused(&id), Some(ErrorCode::InternalError as i32));
    let later = talk.request("workspace/diagnostic", json!({"previousResultIds": []}));
    assert_eq!(talk.refused(&later), Some(ErrorCode::InternalError as i32));
}

#[test]
fn who_asked_for_all_files_once_is_told_when_to_ask_again() {
    let (mut talk, snapshot) = Talk::new(&json!({
        "workspace": {"diagnostics": {"refreshSupport": true}},
        "textDocument": {"diagnostic": {}},
    }));
    talk.checked(snapshot.epoch, shown("a"));
    assert!(!talk.is_asked("workspace/diagnostic/refresh"), "it is told");
    talk.request("workspace/diagnostic", json!({"previousResultIds": []}));
    talk.open("FROM scratch\n");
    let epoch = talk.session.epoch;
    talk.checked(epoch, shown("b"));
    assert!(talk.is_asked("workspace/diagnostic/refresh"));
    // Who asks at the same time has it.
    talk.open("FROM scratch AS b\n");
    talk.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let epoch = talk.session.epoch;
    talk.checked(epoch, shown("c"));
    assert!(!talk.is_asked("workspace/diagnostic/refresh"));
}

#[test]
fn a_question_that_is_being_answered_can_be_cancelled() {
    let (mut talk, snapshot) = Talk::new(&json!({}));
    talk.checked(snapshot.epoch, Shown::new());
    let mut hover = file();
    hover["position"] = json!({"line": 0, "character": 0});
    let id = talk.request("textDocument/hover", hover);
    let Some(Job::Ask(_, _, stop)) = talk.jobs.try_recv().ok() else {
        panic!("it is asked");
    };
    talk.note("$/cancelRequest", json!({"id": id}));
    assert!(stop.load(Ordering::Relaxed));
    assert_eq!(
        talk.refused(&id),
        None,
        "it is answered once, by the worker"
    );
}

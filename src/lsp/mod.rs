//! The language server: the same check as of the command, of what an editor shows and has not saved yet.
//!
//! One thread reads messages, one writes them, one checks ([`worker`]), and one ([`session`]) knows the state of the
//! client and never waits for a check: each change makes a new state, the newest is checked as soon as the worker is
//! free, and what is asked is answered from a state that is at least as new as the question. No file is written here.

mod actions;
mod analysis;
mod ask;
mod completion;
mod documents;
mod edits;
mod greeting;
mod hints;
mod hover;
pub(crate) mod ignoring;
mod links;
mod outbox;
mod questions;
mod reports;
mod session;
mod settings;
mod tell;
mod text;
mod uri;
mod wire;
mod words;
mod worker;

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use lsp_server::Message;

use crate::knowledge::Date;
use crate::source::Files;
use session::{Event, Session};
pub(crate) use settings::Named;
use wire::Read as Incoming;
use worker::Worker;

/// Serves one client until it leaves; whether it took its leave.
pub(crate) fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    files: Arc<dyn Files>,
    named: Named,
    today: fn() -> Date,
) -> bool {
    let (events, inbox) = mpsc::channel();
    let (outbox, messages) = mpsc::channel();
    let (jobs, work) = mpsc::channel();
    let read = events.clone();
    thread::spawn(move || receive(&mut BufReader::new(input), &read));
    let writer = thread::spawn(move || send(output, &messages));
    thread::spawn(move || {
        let tell = |done| events.send(Event::Done(done)).is_ok();
        Worker::new(files, named, today).run(&work, tell);
    });
    let is_proper = Session::new(outbox, jobs).run(&inbox);
    // Whatever was said last is still written.
    let _ = writer.join();
    is_proper
}

fn receive(input: &mut dyn BufRead, events: &mpsc::Sender<Event>) {
    loop {
        let event = match wire::read(input) {
            Ok(Some(Incoming::Message(message))) => Event::Message(message),
            Ok(Some(Incoming::Malformed(reason))) => Event::Malformed(reason),
            Ok(None) | Err(_) => Event::Gone,
        };
        let is_last = matches!(event, Event::Gone);
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

fn send(output: impl Write, messages: &mpsc::Receiver<Message>) {
    let mut output = BufWriter::new(output);
    for message in messages {
        // A client that does not listen will not be told so.
        if wire::write(&mut output, &message).is_err() {
            return;
        }
    }
}

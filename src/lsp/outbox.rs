//! What goes to the client: answers, what it is told, and what it is asked.

use std::collections::HashMap;
use std::sync::mpsc::Sender;

use gen_lsp_types::MessageType;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use super::settings::Level;

/// What the client was asked for.
pub(super) enum Asked {
    Settings,
    Nothing,
}

/// The way to the client.
pub(super) struct Outbox {
    messages: Sender<Message>,
    /// What is told to whoever reads the log.
    pub(super) level: Level,
    /// Each message that comes is told back.
    pub(super) traces: bool,
    asked: HashMap<RequestId, Asked>,
    requests: i32,
}

impl Outbox {
    pub(super) fn new(messages: Sender<Message>) -> Self {
        Self {
            messages,
            level: Level::default(),
            traces: false,
            asked: HashMap::new(),
            requests: 0,
        }
    }

    pub(super) fn answer(&self, id: RequestId, value: Value) {
        self.respond(Response::new_ok(id, value));
    }

    pub(super) fn refuse(&self, id: RequestId, code: ErrorCode, message: &str) {
        self.respond(Response::new_err(id, code as i32, message.to_owned()));
    }

    pub(super) fn respond(&self, response: Response) {
        let _ = self.messages.send(Message::Response(response));
    }

    pub(super) fn tell(&self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        let _ = self.messages.send(Message::Notification(note));
    }

    pub(super) fn ask(&mut self, method: &str, params: Value, asked: Asked) {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.asked.insert(id.clone(), asked);
        let request = Request::new(id, method.to_owned(), params);
        let _ = self.messages.send(Message::Request(request));
    }

    /// What an answer of the client is the answer to.
    pub(super) fn asked(&mut self, id: &RequestId) -> Option<Asked> {
        self.asked.remove(id)
    }

    pub(super) fn log(&self, level: Level, message: &str) {
        if level > self.level {
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

    pub(super) fn trace(&self, method: &str) {
        if self.traces {
            self.tell(
                "$/logTrace",
                json!({"message": format!("received `{method}`")}),
            );
        }
    }
}

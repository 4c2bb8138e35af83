//! A client of the language server: speaks with the command over its standard input and output.

use std::collections::BTreeMap;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::seatrial;

/// Nothing takes longer, also on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    inbox: Receiver<Value>,
    root: PathBuf,
    requests: i64,
    /// What was pushed, by path below the root.
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    /// The versions that pushes came with.
    pub(crate) versions: BTreeMap<String, Value>,
    /// Notifications and requests of the server, without diagnostics.
    pub(crate) heard: Vec<Value>,
    /// What it says when it is asked for settings.
    pub(crate) settings: Value,
    pub(crate) capabilities: Value,
    open: BTreeMap<String, i64>,
}

/// What is asked of a place in a text.
pub(crate) const QUESTIONS: [&str; 7] = [
    "hover",
    "completion",
    "definition",
    "references",
    "documentLink",
    "codeAction",
    "inlayHint",
];

/// The parameters of all of them.
pub(crate) fn question(uri: &str, at: &Value) -> Value {
    json!({
        "textDocument": {"uri": uri},
        "position": at,
        "range": {"start": at, "end": at},
        "context": {"includeDeclaration": true, "diagnostics": [], "triggerKind": 1},
    })
}

/// A client that counts bytes and can do what the tests need.
pub(crate) fn able() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "workspace": {
            "workspaceEdit": {"documentChanges": true, "resourceOperations": ["create"]},
            "didChangeWatchedFiles": {"dynamicRegistration": true},
            "configuration": true,
        },
        "textDocument": {"codeAction": {"resolveSupport": {"properties": ["edit"]}}},
    })
}

impl Client {
    /// Starts a server and tells it of a folder.
    pub(crate) fn start(root: &Path, capabilities: Value) -> Self {
        Self::with(root, capabilities, Value::Null)
    }

    pub(crate) fn with(root: &Path, capabilities: Value, options: Value) -> Self {
        let mut command = seatrial();
        command.current_dir("/");
        Self::of(command, root, capabilities, options)
    }

    /// With a command that has its directory and variables.
    pub(crate) fn of(
        mut command: Command,
        root: &Path,
        capabilities: Value,
        options: Value,
    ) -> Self {
        let root = root.canonicalize().expect("a directory");
        let mut child = command
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let (send, inbox) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let mut client = Self {
            input: child.stdin.take(),
            child,
            inbox,
            root,
            requests: 0,
            shown: BTreeMap::new(),
            versions: BTreeMap::new(),
            heard: Vec::new(),
            settings: Value::Null,
            capabilities: Value::Null,
            open: BTreeMap::new(),
        };
        let root = client.uri("");
        let told = client.request(
            "initialize",
            json!({
                "processId": null,
                "capabilities": capabilities,
                "initializationOptions": options,
                "workspaceFolders": [{"uri": root, "name": "project"}],
            }),
        );
        client.capabilities = told["capabilities"].clone();
        client.notify("initialized", json!({}));
        client
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        let path = self.root.join(path);
        let path = path.to_str().expect("UTF-8").trim_end_matches('/');
        format!("file://{}", path.replace('%', "%25").replace(' ', "%20"))
    }

    fn below(&self, uri: &str) -> String {
        let path = uri.strip_prefix("file://").expect("a file");
        let path = path.replace("%20", " ").replace("%25", "%");
        let below = Path::new(&path).strip_prefix(&self.root);
        below.map_or(path.clone(), |below| below.display().to_string())
    }

    pub(crate) fn raw(&mut self, text: &str) {
        let input = self.input.as_mut().expect("it is open");
        input.write_all(text.as_bytes()).expect("it listens");
        input.flush().expect("it listens");
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        self.raw(&format!("Content-Length: {}\r\n\r\n{text}", text.len()));
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// Asks, and waits for nothing; the number of the request.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.requests += 1;
        self.send(json!({"id": self.requests, "method": method, "params": params}));
        self.requests
    }

    /// The whole answer to a request.
    pub(crate) fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.inbox.recv_timeout(PATIENCE).expect("it answers");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.hear(message);
        }
    }

    /// What a request gives.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn hear(&mut self, message: Value) {
        let params = &message["params"];
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let path = self.below(params["uri"].as_str().expect("an address"));
                let list = params["diagnostics"].as_array().expect("a list");
                self.versions
                    .insert(path.clone(), params["version"].clone());
                self.shown.insert(path, list.clone());
            }
            Some("workspace/configuration") => {
                let result = json!([self.settings]);
                self.send(json!({"id": message["id"], "result": result}));
            }
            Some(_) if message.get("id").is_some() => {
                self.send(json!({"id": message["id"], "result": null}));
                self.heard.push(message);
            }
            _ => self.heard.push(message),
        }
    }

    /// Waits until everything that was sent counts: what is shown is of the newest state.
    pub(crate) fn settle(&mut self) {
        let uri = self.uri("nothing-like-this");
        self.request(
            "textDocument/diagnostic",
            json!({"textDocument": {"uri": uri}}),
        );
    }

    /// Waits until something holds that comes by itself.
    pub(crate) fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            let message = self.inbox.recv_timeout(PATIENCE).expect("it comes");
            self.hear(message);
        }
    }

    pub(crate) fn open(&mut self, path: &str, text: &str) {
        let language = match path.rsplit('/').next() {
            Some("Dockerfile") => "dockerfile",
            _ => "plaintext",
        };
        self.open.insert(path.to_owned(), 1);
        let uri = self.uri(path);
        self.notify(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}}),
        );
    }

    /// Changes of an open text, as the protocol has them.
    pub(crate) fn change(&mut self, path: &str, changes: Value) {
        let version = self.open.get_mut(path).expect("it is open");
        *version += 1;
        let version = *version;
        let uri = self.uri(path);
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}),
        );
    }

    pub(crate) fn set(&mut self, path: &str, text: &str) {
        self.change(path, json!([{"text": text}]));
    }

    pub(crate) fn close(&mut self, path: &str) {
        self.open.remove(path);
        let uri = self.uri(path);
        self.notify(
            "textDocument/didClose",
            json!({"textDocument": {"uri": uri}}),
        );
    }

    /// Tells of a change on the disk: 1 created, 2 changed, 3 deleted.
    pub(crate) fn changed_on_disk(&mut self, path: &str, kind: u8) {
        let uri = self.uri(path);
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({"changes": [{"uri": uri, "type": kind}]}),
        );
    }

    /// The codes that are shown in a file.
    pub(crate) fn codes(&self, path: &str) -> Vec<String> {
        let list = self.shown.get(path).into_iter().flatten();
        list.map(|one| one["code"].as_str().unwrap_or("problem").to_owned())
            .collect()
    }

    /// Ends as it should; the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.child.wait().expect("it ends").code()
    }

    /// Goes without a word; the exit code.
    pub(crate) fn vanish(mut self) -> Option<i32> {
        self.input = None;
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().ok();
        }
    }
    let mut body = vec![0; length?];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

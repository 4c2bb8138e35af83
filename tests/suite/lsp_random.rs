//! Sessions of random steps: edits cut at any byte, files that open, close, are saved and change behind the server's
//! back, requests that are cancelled, messages that are none. What is shown in the end is what a fresh check finds.
//!
//! `SEATRIAL_LSP_STEPS` makes the sessions longer, `SEATRIAL_LSP_SEED` makes others, `SEATRIAL_LSP_COMPARED` says how
//! often both are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use seatrial::{Disk, FileId, Overlay, Request, Severity, Sources, Span, Workspace};
use serde_json::{Value, json};

use crate::lsp_client::{Client, QUESTIONS, able, question};
use crate::support::{TODAY, copy_tree, root};

/// Projects that sessions begin with.
const PROJECTS: [&str; 3] = ["caktus-guide", "uwsgi-ini", "compose-override"];

/// They all in one directory, with further Dockerfiles of the same files.
const TOGETHER: &str = "together";

/// As many steps go by between two comparisons, where `SEATRIAL_LSP_COMPARED` says nothing else.
const COMPARED: usize = 25;

/// What is typed.
const TYPED: [&str; 16] = [
    "",
    "é🙂",
    "\r",
    "\r\n",
    "\n",
    "\t",
    "ENV DEBUG=1\n",
    "FROM python:3.8\n",
    "RUN pip install -r requirements.txt\n",
    "DEBUG = True\n",
    "ALLOWED_HOSTS = ['*']\n",
    "Django==2.2\n",
    "# seatrial: ignore[debug-enabled]\n",
    "<<E\n",
    "\"'{{$",
    "UWSGI_PROCESES=3 \\\n",
];

/// A message without what clients are not told as it is.
fn plain(message: &str) -> String {
    let letters = message.chars().filter(char::is_ascii_alphanumeric);
    letters.collect()
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most.max(1)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = (0..bytes.len()).filter(|at| match bytes[*at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
}

fn position(text: &str, at: usize) -> Value {
    let starts = line_starts(text);
    let line = starts.partition_point(|start| *start <= at) - 1;
    json!({"line": line, "character": at - starts[line]})
}

/// Where a client may put an end of a range: not between the two halves of an end of line.
fn whole(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let is_within = text[..at].ends_with('\r') && text[at..].starts_with('\n');
    if is_within { at - 1 } else { at }
}

struct Session {
    client: Client,
    directory: PathBuf,
    _copy: tempfile::TempDir,
    open: BTreeMap<String, String>,
    dice: Dice,
}

impl Session {
    fn new(project: &str, seed: u64) -> Self {
        let copy = tempfile::tempdir().unwrap();
        let directory = copy.path().canonicalize().unwrap();
        let fixtures = root().join("fixtures/projects");
        if project == TOGETHER {
            for project in PROJECTS {
                copy_tree(&fixtures.join(project), &directory.join(project));
            }
            copy_tree(&fixtures.join(PROJECTS[0]), &directory);
            for name in ["worker.Dockerfile", "Dockerfile.dev", "tasks/Dockerfile"] {
                let place = directory.join(name);
                std::fs::create_dir_all(place.parent().unwrap()).unwrap();
                std::fs::copy(directory.join("Dockerfile"), place).unwrap();
            }
            std::fs::write(directory.join(".gitignore"), "*.log\n").unwrap();
        } else {
            copy_tree(&fixtures.join(project), &directory);
        }
        Self {
            client: Client::start(&directory, able()),
            directory,
            _copy: copy,
            open: BTreeMap::new(),
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
        }
    }

    /// Every file that matters, there or not.
    fn files(&self) -> Vec<String> {
        let mut found = vec!["new/Dockerfile".to_owned(), "seatrial.toml".to_owned()];
        let mut folders = vec![self.directory.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read_to_string(&path).is_ok() {
                    let below = path.strip_prefix(&self.directory).unwrap();
                    found.push(below.display().to_string());
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn on_disk(&self, file: &str) -> String {
        std::fs::read_to_string(self.directory.join(file)).unwrap_or_default()
    }

    fn write(&mut self, file: &str, text: &str) {
        let path = self.directory.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.client.changed_on_disk(file, 2);
    }

    fn step(&mut self) {
        let files = self.files();
        let file = self.dice.one(&files).clone();
        if self.dice.below(800) == 0 {
            return self.grow(&file);
        }
        match self.dice.below(16) {
            0..=7 if !self.open.is_empty() => self.edit(),
            0..=9 if !self.open.contains_key(&file) => {
                let text = self
                    .on_disk(&file)
                    .trim_start_matches('\u{feff}')
                    .to_owned();
                self.client.open(&file, &text);
                self.open.insert(file, text);
            }
            10 if self.open.contains_key(&file) => {
                self.client.close(&file);
                self.open.remove(&file);
            }
            11 => {
                if let Some(text) = self.open.get(&file).cloned() {
                    self.write(&file, &text);
                    let uri = self.client.uri(&file);
                    self.client.notify(
                        "textDocument/didSave",
                        json!({"textDocument": {"uri": uri}}),
                    );
                }
            }
            12 => {
                let mut text = self.on_disk(&file);
                let at = whole(&text, self.dice.below(text.len() + 1));
                let typed = *self.dice.one::<&str>(&TYPED);
                text.insert_str(at, typed);
                self.write(&file, &text);
            }
            13 if self.dice.below(4) == 0 => {
                let _ = std::fs::remove_file(self.directory.join(&file));
                self.client.changed_on_disk(&file, 3);
            }
            14 => self.ask(&file),
            15 => self.client.raw("Content-Length: 3\r\n\r\n{]}oh\r\n\r\n"),
            _ => {}
        }
    }

    fn edit(&mut self) {
        let open: Vec<String> = self.open.keys().cloned().collect();
        let file = self.dice.one(&open).clone();
        let mut text = self.open[&file].clone();
        let mut changes = Vec::new();
        for _ in 0..=self.dice.below(3) {
            let (a, b) = (self.dice.below(text.len() + 1), self.dice.below(40));
            let b = (a + b).min(text.len());
            // Columns may lie inside of a character: it begins before.
            let starts = line_starts(&text);
            let end_of_line = |at: usize| {
                let is_within = text.as_bytes().get(at) == Some(&b'\n')
                    && at > 0
                    && text.as_bytes()[at - 1] == b'\r';
                if is_within { at - 1 } else { at }
            };
            let (a, b) = (end_of_line(a), end_of_line(b));
            let place = |at: usize| {
                let line = starts.partition_point(|start| *start <= at) - 1;
                json!({"line": line, "character": at - starts[line]})
            };
            let typed = *self.dice.one::<&str>(&TYPED);
            changes.push(json!({"range": {"start": place(a), "end": place(b)}, "text": typed}));
            let (a, b) = (text.floor_char_boundary(a), text.floor_char_boundary(b));
            text.replace_range(a..b.max(a), typed);
        }
        self.client.change(&file, json!(changes));
        self.open.insert(file, text);
    }

    /// A text that nobody reads whole, edited at its end, and what it was again.
    fn grow(&mut self, file: &str) {
        let before = self.open.get(file).cloned();
        if before.is_none() {
            self.client.open(file, "");
        }
        let mut text = "# 20 MB\n".repeat(20_000_000 / 8);
        self.client.set(file, &text);
        text.push_str("DEBUG = True");
        let at = json!({"line": 20_000_000 / 8, "character": 0});
        let change = json!({"range": {"start": at, "end": at}, "text": "DEBUG = True"});
        self.client.change(file, json!([change]));
        self.open.insert(file.to_owned(), text);
        self.compare(&format!("{file} with 20 MB"));
        match before {
            Some(text) => {
                self.client.set(file, &text);
                self.open.insert(file.to_owned(), text);
            }
            None => {
                self.client.close(file);
                self.open.remove(file);
            }
        }
    }

    /// Questions whose answers do not matter, some of them cancelled.
    fn ask(&mut self, file: &str) {
        let text = self.open.get(file).cloned().unwrap_or_default();
        let at = whole(&text, self.dice.below(text.len() + 1));
        let at = position(&text, at);
        let uri = self.client.uri(file);
        let method = self.dice.one(&QUESTIONS);
        let params = question(&uri, &at);
        let id = self.client.ask(&format!("textDocument/{method}"), params);
        if self.dice.below(2) == 0 {
            self.client.notify("$/cancelRequest", json!({"id": id}));
        }
    }

    fn compare(&mut self, after: &str) {
        self.client.settle();
        let mut shown = BTreeSet::new();
        for (file, list) in &self.client.shown {
            for one in list {
                let code = one["code"].as_str().unwrap_or("problem");
                let range = &one["range"];
                shown.insert(format!(
                    "{file}: {code} {}-{} {} {}",
                    range["start"],
                    range["end"],
                    one["severity"],
                    plain(one["message"].as_str().unwrap())
                ));
            }
        }
        let expected = self.fresh();
        let more: Vec<_> = shown.difference(&expected).collect();
        let less: Vec<_> = expected.difference(&shown).collect();
        assert!(
            more.is_empty() && less.is_empty(),
            "{after}: shown only {more:#?}, found only {less:#?}"
        );
    }

    /// What a check of the same state finds that knows nothing of the past.
    fn fresh(&self) -> BTreeSet<String> {
        let mut files = Overlay::new(Arc::new(Disk));
        for (file, text) in &self.open {
            files = files.with(self.directory.join(file), text.as_bytes());
        }
        let named = self.open.keys().filter(|file| file.ends_with("Dockerfile"));
        let paths = std::iter::once(".".to_owned()).chain(named.cloned());
        let today = TODAY.parse().unwrap();
        let request = Request::new(&self.directory, today)
            .paths(paths)
            .force_exclude()
            .allow_empty();
        let checked = Workspace::new(Arc::new(files)).check(&request);
        let mut found = BTreeSet::new();
        for reported in &checked.outcome.findings {
            let finding = &reported.finding;
            let level = match finding.severity {
                Severity::Error => 1,
                Severity::Warning => 2,
                Severity::Info => 3,
            };
            let mut message = finding.message.clone();
            if let Some(help) = &finding.help {
                message = format!("{message}\nhelp: {help}");
            }
            let place = self.place(&checked.sources, finding.primary);
            let file = checked.sources.get(finding.primary.file).name.clone();
            found.insert(format!(
                "{file}: {} {place} {level} {}",
                finding.rule,
                plain(&message)
            ));
        }
        for problem in &checked.outcome.problems {
            let place = match problem.span {
                Some(span) => self.place(&checked.sources, span),
                None if self.is_there(&problem.file) => {
                    let start = json!({"line": 0, "character": 0});
                    format!("{start}-{start}")
                }
                None => continue,
            };
            found.insert(format!(
                "{}: problem {place} 1 {}",
                problem.file,
                plain(&problem.message)
            ));
        }
        found
    }

    fn is_there(&self, file: &str) -> bool {
        self.open.contains_key(file) || self.directory.join(file).is_file()
    }

    fn place(&self, sources: &Sources, span: Span) -> String {
        let file: FileId = span.file;
        let file = sources.get(file);
        let mark = '\u{feff}'.len_utf8();
        let is_hidden = file.text.starts_with('\u{feff}') && !self.open.contains_key(&file.name);
        let hidden = if is_hidden { mark } else { 0 };
        let text = &file.text[hidden..];
        let range = span.range();
        let end = |at: usize| position(text, text.floor_char_boundary(at.saturating_sub(hidden)));
        format!("{}-{}", end(range.start), end(range.end))
    }
}

fn number(name: &str, otherwise: usize) -> usize {
    let said = std::env::var(name).ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn nothing_drifts_over_random_steps() {
    let steps = number("SEATRIAL_LSP_STEPS", 150);
    let seed = number("SEATRIAL_LSP_SEED", 1);
    let compared = number("SEATRIAL_LSP_COMPARED", COMPARED);
    let projects = [PROJECTS[0], PROJECTS[1], PROJECTS[2], TOGETHER];
    for (at, project) in projects.iter().enumerate() {
        let seed = u64::try_from(seed * projects.len() + at).unwrap();
        let mut session = Session::new(project, seed);
        session.compare("at first");
        for step in 1..=steps {
            session.step();
            if step % compared == 0 {
                session.compare(&format!("{project}, seed {seed}, step {step}"));
            }
        }
        assert_eq!(session.client.end(), Some(0));
    }
}

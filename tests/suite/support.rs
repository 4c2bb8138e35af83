//! A directory with files, and the command run in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use seatrial::{Checked, Request, Workspace};
use serde_json::Value;

/// The day of every run.
pub(crate) const TODAY: &str = "2026-11-22";

/// A rule on RUN that no real rule interferes with; tests select its topic, `own`.
pub(crate) const RULE: &str = r#"
summary = "RUN is forbidden"
severity = "warning"
aliases = ["DL9001", "NoRunPlease"]
select = { instruction = ["RUN"] }
at = "instruction"
message = "`RUN` is forbidden"
help = "do something else"
references = ["https://example.org/run"]
intent = "any"
scope = "any"

[[bad]]
dockerfile = '''
FROM python:3.13-slim
«RUN ls»
'''

[[good]]
dockerfile = '''
FROM python:3.13-slim
'''
"#;

/// A temporary directory.
pub(crate) struct Project {
    directory: tempfile::TempDir,
}

/// What a run of the command gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// With the rule on RUN under `house/own`, and nothing but it selected.
    pub(crate) fn with_rule(files: &[(&str, &str)]) -> Self {
        let project = Self::new(files);
        project.write("house/own/run-forbidden.toml", RULE);
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = seatrial();
        command.current_dir(self.path()).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments), None)
    }

    /// A run with the rule on RUN alone.
    pub(crate) fn own(&self, arguments: &[&str]) -> Ran {
        let rule = ["check", "--rules", "house", "--select", "own,policy"];
        self.run(&[&rule, arguments].concat())
    }

    /// One line a finding, of the rule on RUN and of policy.
    pub(crate) fn lines(&self, arguments: &[&str]) -> String {
        self.own(&[&["--format", "concise"], arguments].concat())
            .out
    }

    pub(crate) fn stdin(&self, arguments: &[&str], text: &str) -> Ran {
        finish(self.command(arguments), Some(text))
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// The command, with nothing of this machine in its environment.
pub(crate) fn seatrial() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
    command
        .env("SEATRIAL_TODAY", TODAY)
        .env_remove("NO_COLOR")
        .env_remove("FORCE_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("SEATRIAL_FORMAT")
        .env_remove("SEATRIAL_CONFIG")
        .env_remove("SEATRIAL_POLICY")
        .env_remove("RAYON_NUM_THREADS");
    command
}

pub(crate) fn finish(mut command: Command, input: Option<&str>) -> Ran {
    let stdin = if input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    if let Some(input) = input {
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Git, without what this machine's configuration would change.
pub(crate) fn git(directory: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args([
            "-c",
            "core.autocrlf=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .current_dir(directory)
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with a file that is kept; `SEATRIAL_BLESS=1` rewrites it. A missing one fails.
pub(crate) fn assert_kept(path: &Path, text: &str) {
    if std::env::var_os("SEATRIAL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run `SEATRIAL_BLESS=1 cargo test`",
            path.display()
        )
    });
    assert_eq!(
        kept,
        text,
        "{} is out of date: run `SEATRIAL_BLESS=1 cargo test`",
        path.display()
    );
}

/// Copies a directory with all below it.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("it can be listed") {
        let entry = entry.expect("it can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

/// Rule, file and marked text of every finding.
pub(crate) fn findings(directory: &Path) -> Vec<(String, String, String)> {
    let request = Request::new(directory, TODAY.parse().expect("a day")).paths(["."]);
    let Checked {
        sources, outcome, ..
    } = Workspace::disk().check(&request);
    outcome
        .findings
        .iter()
        .map(|reported| {
            let span = reported.finding.primary;
            (
                reported.finding.rule.to_string(),
                sources.get(span.file).name.clone(),
                sources.slice(span),
            )
        })
        .collect()
}

//! Small projects in pairs: the finding is right in one and would be false in its twin. The rules that are selected by
//! default run, in a repository of git's own.

use std::collections::BTreeMap;
use std::path::Path;

use seatrial::{Checked, Request, Severity, Workspace};
use serde::Deserialize;

use crate::support::{TODAY, git, root};

/// One file of `fixtures/pairs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// What the projects differ in, for whoever reads the file.
    about: String,
    project: Vec<Project>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    name: String,
    /// Every finding at `least` or above: `FILE:LINE RULE`, or `FILE:LINE RULE: text` with a part of the message or the
    /// help, or behind `^` with the beginning of one.
    #[serde(default)]
    expect: Vec<String>,
    /// The least severity that is compared; `warning` when absent.
    #[serde(default)]
    least: Option<String>,
    /// Every file by its path: text, or text with what else is to be known of the file.
    files: BTreeMap<String, File>,
    /// The paths of the command line; `.` when absent.
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    target: Option<String>,
    /// `false`: no repository.
    #[serde(default = "yes")]
    git: bool,
    /// What cannot be read: a part of each problem's message.
    #[serde(default)]
    problems: Vec<String>,
    /// A part of what `--fix` leaves, by file.
    #[serde(default)]
    fixed: BTreeMap<String, String>,
    /// The same for `--fix --unsafe-fixes`.
    #[serde(default)]
    fixed_unsafely: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum File {
    Text(String),
    More {
        content: String,
        #[serde(default)]
        executable: bool,
        /// It stays unknown to git.
        #[serde(default)]
        untracked: bool,
        /// How often the content is in the file, for one that is large.
        #[serde(default)]
        repeat: Option<usize>,
    },
}

fn yes() -> bool {
    true
}

/// Writes the files and makes the repository.
fn make(project: &Project, directory: &Path) {
    let mut untracked = Vec::new();
    for (path, file) in &project.files {
        let (content, executable) = match file {
            File::Text(text) => (text.clone(), false),
            File::More {
                content,
                executable,
                untracked: not_added,
                repeat,
            } => {
                let content = content.repeat(repeat.unwrap_or(1));
                if *not_added {
                    untracked.push((path, content));
                    continue;
                }
                (content, *executable)
            }
        };
        write(directory, path, &content);
        if executable {
            set_executable(&directory.join(path));
        }
    }
    if project.git {
        git(directory, &["init", "--quiet"]);
        git(directory, &["add", "--all"]);
    }
    for (path, content) in untracked {
        write(directory, path, &content);
    }
}

fn write(directory: &Path, path: &str, content: &str) {
    let path = directory.join(path);
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    std::fs::write(path, content).expect("it can be written");
}

#[cfg(unix)]
fn set_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("the mode can be set");
}

#[cfg(not(unix))]
fn set_executable(_: &Path) {}

/// What is wrong with a project's findings; empty when they are as expected.
fn differences(project: &Project) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().canonicalize().expect("it is there");
    make(project, &path);
    let mut request = Request::new(path.clone(), TODAY.parse().expect("a day"));
    request = match project.paths.as_slice() {
        [] => request.paths(["."]),
        paths => request.paths(paths),
    };
    if let Some(target) = &project.target {
        request = request.target(target);
    }
    let least = project.least.as_deref().unwrap_or("warning");
    let least = Severity::parse(least).expect("a severity");
    let Checked {
        sources, outcome, ..
    } = Workspace::disk().check(&request);

    let mut wrong = Vec::new();
    let mut expected: Vec<(&str, &str, bool)> = project
        .expect
        .iter()
        .map(|line| {
            let (place, text) = line.split_once(": ").unwrap_or((line, ""));
            (place, text, false)
        })
        .collect();
    for reported in &outcome.findings {
        let finding = &reported.finding;
        if finding.severity < least {
            continue;
        }
        let source = sources.get(finding.primary.file);
        let line = source.text[..finding.primary.start as usize]
            .matches('\n')
            .count()
            + 1;
        let place = format!("{}:{line} {}", source.name, finding.rule);
        let help = finding.help.as_deref().unwrap_or_default();
        let said = [finding.message.as_str(), help];
        let is_said = |text: &str| match text.strip_prefix('^') {
            Some(start) => said.iter().any(|it| it.starts_with(start)),
            None => said.iter().any(|it| it.contains(text)),
        };
        let hit = expected
            .iter_mut()
            .find(|(expected, text, seen)| !seen && *expected == place && is_said(text));
        match hit {
            Some(hit) => hit.2 = true,
            None => wrong.push(format!(
                "unexpected: {place}: {} (help: {help})",
                finding.message
            )),
        }
    }
    for (place, text, seen) in expected {
        if !seen {
            wrong.push(format!("missing: {place}: {text}"));
        }
    }
    for problem in &outcome.problems {
        if !project
            .problems
            .iter()
            .any(|part| problem.message.contains(part))
        {
            wrong.push(format!("problem: {}: {}", problem.file, problem.message));
        }
    }
    for part in &project.problems {
        if !outcome
            .problems
            .iter()
            .any(|problem| problem.message.contains(part))
        {
            wrong.push(format!("no problem says `{part}`"));
        }
    }
    for (fixed, unsafe_fixes) in [(&project.fixed, false), (&project.fixed_unsafely, true)] {
        if !fixed.is_empty() {
            wrong.extend(not_fixed(project, fixed, unsafe_fixes));
        }
    }
    wrong
}

/// Which files `--fix` leaves without the text that they should hold.
fn not_fixed(
    project: &Project,
    fixed: &BTreeMap<String, String>,
    unsafe_fixes: bool,
) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    make(project, directory.path());
    let mut command = crate::support::seatrial();
    command
        .current_dir(directory.path())
        .args(["check", "--fix", "--exit-zero"]);
    if unsafe_fixes {
        command.arg("--unsafe-fixes");
    }
    crate::support::finish(command, None);
    let mut wrong = Vec::new();
    for (path, part) in fixed {
        let text = std::fs::read_to_string(directory.path().join(path)).expect("it is there");
        if !text.contains(part) {
            wrong.push(format!("`--fix` leaves {path}:\n{text}\nwithout:\n{part}"));
        }
    }
    wrong
}

#[test]
fn findings_are_where_they_are_right_and_nowhere_else() {
    let folder = root().join("fixtures/pairs");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .expect("it can be listed")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    let mut failures = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!table.about.is_empty(), "{name}: `about` is empty");
        assert!(table.project.len() > 1, "{name}: a project needs its twin");
        for project in &table.project {
            let wrong = differences(project);
            if !wrong.is_empty() {
                failures.push(format!(
                    "{name}, {}:\n  {}",
                    project.name,
                    wrong.join("\n  ")
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

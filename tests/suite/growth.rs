//! Inputs of every kind that can be long: more of them gives no more findings than in proportion, and what is past a
//! bound is told. How time grows is measured by `benches/growth`, which has these inputs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use seatrial::{Memory, MemoryFile, Outcome, Request, Workspace};

use crate::support::{Project, TODAY};

#[path = "../../benches/growth/kinds/mod.rs"]
mod kinds;
#[path = "../../benches/growth/within.rs"]
mod within;

fn check(files: BTreeMap<String, MemoryFile>) -> Outcome {
    check_at("Dockerfile", files)
}

fn check_at(path: &str, files: BTreeMap<String, MemoryFile>) -> Outcome {
    let workspace = Workspace::new(Arc::new(Memory::new(files)));
    let request = Request::new(Path::new("/"), TODAY.parse().expect("a day"));
    workspace.check(&request.paths([path])).outcome
}

fn told(files: &[(&str, String)]) -> Vec<String> {
    let file = |(path, text): &(&str, String)| ((*path).to_owned(), MemoryFile::new(text.clone()));
    let problems = check(files.iter().map(file).collect()).problems;
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn twice_the_input_gives_twice_the_findings_at_most() {
    for kind in kinds::all() {
        let count = |size: usize| {
            let outcome = check(kind.files(size));
            let findings = outcome.findings.iter();
            findings.map(|one| 1 + one.others.len()).sum::<usize>()
        };
        let (once, twice) = (count(16), count(32));
        assert!(
            twice <= 2 * once + 8,
            "{} of {}: {once} findings, then {twice}",
            kind.name,
            kind.what
        );
    }
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let mut names: Vec<&str> = kinds::all().map(|kind| kind.name).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None);
    assert!(names.len() > 300, "{}", names.len());
}

/// What `benches/adversarial.rs` does with a megabyte of each, without a clock.
#[test]
fn some_kilobytes_of_anything_are_checked() {
    // A build without optimization needs more of it.
    const STACK: usize = 64 << 20;
    let thread = std::thread::Builder::new().stack_size(STACK);
    let thread = thread.spawn(|| kinds::all().for_each(is_checked));
    let checked = thread.expect("a thread").join();
    assert!(checked.is_ok());
}

fn is_checked(kind: &kinds::Kind) {
    const BYTES: usize = 3_000;
    let outcome = check_at(".", kind.files(within::within(kind, BYTES)));
    assert!(
        !outcome.files.is_empty() || !outcome.problems.is_empty(),
        "{} is no input",
        kind.name
    );
    let messages = outcome.problems.iter().map(|problem| &problem.message);
    let faults: Vec<&String> = messages
        .filter(|message| message.contains("internal error"))
        .collect();
    assert!(faults.is_empty(), "{}: {faults:?}", kind.name);
}

#[test]
fn values_that_take_too_much_are_unknown_and_that_is_told() {
    let dockerfile = |uses: usize| {
        let long = "a".repeat(60_000);
        let uses = "RUN e $A\n".repeat(uses);
        format!("FROM python:3.13-slim\nENV A={long}\n{uses}COPY $A $A\n")
    };
    assert!(told(&[("Dockerfile", dockerfile(4))]).is_empty());
    let told = told(&[("Dockerfile", dockerfile(100))]);
    assert!(
        told.len() == 1 && told[0].starts_with("values of variables take more than 1 MiB"),
        "{told:?}"
    );
}

#[test]
fn requirements_that_are_installed_too_often_are_left_and_that_is_told() {
    let told = |times: usize| {
        let list: String = (0..2000).map(|i| format!("package{i}==1.{i}\n")).collect();
        let runs = "RUN pip install --no-cache-dir -r requirements.txt\n".repeat(times);
        let dockerfile =
            format!("FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\n{runs}");
        let files = [
            ("Dockerfile", dockerfile.as_str()),
            ("requirements.txt", &list),
        ];
        Project::new(&files).run(&["check"]).out
    };
    let message = "install more than 20000 requirements";
    assert!(!told(2).contains(message));
    assert_eq!(told(12).matches(message).count(), 1);
}

#[test]
fn stages_that_stand_on_too_many_others_are_cut_off_and_that_is_told() {
    let told = |stages: usize| {
        let mut dockerfile = "FROM python:3.13-slim AS s0\n".to_owned();
        for i in 1..=stages {
            dockerfile += &format!("FROM s{} AS s{i}\nRUN touch /a{i}\n", i - 1);
        }
        Project::new(&[("Dockerfile", dockerfile.as_str())]).run(&["check"])
    };
    let message = "more than 128 stages are built on each other";
    assert!(!told(128).out.contains(message));
    let cut = told(129);
    assert_eq!(cut.out.matches(message).count(), 1, "{}", cut.out);
    assert_eq!(cut.code, 2);
}

#[test]
fn an_ignore_file_with_too_many_patterns_is_not_read_and_that_is_told() {
    let told = |patterns: usize| {
        let ignore: String = (0..patterns).map(|i| format!("**/a{i}*\n")).collect();
        let dockerfile = "FROM python:3.13-slim\nCOPY . /app\n";
        let files = [("Dockerfile", dockerfile), (".dockerignore", &ignore)];
        Project::new(&files).run(&["check"])
    };
    let message = "it has more than 2000 patterns";
    assert!(!told(2000).out.contains(message));
    let cut = told(2001);
    assert_eq!(cut.out.matches(message).count(), 1, "{}", cut.out);
    assert_eq!(cut.code, 2);
}

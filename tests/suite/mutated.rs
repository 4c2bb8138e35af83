//! Files and projects that are broken at random: a few seconds of what `examples/mutate.rs` does for hours.
//! `SEATRIAL_MUTATIONS=20` does twenty times as much.

use std::time::{Duration, Instant};

use seatrial::fuzzing::TARGETS;

use crate::mutation::{Broken, Way, corpus, input};
use crate::support::root;

/// For one input, on a busy machine and without optimization.
const LIMIT: Duration = Duration::from_secs(120);

/// So many times as much is done.
fn times() -> u64 {
    let times = std::env::var("SEATRIAL_MUTATIONS").ok();
    times.and_then(|times| times.parse().ok()).unwrap_or(1)
}

/// Runs what has this number, which is shown when it fails.
fn timed(what: &str, number: u64, run: impl FnOnce()) {
    println!("cargo run --example mutate -- {what} --from {number} --show PLACE");
    let begin = Instant::now();
    run();
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
}

#[test]
fn every_kind_of_file_may_be_broken() {
    let projects = corpus::fixtures();
    for target in TARGETS {
        let files = corpus::of_kind(target, &projects);
        assert!(files.len() > 1, "{}: {} files", target.name, files.len());
        for number in 0..4 * times() {
            timed(target.name, number, || (target.run)(&input(&files, number)));
        }
    }
}

#[test]
fn every_project_may_be_broken() {
    let projects = corpus::fixtures();
    assert!(projects.len() > 300, "{}", projects.len());
    for number in 0..40 * times() {
        timed("check", number, || {
            Broken::new(&projects, number).run(Way::Check);
        });
    }
    let mended = |number| {
        let mut count = 0;
        timed("fix", number, || {
            count = Broken::new(&projects, number).run(Way::Fix)
        });
        count
    };
    let mut count: usize = (0..40 * times()).map(mended).sum();
    // One in ten is mended: which ones, changes with the projects.
    let mut more = 40 * times()..;
    while count == 0 && more.start < 400 {
        count += more.next().map_or(0, mended);
    }
    assert!(count > 0, "nothing was mended");
}

#[test]
fn a_project_on_disk_may_be_broken() {
    let projects = [corpus::on_disk(
        &root().join("fixtures/projects/caktus-guide"),
    )];
    for number in 0..10 * times() {
        timed("check", number, || {
            Broken::new(&projects, number).run(Way::Check);
        });
    }
    let fixtures = corpus::fixtures();
    let broken = Broken::new(&fixtures, 1);
    let directory = tempfile::tempdir().expect("a directory");
    broken.write(directory.path()).expect("it can be written");
    for (path, text) in &broken.changes {
        let written = std::fs::read(directory.path().join(path)).expect("it is there");
        assert!(written == *text, "{}: {path}", broken.project.name);
    }
}

#[test]
fn every_target_can_be_fuzzed() {
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("it is there");
    let manifest: toml::Table = manifest.parse().expect("it is TOML");
    let programs = manifest["bin"].as_array().expect("a list of programs");
    let mut names: Vec<&str> = programs
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    let mut targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    names.sort_unstable();
    targets.sort_unstable();
    assert_eq!(
        names, targets,
        "`[[bin]]` of fuzz/Cargo.toml, and TARGETS of src/fuzzing.rs"
    );
    for name in targets {
        let path = root().join("fuzz/fuzz_targets").join(format!("{name}.rs"));
        let text = std::fs::read_to_string(path).expect("it is there");
        assert!(
            text.contains(&format!("seatrial::fuzzing::{name}(bytes)")),
            "{name}"
        );
    }
}

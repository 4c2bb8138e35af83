//! How long the check of a Dockerfile takes, with nothing beside it.

use std::sync::Arc;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use seatrial::{Memory, MemoryFile, Request, Workspace};

fn main() {
    divan::main();
}

/// As most are: in the manner of Caktus' guide, which its README links.
const DOCKERFILE: &str = include_str!("../fixtures/projects/caktus-guide/Dockerfile");

/// A stage with what real files have most of.
const STAGE: &str = include_str!("stage.Dockerfile");

fn check(bencher: Bencher<'_, '_>, text: String) {
    let files = [("Dockerfile".to_owned(), MemoryFile::new(text.clone()))];
    let workspace = Workspace::new(Arc::new(Memory::new(files.into())));
    let request = Request::new("/", jiff::civil::date(2026, 11, 22)).paths(["Dockerfile"]);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| workspace.check(black_box(&request)));
}

#[divan::bench]
fn caktus_guide(bencher: Bencher<'_, '_>) {
    check(bencher, DOCKERFILE.to_owned());
}

#[divan::bench(args = [1, 10, 100])]
fn stages(bencher: Bencher<'_, '_>, count: usize) {
    let stages = (0..count).map(|number| STAGE.replace("NUMBER", &number.to_string()));
    check(bencher, stages.collect());
}

//! How long facts, rules and a whole check take.

use std::collections::BTreeMap;

use divan::{Bencher, black_box};
use seatrial::dockerfile::parse;
use seatrial::facts::surroundings::Surroundings;
use seatrial::facts::table::Intent;
use seatrial::facts::{self, Facts, Inputs, SCHEMA};
use seatrial::lint;
use seatrial::rule::{Catalogue, RuleSet, Selection};
use seatrial::source::{MemoryFile, Root, Sources};

fn main() {
    divan::main();
}

/// A project as most are: one Dockerfile in the manner of the post, a script, requirements.
const DOCKERFILE: &str = include_str!("../fixtures/projects/the-post/Dockerfile");

fn build(sources: &Sources) -> Facts {
    let file = sources.add("Dockerfile", DOCKERFILE);
    let text = sources.get(file);
    let tree = parse(file, &text.text);
    let root = Root::memory(BTreeMap::<String, MemoryFile>::new());
    let around = Surroundings::unknown(&root);
    let build_args = BTreeMap::new();
    let inputs = Inputs {
        text,
        build_args: &build_args,
        target: None,
        intent: Some(Intent::Production),
        today: jiff::civil::date(2026, 11, 22),
        around: &around,
        sources,
    };
    facts::build(tree, &inputs)
}

fn rules() -> RuleSet {
    RuleSet::new(&Catalogue::embedded(), &Selection::default(), &SCHEMA)
}

#[divan::bench]
fn compute_facts(bencher: Bencher<'_, '_>) {
    bencher.bench(|| build(black_box(&Sources::new())));
}

#[divan::bench]
fn choose_rules(bencher: Bencher<'_, '_>) {
    bencher.bench(rules);
}

#[divan::bench]
fn run_rules(bencher: Bencher<'_, '_>) {
    let sources = Sources::new();
    let facts = build(&sources);
    let rules = rules();
    bencher.bench(|| lint::run(black_box(&rules), black_box(&facts)));
}

#[divan::bench]
fn check_a_dockerfile(bencher: Bencher<'_, '_>) {
    bencher.bench(|| {
        let sources = Sources::new();
        lint::run(&rules(), &build(&sources))
    });
}

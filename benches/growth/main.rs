//! How the time of a check grows with its input: every kind of input is checked at a size and at twice that size.
//! Prints a table, and fails when something grows faster than its input, or when an input of a megabyte takes too
//! long. Names choose among the kinds: parts of them, or `=` and the whole. With `--size=N` each is checked once, at
//! that size, for a profiler.

#![expect(clippy::print_stdout, reason = "it is run for what it prints")]

mod kinds;
mod names;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use seatrial::{Memory, Request, Workspace};

use kinds::Kind;

/// That of the command.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The smallest size that is looked at.
const FROM: usize = 64;

/// The largest that is doubled.
const MOST: usize = 1 << 18;

/// Twice the input may take so many times as long.
const MOST_GROWTH: f64 = 2.3;

/// A check that takes less says little about growth: the input is doubled until it takes as long.
const LEAST_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 150 } else { 40 });

/// Most bytes of the smaller of the two inputs.
const MOST_BYTES: usize = 1 << 19;

/// What an input of a megabyte may take.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 100 } else { 5 });

/// Runs of which the shortest counts.
const RUNS: usize = 3;

/// What a check of a kind takes.
struct Row {
    name: &'static str,
    what: &'static str,
    size: usize,
    bytes: usize,
    once: Duration,
    twice: Duration,
}

impl Row {
    fn growth(&self) -> f64 {
        self.twice.as_secs_f64() / self.once.as_secs_f64().max(1e-6)
    }

    /// For a megabyte, should it go on like this.
    fn megabyte(&self) -> Duration {
        let factor = (1 << 20) as f64 / (2 * self.bytes) as f64;
        self.twice.mul_f64(factor)
    }

    fn verdict(&self) -> &'static str {
        // What has ended before it is long enough to measure has a bound.
        if self.once >= LEAST_TIME / 4 && self.growth() > MOST_GROWTH {
            "grows too fast"
        } else if self.twice > MOST_TIME {
            "takes too long"
        } else {
            ""
        }
    }
}

/// Processor time of this thread; a check of one Dockerfile starts no other.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), nanoseconds)
}

/// A check of so much of a kind: the number of its findings.
fn check(kind: &Kind, size: usize) -> usize {
    let workspace = Workspace::new(Arc::new(Memory::new(kind.files(size))));
    let today = jiff::civil::date(2026, 11, 22);
    let request = Request::new(Path::new("/"), today).paths(["Dockerfile"]);
    let outcome = workspace.check(&request).outcome;
    assert!(!outcome.files.is_empty(), "{} is no Dockerfile", kind.name);
    outcome.findings.len()
}

fn time(kind: &Kind, size: usize) -> Duration {
    let start = now();
    check(kind, size);
    now().saturating_sub(start)
}

/// The shortest of several runs; one that takes long is not repeated.
fn shortest(kind: &Kind, size: usize) -> Duration {
    let mut shortest = time(kind, size);
    for _ in 1..RUNS {
        if shortest > Duration::from_millis(800) {
            break;
        }
        shortest = shortest.min(time(kind, size));
    }
    shortest
}

fn measure(kind: &Kind) -> Row {
    let mut size = FROM;
    while size < MOST && time(kind, size) < LEAST_TIME && 2 * kind.bytes(size) <= MOST_BYTES {
        size *= 2;
    }
    Row {
        name: kind.name,
        what: kind.what,
        size,
        bytes: kind.bytes(size),
        once: shortest(kind, size),
        twice: shortest(kind, 2 * size),
    }
}

fn main() -> ExitCode {
    let (options, names) = names::command_line();
    let is_wanted = |kind: &&Kind| names::is_one_of(kind, &names);
    let size = options
        .iter()
        .find_map(|option| option.strip_prefix("--size=")?.parse().ok());
    if let Some(size) = size {
        for kind in kinds::all().filter(is_wanted) {
            println!("{:22} {size:7} {:7} findings", kind.name, check(kind, size));
        }
        return ExitCode::SUCCESS;
    }
    println!(
        "{:22} {:>7} {:>6} {:>9} {:>9} {:>6} {:>8}  n of",
        "kind", "n", "kB", "n", "2n", "growth", "1 MB"
    );
    let mut rows = Vec::new();
    for kind in kinds::all().filter(is_wanted) {
        let row = measure(kind);
        println!(
            "{:22} {:7} {:6} {:6.1} ms {:6.1} ms {:6.2} {:6.2} s  {} {}",
            row.name,
            row.size,
            row.bytes / 1000,
            row.once.as_secs_f64() * 1e3,
            row.twice.as_secs_f64() * 1e3,
            row.growth(),
            row.megabyte().as_secs_f64(),
            row.what,
            row.verdict(),
        );
        rows.push(row);
    }
    let wrong = rows.iter().filter(|row| !row.verdict().is_empty()).count();
    match wrong {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

//! Breaks projects and files at random for as long as it is told, and says which number made what go wrong: a panic, a
//! crash, more than two seconds of processor time, more than 512 MB. Every batch is a process of its own, so that what
//! ends it is found. `cargo run --profile hunt --example mutate -- --help` says how.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::use_debug,
    reason = "a program for those who work on this one"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use clap::Parser;
use seatrial::fuzzing::{TARGETS, Target};

#[path = "../tests/mutation/mod.rs"]
mod mutation;

use mutation::corpus::{self, Project};
use mutation::{Broken, Way, input};

/// Most processor time for one input.
const SECONDS: f64 = 2.0;

/// Most memory for one input, in kilobytes.
const MEMORY: u64 = 512 * 1024;

/// Numbers of a batch.
const BATCH: u64 = 250;

/// A run that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(900);

/// Breaks projects and files at random, and says what does not hold.
#[derive(Parser, Clone)]
struct Args {
    /// `check`, `fix`, a target of `fuzzing`, `targets` for all of these in turn, or `corpus` for the files they begin
    /// with, with `--show`.
    what: String,
    /// Projects on disk, beside the fixtures.
    projects: Vec<PathBuf>,
    /// The first number.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many numbers.
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// Runs the numbers in this process.
    #[arg(long)]
    here: bool,
    /// Writes what the first number makes to this place.
    #[arg(long)]
    show: Option<PathBuf>,
}

fn main() -> std::io::Result<()> {
    let args = Args::parse();
    match &args.show {
        Some(place) => show(&args, place),
        None if args.here => here(&args),
        None => batches(&args),
    }
}

fn projects(args: &Args) -> Vec<Project> {
    let mut projects = corpus::fixtures();
    projects.extend(args.projects.iter().map(|path| corpus::on_disk(path)));
    projects
}

/// The target of a number.
fn target(what: &str, number: u64) -> Option<&'static Target> {
    let turn = usize::try_from(number).unwrap_or_default() % TARGETS.len();
    match what {
        "targets" => TARGETS.get(turn),
        what => TARGETS.iter().find(|target| target.name == what),
    }
}

fn show(args: &Args, place: &Path) -> std::io::Result<()> {
    let projects = projects(args);
    if args.what == "corpus" {
        for target in TARGETS {
            let folder = place.join(target.name);
            std::fs::create_dir_all(&folder)?;
            for (number, file) in corpus::of_kind(target, &projects).iter().enumerate() {
                std::fs::write(folder.join(number.to_string()), file)?;
            }
        }
        return Ok(());
    }
    if let Some(target) = target(&args.what, args.from) {
        let files = corpus::of_kind(target, &projects);
        return std::fs::write(place, input(&files, args.from));
    }
    let broken = Broken::new(&projects, args.from);
    println!("{}", broken.project.name);
    broken.write(place)
}

/// The files of each target.
type Kinds = BTreeMap<&'static str, Vec<Vec<u8>>>;

/// One run; how many findings there were.
fn run(what: &str, projects: &[Project], kinds: &mut Kinds, number: u64) -> usize {
    let way = match what {
        "check" => Way::Check,
        "fix" => Way::Fix,
        _ => {
            let target = target(what, number).expect("a target of that name");
            let files = kinds
                .entry(target.name)
                .or_insert_with(|| corpus::of_kind(target, projects));
            (target.run)(&input(files, number));
            return 0;
        }
    };
    Broken::new(projects, number).run(way)
}

/// Memory in kilobytes: `VmRSS`, or `VmHWM`, the most since that was last asked for.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

fn seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u32::try_from(time.tv_sec).map_or(f64::MAX, f64::from);
    seconds + u32::try_from(time.tv_nsec).map_or(0.0, f64::from) / 1e9
}

/// Runs a batch and prints a line before each run, and one for what goes wrong.
fn here(args: &Args) -> std::io::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    let projects = projects(args);
    let mut kinds = Kinds::new();
    let mut out = std::io::stdout();
    for number in args.from..args.from + args.count {
        writeln!(out, "run {number}")?;
        let before = memory("VmRSS");
        let begin = seconds();
        let done = std::panic::catch_unwind(AssertUnwindSafe(|| {
            run(&args.what, &projects, &mut kinds, number)
        }));
        let (took, memory) = (seconds() - begin, memory("VmHWM").saturating_sub(before));
        match done {
            Ok(found) => writeln!(out, "found {found}")?,
            Err(payload) => {
                let text = payload.downcast_ref::<String>().cloned();
                let text = text.or_else(|| {
                    payload
                        .downcast_ref::<&str>()
                        .map(|text| (*text).to_owned())
                });
                let text: String = text.unwrap_or_default().chars().take(600).collect();
                writeln!(out, "wrong {number} {text:?}")?;
            }
        }
        // To mend twice is a dozen checks.
        let most = if args.what == "fix" {
            6.0 * SECONDS
        } else {
            SECONDS
        };
        if took > most || memory > MEMORY {
            writeln!(
                out,
                "wrong {number} took {took:.1} s and {} MB",
                memory / 1024
            )?;
        }
    }
    Ok(())
}

/// Runs all numbers, a process a batch, and says what went wrong.
fn batches(args: &Args) -> std::io::Result<()> {
    let (mut at, end) = (args.from, args.from + args.count);
    let (mut runs, mut found, mut wrong) = (0, 0, 0);
    while at < end {
        let count = BATCH.min(end - at);
        let mut child = Command::new(std::env::current_exe()?)
            .args([
                &args.what,
                "--here",
                "--from",
                &at.to_string(),
                "--count",
                &count.to_string(),
            ])
            .args(&args.projects)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let out = child.stdout.take().expect("a pipe");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in std::io::BufReader::new(out).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let mut last = at;
        let hangs = loop {
            match lines.recv_timeout(SILENCE) {
                Ok(line) => match line.split_once(' ') {
                    Some(("run", number)) => {
                        last = number.parse().unwrap_or(last);
                        runs += 1;
                    }
                    Some(("found", number)) => found += number.parse().unwrap_or(0),
                    _ => {
                        wrong += 1;
                        println!("{line}");
                    }
                },
                Err(mpsc::RecvTimeoutError::Timeout) => break true,
                Err(mpsc::RecvTimeoutError::Disconnected) => break false,
            }
        };
        if hangs {
            child.kill()?;
        }
        let status = child.wait()?;
        if status.success() {
            at += count;
        } else {
            wrong += 1;
            println!(
                "wrong {last} ended with {status}{}",
                if hangs { " because it hangs" } else { "" }
            );
            at = last + 1;
        }
        println!(
            "{}: {runs} runs to {at}, {found} findings, {wrong} wrong",
            args.what
        );
    }
    Ok(())
}

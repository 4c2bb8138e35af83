//! The most that a megabyte can do: every kind of input of `growth`, as large as a megabyte lets it be, is checked by
//! the command in a process of its own. Prints what each takes, and fails when one takes longer than the limit or more
//! memory, or does not end as a check does. Names choose among the kinds: parts of them, or `=` and the whole.
//! `--command=PATH` is another build of the command, `--kilobytes=N` another size; `--keep=DIR` writes the projects
//! there and checks nothing.

#![expect(clippy::print_stdout, reason = "it is run for what it prints")]

#[path = "growth/kinds/mod.rs"]
mod kinds;
#[path = "growth/names.rs"]
mod names;
#[path = "growth/within.rs"]
mod within;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use kinds::Kind;

/// What a check may take.
const MOST_TIME: Duration = Duration::from_secs(5);

/// Bytes of memory that it may take.
const MOST_MEMORY: usize = 512 << 20;

/// A check that takes so many times as much is ended.
const PATIENCE: u32 = 3;

/// How `/proc` counts processor time.
const TICKS_A_SECOND: f64 = 100.0;

/// Time between two looks at a process.
const PAUSE: Duration = Duration::from_millis(2);

/// What a check of a kind took.
struct Run {
    /// By the clock, or of processors where that is less: others may have kept it waiting.
    time: Duration,
    memory: usize,
    /// Nothing: it was ended.
    status: Option<ExitStatus>,
}

impl Run {
    fn verdict(&self) -> &'static str {
        let code = self.status.and_then(|status| status.code());
        if self.time > MOST_TIME {
            "takes too long"
        } else if self.memory > MOST_MEMORY {
            "takes too much memory"
        } else if !matches!(code, Some(0..=2)) {
            "does not end"
        } else {
            ""
        }
    }
}

/// Most memory that a process had so far: nothing where the system does not say.
fn memory(child: &Child) -> Option<usize> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Processor time that a process had so far: nothing where the system does not say.
fn processor_time(child: &Child) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    // Behind the name, which ends with the last bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let seconds = (ticks(11)? + ticks(12)?) / TICKS_A_SECOND;
    Some(Duration::from_secs_f64(seconds))
}

fn write(kind: &Kind, size: usize, directory: &Path) {
    for (path, file) in kind.files(size) {
        let path = directory.join(path);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder is made");
        fs::write(path, file.content).expect("a file is written");
    }
}

fn run(command: &str, directory: &Path) -> Run {
    let start = Instant::now();
    let mut child = Command::new(command)
        .args(["check", ".", "--format", "json"])
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let (mut most, mut busy) = (0, None);
    let status = loop {
        if let Some(status) = child.try_wait().expect("the command can be waited for") {
            break Some(status);
        }
        most = most.max(memory(&child).unwrap_or_default());
        busy = processor_time(&child).or(busy);
        let used = busy.unwrap_or_else(|| start.elapsed());
        let is_late = used.max(start.elapsed() / 4) > MOST_TIME * PATIENCE;
        if is_late || most > MOST_MEMORY * PATIENCE as usize {
            child.kill().expect("the command can be ended");
            child.wait().expect("the command has ended");
            break None;
        }
        std::thread::sleep(PAUSE);
    };
    Run {
        time: busy.map_or(start.elapsed(), |busy| busy.min(start.elapsed())),
        memory: most,
        status,
    }
}

fn main() -> ExitCode {
    let (options, names) = names::command_line();
    let option = |name: &str| options.iter().find_map(|option| option.strip_prefix(name));
    let command = option("--command=").unwrap_or(env!("CARGO_BIN_EXE_seatrial"));
    let kilobytes = option("--kilobytes=").and_then(|number| number.parse().ok());
    let bytes = 1000 * kilobytes.unwrap_or(1000);
    let mut over = Vec::new();
    let wanted = kinds::all().filter(|kind| names::is_one_of(kind, &names));
    for kind in wanted {
        let size = within::within(kind, bytes);
        if let Some(directory) = option("--keep=") {
            write(kind, size, &Path::new(directory).join(kind.name));
            continue;
        }
        let directory = tempfile::tempdir().expect("a directory");
        write(kind, size, directory.path());
        let run = run(command, directory.path());
        println!(
            "{:26} {size:7} {:6.2} s {:5} MB  n of {} {}",
            kind.name,
            run.time.as_secs_f64(),
            run.memory / 1_000_000,
            kind.what,
            run.verdict(),
        );
        if !run.verdict().is_empty() {
            over.push(kind.name);
        }
    }
    if over.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("over: {}", over.join(" "));
    ExitCode::FAILURE
}

//! The baseline: findings that are known, read, written, pruned.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::args::CheckArgs;
use super::output;
use super::request::workspace;
use super::words::counted;
use crate::check::{self, Request};
use crate::policy::{Baseline, Outcome, Status};
use crate::source::{self, Disk, Sources};

/// The file of the baseline: that of the command line, else that of the configuration.
pub(super) fn path(args: &CheckArgs, request: &Request) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = &args.baseline {
        return Ok(Some(path.clone()));
    }
    let configured = workspace(&args.rules).configured_baseline(request);
    let path = match configured {
        Ok(path) => path,
        Err(problem) => bail!("{}: {}", problem.file, problem.message),
    };
    if path.is_none() && (args.write_baseline || args.prune_baseline) {
        bail!(
            "there is no baseline: name one with `--baseline FILE` or `baseline` in the configuration"
        );
    }
    // As people write it.
    let shown = path.map(|path| match path.strip_prefix(&request.working_directory) {
        Ok(below) => below.to_owned(),
        Err(_) => path,
    });
    Ok(shown)
}

/// Largest baseline that is read, in bytes: a hundred thousand entries.
const MAX_BASELINE_SIZE: u64 = 64 * 1024 * 1024;

/// The baseline that the arguments name; a missing one is empty when it is to be written.
pub(super) fn read(path: &Path, may_be_missing: bool) -> anyhow::Result<Baseline> {
    if may_be_missing && !path.exists() {
        return Ok(Baseline::default());
    }
    let shown = path.to_string_lossy();
    let read = source::whole(&Disk, path, MAX_BASELINE_SIZE);
    let bytes = read.with_context(|| format!("cannot read `{shown}`"))?;
    match Baseline::parse(&String::from_utf8_lossy(&bytes)) {
        // What is no baseline any more is written anew, as its message says.
        Err(_) if may_be_missing => Ok(Baseline::default()),
        read => read.with_context(|| format!("`{shown}`")),
    }
}

/// Takes everything that is found for known. What cannot be read is reported.
pub(super) fn write(path: &Path, sources: &Sources, outcome: &Outcome) -> anyhow::Result<Status> {
    output::problems(&outcome.problems);
    let baseline = Baseline::of(outcome, |reported| {
        check::stable_path(sources, reported.finding.primary.file)
    });
    save(path, &baseline)?;
    let count = baseline.entries.len();
    let findings = counted(count, "known finding", "known findings");
    output::remark(&format!("{findings} in `{}`", path.display()));
    Ok(match outcome.status() {
        Status::Failed => Status::Failed,
        _ => Status::Clean,
    })
}

/// Reports entries that no longer occur, or removes them.
pub(super) fn stale(
    args: &CheckArgs,
    path: Option<&Path>,
    request: &Request,
    outcome: &Outcome,
) -> anyhow::Result<()> {
    let (Some(path), Some(baseline)) = (path, &request.baseline) else {
        return Ok(());
    };
    if outcome.stale.is_empty() {
        return Ok(());
    }
    let shown = path.display();
    let count = outcome.stale.len();
    if args.prune_baseline {
        let mut left = Baseline::clone(baseline);
        let mut position = 0;
        left.entries.retain(|_| {
            position += 1;
            outcome.stale.binary_search(&(position - 1)).is_err()
        });
        save(path, &left)?;
        let entries = counted(count, "entry", "entries");
        output::remark(&format!("{entries} removed from `{shown}`"));
    } else if !args.quiet {
        let of = format!("of `{shown}` no longer");
        let entries = counted(
            count,
            &format!("entry {of} occurs; `--prune-baseline` removes it"),
            &format!("entries {of} occur; `--prune-baseline` removes them"),
        );
        output::remark(&format!("{entries}:"));
        for entry in outcome
            .stale
            .iter()
            .filter_map(|at| baseline.entries.get(*at))
        {
            output::remark(&format!(
                "  {}: {}: {}",
                entry.file, entry.rule, entry.message
            ));
        }
    }
    Ok(())
}

fn save(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    output::to_file(path, |out| out.write_all(baseline.to_json().as_bytes()))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

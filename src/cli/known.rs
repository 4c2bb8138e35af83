//! The baseline: findings that are known, read, written, pruned.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};

use super::args::CheckArgs;
use super::output;
use super::words::counted;
use crate::check::{Knowing, Request, project_of_entry, read_baseline};
use crate::policy::{Baseline, Compared, KnownFile, Outcome, Status};
use crate::source::{Disk, Sources};

/// Where known findings come from: the file of the command line, else those of the configurations.
pub(super) fn of(args: &CheckArgs, request: &Request) -> anyhow::Result<Knowing> {
    if args.no_baseline {
        return Ok(Knowing::Nothing);
    }
    let is_written = args.write_baseline;
    let Some(path) = &args.baseline else {
        return Ok(Knowing::Configured { is_written });
    };
    let shown = path.display();
    if !is_written && !path.exists() {
        bail!(
            "there is no file `{shown}` yet: write it with `--baseline {shown} --write-baseline`"
        );
    }
    let path = request.working_directory.join(path);
    let read = read_baseline(&Disk, &path, is_written);
    let baseline = read.map_err(|error| anyhow!("`{shown}`: {error}"))?;
    Ok(Knowing::All(KnownFile {
        path,
        baseline: Arc::new(baseline),
        is_trusted: true,
        home: None,
    }))
}

/// What is said when there is no file to write or to prune.
const NO_BASELINE: &str =
    "there is no baseline: name one with `--baseline FILE` or `baseline` in the configuration";

/// Takes everything that is found for known. What cannot be read is reported.
pub(super) fn write(
    request: &Request,
    sources: &Sources,
    outcome: &Outcome,
) -> anyhow::Result<Status> {
    output::problems(&outcome.problems);
    if outcome.baselines.is_empty() && outcome.problems.is_empty() {
        bail!(NO_BASELINE);
    }
    let mut found = Baseline::of(outcome, |reported| project_of_entry(sources, reported));
    for compared in &outcome.baselines {
        let path = &compared.path;
        let mut baseline = found.remove(path).unwrap_or_default();
        let checked = &outcome.projects;
        baseline.keep(&compared.baseline, |entry| {
            let project = entry.project.as_deref();
            project.is_some_and(|project| !checked.contains(project))
        });
        save(path, &baseline)?;
        let count = baseline.entries.len();
        let findings = counted(count, "known finding", "known findings");
        output::remark(&format!("{findings} in `{}`", shown(request, path)));
    }
    let homeless = outcome.findings.iter().chain(&outcome.hidden);
    let homeless = homeless.filter(|it| it.terms.known.is_none()).count();
    if homeless > 0 && !outcome.baselines.is_empty() {
        let findings = counted(homeless, "finding is", "findings are");
        output::warn(&format!(
            "{findings} in projects whose configuration names no `baseline`"
        ));
    }
    Ok(match outcome.status() {
        Status::Failed => Status::Failed,
        _ => Status::Clean,
    })
}

/// A path as people write it.
fn shown(request: &Request, path: &Path) -> String {
    let below = path.strip_prefix(&request.working_directory);
    below.unwrap_or(path).display().to_string()
}

/// Reports entries that have expired or no longer occur, or removes these.
pub(super) fn told(args: &CheckArgs, request: &Request, outcome: &Outcome) -> anyhow::Result<()> {
    if args.prune_baseline && outcome.baselines.is_empty() && outcome.problems.is_empty() {
        bail!(NO_BASELINE);
    }
    for compared in &outcome.baselines {
        let shown = shown(request, &compared.path);
        if !compared.expired.is_empty() && !args.quiet {
            let entries = counted(
                compared.expired.len(),
                &format!("entry of `{shown}` has expired and is reported again"),
                &format!("entries of `{shown}` have expired and are reported again"),
            );
            output::warn(&format!("{entries}:"));
            list(&compared.baseline, &compared.expired);
        }
        if !compared.stale.is_empty() {
            stale(args, &shown, compared)?;
        }
    }
    Ok(())
}

fn stale(args: &CheckArgs, shown: &str, compared: &Compared) -> anyhow::Result<()> {
    let baseline = &compared.baseline;
    let count = compared.stale.len();
    if args.prune_baseline {
        let mut left = Baseline::clone(baseline);
        let mut position = 0;
        left.entries.retain(|_| {
            position += 1;
            compared.stale.binary_search(&(position - 1)).is_err()
        });
        save(&compared.path, &left)?;
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
        list(baseline, &compared.stale);
    }
    Ok(())
}

fn list(baseline: &Baseline, positions: &[usize]) {
    for entry in positions.iter().filter_map(|at| baseline.entries.get(*at)) {
        let project = entry.project.as_ref();
        let project = project
            .map(|project| format!("{project}: "))
            .unwrap_or_default();
        let until = entry
            .until
            .map(|day| format!(" (until {day})"))
            .unwrap_or_default();
        let (file, rule, message) = (&entry.file, &entry.rule, &entry.message);
        output::remark(&format!("  {project}{file}: {rule}: {message}{until}"));
    }
}

fn save(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    output::to_file(path, |out| out.write_all(baseline.to_json().as_bytes()))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

//! `seatrial check`: from arguments to reports and an exit code.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::CommandFactory as _;

use super::args::{CheckArgs, Cli};
use super::output;
use super::request::{request, workspace};
use crate::check::{self, Buffer, Request};
use crate::finding::{Problem, Safety, Severity};
use crate::fix::{self, Fixed};
use crate::policy::{Baseline, Outcome, Overrides, Status, own};
use crate::report::text::{one_line, tame};
use crate::report::{self, Format, Report, RuleDoc};
use crate::rule::{Catalogue, docs, suggest};
use crate::source::{self, Disk, MAX_FILE_SIZE, Sources};

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Status> {
    let mut request = match check_request(args) {
        Ok(request) => request,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            return refuse(args.format, &format!("{error:#}"));
        }
    };
    let fixed = (args.fix || args.diff).then(|| mend(&request, args));
    let mut shows_input = None;
    if args.diff {
        let fixed = fixed.unwrap_or_default();
        return diff(&fixed);
    }
    let (mut has_changed, mut is_written) = (false, true);
    if let Some(fixed) = &fixed {
        (has_changed, is_written) = write(fixed);
        if let Some(buffer) = &mut request.buffer {
            if let Some(change) = fixed.changes.get(Path::new(fix::INPUT)) {
                buffer.text = change.after.clone().into_bytes();
            }
            shows_input = Some(buffer.text.clone());
        }
    }

    let checked = workspace(&args.rules).check(&request);
    let (sources, outcome) = (&checked.sources, &checked.outcome);
    if outcome.files.is_empty() && outcome.problems.is_empty() && outcome.templates.is_empty() {
        output::warn("no Dockerfile was checked");
    }
    if !args.quiet && !outcome.templates.is_empty() {
        output::remark(&templates(&outcome.templates));
    }
    let outputs = args.report.iter().map(|(_, path)| path);
    let outputs = outputs.chain(&args.output_file).chain(&args.baseline);
    for path in outputs {
        if let Some(name) = read_as(sources, path) {
            bail!(
                "`{}` is not replaced: `{name}` was read for this check",
                path.display()
            );
        }
    }
    if args.write_baseline {
        return write_baseline(args, sources, outcome);
    }
    if let Some(text) = &shows_input {
        output::to_stdout(|out| out.write_all(text))
            .context("standard output cannot be written")?;
    }
    tell(args, sources, outcome, &request, shows_input.is_some())?;
    stale(args, &request, outcome)?;
    if has_changed && is_written && !args.quiet {
        let count = fixed.map_or(0, |fixed| fixed.count);
        output::remark(&format!("{count} mended"));
    }
    let status = outcome.status();
    // The process ends here: the system frees faster.
    std::mem::forget(checked);
    Ok(match status {
        _ if !is_written => Status::Failed,
        Status::Failed => Status::Failed,
        _ if has_changed && args.exit_non_zero_on_fix => Status::Findings,
        Status::Findings if args.exit_zero => Status::Clean,
        status => status,
    })
}

/// The name of the file that was read from a path, if it was.
fn read_as(sources: &Sources, path: &Path) -> Option<String> {
    let disk = sources.file_system();
    let real = disk.canonical(path).ok()?;
    let mut files = sources.ids().map(|id| sources.get(id));
    let is_it = |place: &PathBuf| disk.canonical(place).is_ok_and(|place| place == real);
    let found = files.find(|file| file.path.as_ref().is_some_and(is_it));
    found.map(|file| file.name.clone())
}

/// Longest list of file names in a remark.
const MOST_NAMES: usize = 5;

/// What is said of the templates that were not checked.
fn templates(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match names.len().saturating_sub(MOST_NAMES) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let what = counted(names.len(), "template is", "templates are");
    format!("{what} not checked: {}{more}", shown.join(", "))
}

/// `1 entry`, `2 entries`.
fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// A report that says nothing but what is wrong with the command line, for formats that others
/// parse; people were told.
pub(super) fn refuse(format: Format, message: &str) -> anyhow::Result<Status> {
    if !matches!(format, Format::Human | Format::Concise) {
        let mut outcome = Outcome::default();
        outcome.add_problems(vec![Problem {
            file: "command line".to_owned(),
            span: None,
            message: message.to_owned(),
        }]);
        let report = Report {
            outcome: &outcome,
            sources: &Sources::new(),
            rules: &[],
            colour: false,
            show_undecided: false,
            statistics: false,
            quiet: false,
        };
        output::to_stdout(|out| report::write(format, &report, out))?;
    }
    Ok(Status::Failed)
}

fn check_request(args: &CheckArgs) -> anyhow::Result<Request> {
    let mut request = request(&args.build, &args.rules)?;
    let is_input = |path: &&PathBuf| path.as_os_str() == "-";
    if args.paths.iter().any(|path| is_input(&path)) {
        let mut text = Vec::new();
        std::io::stdin()
            .take(MAX_FILE_SIZE + 1)
            .read_to_end(&mut text)
            .context("standard input cannot be read")?;
        if text.len() as u64 > MAX_FILE_SIZE {
            bail!(
                "standard input has more than {MAX_FILE_SIZE} bytes, which is the most that is read of a file"
            );
        }
        let path = args.stdin_filename.clone();
        request.buffer = Some(Buffer { path, text });
    }
    if args.stdin_filename.is_some() && request.buffer.is_none() {
        bail!("`--stdin-filename` names what `-` reads; there is no `-` among the paths");
    }
    if let Some(command) = args.paths.first().and_then(|path| path.to_str())
        && !Path::new(command).exists()
        && Cli::command().find_subcommand(command).is_some()
    {
        bail!(
            "no file is called `{command}`; as a command it is the first argument: `seatrial {command} ...`"
        );
    }
    if let [path] = &args.paths[..]
        && let Some(word) = path.to_str()
        && !path.exists()
        && let Some(command) = meant(word)
    {
        bail!("there is no file and no command `{word}`; did you mean `seatrial {command}`?");
    }
    let files = args.paths.iter().filter(|path| !is_input(path));
    request.paths = files.cloned().collect();
    if args.paths.is_empty() {
        request.paths.push(PathBuf::from("."));
    }
    request.overrides = Overrides {
        select: args.select.clone(),
        ignore: args.ignore.clone(),
        severity: args.severity.clone(),
        fail_on: args.fail_on,
    };
    request.force_exclude = args.force_exclude;
    request.allow_empty = args.allow_empty;
    if let Some(path) = &args.baseline {
        let baseline = read_baseline(path, args.write_baseline)?;
        request.baseline = Some(Arc::new(baseline));
    }
    Ok(request)
}

/// The command that a lone word probably means.
fn meant(word: &str) -> Option<String> {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let cli = Cli::command();
    let names = cli.get_subcommands().map(clap::Command::get_name);
    suggest(word, names).map(str::to_owned)
}

/// Largest baseline that is read, in bytes: a hundred thousand entries.
const MAX_BASELINE_SIZE: u64 = 64 * 1024 * 1024;

/// The baseline that the arguments name; a missing one is empty when it is to be written.
fn read_baseline(path: &Path, may_be_missing: bool) -> anyhow::Result<Baseline> {
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

/// Takes everything that is found for known. What cannot be read is told.
fn write_baseline(
    args: &CheckArgs,
    sources: &Sources,
    outcome: &Outcome,
) -> anyhow::Result<Status> {
    for problem in &outcome.problems {
        output::complain(&format!("{}: {}", problem.file, problem.message));
    }
    let baseline = Baseline::of(outcome, |reported| {
        check::stable_path(sources, reported.finding.primary.file)
    });
    let path = args.baseline.as_deref().unwrap_or(Path::new(""));
    save_baseline(path, &baseline)?;
    let count = baseline.entries.len();
    let findings = counted(count, "known finding", "known findings");
    output::remark(&format!("{findings} in `{}`", path.display()));
    Ok(match outcome.status() {
        Status::Failed => Status::Failed,
        _ => Status::Clean,
    })
}

/// Tells of entries that no longer occur, or removes them.
fn stale(args: &CheckArgs, request: &Request, outcome: &Outcome) -> anyhow::Result<()> {
    let (Some(path), Some(baseline)) = (&args.baseline, &request.baseline) else {
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
        save_baseline(path, &left)?;
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

fn save_baseline(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    output::to_file(path, |out| out.write_all(baseline.to_json().as_bytes()))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes every report that was asked for.
fn tell(
    args: &CheckArgs,
    sources: &Sources,
    outcome: &Outcome,
    request: &Request,
    is_output_taken: bool,
) -> anyhow::Result<()> {
    let formats = args.report.iter().map(|(format, _)| *format);
    let needs_rules = formats.chain([args.format]).any(Format::needs_rules);
    let rules = if needs_rules {
        rule_docs(args, request)
    } else {
        Vec::new()
    };
    let report = |colour: bool| Report {
        outcome,
        sources,
        rules: &rules,
        colour,
        show_undecided: args.show_undecided,
        statistics: args.statistics,
        quiet: args.quiet,
    };
    for (format, path) in &args.report {
        to_file(path, *format, &report(false))?;
    }
    match &args.output_file {
        Some(path) => to_file(path, args.format, &report(false))?,
        // Standard output holds what became of standard input.
        None if is_output_taken => {
            let mut text = Vec::new();
            report::write(args.format, &report(false), &mut text)?;
            output::remark(String::from_utf8_lossy(&text).trim_end());
        }
        None => {
            let report = report(output::wants_colour(args.color));
            output::to_stdout(|out| report::write(args.format, &report, out))
                .context("standard output cannot be written")?;
        }
    }
    Ok(())
}

/// What reporters may say of every rule. A configuration that cannot be read was told already.
fn rule_docs(args: &CheckArgs, request: &Request) -> Vec<RuleDoc> {
    let catalogue = workspace(&args.rules).catalogue(request);
    let catalogue = catalogue.unwrap_or_else(|_| Catalogue::embedded());
    let rules = catalogue.rules().map(|rule| RuleDoc {
        id: rule.id.to_string(),
        topic: rule.topic.to_string(),
        summary: rule.summary.to_string(),
        why: docs::why(rule),
        severity: rule.severity,
        is_default: rule.is_default,
        url: rule.references.first().map(ToString::to_string),
    });
    let own = own::ALL.iter().map(|rule| RuleDoc {
        id: rule.id.to_owned(),
        topic: own::TOPIC.to_owned(),
        summary: rule.summary.to_owned(),
        why: rule.why.to_owned(),
        severity: Severity::Warning,
        is_default: true,
        url: None,
    });
    rules.chain(own).collect()
}

fn to_file(path: &Path, format: Format, report: &Report<'_>) -> anyhow::Result<()> {
    output::to_file(path, |out| report::write(format, report, out))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// What the fixes come to; nothing is written.
fn mend(request: &Request, args: &CheckArgs) -> Fixed {
    let least = if args.unsafe_fixes {
        Safety::Unsafe
    } else {
        Safety::Safe
    };
    workspace(&args.rules).mend(request, least, |_, _| true)
}

/// Whether anything was written, and whether all was.
fn write(fixed: &Fixed) -> (bool, bool) {
    for sentence in &fixed.refused {
        output::remark(sentence);
    }
    let files = fixed
        .changes
        .iter()
        .filter(|(path, _)| *path != Path::new(fix::INPUT));
    let (mut is_all, mut is_any) = (true, fixed.changes.contains_key(Path::new(fix::INPUT)));
    for (path, change) in files {
        match fix::write::mended(path, &change.before, &change.after) {
            Ok(()) => is_any = true,
            Err(error) => {
                is_all = false;
                output::complain(&format!("cannot write `{}`: {error}", change.name));
            }
        }
    }
    (is_any, is_all)
}

/// A diff for whoever looks at it: what a terminal would obey is replaced, ends of lines are not.
fn shown(diff: &str) -> String {
    let lines = diff
        .split_inclusive('\n')
        .map(|line| match line.strip_suffix("\r\n") {
            Some(line) => format!("{}\r\n", tame(line)),
            None => tame(line).into_owned(),
        });
    lines.collect()
}

/// Shows the changes; 1 when there are any.
fn diff(fixed: &Fixed) -> anyhow::Result<Status> {
    for sentence in &fixed.refused {
        output::remark(sentence);
    }
    let mut changes: Vec<_> = fixed.changes.values().collect();
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    output::to_stdout(|out| {
        for change in &changes {
            let diff = similar::TextDiff::from_lines(&change.before, &change.after);
            let name = &change.name;
            let header = (
                one_line(&format!("a/{name}")),
                one_line(&format!("b/{name}")),
            );
            let diff = diff.unified_diff().header(&header.0, &header.1).to_string();
            write!(out, "{}", shown(&diff))?;
        }
        Ok(())
    })?;
    Ok(if changes.is_empty() {
        Status::Clean
    } else {
        Status::Findings
    })
}

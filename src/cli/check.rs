//! `seatrial check`: from arguments to reports and an exit code.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::CommandFactory as _;

use super::args::{CheckArgs, Cli};
use super::output::{self, Screen};
use super::request::{request, workspace};
use super::words::counted;
use super::{fixes, ignores, known, shown};
use crate::check::{Buffer, Request};
use crate::finding::Problem;
use crate::fix;
use crate::policy::{Outcome, Overrides, Status, own};
use crate::report::{self, Format, Report, RuleDoc};
use crate::rule::{Catalogue, docs, suggest};
use crate::source::{MAX_FILE_SIZE, Sources};

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Status> {
    let mut request = match check_request(args) {
        Ok(request) => request,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            return refuse(args.format, &format!("{error:#}"));
        }
    };
    if args.show_files {
        return shown::files(args, &request);
    }
    if args.show_settings {
        return shown::settings(args, &request);
    }
    if let Some(reason) = &args.add_ignores {
        return ignores::add(args, &request, reason);
    }
    let fixes = args.fix || args.fix_only || args.diff;
    let fixed = fixes.then(|| fixes::mend(&request, args));
    let mut shows_input = None;
    if args.diff {
        return fixes::diff(&fixed.unwrap_or_default(), args.color);
    }
    let (mut has_changed, mut is_written) = (false, true);
    if let Some(fixed) = &fixed {
        (has_changed, is_written) = fixes::write(fixed);
        if let Some(buffer) = &mut request.buffer {
            if let Some(change) = fixed.changes.get(Path::new(fix::INPUT)) {
                buffer.text = change.after.clone().into_bytes();
            }
            shows_input = Some(buffer.text.clone());
        }
    }
    let say_fixed = || {
        if has_changed && is_written && !args.quiet {
            let count = fixed.as_ref().map_or(0, |fixed| fixed.count);
            output::remark(&format!("{} fixed", counted(count, "finding", "findings")));
        }
    };

    let checked = workspace(&args.rules).check(&request);
    let (sources, outcome) = (&checked.sources, &checked.outcome);
    if outcome.files.is_empty() && outcome.problems.is_empty() && outcome.templates.is_empty() {
        output::warn("no Dockerfile was checked");
    }
    if !args.quiet && !outcome.templates.is_empty() {
        output::remark(&templates(&outcome.templates));
    }
    let outputs = args.report.iter().map(|(_, path)| path);
    let known = outcome.baselines.iter().map(|it| &it.path);
    let outputs = outputs.chain(&args.output_file).chain(known);
    for path in outputs {
        if let Some(name) = read_as(sources, path) {
            bail!(
                "`{}` is not replaced: `{name}` was read for this check",
                path.display()
            );
        }
    }
    if args.write_baseline {
        return known::write(&request, sources, outcome);
    }
    if let Some(text) = &shows_input {
        output::to_stdout(|out| out.write_all(text))
            .context("standard output cannot be written")?;
    }
    if args.fix_only {
        output::problems(&outcome.problems);
    } else {
        tell(args, sources, outcome, &request, shows_input.is_some())?;
        if !args.quiet {
            output::warnings(sources, &outcome.warnings);
        }
        known::told(args, &request, outcome)?;
    }
    say_fixed();
    let status = outcome.status();
    // The process ends here: the system frees faster.
    std::mem::forget(checked);
    Ok(match status {
        _ if !is_written => Status::Failed,
        Status::Failed => Status::Failed,
        _ if has_changed && args.exit_non_zero_on_fix => Status::Findings,
        Status::Findings if args.exit_zero || args.fix_only => Status::Clean,
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
        let sources = Sources::new();
        let report = Report::plain(&outcome, &sources);
        output::to_stdout(|out| report::write(format, &report, out))?;
    }
    Ok(Status::Failed)
}

/// The request that the arguments make.
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
        extend_select: args.extend_select.clone(),
        ignore: args.ignore.clone(),
        severity: args.severity.clone(),
        fail_on: args.fail_on,
        min_severity: args.min_severity,
    };
    request.force_exclude = args.force_exclude;
    request.allow_empty = args.allow_empty;
    request.exclude.clone_from(&args.exclude);
    request.no_ignores = args.no_ignores;
    let formats = args.report.iter().map(|(format, _)| *format);
    let mut formats = formats.chain([args.format]);
    request.seeks_unfound = args.show_undecided || formats.any(|format| format == Format::Json);
    request.known = known::of(args, &request)?;
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
    let report = |screen: Screen| Report {
        outcome,
        sources,
        rules: &rules,
        colour: screen.colour,
        links: screen.links,
        width: screen.width,
        show_undecided: args.show_undecided,
        statistics: args.statistics,
        quiet: args.quiet,
    };
    for (format, path) in &args.report {
        to_file(path, *format, &report(Screen::default()))?;
    }
    match &args.output_file {
        Some(path) => to_file(path, args.format, &report(Screen::default()))?,
        // Standard output holds what became of standard input.
        None if is_output_taken => {
            let mut text = Vec::new();
            report::write(args.format, &report(Screen::default()), &mut text)?;
            output::remark(String::from_utf8_lossy(&text).trim_end());
        }
        None => {
            let report = report(Screen::of(args.color));
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
        is_security: rule.is_security,
        url: rule.references.first().map(ToString::to_string),
    });
    let own = own::ALL.iter().map(|rule| RuleDoc {
        id: rule.id.to_owned(),
        topic: own::TOPIC.to_owned(),
        summary: rule.summary.to_owned(),
        why: rule.why.to_owned(),
        severity: rule.severity,
        is_default: true,
        is_security: false,
        url: None,
    });
    rules.chain(own).collect()
}

fn to_file(path: &Path, format: Format, report: &Report<'_>) -> anyhow::Result<()> {
    output::to_file(path, |out| report::write(format, report, out))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

//! `--show-files` and `--show-settings`: what a check would look at, and what it would go by.

use std::io::{self, Write};

use super::args::CheckArgs;
use super::output;
use super::request::workspace;
use super::words::counted;
use crate::check::{Line, Request};
use crate::config::quoted;
use crate::policy::Status;
use crate::report::text::one_line;

/// Each Dockerfile with what it is taken for, and what is read for it.
pub(super) fn files(args: &CheckArgs, request: &Request) -> anyhow::Result<Status> {
    let listed = workspace(&args.rules).describe(request);
    output::to_stdout(|out| {
        for one in &listed.dockerfiles {
            writeln!(out, "{}", one_line(&one.name))?;
            for (word, text) in &one.lines {
                writeln!(out, "  {:<12} {}", format!("{word}:"), one_line(text))?;
            }
        }
        for name in &listed.templates {
            writeln!(
                out,
                "{}\n  a template, which is not checked",
                one_line(name)
            )?;
        }
        Ok(())
    })?;
    output::problems(&listed.problems);
    Ok(match listed.problems.is_empty() {
        true => Status::Clean,
        false => Status::Failed,
    })
}

/// The configuration that counts for the first path, as a configuration.
pub(super) fn settings(args: &CheckArgs, request: &Request) -> anyhow::Result<Status> {
    let settings = match workspace(&args.rules).settings(request) {
        Ok(settings) => settings,
        Err(refused) => {
            output::mistakes(&refused.sources, refused.problems)?;
            return Ok(Status::Failed);
        }
    };
    output::to_stdout(|out| {
        match settings.files.is_empty() {
            true => writeln!(out, "# no configuration")?,
            false => writeln!(out, "# from {}", one_line(&settings.files.join(", ")))?,
        }
        for line in &settings.lines {
            setting(out, line)?;
        }
        if !settings.build_args.is_empty() {
            writeln!(out, "\n[build-args]")?;
        }
        for (name, value) in &settings.build_args {
            writeln!(out, "{} = {}", quoted(name), quoted(value))?;
        }
        let (count, all) = (settings.rules.len(), settings.all);
        let others = counted(settings.changed.len(), "rule differs", "rules differ");
        let more = if args.all {
            ""
        } else {
            "; `--all` lists those that run"
        };
        writeln!(
            out,
            "\n# {count} of {all} rules run; {others} from the default{more}"
        )?;
        for rule in &settings.changed {
            writeln!(out, "\n[rule.{}]", rule.id)?;
            for line in &rule.lines {
                setting(out, line)?;
            }
        }
        if args.all {
            writeln!(out, "\n[severity]")?;
            for (rule, severity) in &settings.rules {
                writeln!(out, "{rule} = {}", quoted(severity.name()))?;
            }
        }
        Ok(())
    })?;
    Ok(Status::Clean)
}

/// A key with its value, and in a comment who says so.
fn setting(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    let (key, value) = (&line.key, one_line(&line.value));
    match line.note.is_empty() {
        true => writeln!(out, "{key} = {value}"),
        false => writeln!(out, "{key} = {value}  # {}", one_line(&line.note)),
    }
}

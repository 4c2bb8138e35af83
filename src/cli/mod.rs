//! The command line: arguments, commands, exit codes.
//!
//! The only place that writes to standard output and that decides how the process ends. What is
//! found and what counts is decided elsewhere.

pub(crate) mod args;
mod check;
mod facts;
mod fixes;
mod ignores;
mod known;
mod migrate;
mod output;
mod request;
mod rules;
mod server;
mod shown;
mod syntax;
mod words;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

use crate::check::guard;
use crate::policy::Status;
use crate::report::Format;
use args::{Cli, Command, FORMAT, MigrateCommand, RulesArgs};

/// Runs the command that the arguments of the process name.
#[must_use]
pub fn run() -> ExitCode {
    guard::tell_as_problem();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let printed = error.print();
            if !error.use_stderr() {
                // Help and version go to standard output, where a reader may go away early.
                let is_gone =
                    |error: std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
                let is_told = printed.map_or_else(is_gone, |()| true);
                return exit_code(if is_told {
                    Status::Clean
                } else {
                    Status::Failed
                });
            }
            // Anyone who parses the output gets something to parse.
            if let Some(format) = wanted_format() {
                let message = error.render().to_string();
                let first = message.lines().next().unwrap_or_default();
                let first = first.trim_start_matches("error: ");
                let _ = check::refuse(format, first);
            }
            return exit_code(Status::Failed);
        }
    };
    match command(cli) {
        Ok(status) => exit_code(status),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            exit_code(Status::Failed)
        }
    }
}

fn command(cli: Cli) -> anyhow::Result<Status> {
    match cli.command {
        None => check::run(&cli.check),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Server { .. }) => Ok(server::run()),
        Some(Command::Syntax { files, .. }) => syntax::run(&files),
        Some(Command::Facts {
            path,
            config,
            build,
        }) => {
            let rules = RulesArgs {
                config,
                ..RulesArgs::default()
            };
            facts::run(&path, &build, &rules)
        }
        Some(Command::Rules { command }) => rules::run(&command),
        Some(Command::Explain { names, rules }) => rules::explain(&names, &rules),
        Some(Command::Migrate {
            command: MigrateCommand::Hadolint { file },
        }) => migrate::hadolint(&file),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "seatrial", &mut text);
            output::to_stdout(|out| out.write_all(&text))?;
            Ok(Status::Clean)
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            output::to_stdout(|out| out.write_all(&text))?;
            Ok(Status::Clean)
        }
    }
}

/// The format that the arguments ask for, as far as can be seen when they are not understood.
fn wanted_format() -> Option<Format> {
    let arguments: Vec<String> = std::env::args().collect();
    let values = arguments.iter().enumerate().filter_map(|(at, argument)| {
        let short = || {
            let flags = argument.strip_prefix('-')?;
            let (before, value) = flags.split_once('f')?;
            // `-qfjson`: flags without a value may stand before it.
            let is_bundle = before.chars().all(|flag| flag == 'q');
            is_bundle.then(|| value.strip_prefix('=').unwrap_or(value))
        };
        let value = argument.strip_prefix("--format").or_else(short)?;
        match value.strip_prefix('=').unwrap_or(value) {
            "" => arguments.get(at + 1).map(String::as_str),
            value => Some(value),
        }
    });
    let named = values.filter_map(Format::parse).next_back();
    named.or_else(|| Format::parse(&std::env::var(FORMAT).ok()?))
}

fn exit_code(status: Status) -> ExitCode {
    ExitCode::from(match status {
        Status::Clean => 0,
        Status::Findings => 1,
        Status::Failed => 2,
    })
}

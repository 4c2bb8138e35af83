//! Every argument, with the text that `--help` shows.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::Severity;
use crate::report::Format;

/// The variable that says which day it is.
pub(super) const TODAY: &str = "SEATRIAL_TODAY";

const SERVER_HELP: &str = "\
An editor starts it and speaks the Language Server Protocol on standard input and output: tell yours to run
`seatrial server` for Dockerfiles, compose files, Python, shell scripts, ini and text files. Settings come from
`seatrial.toml`, and from the editor under `seatrial`: configuration, isolated, select, ignore, severity, buildArgs,
target, context, leaveToBuildChecks, inlayHints, server.logLevel. docs/editors.md has configurations to copy.";

const AFTER_HELP: &str = "\
Exit codes: 0 nothing at or above the threshold, 1 findings, 2 something could not be read (wins over 1).";

/// Checks the Dockerfiles of Python and Django projects.
#[derive(Debug, Parser)]
#[command(
    name = "seatrial",
    version,
    about,
    after_help = AFTER_HELP,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub check: CheckArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check Dockerfiles and what they lead to (the default)
    #[command(after_help = AFTER_HELP)]
    Check(Box<CheckArgs>),
    /// Say why a rule exists, with examples
    Explain {
        /// The id of a rule, or the code another linter has for it
        rule: String,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// List, test and begin rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Print the facts of a project as JSON, to write conditions against
    Facts {
        /// A Dockerfile, or a directory to look for them in
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The configuration, instead of the nearest `seatrial.toml` or `pyproject.toml`
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        build: BuildArgs,
    },
    /// Serve an editor: diagnostics while you type
    #[command(after_help = SERVER_HELP)]
    Server {
        /// As editors call it; there is no other way
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Print how Dockerfiles are read, one JSON object a line
    Syntax {
        /// The shape of the output
        #[arg(long, value_enum, default_value_t = SyntaxFormat::Json)]
        format: SyntaxFormat,
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SyntaxFormat {
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List every rule
    List {
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Run the examples of rules
    Test {
        /// A directory of rules; without one, the rules that are built in
        directory: Option<PathBuf>,
    },
    /// Write a new rule to begin with
    New {
        /// Where: `folder/rule-id`; the folder is the topic
        path: PathBuf,
    },
}

/// Where rules come from.
#[derive(Debug, Args, Clone, Default)]
pub(crate) struct RulesArgs {
    /// Further rules: a directory of `<topic>/<rule-id>.toml` (repeatable)
    #[arg(long = "rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// The configuration, instead of the nearest `seatrial.toml` or `pyproject.toml`
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Look for no configuration
    #[arg(long, visible_alias = "isolated", conflicts_with = "config")]
    pub no_config: bool,
}

/// What is known of the build beside the files.
#[derive(Debug, Args, Clone, Default)]
pub(crate) struct BuildArgs {
    /// A build argument, as `docker build` takes it (repeatable)
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = pair)]
    pub build_args: Vec<(String, String)>,
    /// The stage that is built
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,
    /// The build context
    #[arg(long, value_name = "DIR")]
    pub context: Option<PathBuf>,
    /// The day that ages are counted to [default: the clock]
    #[arg(long, value_name = "YYYY-MM-DD", env = TODAY, hide_env_values = true, value_parser = day)]
    pub today: Option<jiff::civil::Date>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Dockerfiles, files that belong to one, directories to look in, `-` for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How findings are told: human, concise, json, sarif, github, gitlab, checkstyle, junit,
    /// rdjson, hadolint-json or markdown
    #[arg(short, long, value_name = "FORMAT", default_value = "human", value_parser = format, help_heading = "Output")]
    pub format: Format,
    /// Colours: `auto` when a terminal wants them and `NO_COLOR` is not set
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Colour,
    /// Write a further report to a file (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, help_heading = "Output")]
    pub report: Vec<(Format, PathBuf)>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,
    /// Tell findings only: no sum of them, no remarks
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
    /// Count findings by rule instead of telling them
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,
    /// Tell also which checks could not be decided, and why
    #[arg(long, help_heading = "Output")]
    pub show_undecided: bool,

    /// Run these rules only: ids, topics, codes of other linters, `default` or `all`
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub select: Vec<String>,
    /// Do not run these rules
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub ignore: Vec<String>,
    /// Give a rule another severity (repeatable)
    #[arg(long, value_name = "RULE=LEVEL", value_parser = severity_of, help_heading = "Rules")]
    pub severity: Vec<(String, Severity)>,
    #[command(flatten, next_help_heading = "Rules")]
    pub rules: RulesArgs,

    /// The least severity that makes the exit code 1 [default: warning]
    #[arg(long, value_name = "LEVEL", value_parser = severity, help_heading = "Exit code")]
    pub fail_on: Option<Severity>,
    /// Mend what can be mended safely, and tell the rest
    #[arg(long, help_heading = "Fixes")]
    pub fix: bool,
    /// Mend also what is right in most projects only
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Show what `--fix` would change, and change nothing
    #[arg(long, help_heading = "Fixes")]
    pub diff: bool,
    /// Exit with 1 when something was mended, as commit hooks expect it
    #[arg(long, help_heading = "Fixes")]
    pub exit_non_zero_on_fix: bool,

    /// Exit with 0 even if there are findings; 2 stays 2
    #[arg(long, help_heading = "Exit code")]
    pub exit_zero: bool,

    /// Keep the findings that stand in this file quiet
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub baseline: Option<PathBuf>,
    /// Write everything that is found to the baseline
    #[arg(long, requires = "baseline", help_heading = "Baseline")]
    pub write_baseline: bool,
    /// Remove from the baseline what no longer occurs
    #[arg(
        long,
        requires = "baseline",
        conflicts_with = "write_baseline",
        help_heading = "Baseline"
    )]
    pub prune_baseline: bool,

    #[command(flatten, next_help_heading = "Build")]
    pub build: BuildArgs,

    /// The name of what comes from standard input, to find its project by
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub stdin_filename: Option<PathBuf>,
    /// Leave out excluded files and files that are not Dockerfiles even when they are named on the command line
    #[arg(long, help_heading = "Files")]
    pub force_exclude: bool,
    /// Exit with 0 when a directory holds no Dockerfile
    #[arg(long, help_heading = "Files")]
    pub allow_empty: bool,
}

/// When escape sequences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

fn format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| {
        let known: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
        format!("the formats are {}", known.join(", "))
    })
}

fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (name, file) = text
        .split_once('=')
        .ok_or("write FORMAT=FILE, such as `sarif=seatrial.sarif`")?;
    Ok((format(name)?, PathBuf::from(file)))
}

fn severity(name: &str) -> Result<Severity, String> {
    Severity::parse(name).ok_or_else(|| "a level is error, warning or info".to_owned())
}

fn severity_of(text: &str) -> Result<(String, Severity), String> {
    let (rule, level) = text
        .split_once('=')
        .ok_or("write RULE=LEVEL; a level is error, warning or info")?;
    Ok((rule.to_owned(), severity(level)?))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        // As with `docker build`, a bare name takes its value from the environment.
        None => (
            text,
            std::env::var(text).map_err(|_| format!("write {text}=VALUE"))?,
        ),
    };
    if name.is_empty() {
        return Err("write NAME=VALUE".to_owned());
    }
    Ok((name.to_owned(), value))
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse()
        .map_err(|_| "write a day as YYYY-MM-DD".to_owned())
}

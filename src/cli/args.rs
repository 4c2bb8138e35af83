//! Every argument, with the text that `--help` shows.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::Severity;
use crate::report::Format;

/// The variable that says which day it is.
pub(super) const TODAY: &str = "SEATRIAL_TODAY";
/// The variable that names the output format.
pub(super) const FORMAT: &str = "SEATRIAL_FORMAT";
/// The variable that names the policy.
pub(super) const POLICY: &str = "SEATRIAL_POLICY";
/// The variable that names the configuration.
pub(super) const CONFIG: &str = "SEATRIAL_CONFIG";

/// What `--version` prints behind the name.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (data as of ",
    env!("SEATRIAL_DATA_AS_OF"),
    ")"
);

const SERVER_HELP: &str = "An editor starts it and speaks the Language Server Protocol on standard input and output: \
                           configure yours to run `seatrial server` for Dockerfiles, compose files, Python, shell \
                           scripts, ini and text files. docs/editors.md has configurations to copy, and lists the \
                           settings that an editor can send.";

const AFTER_HELP: &str = "\
Exit codes: 0 no findings at or above the threshold, 1 findings, 2 something could not be read (takes precedence).";

/// Checks the Dockerfiles of Python and Django projects.
#[derive(Debug, Parser)]
#[command(
    name = "seatrial",
    version,
    long_version = VERSION,
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
    /// Show why rules exist, with examples
    Explain {
        /// Ids of rules, or codes that other linters have for them
        #[arg(required = true, value_name = "RULE")]
        names: Vec<String>,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// List rules, test them, start new ones
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Print the facts of a project as JSON, to write conditions against
    Facts {
        /// A Dockerfile, or a directory to look for them in
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Use this configuration instead of the nearest `seatrial.toml` or `pyproject.toml` [env: SEATRIAL_CONFIG]
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
    /// Turn the configuration of another linter into one for seatrial
    Migrate {
        #[command(subcommand)]
        command: MigrateCommand,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Print how Dockerfiles are read, one JSON object per line
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
pub(crate) enum MigrateCommand {
    /// Print a `seatrial.toml` that does what a `.hadolint.yaml` does, and what has no counterpart
    Hadolint {
        /// The configuration of hadolint
        #[arg(default_value = ".hadolint.yaml")]
        file: PathBuf,
    },
}

/// The shape of a list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List every rule
    List {
        /// The shape of the output
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Run the examples of rules
    Test {
        /// A directory of rules; without one, the built-in rules
        directory: Option<PathBuf>,
    },
    /// Write a page for each rule, in Markdown
    Docs {
        /// The directory to write to
        directory: PathBuf,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Write the start of a new rule
    New {
        /// Where: `folder/rule-id`; the folder is the topic
        path: PathBuf,
    },
}

/// Where rules come from.
#[derive(Debug, Args, Clone, Default)]
pub(crate) struct RulesArgs {
    /// More rules: a directory of `<topic>/<rule-id>.toml` (repeatable)
    #[arg(long = "rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Use this configuration instead of the nearest `seatrial.toml` or `pyproject.toml` [env: SEATRIAL_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long, visible_alias = "isolated", conflicts_with = "config")]
    pub no_config: bool,
    /// Lay this configuration over those of the projects: what it sets, they cannot weaken [env: SEATRIAL_POLICY]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// What is known of the build besides the files.
#[derive(Debug, Args, Clone, Default)]
pub(crate) struct BuildArgs {
    /// Build argument, as for `docker build` (repeatable)
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = pair)]
    pub build_args: Vec<(String, String)>,
    /// Stage that is built
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,
    /// Build context
    #[arg(long, value_name = "DIR")]
    pub context: Option<PathBuf>,
    /// Today, for ends of life [default: the clock]
    #[arg(long, value_name = "YYYY-MM-DD", env = TODAY, hide_env_values = true, value_parser = day)]
    pub today: Option<jiff::civil::Date>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Dockerfiles, files that belong to one, directories to look in, `-` for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Output format: human, concise, json, sarif, github, gitlab, checkstyle, junit, rdjson,
    /// hadolint-json or markdown
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "human",
        value_parser = format,
        env = FORMAT,
        hide_env_values = true,
        help_heading = "Output"
    )]
    pub format: Format,
    /// Colours; `auto`: on a terminal, and as `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR` say
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Colour,
    /// Write another report to a file (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, help_heading = "Output")]
    pub report: Vec<(Format, PathBuf)>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,
    /// Lowest severity to show: info, warning or error [default: info]
    #[arg(long, value_name = "LEVEL", value_parser = severity, help_heading = "Output")]
    pub min_severity: Option<Severity>,
    /// Print findings only, without summary or notes
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
    /// Print the number of findings of each rule instead of the findings
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,
    /// Also show checks that could not be decided, and why
    #[arg(long, help_heading = "Output")]
    pub show_undecided: bool,
    /// Show what would be checked: each Dockerfile, its context, its images, the files it leads to
    #[arg(long, help_heading = "Output")]
    pub show_files: bool,
    /// Show what applies to the first path, which file says so, and what differs from the default
    #[arg(long, help_heading = "Output")]
    pub show_settings: bool,
    /// With `--show-settings`: also list every rule that runs, with its severity
    #[arg(long, requires = "show_settings", help_heading = "Output")]
    pub all: bool,

    /// Run only these rules: ids, topics, codes of other linters, `default` or `all`
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub select: Vec<String>,
    /// Run these rules as well
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub extend_select: Vec<String>,
    /// Do not run these rules
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub ignore: Vec<String>,
    /// Change the severity of a rule (repeatable)
    #[arg(long, value_name = "RULE=LEVEL", value_parser = severity_of, help_heading = "Rules")]
    pub severity: Vec<(String, Severity)>,
    #[command(flatten, next_help_heading = "Rules")]
    pub rules: RulesArgs,

    /// Lowest severity that makes the exit code 1 [default: warning]
    #[arg(long, value_name = "LEVEL", value_parser = severity, help_heading = "Threshold")]
    pub fail_on: Option<Severity>,
    /// Apply safe fixes and report the rest
    #[arg(long, help_heading = "Fixes")]
    pub fix: bool,
    /// Apply fixes without reporting the rest; the exit code is 0
    #[arg(
        long,
        conflicts_with_all = [
            "diff", "report", "output_file", "statistics", "write_baseline", "prune_baseline"
        ],
        help_heading = "Fixes"
    )]
    pub fix_only: bool,
    /// Also apply fixes that are right in most projects, but not in all
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Show what `--fix` would change, without changing it
    #[arg(long, help_heading = "Fixes")]
    pub diff: bool,
    /// Exit with 1 when something was fixed, as commit hooks need it
    #[arg(long, help_heading = "Fixes")]
    pub exit_non_zero_on_fix: bool,

    /// Exit with 0 even if there are findings; 2 stays 2
    #[arg(long, help_heading = "Threshold")]
    pub exit_zero: bool,

    /// Write a comment above each finding that ignores it, with this reason
    #[arg(
        long,
        value_name = "REASON",
        conflicts_with_all = ["fix", "fix_only", "diff", "no_ignores"],
        help_heading = "Ignores"
    )]
    pub add_ignores: Option<String>,
    /// Last day on which the comments of `--add-ignores` count
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        value_parser = day,
        requires = "add_ignores",
        help_heading = "Ignores"
    )]
    pub until: Option<jiff::civil::Date>,
    /// Report findings even if a comment ignores them
    #[arg(long, help_heading = "Ignores")]
    pub no_ignores: bool,

    /// Do not report the findings in this file
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub baseline: Option<PathBuf>,
    /// Use no baseline, not even one of the configuration
    #[arg(
        long,
        conflicts_with_all = ["baseline", "write_baseline", "prune_baseline"],
        help_heading = "Baseline"
    )]
    pub no_baseline: bool,
    /// Write all findings to the baseline
    #[arg(long, help_heading = "Baseline")]
    pub write_baseline: bool,
    /// Remove from the baseline what no longer occurs
    #[arg(long, conflicts_with = "write_baseline", help_heading = "Baseline")]
    pub prune_baseline: bool,

    #[command(flatten, next_help_heading = "Build")]
    pub build: BuildArgs,

    /// File name of standard input, to find its project and configuration
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub stdin_filename: Option<PathBuf>,
    /// Dockerfiles to skip, as a pattern of `.gitignore` (repeatable)
    #[arg(long, value_name = "PATTERN", help_heading = "Files")]
    pub exclude: Vec<String>,
    /// Skip files named on the command line that are excluded or are not Dockerfiles
    #[arg(long, help_heading = "Files")]
    pub force_exclude: bool,
    /// Exit with 0 when a directory contains no Dockerfile
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

//! `seatrial rules` and `seatrial explain`: the tools of an author of rules.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::args::{BuildArgs, ListFormat, RulesArgs, RulesCommand};
use super::output;
use super::request::{self, working_directory};
use crate::check::{discover, run_example};
use crate::facts::SCHEMA;
use crate::finding::Safety;
use crate::knowledge::foreign_codes;
use crate::policy::{Status, own};
use crate::report::text::tame;
use crate::rule::example::{self, test_rules};
use crate::rule::{Catalogue, Rule, docs, suggest};
use crate::source::Sources;

pub(super) fn run(command: &RulesCommand) -> anyhow::Result<Status> {
    match command {
        RulesCommand::List { format, rules } => list(rules, *format),
        RulesCommand::Test { directory } => test(directory.as_deref()),
        RulesCommand::Docs { directory, rules } => pages(directory, rules),
        RulesCommand::New { path } => new(path),
    }
}

/// `seatrial explain RULE...`; a name may be that of another linter.
pub(super) fn explain(names: &[String], rules: &RulesArgs) -> anyhow::Result<Status> {
    let Some(catalogue) = load(rules)? else {
        return Ok(Status::Failed);
    };
    let mut texts = Vec::new();
    for name in names {
        texts.extend(explained(name, &catalogue)?);
    }
    output::to_stdout(|out| out.write_all(tame(&texts.join("\n")).as_bytes()))?;
    Ok(Status::Clean)
}

/// What is said of a name: of the rules that it stands for, or why none does.
fn explained(name: &str, catalogue: &Catalogue) -> anyhow::Result<Vec<String>> {
    if let Some(own) = own::ALL.iter().find(|own| own.id == name) {
        return Ok(vec![format!(
            "# {}\n\n{}\n\n{}\n",
            own.id, own.summary, own.why
        )]);
    }
    let mut texts = Vec::new();
    for named in catalogue.named(name) {
        let finding = example::first_finding(named, &SCHEMA, &run_example);
        texts.push(docs::explain(named, finding.as_ref()));
    }
    if !texts.is_empty() {
        return Ok(texts);
    }
    if let Some(why) = foreign_codes::why(name) {
        return Ok(vec![format!("# {name}\n\nnot checked: {why}\n")]);
    }
    let own = own::ALL.iter().map(|own| own.id);
    match catalogue.suggest(name).or_else(|| suggest(name, own)) {
        Some(close) => bail!("there is no rule `{name}`; did you mean `{close}`?"),
        None => bail!("there is no rule `{name}`; `seatrial rules list` lists all rules"),
    }
}

fn list(rules: &RulesArgs, format: ListFormat) -> anyhow::Result<Status> {
    let Some(catalogue) = load(rules)? else {
        return Ok(Status::Failed);
    };
    if format == ListFormat::Json {
        let mut listed: Vec<Listed<'_>> = catalogue.rules().map(Listed::of).collect();
        listed.extend(own::ALL.iter().map(Listed::own));
        output::to_stdout(|out| {
            crate::report::text::json(out, &listed)?;
            out.write_all(b"\n")
        })?;
        return Ok(Status::Clean);
    }
    let list = docs::list(&catalogue);
    output::to_stdout(|out| {
        out.write_all(tame(&list).as_bytes())?;
        writeln!(out, "\n{}", own::TOPIC)?;
        for own in own::ALL {
            let severity = own.severity.name();
            writeln!(out, "  {}  {severity}  {}", own.id, own.summary)?;
        }
        Ok(())
    })?;
    Ok(Status::Clean)
}

/// A rule in `seatrial rules list --format json`.
#[derive(serde::Serialize)]
struct Listed<'a> {
    id: &'a str,
    topic: &'a str,
    severity: &'static str,
    /// It runs without being selected.
    default: bool,
    summary: &'a str,
    /// Codes of other linters.
    aliases: Vec<&'a str>,
    /// `safe`, `unsafe`, or null.
    fix: Option<&'static str>,
    url: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn of(rule: &'a Rule) -> Self {
        Self {
            id: &rule.id,
            topic: &rule.topic,
            severity: rule.severity.name(),
            default: rule.is_default,
            summary: &rule.summary,
            aliases: rule.aliases.iter().map(|alias| &**alias).collect(),
            fix: rule.fix.as_ref().map(|fix| match fix.safety {
                Safety::Safe => "safe",
                Safety::Unsafe => "unsafe",
            }),
            url: rule.references.first().map(|url| &**url),
        }
    }

    fn own(own: &'a own::Own) -> Self {
        Self {
            id: own.id,
            topic: own::TOPIC,
            severity: own.severity.name(),
            default: true,
            summary: own.summary,
            aliases: Vec::new(),
            fix: (own.id == own::UNUSED.id).then_some("safe"),
            url: None,
        }
    }
}

/// Every rule that a check here would see; `None` when it was told what is wrong with them.
fn load(rules: &RulesArgs) -> anyhow::Result<Option<Catalogue>> {
    let request = request::request(&BuildArgs::default(), rules)?;
    match request::workspace(rules).catalogue(&request) {
        Ok(catalogue) => Ok(Some(catalogue)),
        Err(refused) => {
            output::mistakes(&refused.sources, refused.problems)?;
            Ok(None)
        }
    }
}

/// Writes a page for each rule, and the list of them.
fn pages(directory: &Path, rules: &RulesArgs) -> anyhow::Result<Status> {
    let Some(catalogue) = load(rules)? else {
        return Ok(Status::Failed);
    };
    let shown = directory.display();
    std::fs::create_dir_all(directory).with_context(|| format!("cannot create `{shown}`"))?;
    let finding = |rule: &Rule| example::first_finding(rule, &SCHEMA, &run_example);
    for (name, text) in docs::pages(&catalogue, finding) {
        let path = directory.join(name);
        output::to_file(&path, |out| out.write_all(tame(&text).as_bytes()))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(Status::Clean)
}

/// Runs the examples of a directory of rules, or of those that are built in.
fn test(directory: Option<&Path>) -> anyhow::Result<Status> {
    let sources = Sources::new();
    let mut status = Status::Clean;
    let catalogue = match directory {
        None => Catalogue::embedded(),
        Some(directory) => {
            let path = discover::absolute(&working_directory()?, directory);
            let shown = directory.to_string_lossy();
            if !path.is_dir() {
                bail!("there is no directory `{shown}`");
            }
            let mut catalogue = Catalogue::empty();
            if let Err(errors) = catalogue.load_directory(&path, &shown, &SCHEMA, &sources) {
                let problems = errors.into_iter().map(crate::check::rule_problem);
                output::mistakes(&sources, problems.collect())?;
                status = Status::Failed;
            }
            catalogue
        }
    };
    let report = test_rules(&catalogue, &SCHEMA, &run_example);
    output::to_stdout(|out| write_test(&report, out))?;
    if !report.failures.is_empty() {
        status = status.max(Status::Findings);
    }
    Ok(status)
}

fn write_test(report: &example::Report, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for failure in &report.failures {
        let verdict = failure.verdict.name();
        let (file, line) = (&failure.file, failure.line);
        let example = tame(&failure.example);
        writeln!(out, "{}:{line}: {verdict}: {example}", tame(file))?;
        for line in failure.detail.lines() {
            writeln!(out, "    {}", tame(line))?;
        }
    }
    let (passed, failed) = (report.passed, report.failures.len());
    let rules = report.rules;
    let word = if rules == 1 { "rule" } else { "rules" };
    writeln!(out, "{passed} passed, {failed} failed, in {rules} {word}")
}

/// Writes the beginning of a rule.
fn new(path: &Path) -> anyhow::Result<Status> {
    let path: PathBuf = if path.extension().is_some_and(|ending| ending == "toml") {
        path.to_owned()
    } else {
        let mut name = path.as_os_str().to_owned();
        name.push(".toml");
        PathBuf::from(name)
    };
    let id = path
        .file_stem()
        .and_then(|id| id.to_str())
        .unwrap_or_default();
    let is_kebab = id.starts_with(|first: char| first.is_ascii_lowercase())
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !is_kebab {
        bail!("`{id}` is not a rule id; use lower-case letters and hyphens, as in `what-is-wrong`");
    }
    if path.exists() {
        bail!(
            "`{}` exists already; choose another id, or edit that file",
            path.display()
        );
    }
    let shown = path.display();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder of `{shown}`"))?;
    }
    output::to_file(&path, |out| out.write_all(docs::new_rule(id).as_bytes()))
        .with_context(|| format!("cannot write `{shown}`"))?;
    let folder = path.parent().and_then(Path::parent);
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).display();
    output::remark(&format!(
        "wrote `{shown}`; `seatrial rules test {folder}` runs its examples"
    ));
    Ok(Status::Clean)
}

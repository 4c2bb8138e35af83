//! Runs the examples of rule files: the documentation of a rule is its test.
//!
//! A bad example yields exactly its marks, in every file; a good one none; a fix gives the text the
//! example says, keeps the syntax whole and silences the rule. How a project is checked is the
//! caller's business ([`Runner`]): this module knows rules and findings, not facts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::facts::table::Schema;
use crate::finding::{Finding, Safety, Undecided};
use crate::fix;
use crate::source::{MemoryFile, Sources};

use super::file::{ExampleFile, RuleFile};
use super::load::{Catalogue, Held, severity};
use super::set::{RuleSet, Selection, Settings};
use super::source::{OptionValue, Rule};

/// A small project to check.
#[derive(Debug, Clone, Default)]
pub(crate) struct Project {
    /// Path of the Dockerfile among the files; absent when the example has none.
    pub dockerfile: Option<String>,
    /// By path from the root of the project.
    pub files: BTreeMap<String, MemoryFile>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// The stage that is built; `None`: every stage that ships.
    pub target: Option<String>,
    /// The files are all of the build context.
    pub has_context: bool,
    /// `YYYY-MM-DD`; absent: a date that never changes.
    pub today: Option<String>,
}

/// What checking it gave.
#[derive(Debug)]
pub(crate) struct Checked {
    pub sources: Sources,
    pub findings: Vec<Finding>,
    pub undecided: Vec<Undecided>,
    /// How many places could not be parsed.
    pub problems: usize,
}

/// Checks a project with these rules. The error is a sentence.
pub(crate) type Runner<'r> = dyn Fn(&RuleSet, &Project) -> Result<Checked, String> + 'r;

/// What is wrong with an example or with its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not everything that is marked was found.
    Missing,
    /// More was found than is marked.
    Noisy,
    /// Something else was found than is marked.
    WrongMark,
    /// What was found has another severity.
    WrongSeverity,
    /// The fix is not what the example says, or does not mend.
    WrongFix,
    /// The example itself cannot be run, or a required one is not there.
    Broken,
}

impl Verdict {
    /// As people read it.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Noisy => "noisy",
            Self::WrongMark => "wrong mark",
            Self::WrongSeverity => "wrong severity",
            Self::WrongFix => "wrong fix",
            Self::Broken => "broken",
        }
    }
}

/// An example that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub rule: String,
    /// The rule file, as shown to people.
    pub file: String,
    /// Where in it the example begins, from 1.
    pub line: usize,
    /// `bad example 2`.
    pub example: String,
    pub verdict: Verdict,
    /// What was expected and what was found, in lines.
    pub detail: String,
}

/// The examples of all rules.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub rules: usize,
    pub passed: usize,
    pub failures: Vec<Failure>,
}

/// Runs the examples of every rule of the catalogue, each with that rule alone.
pub(crate) fn test_rules(
    catalogue: &Catalogue,
    schema: &'static Schema,
    runner: &Runner<'_>,
) -> Report {
    let mut report = Report::default();
    for rule in catalogue.held() {
        report.rules += 1;
        test_rule(rule, schema, runner, &mut report);
    }
    report
}

fn test_rule(rule: &Held, schema: &'static Schema, runner: &Runner<'_>, report: &mut Report) {
    let failure = |line, example: &str, verdict, detail: String| Failure {
        rule: rule.id.to_string(),
        file: rule.path.to_string(),
        line,
        example: example.to_owned(),
        verdict,
        detail,
    };
    let file: RuleFile = match toml::from_str(&rule.toml) {
        Ok(file) => file,
        Err(error) => {
            let detail = error.message().to_owned();
            let broken = failure(1, "rule file", Verdict::Broken, detail);
            report.failures.push(broken);
            return;
        }
    };
    for (what, count) in [("bad", file.bad.len()), ("good", file.good.len())] {
        if count == 0 {
            let detail = format!("the rule has no `[[{what}]]` example");
            let broken = failure(1, &format!("{what} examples"), Verdict::Broken, detail);
            report.failures.push(broken);
        }
    }
    let is_fixed =
        |example: &ExampleFile| example.fixed.is_some() || !example.fixed_files.is_empty();
    if file.fix.is_some() && !file.bad.iter().any(|example| is_fixed(example.get_ref())) {
        let detail = "the rule has a fix, but no example has `fixed`".to_owned();
        let broken = failure(1, "bad examples", Verdict::Broken, detail);
        report.failures.push(broken);
    }
    for (level, _) in file.severity_when.conditions() {
        let shows = |example: &ExampleFile| example.severity == Some(level);
        if !file.bad.iter().any(|example| shows(example.get_ref())) {
            let name = severity(level).name();
            let detail = format!("no example has `severity = \"{name}\"`");
            let broken = failure(1, "bad examples", Verdict::Broken, detail);
            report.failures.push(broken);
        }
    }
    let bad = file.bad.iter().enumerate().map(|each| (true, each));
    let good = file.good.iter().enumerate().map(|each| (false, each));
    for (is_bad, (number, example)) in bad.chain(good) {
        let start = example.span().start.min(rule.toml.len());
        let before = rule.toml.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let name = format!(
            "{} example {}",
            if is_bad { "bad" } else { "good" },
            number + 1
        );
        match run(rule, schema, runner, example.get_ref(), is_bad) {
            Ok(()) => report.passed += 1,
            Err((verdict, detail)) => {
                report.failures.push(failure(line, &name, verdict, detail));
            }
        }
    }
}

/// What the rule finds in its bad examples: its help, with facts filled in. The first finding that has the help and the
/// fix of the rule, else the first.
pub(crate) fn first_finding(
    rule: &Rule,
    schema: &'static Schema,
    runner: &Runner<'_>,
) -> Option<Finding> {
    let file: RuleFile = toml::from_str(&rule.toml).ok()?;
    let is_whole = |finding: &Finding| {
        rule.help.is_some() == finding.help.is_some() && rule.fix.is_some() == finding.fix.is_some()
    };
    let mut first = None;
    for example in &file.bad {
        let example = example.get_ref();
        let (Ok(rules), Ok((project, _))) = (rule_set(rule, schema, example), project(example))
        else {
            continue;
        };
        let found = runner(&rules, &project).map(|checked| checked.findings);
        for finding in found.unwrap_or_default() {
            if is_whole(&finding) {
                return Some(finding);
            }
            first.get_or_insert(finding);
        }
    }
    first
}

type Wrong = (Verdict, String);

fn run(
    rule: &Held,
    schema: &'static Schema,
    runner: &Runner<'_>,
    example: &ExampleFile,
    is_bad: bool,
) -> Result<(), Wrong> {
    let broken = |detail: String| (Verdict::Broken, detail);
    let rules = rule_set(rule, schema, example).map_err(broken)?;
    let (project, expected) = project(example).map_err(broken)?;
    match (is_bad, expected.is_empty()) {
        (true, true) => {
            return Err(broken(
                "a bad example must mark what is wrong: `«...»`".to_owned(),
            ));
        }
        (false, false) => return Err(broken("a good example must not contain marks".to_owned())),
        _ => {}
    }
    let checked = runner(&rules, &project).map_err(broken)?;
    compare(&project, &expected, &marks_of(&checked)).map_err(|(verdict, detail)| {
        let reasons = checked.undecided.iter().map(|undecided| &undecided.reason);
        let reasons: BTreeSet<String> = reasons.map(|r| format!("undecided: {r}\n")).collect();
        (verdict, detail + &String::from_iter(reasons))
    })?;
    let wanted = example.severity.map_or(rule.severity, severity);
    if let Some(other) = checked.findings.iter().find(|one| one.severity != wanted) {
        let (wanted, found) = (wanted.name(), other.severity.name());
        let detail = format!("expected `{wanted}`, found `{found}`: {}\n", other.message);
        return Err((Verdict::WrongSeverity, detail));
    }
    let is_fixed = example.fixed.is_some() || !example.fixed_files.is_empty();
    if is_bad && is_fixed {
        fixed(example, &project, &rules, runner, &checked)
            .map_err(|detail| (Verdict::WrongFix, detail))?;
    }
    Ok(())
}

/// The rule alone, enabled, with the options of the example.
fn rule_set(
    rule: &Rule,
    schema: &'static Schema,
    example: &ExampleFile,
) -> Result<RuleSet, String> {
    let mut settings = Settings {
        is_enabled: Some(true),
        ..Settings::default()
    };
    for (name, value) in &example.options {
        let value = OptionValue::from_toml(value)
            .ok_or_else(|| format!("the value of the option `{name}` has an unsupported type"))?;
        rule.check_option(name, &value)?;
        settings.options.insert(name.clone(), value);
    }
    let mut catalogue = Catalogue::empty();
    catalogue.add(Rule::clone(rule))?;
    let mut selection = Selection::default();
    selection.rules.insert(rule.id.to_string(), settings);
    Ok(RuleSet::new(&catalogue, &selection, schema))
}

/// Marked places, by file.
type Marks = BTreeMap<String, Vec<Range<usize>>>;

fn project(example: &ExampleFile) -> Result<(Project, Marks), String> {
    let path = example.path.as_deref().unwrap_or("Dockerfile");
    let mut project = Project {
        dockerfile: example.dockerfile.is_some().then(|| path.to_owned()),
        files: BTreeMap::new(),
        args: example.args.clone(),
        target: example.target.clone(),
        has_context: example.context,
        today: example.today.clone(),
    };
    let mut marks = Marks::new();
    let dockerfile = example.dockerfile.iter().map(|text| (path, text, false));
    let files = example.files.iter();
    let files = files.map(|(path, file)| (path.as_str(), &file.content, file.executable));
    for (path, text, is_executable) in dockerfile.chain(files) {
        let (content, ranges) = unmark(text).map_err(|error| format!("`{path}`: {error}"))?;
        if !ranges.is_empty() {
            marks.insert(path.to_owned(), ranges);
        }
        let file = MemoryFile {
            content: content.into_bytes(),
            is_executable,
        };
        if project.files.insert(path.to_owned(), file).is_some() {
            return Err(format!("`{path}` is defined twice"));
        }
    }
    if project.files.is_empty() {
        return Err("the example has neither `dockerfile` nor `files`".to_owned());
    }
    Ok((project, marks))
}

/// The text without its marks, and where they were.
fn unmark(text: &str) -> Result<(String, Vec<Range<usize>>), &'static str> {
    let mut plain = String::with_capacity(text.len());
    let mut open = Vec::new();
    let mut ranges = Vec::new();
    for c in text.chars() {
        match c {
            '«' => open.push(plain.len()),
            '»' => match open.pop() {
                Some(start) => ranges.push(start..plain.len()),
                None => return Err("a mark ends (`»`) but does not start"),
            },
            c => plain.push(c),
        }
    }
    if open.is_empty() {
        ranges.sort_by_key(|range| (range.start, range.end));
        Ok((plain, ranges))
    } else {
        Err("a mark starts (`«`) but does not end")
    }
}

/// Where the findings are, by file; each place once.
fn marks_of(checked: &Checked) -> Marks {
    let mut marks = Marks::new();
    for finding in &checked.findings {
        for span in finding.also.iter().chain([&finding.primary]) {
            let name = checked.sources.get(span.file).name.clone();
            marks.entry(name).or_default().push(span.range());
        }
    }
    for ranges in marks.values_mut() {
        ranges.sort_by_key(|range| (range.start, range.end));
        ranges.dedup();
    }
    marks
}

fn compare(project: &Project, expected: &Marks, found: &Marks) -> Result<(), Wrong> {
    if expected == found {
        return Ok(());
    }
    let is_part = |a: &Marks, b: &Marks| {
        a.iter().all(|(file, ranges)| {
            let others = b.get(file);
            ranges
                .iter()
                .all(|range| others.is_some_and(|others| others.contains(range)))
        })
    };
    let verdict = if is_part(expected, found) {
        Verdict::Noisy
    } else if is_part(found, expected) {
        Verdict::Missing
    } else {
        Verdict::WrongMark
    };
    let detail = format!(
        "expected:\n{}found:\n{}",
        picture(project, expected),
        picture(project, found)
    );
    Err((verdict, detail))
}

/// The marked lines, with the marks in place.
fn picture(project: &Project, marks: &Marks) -> String {
    let mut lines = String::new();
    for (path, ranges) in marks {
        let content = project.files.get(path).map(|file| file.content.as_slice());
        let text = String::from_utf8_lossy(content.unwrap_or_default());
        let mut signs: Vec<(usize, u8, &str)> = Vec::new();
        for range in ranges {
            signs.push((range.start, 1, "«"));
            signs.push((range.end, if range.is_empty() { 2 } else { 0 }, "»"));
        }
        signs.sort_unstable();
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let end = at + line.len();
            let is_last = end == text.len();
            let mut shown = String::new();
            let mut done = at;
            let here = signs
                .iter()
                .filter(|(place, ..)| at <= *place && (*place < end || is_last));
            for (place, _, sign) in here {
                shown.push_str(text.get(done..*place).unwrap_or_default());
                shown.push_str(sign);
                done = (*place).max(done);
            }
            if !shown.is_empty() {
                shown.push_str(text.get(done..end).unwrap_or_default());
                let shown = shown.trim_end_matches(['\n', '\r']);
                lines.push_str(&format!("  {path}:{}: {shown}\n", number + 1));
            }
            at = end;
        }
    }
    if lines.is_empty() {
        lines.push_str("  nothing\n");
    }
    lines
}

/// Mends until nothing is found, and compares what comes of it.
fn fixed(
    example: &ExampleFile,
    project: &Project,
    rules: &RuleSet,
    runner: &Runner<'_>,
    checked: &Checked,
) -> Result<(), String> {
    let mut mended = mend(project, checked)?;
    let mut again = runner(rules, &mended)?;
    for _ in 1..fix::MAX_PASSES {
        if again.findings.iter().all(|finding| finding.fix.is_none()) {
            break;
        }
        mended = mend(&mended, &again)?;
        again = runner(rules, &mended)?;
    }
    let dockerfile = project.dockerfile.iter().zip(&example.fixed);
    for (path, wanted) in dockerfile.chain(&example.fixed_files) {
        let content = mended.files.get(path).map(|file| file.content.as_slice());
        let text = String::from_utf8_lossy(content.unwrap_or_default());
        if text != wanted.as_str() {
            return Err(format!(
                "expected `{path}`:\n{}\nfound:\n{}",
                indent(wanted),
                indent(&text)
            ));
        }
    }
    if again.problems > checked.problems {
        return Err("after the fix the file can no longer be parsed".to_owned());
    }
    let left = marks_of(&again);
    if !left.is_empty() {
        let picture = picture(&mended, &left);
        return Err(format!("after the fix the rule still finds:\n{picture}"));
    }
    Ok(())
}

/// The project after all fixes that go together.
fn mend(project: &Project, checked: &Checked) -> Result<Project, String> {
    let fixes = checked
        .findings
        .iter()
        .filter_map(|found| found.fix.as_ref());
    let plan = fix::plan(fixes, Safety::Unsafe);
    if plan.taken.is_empty() {
        return Err("no finding of this example has a fix".to_owned());
    }
    let mut mended = project.clone();
    for (id, edits) in &plan.edits {
        let source = checked.sources.get(*id);
        match mended.files.get_mut(&source.name) {
            Some(file) => file.content = fix::apply(&source.text, edits).into_bytes(),
            None => {
                return Err(format!(
                    "the fix edits `{}`, which is not a file of the example",
                    source.name
                ));
            }
        }
    }
    Ok(mended)
}

fn indent(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

//! What is said about rules: lists, explanations, the start of a new rule, `rules/README.md`.
//!
//! Plain text and Markdown from rule files and the table of facts. Nothing here reads or writes
//! files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::Spanned;

use crate::facts::table::{Reach, Schema, Table, Type};
use crate::finding::{Finding, Safety};
use crate::knowledge::foreign_codes::{self, is_build_check};

use super::builtins::{Builtin, FILTERS, TESTS};
use super::file::{ExampleFile, RuleFile};
use super::load::Catalogue;
use super::source::{Audience, Rule};

/// The start of a rule, for [`new_rule`].
const NEW_RULE: &str = include_str!("new.toml");
/// The head of a table of rules.
const HEAD: &str = "| rule | severity | finds |\n| --- | --- | --- |\n";
/// What is written by hand of `docs/hadolint.md`.
const FOREIGN: &str = include_str!("foreign.md");
/// What is written by hand of `rules/README.md`.
const REFERENCE: &str = include_str!("reference.md");

/// The rules by topic, one on a line: id, severity, summary.
#[must_use]
pub(crate) fn list(catalogue: &Catalogue) -> String {
    let width = catalogue
        .rules()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for (topic, rules) in topics(catalogue) {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{topic}");
        for rule in rules {
            let off = if rule.is_default {
                ""
            } else {
                " (only when selected)"
            };
            let (id, severity) = (&rule.id, rule.severity.name());
            let _ = writeln!(out, "  {id:width$}  {severity:7}  {}{off}", rule.summary);
        }
    }
    out
}

/// Everything about one rule, as Markdown that reads well on a terminal. `finding` is what it finds in a bad
/// example: where help and fix depend on the facts, theirs are shown.
#[must_use]
pub(crate) fn explain(rule: &Rule, finding: Option<&Finding>) -> String {
    let file: Option<RuleFile> = toml::from_str(&rule.toml).ok();
    let mut out = format!("# {}\n\n{}\n\n", rule.id, rule.summary);
    let mut say = |what: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "- {what}: {value}");
        }
    };
    say("severity", rule.severity.name().to_owned());
    for (severity, when) in rule.severity_when.iter() {
        say(severity.name(), format!("where `{when}` holds"));
    }
    say("topic", rule.topic.to_string());
    if !rule.is_default {
        say("runs", "only when selected".to_owned());
    }
    let scope = match rule.scope {
        Reach::Shipped => "",
        Reach::Built => "also stages that the final stage is built from",
        Reach::Unused => "every stage",
    };
    say("looks at", scope.to_owned());
    if rule.audience == Audience::Any {
        say(
            "Dockerfiles",
            "also those for development and CI".to_owned(),
        );
    }
    say("also known as", rule.aliases.join(", "));
    say("earlier id", rule.renamed_from.join(", "));
    if let Some(help) = &rule.help {
        let shown = finding.and_then(|finding| finding.help.as_deref());
        let (lead, help) = filled(help, shown);
        let _ = write!(out, "\n## Help\n\n{lead}{help}\n");
    }
    if let Some(why) = file.as_ref().and_then(|file| file.why.as_ref()) {
        let _ = write!(out, "\n## Why\n\n{}\n", why.get_ref().trim());
    }
    let tried = file.as_ref().and_then(|file| file.evidence.as_ref());
    if let Some(tried) = tried {
        let _ = write!(out, "\n## Tried\n\n{}\n", tried.get_ref().trim());
    }
    if let Some(fix) = &rule.fix {
        let safety = match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe if fix.safe_when.is_some() => "safe or unsafe, depending on the case",
            Safety::Unsafe => "unsafe: review the change",
        };
        let shown = finding.and_then(|finding| finding.fix.as_ref());
        let (lead, title) = filled(&fix.title, shown.map(|fix| fix.title.as_str()));
        let _ = write!(out, "\n## Fix\n\n{lead}{title} ({safety})\n");
    }
    if !rule.options.is_empty() {
        let _ = write!(out, "\n## Options\n\nUnder `[rule.{}]`:\n\n", rule.id);
        for option in rule.options.iter() {
            let (name, ty) = (&option.name, option.default.type_name());
            let doc = option.doc.trim();
            let _ = writeln!(
                out,
                "- `{name}` ({ty}, default `{}`): {doc}",
                option.default
            );
        }
    }
    if let Some(file) = &file {
        examples(&mut out, "Bad", &file.bad);
        examples(&mut out, "Good", &file.good);
    }
    if !rule.references.is_empty() {
        out.push_str("\n## References\n\n");
        for reference in rule.references.iter() {
            let _ = writeln!(out, "- {reference}");
        }
    }
    out
}

/// A text of a rule; where it depends on the facts, as it is shown for a bad example.
fn filled<'t>(text: &'t str, shown: Option<&'t str>) -> (&'static str, &'t str) {
    let depends = text.contains("{{") || text.contains("{%");
    match shown.filter(|_| depends) {
        Some(shown) => ("For one of the examples below: ", shown.trim()),
        None => ("", text.trim()),
    }
}

fn examples(out: &mut String, title: &str, examples: &[Spanned<ExampleFile>]) {
    if examples.is_empty() {
        return;
    }
    let _ = write!(out, "\n## {title}\n");
    for example in examples {
        let example = example.get_ref();
        let options = example.options.iter();
        let options: Vec<String> = options
            .map(|(name, value)| format!("`{name} = {value}`"))
            .collect();
        let note = example.note.as_deref().map(|note| note.trim().to_owned());
        let with = (!options.is_empty()).then(|| format!("with {}", options.join(", ")));
        let lead: Vec<String> = note.into_iter().chain(with).collect();
        if !lead.is_empty() {
            let _ = write!(out, "\n{}:\n", lead.join("; ").trim_end_matches(':'));
        }
        if let Some(dockerfile) = &example.dockerfile {
            if let Some(path) = &example.path {
                let _ = write!(out, "\n`{path}`:\n");
            }
            block(out, "dockerfile", dockerfile);
        }
        for (path, file) in &example.files {
            let _ = write!(out, "\n`{path}`:\n");
            block(out, language(path), &file.content);
        }
    }
}

fn block(out: &mut String, language: &str, text: &str) {
    let _ = write!(out, "\n```{language}\n{}\n```\n", text.trim_end());
}

/// What Markdown calls the language of a file.
fn language(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("py") => "python",
        Some("yml" | "yaml") => "yaml",
        Some("toml") => "toml",
        Some("sh") => "sh",
        Some("ini") => "ini",
        _ => "text",
    }
}

/// Why a rule exists, as Markdown; empty when it does not say.
#[must_use]
pub(crate) fn why(rule: &Rule) -> String {
    let file: Option<RuleFile> = toml::from_str(&rule.toml).ok();
    let why = file.and_then(|file| file.why);
    why.map_or_else(String::new, |why| why.get_ref().trim().to_owned())
}

/// The text of a new rule file.
#[must_use]
pub(crate) fn new_rule(id: &str) -> String {
    let words = id.replace('-', " ");
    NEW_RULE.replace("{words}", &words)
}

/// `docs/hadolint.md`: what became of each code of hadolint and each check of BuildKit. `others` are those that no rule
/// stands for, with the reason.
#[must_use]
pub(crate) fn foreign(
    catalogue: &Catalogue,
    others: impl Iterator<Item = (&'static str, &'static str)>,
) -> String {
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    let is_shown = |code: &str| code.starts_with("DL") || is_build_check(code);
    for rule in catalogue.rules() {
        let severity = rule.severity.name();
        let when = if rule.is_default {
            ""
        } else {
            ", when selected"
        };
        for code in rule.aliases.iter().filter(|code| is_shown(code)) {
            let cell = codes.entry(code.to_string()).or_default();
            if !cell.is_empty() {
                cell.push_str(", ");
            }
            let _ = write!(cell, "`{}` ({severity}{when})", rule.id);
        }
    }
    codes.extend(others.map(|(code, why)| (code.to_owned(), format!("not checked: {why}"))));
    let (mut hadolint, mut checks) = (String::new(), String::new());
    for (code, what) in &codes {
        let what = cell(what);
        let _ = match code.starts_with("DL") {
            true => {
                let level = foreign_codes::level(code).unwrap_or_default();
                writeln!(hadolint, "| `{code}` | {level} | {what} |")
            }
            false => writeln!(checks, "| `{code}` | {what} |"),
        };
    }
    FOREIGN
        .replace("{hadolint}\n", &hadolint)
        .replace("{checks}\n", &checks)
}

/// A page for each rule, by the name of its file; and the list of them for the book.
pub(crate) fn pages(
    catalogue: &Catalogue,
    finding: impl Fn(&Rule) -> Option<Finding>,
) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut list = String::new();
    let mut index = String::from("# Rules\n");
    for (topic, rules) in topics(catalogue) {
        let _ = write!(index, "\n## {topic}\n\n{HEAD}");
        let _ = writeln!(list, "  - [{topic}](rules/{topic}.md)");
        let mut own = format!("# {topic}\n\n{HEAD}");
        for rule in rules {
            let id = &rule.id;
            let row = row(rule, &format!("{id}.md"), rule.severity.name());
            index.push_str(&row);
            own.push_str(&row);
            let _ = writeln!(list, "    - [{id}](rules/{id}.md)");
            pages.insert(format!("{id}.md"), explain(rule, finding(rule).as_ref()));
        }
        pages.insert(format!("{topic}.md"), own);
    }
    pages.insert("README.md".to_owned(), index);
    pages.insert(
        "SUMMARY.md".to_owned(),
        format!("- [Rules](rules/README.md)\n{list}"),
    );
    pages
}

/// `rules/README.md`: the reference of the rule format and of the facts, and the index.
#[must_use]
pub(crate) fn readme(catalogue: &Catalogue, schema: &'static Schema) -> String {
    REFERENCE
        .replace("{filters}\n", &builtins(FILTERS))
        .replace("{tests}\n", &builtins(TESTS))
        .replace("{facts}\n", &facts(schema))
        .replace("{index}\n", &index(catalogue))
}

fn builtins(all: &[Builtin]) -> String {
    let rows = all
        .iter()
        .map(|entry| format!("| `{}` | {} |\n", entry.usage, entry.doc));
    rows.collect()
}

fn topics(catalogue: &Catalogue) -> BTreeMap<&str, Vec<&Rule>> {
    let mut topics: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in catalogue.rules() {
        topics.entry(&rule.topic).or_default().push(rule);
    }
    topics
}

/// A line of a table of rules.
fn row(rule: &Rule, path: &str, severity: &str) -> String {
    let summary = cell(&rule.summary);
    format!("| [`{}`]({path}) | {severity} | {summary} |\n", rule.id)
}

fn index(catalogue: &Catalogue) -> String {
    let mut out = format!("{} rules.\n", catalogue.rules().len());
    for (topic, rules) in topics(catalogue) {
        let _ = write!(out, "\n### {topic}\n\n{HEAD}");
        for rule in rules {
            let severity = match rule.is_default {
                true => rule.severity.name().to_owned(),
                false => format!("{}, when selected", rule.severity.name()),
            };
            let path = rule.path.strip_prefix("rules/").unwrap_or(&rule.path);
            out.push_str(&row(rule, path, &severity));
        }
    }
    out
}

fn facts(schema: &'static Schema) -> String {
    let mut out = String::from("What can be selected:\n\n| kind | key | named alone | |\n");
    out.push_str("| --- | --- | --- | --- |\n");
    for kind in schema.kinds {
        let vars: Vec<String> = kind.vars.iter().map(|var| format!("`{var}`")).collect();
        let (name, table) = (kind.name, anchor(kind.table.name));
        let (key, vars) = (cell(kind.key), vars.join(", "));
        let doc = cell(kind.doc);
        let _ = writeln!(out, "| [`{name}`](#{table}) | {key} | {vars} | {doc} |");
    }
    for table in tables(schema) {
        let _ = write!(out, "\n### {}\n\n{}\n\n", table.name, table.doc);
        out.push_str("| field | type | |\n| --- | --- | --- |\n");
        for field in table.fields {
            let (name, ty, doc) = (field.name, type_text(field.ty), cell(field.doc));
            let _ = writeln!(out, "| `{name}` | {ty} | {doc} |");
        }
    }
    out
}

/// Text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn anchor(table: &str) -> String {
    table.to_lowercase().replace(' ', "-")
}

/// The tables of the kinds and everything that can be reached from them, each once.
fn tables(schema: &'static Schema) -> Vec<&'static Table> {
    let mut found: Vec<&'static Table> = Vec::new();
    let mut waiting: Vec<&'static Table> =
        schema.kinds.iter().rev().map(|kind| kind.table).collect();
    while let Some(table) = waiting.pop() {
        if found.iter().any(|other| other.name == table.name) {
            continue;
        }
        found.push(table);
        let inner = table
            .fields
            .iter()
            .rev()
            .filter_map(|field| schema.table(field.ty.leads_to()?));
        let inner: Vec<_> = inner.collect();
        // Those of the kinds come first, in their order.
        for table in inner {
            waiting.insert(0, table);
        }
    }
    found
}

fn type_text(ty: Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Str => "string".to_owned(),
        Type::List(item) => format!("list of {}", type_text(*item)),
        Type::Map(item) => format!("map of {}", type_text(*item)),
        Type::Fact(table) | Type::Link(table) => format!("[{table}](#{})", anchor(table)),
    }
}

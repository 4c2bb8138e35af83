//! The rules of this repository: they fit the facts, their examples run, and they keep the
//! conventions of their folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use seatrial::check::run_example;
use seatrial::facts::SCHEMA;
use seatrial::facts::table::Type;
use seatrial::rule::example::test_rules;
use seatrial::rule::load::read_rule;
use seatrial::rule::{Catalogue, RuleError, docs};
use seatrial::source::Sources;

/// What may begin a message in upper case.
const PROPER_NAMES: &[&str] = &[
    "Alpine", "Compose", "Debian", "Django", "Docker", "Postgre", "Python", "Ubuntu", "{",
];

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Mistakes as `path:line:column: message (help)`, with the marked text.
pub(crate) fn show(sources: &Sources, errors: &[RuleError]) -> String {
    let lines = errors.iter().map(|error| {
        let help = error.help.as_ref();
        let help = help.map_or(String::new(), |help| format!(" ({help})"));
        let place = error.span.map_or(String::new(), |span| {
            let file = sources.get(span.file);
            let at = file.position(span.start);
            format!(":{}:{}: `{}`", at.line, at.column, file.slice(span))
        });
        format!("{}{place}: {}{help}\n", error.file, error.message)
    });
    lines.collect()
}

#[test]
fn every_rule_fits_the_facts() {
    let sources = Sources::new();
    let mut all = String::new();
    for rule in Catalogue::embedded().rules() {
        let file = sources.add(rule.path.to_string(), rule.toml.as_bytes());
        match read_rule(&rule.path, &rule.toml, file, &SCHEMA) {
            Err(errors) => all.push_str(&show(&sources, &errors)),
            // What the build script embeds is what would be read, but for the condition: what is read is
            // kept whole.
            Ok(mut read) => {
                read.clauses.clone_from(&rule.clauses);
                assert!(read == **rule, "{} is embedded differently", rule.path);
            }
        }
    }
    assert!(all.is_empty(), "{all}");
    assert!(Catalogue::embedded().rules().len() >= 12);
}

#[test]
fn every_example_holds() {
    let report = test_rules(&Catalogue::embedded(), &SCHEMA, &run_example);
    let failures = report.failures.iter().map(|failure| {
        let (file, line, example) = (&failure.file, failure.line, &failure.example);
        let (verdict, detail) = (failure.verdict.name(), &failure.detail);
        format!("{file}:{line}: {verdict}: {example}\n{detail}\n")
    });
    let failures: String = failures.collect();
    assert!(failures.is_empty(), "\n{failures}");
    assert!(report.passed >= 4 * report.rules);
}

#[test]
fn rules_keep_the_conventions() {
    let mut wrong = String::new();
    let mut say = |path: &str, what: &str| wrong.push_str(&format!("{path}: {what}\n"));
    let catalogue = Catalogue::embedded();
    for rule in catalogue.rules() {
        let path = &*rule.path;
        if rule.id.bytes().any(|byte| byte.is_ascii_digit()) {
            say(path, "an id has no numbers");
        }
        if rule.id.starts_with("no-") {
            say(
                path,
                "an id names the fault and reads after `allow`: no `no-`",
            );
        }
        let table: toml::Table = rule.toml.parse().expect("an embedded rule parses");
        for what in ["bad", "good"] {
            let count = table
                .get(what)
                .and_then(toml::Value::as_array)
                .map_or(0, Vec::len);
            if count < 2 {
                say(path, &format!("two `[[{what}]]` examples at least"));
            }
        }
        let why = table
            .get("why")
            .and_then(toml::Value::as_str)
            .unwrap_or_default();
        if why.trim().is_empty() {
            say(path, "a rule says `why`");
        }
        if why.contains("{{") || why.contains("{%") {
            say(path, "`why` is no template");
        }
        if rule.references.is_empty() && !why.bytes().any(|byte| byte.is_ascii_digit()) {
            say(path, "`why` needs a figure or the rule a reference");
        }
        for reference in rule.references.iter() {
            if !reference.starts_with("https://") {
                say(path, "a reference is an `https://` address");
            }
        }
        let message = rule.message.trim();
        // Keywords keep their case: `ADD copies ...`.
        let first = message.split_whitespace().next().unwrap_or_default();
        let is_keyword = first.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_name = is_keyword || PROPER_NAMES.iter().any(|name| message.starts_with(name));
        let starts_upper = message.starts_with(|c: char| c.is_uppercase());
        if starts_upper && !is_name || message.ends_with('.') || message.contains('\n') {
            say(
                path,
                "a message is one clause in lower case without a period",
            );
        }
        if rule.topic == "own" || path.matches('/').count() != 2 {
            say(path, "a rule lies in the folder of its topic");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_two_rules_have_the_same_id() {
    let mut seen = BTreeSet::new();
    for rule in Catalogue::embedded().rules() {
        assert!(
            seen.insert(rule.id.to_string()),
            "{} is there twice",
            rule.id
        );
    }
}

/// Compares a generated file with what it should be; `SEATRIAL_BLESS=1` rewrites it.
pub(crate) fn generated(path: &Path, text: &str) {
    if std::env::var_os("SEATRIAL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, text).expect("the file can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == text,
        "{} is out of date: run `SEATRIAL_BLESS=1 cargo test`",
        path.display()
    );
}

#[test]
fn every_table_that_a_field_leads_to_is_there_once() {
    fn named(ty: Type) -> Option<&'static str> {
        match ty {
            Type::Fact(name) | Type::Link(name) => Some(name),
            Type::List(item) | Type::Map(item) => named(*item),
            Type::Bool | Type::Int | Type::Str => None,
        }
    }
    let tables: Vec<_> = SCHEMA.tables.iter().copied().flatten().collect();
    for kind in SCHEMA.kinds {
        assert_eq!(kind.name, kind.table.name);
    }
    for table in &tables {
        let twins = tables.iter().filter(|other| other.name == table.name);
        assert_eq!(twins.count(), 1, "{}", table.name);
        for field in table.fields {
            if let Some(name) = named(field.ty) {
                assert!(
                    SCHEMA.table(name).is_some(),
                    "{}.{}: {name}",
                    table.name,
                    field.name
                );
            }
        }
    }
}

#[test]
fn the_reference_is_up_to_date() {
    let text = docs::readme(&Catalogue::embedded(), &SCHEMA);
    for rest in ["{filters}", "{tests}", "{facts}", "{index}"] {
        assert!(!text.contains(rest));
    }
    generated(&root().join("rules/README.md"), &text);
}

#[test]
fn a_new_rule_is_a_rule() {
    let text = docs::new_rule("curl-in-image");
    let sources = Sources::new();
    let path = "lint/curl-in-image.toml";
    let file = sources.add(path, text.as_str());
    let rule = read_rule(path, &text, file, &SCHEMA);
    let rule = rule.unwrap_or_else(|errors| panic!("{}", show(&sources, &errors)));
    let mut catalogue = Catalogue::empty();
    catalogue.add(rule).expect("the only rule");
    let report = test_rules(&catalogue, &SCHEMA, &run_example);
    assert_eq!((report.passed, report.failures), (2, Vec::new()));
}

#[test]
fn rules_follow_rules_that_are_there() {
    let catalogue = Catalogue::embedded();
    for rule in catalogue.rules() {
        for cause in rule.follows.iter() {
            let known = catalogue.get(&cause.rule);
            assert!(known.is_some(), "{}: there is no `{}`", rule.id, cause.rule);
            assert_ne!(cause.rule, rule.id, "a rule does not follow itself");
        }
    }
}

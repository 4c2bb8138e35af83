//! The rules of this repository fit the facts and each other.

use std::collections::BTreeSet;

use crate::check::run_example;
use crate::facts::SCHEMA;
use crate::rule::example::test_rules;
use crate::rule::load::read_rule;
use crate::rule::{Catalogue, RuleError, docs};
use crate::source::Sources;

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
                assert!(read == *rule, "{} is embedded differently", rule.path);
            }
        }
    }
    assert!(all.is_empty(), "{all}");
    assert!(Catalogue::embedded().rules().len() >= 12);
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

#[test]
fn earlier_ids_name_one_rule() {
    let catalogue = Catalogue::embedded();
    let mut seen: BTreeSet<&str> = catalogue
        .rules()
        .flat_map(|rule| [&*rule.id, &*rule.topic])
        .collect();
    for rule in catalogue.rules() {
        for old in rule.renamed_from.iter() {
            assert!(
                seen.insert(old),
                "`{old}` of {} is another name too",
                rule.path
            );
        }
    }
}

#[test]
fn every_table_that_a_field_leads_to_is_there_once() {
    let tables: Vec<_> = SCHEMA.tables.iter().copied().flatten().collect();
    // A kind of which another one selects a part comes first.
    let mut seen = std::collections::BTreeSet::new();
    for kind in SCHEMA.kinds {
        let is_first = seen.insert(kind.table.name);
        assert_eq!(kind.name == kind.table.name, is_first, "{}", kind.name);
    }
    for table in &tables {
        let twins = tables.iter().filter(|other| other.name == table.name);
        assert_eq!(twins.count(), 1, "{}", table.name);
        for field in table.fields {
            if let Some(name) = field.ty.leads_to() {
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
fn a_rule_takes_no_id_of_another() {
    let mut catalogue = Catalogue::embedded();
    let taken = catalogue.rules().next().expect("a rule").id.to_string();
    let rule = |id: &str, text: &str| {
        let path = format!("lint/{id}.toml");
        let file = Sources::new().add(path.as_str(), text);
        read_rule(&path, text, file, &SCHEMA).expect("a rule without mistakes")
    };
    let text = docs::new_rule("curl-in-image");
    let earlier = |old: &str| format!("renamed_from = [\"{old}\"]\n{text}");
    let refused = catalogue.add(rule("curl-in-image", &earlier(&taken)));
    let message = refused.expect_err("it takes an id");
    assert_eq!(
        message,
        format!("the earlier id `{taken}` is the id of another rule")
    );
    let free = catalogue.add(rule("curl-in-image", &earlier("curl-there")));
    assert_eq!(free, Ok(()));
    let again = catalogue
        .add(rule("curl-there", &text))
        .expect_err("it takes an earlier id");
    assert_eq!(
        again,
        "`curl-there` is an earlier id of the rule `curl-in-image`"
    );
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

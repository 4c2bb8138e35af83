//! From the text of a rule file to its shape, with all mistakes of spelling at once.
//!
//! The deserializer stops at the first mistake. What it stopped at is noted and mended for the
//! moment, and it is asked again, until it is content or something is missing that cannot be made
//! up.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::compile::Fault;
use super::file::RuleFile;
use super::suggest;

/// How many mistakes are looked for.
const MAX_MISTAKES: usize = 50;

/// The file, where it can be made out, and the mistakes in its spelling.
pub(super) fn parse(text: &str) -> (Option<RuleFile>, Vec<Fault>) {
    let (mut root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let errors = errors.iter().take(MAX_MISTAKES);
        return (None, errors.map(|error| fault(error, text)).collect());
    }
    let mut faults = Vec::new();
    let mut removed: Vec<String> = Vec::new();
    while faults.len() < MAX_MISTAKES {
        let error = match RuleFile::deserialize(Deserializer::from(root.clone())) {
            Ok(file) => return (Some(file), faults),
            Err(error) => error,
        };
        let missing = error.message().strip_prefix("missing field `");
        if let Some((name, _)) = missing.and_then(|rest| rest.split_once('`')) {
            // When something of that name is there, it was noted already.
            if !removed.iter().any(|other| other == name) {
                faults.push(fault(&error, text));
            }
            if !make_up(root.get_mut(), name) {
                break;
            }
            continue;
        }
        faults.push(fault(&error, text));
        let Some(span) = error.span() else {
            break;
        };
        // One of the values that could have been written stands for a misspelt one.
        let variants = known(error.message());
        let is_variant = error.message().starts_with("unknown variant");
        let value = variants.first().filter(|_| is_variant);
        match repair(root.get_mut(), &span, value.copied()) {
            Some(name) => {
                // A misspelt name stands for the one that was meant.
                removed.extend(meant(error.message()).map(str::to_owned));
                removed.push(name);
            }
            None => break,
        }
    }
    (None, faults)
}

/// Puts something where a required key of the rule is missing, so that the rest can be looked at.
fn make_up(root: &mut DeTable<'_>, name: &str) -> bool {
    let value = match name {
        "summary" | "message" => "-",
        "severity" => "info",
        _ => return false,
    };
    let key = Spanned::new(0..0, Cow::Owned(name.to_owned()));
    let value = DeValue::String(Cow::Owned(value.to_owned()));
    root.insert(key, Spanned::new(0..0, value)).is_none()
}

/// Takes out the innermost entry that a span lies in, or gives it another value; its name.
fn repair(table: &mut DeTable<'_>, span: &Range<usize>, value: Option<&str>) -> Option<String> {
    let holds = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let key = table
        .iter()
        .find(|(key, value)| holds(key.span()) || holds(value.span()) || is_within(value, span))
        .map(|(key, _)| key.clone())?;
    let name = key.get_ref().clone().into_owned();
    if let Some(entry) = table.get_mut(&key)
        && !holds(key.span())
    {
        if let Some(name) = repair_inside(entry, span, value) {
            return Some(name);
        }
        if let Some(value) = value {
            *entry.get_mut() = DeValue::String(Cow::Owned(value.to_owned()));
            return Some(name);
        }
    }
    table.remove(&key);
    Some(name)
}

fn repair_inside(
    entry: &mut Spanned<DeValue<'_>>,
    span: &Range<usize>,
    value: Option<&str>,
) -> Option<String> {
    match entry.get_mut() {
        DeValue::Table(table) => repair(table, span, value),
        DeValue::Array(items) => items
            .iter_mut()
            .find_map(|item| repair_inside(item, span, value)),
        _ => None,
    }
}

/// Whether something inside is at the span: a table that is written in several places holds what
/// its own span does not.
fn is_within(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    let holds = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    match value.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .any(|(key, value)| holds(key.span()) || holds(value.span()) || is_within(value, span)),
        DeValue::Array(items) => items
            .iter()
            .any(|item| holds(item.span()) || is_within(item, span)),
        _ => false,
    }
}

fn fault(error: &Error, text: &str) -> Fault {
    let message = error.message().trim().replace('\n', "; ");
    let span = error.span().unwrap_or(0..0);
    let is_whole = span.len() >= text.trim_end().len();
    let (message, help) = match message.split_once(", expected ") {
        Some((what, _)) if what.starts_with("unknown ") => {
            let known = known(&message);
            let help = match meant(&message) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are `{}`", known.join("`, `")),
            };
            let what = what.replace("unknown variant", "unknown value");
            (what.replace("unknown field", "unknown key"), Some(help))
        }
        _ => (message.replace("missing field", "missing key"), None),
    };
    Fault {
        range: if is_whole { 0..0 } else { span },
        message,
        help,
    }
}

/// The names in "unknown field `x`, expected one of `a`, `b`": all but the first.
fn known(message: &str) -> Vec<&str> {
    message.split('`').skip(3).step_by(2).collect()
}

fn meant(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown ")?;
    let name = rest.split('`').nth(1)?;
    suggest(name, known(message))
}

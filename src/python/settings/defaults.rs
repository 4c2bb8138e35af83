//! Defaults that never hold: the settings end their own import when the variable is not set.
//!
//! The module is read again in other worlds: one where the variable is certainly not set, one where
//! it has a value that nobody foresees. An end of the import that only the first one has is there
//! for the variable.

use std::collections::{BTreeMap, BTreeSet};

use crate::python::settings::loader::{EnvSource, EnvValue, ModuleLoader};
use crate::python::settings::machine::Interpreter;
use crate::python::settings::outcome::Settings;
use crate::python::settings::value::{Cast, EnvState, Kind, Value};

/// Variables tried, at most; more than these are taken as refused where the settings may refuse them.
const MAX_TRIED: usize = 12;
/// A value that no code compares with, long and varied enough for a key, and a host name.
const WITNESS: &str = "w7k-3f9a2c41d8e05b67a1c4e98f20d3b6a5c7e1f4x9.seatrial.example";
/// Values looked into for variables.
const MAX_DEPTH: u8 = 12;

/// Reads the settings; what a variable is when it is not set counts as unknown where they refuse to
/// be imported without it.
#[must_use]
pub(crate) fn read(loader: &dyn ModuleLoader, env: &dyn EnvSource, dotted: &str) -> Settings {
    let settings = Interpreter::new(loader, env).settings(dotted);
    let refused = refused(loader, env, dotted, &settings);
    if refused.is_empty() {
        return settings;
    }
    let world = World {
        env,
        given: refused
            .into_iter()
            .map(|name| (name, EnvValue::Unknown))
            .collect(),
        others: None,
    };
    Interpreter::new(loader, &world).settings(dotted)
}

/// The environment with other values for some variables.
struct World<'a> {
    env: &'a dyn EnvSource,
    given: BTreeMap<String, EnvValue>,
    /// For variables that nothing sets.
    others: Option<EnvValue>,
}

impl EnvSource for World<'_> {
    fn get(&self, name: &str) -> EnvValue {
        if let Some(value) = self.given.get(name) {
            return value.clone();
        }
        match (self.env.get(name), &self.others) {
            (EnvValue::Unset, Some(other)) => other.clone(),
            (value, _) => value,
        }
    }
}

/// Variables whose default the settings do not accept, or perhaps not.
fn refused(
    loader: &dyn ModuleLoader,
    env: &dyn EnvSource,
    dotted: &str,
    settings: &Settings,
) -> BTreeSet<String> {
    let has_required = settings.required_env.iter().any(|one| !one.is_set);
    if !has_required && settings.stops.is_empty() && settings.hidden_stops.is_empty() {
        return BTreeSet::new();
    }
    let defaults = defaults(settings);
    let mut out = BTreeSet::new();
    let mut tried = 0;
    for (name, default) in &defaults {
        let is_required = settings.required_env.iter().any(|one| one.name == *name);
        let is_seen = || {
            let words = std::iter::once(name.as_str()).chain(default.settings.iter().copied());
            let words: Vec<&str> = words.collect();
            settings
                .hidden_stops
                .iter()
                .any(|text| speaks_of(text, &words))
        };
        if is_required || is_seen() {
            out.insert(name.clone());
            continue;
        }
        let asked = settings
            .stops
            .iter()
            .any(|stop| !stop.is_certain && (stop.is_vague || stop.names.contains(name)));
        if !asked {
            continue;
        }
        tried += 1;
        if tried > MAX_TRIED || is_refused(loader, env, dotted, name, default) {
            out.insert(name.clone());
        }
    }
    out
}

/// Whether the import ends somewhere for want of the variable.
fn is_refused(
    loader: &dyn ModuleLoader,
    env: &dyn EnvSource,
    dotted: &str,
    name: &str,
    default: &DefaultOf<'_>,
) -> bool {
    let stops = |value: EnvValue, others: Option<EnvValue>| {
        let world = World {
            env,
            given: BTreeMap::from([(name.to_owned(), value)]),
            others,
        };
        Interpreter::new(loader, &world).settings(dotted).stops
    };
    let other = match default.truth {
        Some(true) => Some("False"),
        Some(false) => Some("True"),
        None => None,
    };
    let set = |text: &str| EnvValue::Set(text.to_owned(), None);
    for others in [None, Some(set(WITNESS))] {
        let without = stops(EnvValue::Absent, others.clone());
        if without.is_empty() {
            continue;
        }
        for witness in std::iter::once(WITNESS).chain(other) {
            let with = stops(set(witness), others.clone());
            if with.iter().any(|stop| stop.is_certain) {
                // It ends for another reason, so nothing is learnt.
                continue;
            }
            let is_for_it = without.iter().any(|stop| {
                let same = with.iter().find(|other| other.span == stop.span);
                same.is_none_or(|same| stop.is_certain && !same.is_certain)
            });
            if is_for_it {
                return true;
            }
        }
    }
    false
}

/// What is known of a variable's default.
#[derive(Default)]
struct DefaultOf<'a> {
    /// Settings that are made of it.
    settings: Vec<&'a str>,
    /// Its truth, for one that is read as true or false.
    truth: Option<bool>,
}

/// Variables that nothing sets, with defaults.
fn defaults(settings: &Settings) -> BTreeMap<String, DefaultOf<'_>> {
    let mut out = BTreeMap::new();
    for (name, setting) in &settings.values {
        collect(&setting.value, name, 0, &mut out);
    }
    out
}

fn collect<'a>(
    value: &Value,
    setting: &'a str,
    depth: u8,
    out: &mut BTreeMap<String, DefaultOf<'a>>,
) {
    if depth > MAX_DEPTH {
        return;
    }
    match &value.kind {
        Kind::Env(env) => {
            if let (EnvState::Unset, Some(default)) = (env.state, &env.default) {
                let known = out.entry(env.name.clone()).or_default();
                if !known.settings.contains(&setting) {
                    known.settings.push(setting);
                }
                if env.cast == Cast::Bool {
                    known.truth = known.truth.or(default.truth());
                }
            }
            for part in env.default.iter().chain(&env.resolved) {
                collect(part, setting, depth + 1, out);
            }
        }
        Kind::Either(values) => values
            .iter()
            .for_each(|one| collect(one, setting, depth + 1, out)),
        Kind::List(items) | Kind::Tuple(items) => items
            .items
            .iter()
            .for_each(|one| collect(one, setting, depth + 1, out)),
        Kind::Dict(entries) => entries
            .entries
            .iter()
            .for_each(|(_, one)| collect(one, setting, depth + 1, out)),
        _ => {}
    }
}

/// Whether code that was not followed names one of these, or goes through all there is.
fn speaks_of(text: &str, words: &[&str]) -> bool {
    const ALL: &[&str] = &[
        "globals(",
        "locals(",
        "vars(",
        "environ.items",
        "environ.keys",
        "dict(os.environ",
        "__dict__",
    ];
    ALL.iter().any(|word| text.contains(word)) || words.iter().any(|word| contains_word(text, word))
}

/// In any case: fields of classes are written in lower case.
fn contains_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_ascii_uppercase(), word.to_ascii_uppercase());
    let (text, word) = (text.as_str(), word.as_str());
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
        })
}

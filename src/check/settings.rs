//! What a check goes by, and which file says so: `--show-settings`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::discover;
use super::plan::Setups;
use super::request::{Knowing, Request};
use super::setup::Setup;
use super::workspace::{Refused, Workspace};
use crate::config::{Config, Globs, Named, Setting, Value, quoted};
use crate::finding::Severity;
use crate::policy::selection::names_rule;
use crate::source::Sources;

/// A key that is set, or a default that people look for.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) key: String,
    /// As TOML.
    pub(crate) value: String,
    /// Who says so, and what it is otherwise.
    pub(crate) note: String,
}

/// A rule that is not as it is by default.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) id: String,
    pub(crate) lines: Vec<Line>,
}

/// What a check of the first path goes by.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The configuration, those it extends, the policy.
    pub(crate) files: Vec<String>,
    pub(crate) lines: Vec<Line>,
    pub(crate) build_args: Vec<(String, String)>,
    pub(crate) changed: Vec<Changed>,
    /// The rules that run, by id, and how severe they are.
    pub(crate) rules: Vec<(String, Severity)>,
    /// How many rules there are.
    pub(crate) all: usize,
}

impl Workspace {
    /// What a check of the first path goes by.
    ///
    /// # Errors
    /// Every mistake in the configuration.
    pub(crate) fn settings(&self, request: &Request) -> Result<Settings, Box<Refused>> {
        let sources = Sources::on(Arc::clone(&self.files));
        let mut setups = Setups::new(self, &sources, request);
        let directory = self.first_directory(request);
        let Some(setup) = setups.get(&directory) else {
            let problems = setups.problems;
            return Err(Box::new(Refused { sources, problems }));
        };
        let (config, selection) = (&setup.terms.config, &setup.terms.selection);
        let active = setup.catalogue.rules().filter_map(|rule| {
            let (runs, severity) = selection.choice(&rule.id);
            runs.then(|| (rule.id.to_string(), severity.unwrap_or(rule.severity)))
        });
        Ok(Settings {
            files: config.names.iter().map(|(_, name)| name.clone()).collect(),
            lines: lines(request, &setup),
            build_args: setup.build_args.clone().into_iter().collect(),
            rules: active.collect(),
            all: setup.catalogue.rules().len(),
            changed: changed(&setup),
        })
    }
}

/// The files that have a key: of a policy first.
fn files(config: &Config, key: &str) -> String {
    let policy = config.policy.as_deref();
    let policy = policy
        .map(|policy| policy.files_with(key))
        .unwrap_or_default();
    [policy, config.files_with(key)].concat().join(", ")
}

fn lines(request: &Request, setup: &Setup) -> Vec<Line> {
    let config = &setup.terms.config;
    let selection = &setup.terms.selection;
    let typed = &request.overrides;
    let mut lines = Vec::new();
    let mut add = |key: &str, value: Option<String>, is_typed: bool, default: &str| {
        let Some(value) = value else { return };
        let from = match is_typed {
            true => "command line".to_owned(),
            false => files(config, key),
        };
        let note = match (from.as_str(), default) {
            ("", _) => "default".to_owned(),
            (from, "") => from.to_owned(),
            (from, default) => format!("{from}; default {default}"),
        };
        let key = key.to_owned();
        lines.push(Line { key, value, note });
    };
    let level = |severity: Severity| Some(quoted(severity.name()));
    let policy = config.policy.as_deref();
    let globs = |of: fn(&Config) -> &Globs| {
        let own = [Some(config), policy].into_iter().flatten();
        let all: Vec<String> = own.flat_map(|it| of(it).patterns()).cloned().collect();
        (!all.is_empty()).then(|| array(&all))
    };
    add(
        "fail-on",
        level(selection.fail_on),
        typed.fail_on.is_some(),
        "\"warning\"",
    );
    add(
        "min-severity",
        level(selection.min_severity),
        typed.min_severity.is_some(),
        "\"info\"",
    );
    let select = match typed.select.is_empty() {
        true => config.select.as_deref().map(texts),
        false => Some(typed.select.clone()),
    };
    let is_typed = !typed.select.is_empty();
    let of_policy = policy
        .and_then(|policy| policy.select.as_deref())
        .map(texts);
    add(
        "select",
        select.or(of_policy).map(|it| array(&it)),
        is_typed,
        "[\"default\"]",
    );
    let ignored: Vec<String> = texts(&config.ignore)
        .into_iter()
        .chain(typed.ignore.clone())
        .collect();
    let ignored = (!ignored.is_empty()).then(|| array(&ignored));
    add("ignore", ignored, !typed.ignore.is_empty(), "");
    let excluded = match request.exclude.is_empty() {
        true => globs(|config| &config.exclude),
        false => {
            let own = config.exclude.patterns().iter().chain(&request.exclude);
            Some(array(&own.cloned().collect::<Vec<_>>()))
        }
    };
    add("exclude", excluded, !request.exclude.is_empty(), "");
    add("allow-unread", globs(|config| &config.unread), false, "");
    let known = setup.terms.known.as_ref();
    let here = &request.working_directory;
    let baseline = known.map(|known| quoted(&discover::display_name(here, &known.path)));
    add(
        "baseline",
        baseline,
        matches!(request.known, Knowing::All(_)),
        "",
    );
    let context = setup.context.as_ref();
    let context = context.map(|context| quoted(&discover::display_name(here, context)));
    add("context", context, request.context.is_some(), "");
    let target = setup.target.as_ref().map(|target| quoted(target));
    add("target", target, request.target.is_some(), "");
    let ignores = [Some(config), policy]
        .into_iter()
        .flatten()
        .flat_map(|it| &it.per_file_ignores);
    let ignores: Vec<String> = ignores
        .map(|(globs, names)| {
            let pattern = globs
                .patterns()
                .first()
                .map(String::as_str)
                .unwrap_or_default();
            format!("{} = {}", quoted(pattern), array(&texts(names)))
        })
        .collect();
    let ignores = (!ignores.is_empty()).then(|| format!("{{ {} }}", ignores.join(", ")));
    add("per-file-ignores", ignores, false, "");
    lines
}

/// Rules that run or do not, are more or less severe, or have options other than by default.
fn changed(setup: &Setup) -> Vec<Changed> {
    let config = &setup.terms.config;
    let selection = &setup.terms.selection;
    let mut all = Vec::new();
    for rule in setup.catalogue.rules() {
        let (runs, severity) = selection.choice(&rule.id);
        let policy = config.policy.as_deref();
        let configs = || policy.into_iter().chain([config]);
        let note = || {
            let known = selection.known(&rule.id)?;
            let mut words = configs().flat_map(|config| {
                let tables = config.rule.iter();
                let tables = tables.filter(|table| table.enabled == Some(runs));
                let named = match runs {
                    true => config.select.as_deref().unwrap_or_default(),
                    false => &config.ignore,
                };
                tables.map(|table| &table.id).chain(named)
            });
            let word = words.find(|word| names_rule(std::slice::from_ref(*word), known))?;
            Some(config.name_of(word))
        };
        let note = || note().unwrap_or_default();
        let mut lines = Vec::new();
        let mut add = |key: &str, value: String, note: String| {
            let key = key.to_owned();
            lines.push(Line { key, value, note });
        };
        // What a `select` leaves out is not listed: those that run are few, then.
        if runs != rule.is_default && (runs || !note().is_empty()) {
            add("enabled", runs.to_string(), note());
        }
        if let Some(severity) = severity.filter(|severity| runs && *severity != rule.severity) {
            let word = selection.severity_by(&rule.id);
            let file = word.map(|word| format!("{}; ", config.name_of(word)));
            let default = quoted(rule.severity.name());
            let note = format!("{}default {default}", file.unwrap_or_default());
            add("severity", quoted(severity.name()), note);
        }
        let mut options: BTreeMap<&str, (&Setting, &Named)> = BTreeMap::new();
        for table in configs()
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .flat_map(|it| &it.rule)
        {
            for (name, setting) in table.options.iter().filter(|_| table.id.text == rule.id) {
                options.insert(&name.text, (setting, &table.id));
            }
        }
        for (name, (setting, word)) in options {
            add(name, printed(&setting.value), config.name_of(word));
        }
        if !lines.is_empty() {
            let id = rule.id.to_string();
            all.push(Changed { id, lines });
        }
    }
    all
}

fn texts(names: &[Named]) -> Vec<String> {
    names.iter().map(|name| name.text.clone()).collect()
}

fn printed(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Str(text) => quoted(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| printed(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn array(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

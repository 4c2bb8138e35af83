//! `seatrial migrate hadolint`: from a `.hadolint.yaml` to a `seatrial.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::output;
use crate::compose::yaml::{self, Node};
use crate::config::quoted;
use crate::knowledge::foreign_codes;
use crate::policy::Status;
use crate::report::text::{one_line, tame};
use crate::rule::{Catalogue, Rule};
use crate::source::Sources;

/// Levels of hadolint, and what they are here.
const LEVELS: [(&str, &str); 4] = [
    ("error", "error"),
    ("warning", "warning"),
    ("info", "info"),
    ("style", "info"),
];

/// What takes trusted registries and required labels: the code of a rule, and an option of it.
const REGISTRIES: (&str, &str) = ("DL3026", "registries");
const LABELS: (&str, &str) = ("DL3049", "labels");

/// Prints the configuration. What has no counterpart, or means more here, stands in it as a comment.
pub(super) fn hadolint(file: &Path) -> anyhow::Result<Status> {
    let shown = file.display();
    let sources = Sources::new();
    let id = match sources.read(file, &file.to_string_lossy()) {
        Ok(id) => id,
        Err(error) => bail!("`{shown}`: {}", error.without_name()),
    };
    let (root, errors) = yaml::parse(id, &sources.get(id).text);
    if let Some(error) = errors.first() {
        bail!("`{shown}` is not valid YAML: {}", error.message);
    }
    let root = match root {
        Some(root) if root.is_mapping() => root,
        Some(root) if !root.is_null() => bail!("`{shown}` is not a configuration of hadolint"),
        _ => bail!("`{shown}` is empty"),
    };
    let catalogue = Catalogue::embedded();
    let mut migration = Migration {
        catalogue: &catalogue,
        config: Config::default(),
        left: Vec::new(),
    };
    for entry in root.entries() {
        migration.key(entry.key.as_str(), &entry.value);
    }
    if root.get("failure-threshold").is_none() {
        migration.left.push(
            "failure-threshold is not set: hadolint fails for `info` and above then, here `fail-on` is `warning`"
                .to_owned(),
        );
    }
    let text = migration.text(&file.to_string_lossy());
    // What is printed is a configuration, or nothing is.
    toml::from_str::<toml::Table>(&text).context("the configuration cannot be written")?;
    output::to_stdout(|out| out.write_all(tame(&text).as_bytes()))?;
    Ok(Status::Clean)
}

#[derive(Default)]
struct Config {
    ignore: Vec<(String, String)>,
    severity: BTreeMap<String, (&'static str, String)>,
    fail_on: Option<&'static str>,
    /// Rules that run with a list in one of their options: id, option, list.
    options: Vec<(String, &'static str, Vec<String>)>,
}

struct Migration<'a> {
    catalogue: &'a Catalogue,
    config: Config,
    /// What has no counterpart, and why.
    left: Vec<String>,
}

impl Migration<'_> {
    fn key(&mut self, key: &str, value: &Node) {
        let is_on = || value.scalar().is_some_and(|text| text.as_str() == "true");
        match key {
            "ignored" => {
                let codes = words(value);
                for code in &codes {
                    for rule in self.rules(code) {
                        self.note_further(&rule, code, &codes);
                        self.config.ignore.push((rule, code.clone()));
                    }
                }
            }
            "override" => self.overrides(value),
            "failure-threshold" => self.threshold(value),
            "trustedRegistries" => self.registries(words(value)),
            "label-schema" => {
                let mut labels = Vec::new();
                for entry in value.entries() {
                    let label = entry.key.as_str();
                    labels.push(label.to_owned());
                    let kind = entry
                        .value
                        .scalar()
                        .map(|kind| kind.as_str())
                        .unwrap_or_default();
                    if !matches!(kind, "text" | "rawtext" | "") {
                        self.left.push(format!(
                            "label-schema: what `{label}` says is not looked at (`{kind}`)"
                        ));
                    }
                }
                self.option(key, LABELS, labels);
            }
            "strict-labels" if is_on() => {
                self.left
                    .push("strict-labels: further labels are allowed".to_owned());
            }
            "disable-ignore-pragma" if is_on() => {
                let instead = "use `--no-ignores` on the command line";
                self.left.push(format!("disable-ignore-pragma: {instead}"));
            }
            "no-fail" if is_on() => {
                self.left
                    .push("no-fail: use `--exit-zero` on the command line".to_owned());
            }
            "format" => {
                let wanted = value.scalar().map(|text| text.as_str()).unwrap_or_default();
                let here = match wanted {
                    "tty" => "human",
                    "codeclimate" | "gitlab_codeclimate" => "gitlab",
                    "json" => "hadolint-json",
                    other => other,
                };
                match crate::report::Format::parse(here) {
                    Some(_) => self.left.push(format!(
                        "format: use `--format {here}`, or `SEATRIAL_FORMAT={here}`"
                    )),
                    None => self.left.push(format!("format: there is no `{wanted}`")),
                }
            }
            "no-color" if is_on() => {
                self.left
                    .push("no-color: use `--color never` on the command line".to_owned());
            }
            "verbose" if is_on() => {
                self.left
                    .push("verbose: `--show-files` says what is checked".to_owned());
            }
            "no-color" | "strict-labels" | "disable-ignore-pragma" | "no-fail" | "verbose" => {}
            other => self
                .left
                .push(format!("{other}: not a key of hadolint that is known here")),
        }
    }

    fn overrides(&mut self, value: &Node) {
        for entry in value.entries() {
            let level = LEVELS.iter().find(|(name, _)| *name == entry.key.as_str());
            let Some((name, here)) = level else {
                let name = entry.key.as_str();
                self.left
                    .push(format!("override: `{name}` is not a severity"));
                continue;
            };
            for code in words(&entry.value) {
                for rule in self.rules(&code) {
                    let note = format!("{code}: {name}");
                    self.config.severity.insert(rule, (here, note));
                }
            }
        }
    }

    /// With a word for every registry among them, nothing is left to check.
    fn registries(&mut self, all: Vec<String>) {
        match all.iter().any(|name| name == "*") {
            true => self.left.push(
                "trustedRegistries: `*` allows every registry, so the rule is not needed"
                    .to_owned(),
            ),
            false => self.option("trustedRegistries", REGISTRIES, all),
        }
    }

    /// A list for an option of a rule.
    fn option(&mut self, key: &str, place: (&str, &'static str), values: Vec<String>) {
        if values.is_empty() {
            return;
        }
        let (code, name) = place;
        let takes = |rule: &&Rule| rule.options.iter().any(|option| option.name == name);
        let rule = self.coded(code).find(takes).map(|rule| rule.id.to_string());
        match rule {
            Some(rule) => self.config.options.push((rule, name, values)),
            None => self.left.push(format!("{key}: no rule takes it")),
        }
    }

    fn threshold(&mut self, value: &Node) {
        let wanted = value.scalar().map(|text| text.as_str()).unwrap_or_default();
        match LEVELS.iter().find(|(name, _)| *name == wanted) {
            Some((_, here)) => self.config.fail_on = Some(here),
            None if wanted == "none" || wanted == "ignore" => {
                let instead = "use `--exit-zero` on the command line";
                self.left
                    .push(format!("failure-threshold: {instead} for `{wanted}`"));
            }
            None => self
                .left
                .push(format!("failure-threshold: `{wanted}` is not a severity")),
        }
    }

    /// The rules of a code: not those that are called so here, for a configuration of hadolint does not name them.
    fn coded(&self, code: &str) -> impl Iterator<Item = &Rule> {
        let rules = self.catalogue.rules();
        rules.filter(move |rule| rule.aliases.iter().any(|alias| alias == code))
    }

    /// The ids of the rules that a code stands for.
    fn rules(&mut self, code: &str) -> Vec<String> {
        let rules: Vec<String> = self.coded(code).map(|rule| rule.id.to_string()).collect();
        if rules.is_empty() {
            let why = foreign_codes::why(code).unwrap_or("it is not a code of hadolint");
            self.left.push(format!("{code}: {why}"));
        }
        rules
    }

    /// Says which codes an ignored rule stands for beside those that are ignored.
    fn note_further(&mut self, rule: &str, code: &str, ignored: &[String]) {
        let rules = self.catalogue.rules();
        let aliases = rules
            .filter(|it| &*it.id == rule)
            .flat_map(|it| it.aliases.iter());
        let is_ignored = |alias: &str| alias == code || ignored.iter().any(|it| it == alias);
        let further: Vec<&str> = aliases
            .map(|alias| &**alias)
            .filter(|alias| alias.starts_with("DL") && !is_ignored(alias))
            .collect();
        if !further.is_empty() {
            let further = further.join(", ");
            self.left.push(format!(
                "{code}: `{rule}`, which is ignored for it, is also {further}"
            ));
        }
    }

    fn text(&self, file: &str) -> String {
        let config = &self.config;
        let mut out = vec![format!("# From {}", one_line(file))];
        if !self.left.is_empty() {
            out.push("#\n# What is not the same:".to_owned());
            let left = self.left.iter();
            out.extend(left.map(|line| format!("# - {}", one_line(line))));
        }
        out.push(String::new());
        if let Some(level) = config.fail_on {
            out.push(format!("fail-on = {}", quoted(level)));
        }
        if !config.ignore.is_empty() {
            out.push("ignore = [".to_owned());
            let lines = config.ignore.iter();
            out.extend(lines.map(|(rule, code)| format!("    {}, # {code}", quoted(rule))));
            out.push("]".to_owned());
        }
        if !config.severity.is_empty() || !config.options.is_empty() {
            out.push("\n# Further keys, `baseline` for one, belong above this line.".to_owned());
        }
        if !config.severity.is_empty() {
            out.push("\n[severity]".to_owned());
            let lines = config.severity.iter();
            out.extend(lines.map(|(rule, (level, note))| {
                format!("{rule} = {} # {}", quoted(level), one_line(note))
            }));
        }
        for (rule, option, values) in &config.options {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            out.push(format!("\n[rule.{rule}]\nenabled = true"));
            out.push(format!("{option} = [{}]", values.join(", ")));
        }
        out.push(String::new());
        out.join("\n")
    }
}

/// The words of a list; of a word alone, it.
fn words(value: &Node) -> Vec<String> {
    let one = value.scalar().into_iter().filter(|text| !text.is_null());
    let all = value.items().iter().filter_map(Node::scalar);
    one.chain(all)
        .map(|text| text.as_str().to_owned())
        .collect()
}

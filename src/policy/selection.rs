//! Which rules run, and how severe their findings are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, Named};
use crate::finding::{Problem, Severity};
use crate::maps::HashSet;
use crate::rule::suggest;
use crate::span::Span;

/// What policy has to know of a rule. Cheap to make and to copy for rules that are built in.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub id: Cow<'static, str>,
    /// The folder of its file.
    pub topic: Cow<'static, str>,
    /// Codes that other linters have for it.
    pub aliases: Cow<'static, [Cow<'static, str>]>,
    /// Its earlier ids, the oldest first.
    pub renamed_from: Cow<'static, [Cow<'static, str>]>,
    /// It runs without being asked for.
    pub is_default: bool,
}

impl Known {
    /// Whether this is its id, or was in an earlier version.
    #[must_use]
    pub(crate) fn is_called(&self, id: &str) -> bool {
        self.id == id || self.renamed_from.iter().any(|old| old == id)
    }

    /// The id that fingerprints are made of: the first it had, so that a new name changes none.
    #[must_use]
    pub(crate) fn first_id(&self) -> &str {
        self.renamed_from.first().unwrap_or(&self.id)
    }
}

/// What the command line says about rules; it wins over the configuration.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// When not empty, the selection of the configuration does not count at all.
    pub select: Vec<String>,
    /// Rules that run besides.
    pub extend_select: Vec<String>,
    /// Rules that do not run.
    pub ignore: Vec<String>,
    /// Severities by id, topic or alias.
    pub severity: Vec<(String, Severity)>,
    /// `None`: what the configuration says.
    pub fail_on: Option<Severity>,
    /// The least severity that is shown; `None`: what the configuration says.
    pub min_severity: Option<Severity>,
}

/// Which of the rules that exist run.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// By id.
    rules: Vec<(Known, Choice)>,
    /// The least severity that makes a run fail.
    pub fail_on: Severity,
    /// The least severity that is shown.
    pub min_severity: Severity,
}

/// What was chosen for a rule.
#[derive(Debug, Clone, Copy)]
struct Choice {
    runs: bool,
    /// Absent: as the rule says.
    severity: Option<Severity>,
}

impl Selection {
    /// Decides for the rules that exist.
    ///
    /// # Errors
    /// A problem for every name that is not a rule.
    pub(crate) fn new(
        known: &[Known],
        config: &Config,
        overrides: &Overrides,
    ) -> Result<Self, Vec<Problem>> {
        let mut names = Names {
            known,
            config,
            problems: Vec::new(),
            seen: HashSet::default(),
        };
        let active = names.active(config, overrides);
        let severities = names.severities(config, overrides);
        for (_, ignored) in &config.per_file_ignores {
            names.all(ignored);
        }
        if !names.problems.is_empty() {
            return Err(names.problems);
        }
        let mut rules: Vec<_> = known
            .iter()
            .enumerate()
            .map(|(at, rule)| {
                let choice = Choice {
                    runs: active.contains(&at),
                    severity: severities.get(&at).copied(),
                };
                (rule.clone(), choice)
            })
            .collect();
        rules.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        Ok(Self {
            rules,
            fail_on: overrides
                .fail_on
                .or(config.fail_on)
                .unwrap_or(Severity::Warning),
            min_severity: overrides
                .min_severity
                .or(config.min_severity)
                .unwrap_or(Severity::Info),
        })
    }

    /// Whether a rule runs, and the severity that was chosen for it; `None`: as the rule says.
    pub(crate) fn choice(&self, rule: &str) -> (bool, Option<Severity>) {
        let found = self.find(rule);
        found.map_or((false, None), |(_, choice)| (choice.runs, choice.severity))
    }

    /// Whether a rule runs.
    #[must_use]
    pub(crate) fn runs(&self, rule: &str) -> bool {
        self.find(rule).is_some_and(|(_, choice)| choice.runs)
    }

    /// The severity that was chosen for a rule; `None`: as the rule says.
    #[must_use]
    pub(crate) fn severity(&self, rule: &str) -> Option<Severity> {
        self.find(rule)?.1.severity
    }

    /// The rule of that id, whether it runs or not.
    #[must_use]
    pub(crate) fn known(&self, rule: &str) -> Option<&Known> {
        self.find(rule).map(|(known, _)| known)
    }

    /// The rule that has that id, or had it in an earlier version.
    #[must_use]
    pub(crate) fn called(&self, name: &str) -> Option<&Known> {
        let mut rules = self.rules.iter().map(|(known, _)| known);
        self.known(name)
            .or_else(|| rules.find(|known| known.is_called(name)))
    }

    /// What to say about a name that is no rule.
    #[must_use]
    pub(crate) fn unknown(&self, name: &str) -> String {
        unknown_rule(name, self.rules.iter().map(|(known, _)| known))
    }

    fn find(&self, rule: &str) -> Option<&(Known, Choice)> {
        let at = self
            .rules
            .binary_search_by(|(known, _)| (*known.id).cmp(rule));
        self.rules.get(at.ok()?)
    }
}

/// Whether one of `names` stands for the rule. Names that stand for none were refused before.
#[must_use]
pub(crate) fn names_rule(names: &[Named], rule: &Known) -> bool {
    names.iter().any(|name| stands_for(&name.text, rule))
}

/// Ids, earlier ids, topics, codes of other linters, `default` and `all`.
fn stands_for(name: &str, rule: &Known) -> bool {
    match name {
        "all" => true,
        "default" => rule.is_default,
        _ => rule.is_called(name) || name == rule.topic || rule.aliases.iter().any(|a| a == name),
    }
}

/// Rules by their place among those that are known.
type Rules = BTreeSet<usize>;

struct Names<'a> {
    known: &'a [Known],
    config: &'a Config,
    problems: Vec<Problem>,
    /// The places of those problems, with the name.
    seen: HashSet<(Option<Span>, String)>,
}

impl Names<'_> {
    fn active(&mut self, config: &Config, overrides: &Overrides) -> Rules {
        // Every name of the configuration is looked up, also where the command line wins.
        let configured = config.select.as_deref().map(|names| self.all(names));
        let ignored = self.all(&config.ignore);
        let mut active = configured.unwrap_or_else(|| self.named("default"));
        for table in &config.rule {
            let Some(rule) = self.one(&table.id) else {
                continue;
            };
            match table.enabled {
                Some(true) => drop(active.insert(rule)),
                Some(false) => drop(active.remove(&rule)),
                None => {}
            }
        }
        active.retain(|rule| !ignored.contains(rule));
        if !overrides.select.is_empty() {
            active = self.all(&typed(&overrides.select));
        }
        active.extend(self.all(&typed(&overrides.extend_select)));
        let ignored = self.all(&typed(&overrides.ignore));
        active.retain(|rule| !ignored.contains(rule));
        active
    }

    fn severities(&mut self, config: &Config, overrides: &Overrides) -> BTreeMap<usize, Severity> {
        let mut severities = BTreeMap::new();
        for (name, severity) in &config.severity {
            for rule in self.all(std::slice::from_ref(name)) {
                severities.insert(rule, *severity);
            }
        }
        for table in &config.rule {
            if let (Some(rule), Some(severity)) = (self.one(&table.id), table.severity) {
                severities.insert(rule, severity);
            }
        }
        for (name, severity) in &overrides.severity {
            for rule in self.all(&[Named::typed(name)]) {
                severities.insert(rule, *severity);
            }
        }
        severities
    }

    fn all(&mut self, names: &[Named]) -> Rules {
        let mut rules = BTreeSet::new();
        for name in names {
            let found = self.named(&name.text);
            if found.is_empty() && name.text != "default" && name.text != "all" {
                self.unknown(name);
            }
            rules.extend(found);
        }
        rules
    }

    fn named(&self, name: &str) -> Rules {
        let all = self.known.iter().enumerate();
        let stand = all.filter(|(_, rule)| stands_for(name, rule));
        stand.map(|(at, _)| at).collect()
    }

    /// The rule with exactly that id, or that had it.
    fn one(&mut self, name: &Named) -> Option<usize> {
        let mut rules = self.known.iter();
        let by_id = rules.position(|rule| rule.id == name.text);
        let earlier = || {
            self.known
                .iter()
                .position(|rule| rule.is_called(&name.text))
        };
        let found = by_id.or_else(earlier);
        if found.is_none() {
            self.unknown(name);
        }
        found
    }

    fn unknown(&mut self, name: &Named) {
        if self.seen.insert((name.span, name.text.clone())) {
            self.problems.push(Problem {
                file: self.config.name_of(name),
                span: name.span,
                message: unknown_rule(&name.text, self.known.iter()),
            });
        }
    }
}

/// What to say about a name that is no rule.
#[must_use]
pub(crate) fn unknown_rule<'k>(
    name: &str,
    known: impl Iterator<Item = &'k Known> + Clone,
) -> String {
    let is_alias = |rule: &&Known| rule.aliases.iter().any(|alias| alias == name);
    if let Some(rule) = known.clone().find(is_alias) {
        return format!("there is no rule `{name}`; it is called `{}` here", rule.id);
    }
    let ids = known.clone().map(|rule| &*rule.id);
    match suggest(name, ids.chain(known.map(|rule| &*rule.topic))) {
        Some(close) => format!("there is no rule `{name}`; did you mean `{close}`?"),
        None => format!("there is no rule `{name}`; `seatrial rules list` lists all rules"),
    }
}

fn typed(names: &[String]) -> Vec<Named> {
    names.iter().map(Named::typed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Globs, RuleTable};

    const ALIASES: [Cow<'static, str>; 1] = [Cow::Borrowed("DL3008")];

    fn known() -> Vec<Known> {
        let rule = |id, is_default| Known {
            id: Cow::Borrowed(id),
            topic: Cow::Borrowed("system-packages"),
            aliases: Cow::Borrowed(if id == "apt-pins" { &ALIASES } else { &[] }),
            renamed_from: Cow::Borrowed(&[]),
            is_default,
        };
        vec![rule("apt-lists", true), rule("apt-pins", false)]
    }

    fn active(config: &Config, overrides: &Overrides) -> Result<String, String> {
        let known = known();
        let selection = Selection::new(&known, config, overrides);
        let selection = selection.map_err(|problems| problems[0].message.clone())?;
        let on: Vec<&str> = known
            .iter()
            .filter(|rule| selection.runs(&rule.id))
            .map(|rule| &*rule.id)
            .collect();
        Ok(on.join(" "))
    }

    fn overrides(select: &[&str], ignore: &[&str]) -> Overrides {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Overrides {
            select: words(select),
            ignore: words(ignore),
            ..Overrides::default()
        }
    }

    #[test]
    fn the_command_line_wins() {
        let mut config = Config::default();
        assert_eq!(active(&config, &Overrides::default()).unwrap(), "apt-lists");
        config.ignore = vec![Named::typed("system-packages")];
        assert_eq!(active(&config, &Overrides::default()).unwrap(), "");
        let all = overrides(&["all"], &[]);
        assert_eq!(active(&config, &all).unwrap(), "apt-lists apt-pins");
        let more = Overrides {
            extend_select: vec!["apt-pins".to_owned()],
            ..Overrides::default()
        };
        assert_eq!(
            active(&Config::default(), &more).unwrap(),
            "apt-lists apt-pins"
        );
        assert_eq!(active(&config, &more).unwrap(), "apt-pins");
        let but = overrides(&["system-packages"], &["DL3008"]);
        assert_eq!(active(&config, &but).unwrap(), "apt-lists");
    }

    #[test]
    fn an_id_wins_over_an_earlier_one() {
        const EARLIER: [Cow<'static, str>; 2] = [Cow::Borrowed("apt-pins"), Cow::Borrowed("apt")];
        let mut known = known();
        known[0].renamed_from = Cow::Borrowed(&EARLIER);
        let severe = |name: &str| {
            let overrides = Overrides::default();
            let config = Config {
                rule: vec![RuleTable {
                    id: Named::typed(name),
                    severity: Some(Severity::Error),
                    enabled: None,
                    exclude: Globs::default(),
                    options: Vec::new(),
                }],
                ..Config::default()
            };
            let selection = Selection::new(&known, &config, &overrides).expect("known names");
            let severe = known
                .iter()
                .filter(|rule| selection.choice(&rule.id).1.is_some());
            severe.map(|rule| rule.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(severe("apt-pins"), ["apt-pins"]);
        assert_eq!(severe("apt"), ["apt-lists"]);
    }

    #[test]
    fn names_that_are_no_rules_are_refused() {
        let config = Config::default();
        let close = active(&config, &overrides(&["apt-list"], &[])).unwrap_err();
        assert!(close.contains("did you mean `apt-lists`?"), "{close}");
        let far = active(&config, &overrides(&[], &["frobnicate"])).unwrap_err();
        assert!(far.contains("rules list"), "{far}");
    }
}

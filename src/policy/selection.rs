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
    /// How bad what it finds is, unless something says otherwise.
    pub severity: Severity,
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
    /// What the configuration says and the policy does not let count.
    pub overruled: Vec<Problem>,
}

/// What was chosen for a rule.
#[derive(Debug, Clone)]
struct Choice {
    runs: bool,
    /// The policy sets that it runs: nothing in the project turns it off.
    is_locked: bool,
    /// Absent: as the rule says.
    severity: Option<Chosen>,
}

/// A severity and the word that gives it.
type Chosen = (Severity, Named);

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
            overruled: Vec::new(),
        };
        let policy = names.policy(config);
        let active = names.active(config, overrides, &policy);
        let severities = names.severities(config, overrides, &policy);
        for (_, ignored) in &config.per_file_ignores {
            let rules = names.all(ignored);
            names.locked(ignored, &rules, &policy);
        }
        let (fail_on, min_severity) = names.levels(config, overrides);
        if !names.problems.is_empty() {
            return Err(names.problems);
        }
        let overruled = names.overruled;
        let mut rules: Vec<_> = known
            .iter()
            .enumerate()
            .map(|(at, rule)| {
                let choice = Choice {
                    runs: active.contains(&at),
                    is_locked: active.contains(&at) && policy.locked.contains(&at),
                    severity: severities.get(&at).cloned(),
                };
                (rule.clone(), choice)
            })
            .collect();
        rules.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        Ok(Self {
            rules,
            fail_on,
            min_severity,
            overruled,
        })
    }

    /// Leaves the rules that the policy sets; `None` when there are none.
    pub(crate) fn only_locked(mut self) -> Option<Self> {
        for (_, choice) in &mut self.rules {
            choice.runs &= choice.is_locked;
        }
        let is_any = self.rules.iter().any(|(_, choice)| choice.runs);
        is_any.then_some(self)
    }

    /// Whether the policy sets that a rule runs.
    pub(crate) fn is_locked(&self, rule: &str) -> bool {
        self.find(rule).is_some_and(|(_, choice)| choice.is_locked)
    }

    /// Whether a rule runs, and the severity that was chosen for it; `None`: as the rule says.
    pub(crate) fn choice(&self, rule: &str) -> (bool, Option<Severity>) {
        let found = self.find(rule);
        found.map_or((false, None), |(_, choice)| {
            let severity = choice.severity.as_ref();
            (choice.runs, severity.map(|(severity, _)| *severity))
        })
    }

    /// Whether a rule runs.
    #[must_use]
    pub(crate) fn runs(&self, rule: &str) -> bool {
        self.find(rule).is_some_and(|(_, choice)| choice.runs)
    }

    /// The severity that was chosen for a rule; `None`: as the rule says.
    #[must_use]
    pub(crate) fn severity(&self, rule: &str) -> Option<Severity> {
        self.choice(rule).1
    }

    /// The word of a configuration or of the command line that gave a rule its severity.
    pub(crate) fn severity_by(&self, rule: &str) -> Option<&Named> {
        let (_, word) = self.find(rule)?.1.severity.as_ref()?;
        Some(word)
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
    overruled: Vec<Problem>,
}

/// What a policy says of rules.
#[derive(Default)]
struct Set {
    /// What runs where the project says nothing.
    active: Option<Rules>,
    /// What runs whatever the project says.
    locked: Rules,
    /// The least severities.
    severities: BTreeMap<usize, Severity>,
}

impl Names<'_> {
    fn policy(&mut self, config: &Config) -> Set {
        let Some(policy) = &config.policy else {
            return Set::default();
        };
        let active = self.chosen(policy, None);
        let mut locked = self.all(policy.select.as_deref().unwrap_or_default());
        let chosen = self.severities_of(policy).into_iter();
        let mut severities: BTreeMap<usize, Severity> = chosen
            .map(|(rule, (severity, _))| (rule, severity))
            .collect();
        locked.extend(severities.keys());
        for table in &policy.rule {
            locked.extend(self.one(&table.id));
        }
        for (_, ignored) in &policy.per_file_ignores {
            self.all(ignored);
        }
        locked.retain(|rule| active.contains(rule));
        for rule in &locked {
            let own = self.known.get(*rule).map(|rule| rule.severity);
            severities
                .entry(*rule)
                .or_insert(own.unwrap_or(Severity::Warning));
        }
        Set {
            active: Some(active),
            locked,
            severities,
        }
    }

    /// What one configuration selects; without a word of its own, `others`.
    fn chosen(&mut self, config: &Config, others: Option<&Rules>) -> Rules {
        let configured = config.select.as_deref().map(|names| self.all(names));
        let ignored = self.all(&config.ignore);
        let mut active = match (configured, others) {
            (Some(configured), _) => configured,
            (None, Some(others)) => others.clone(),
            (None, None) => self.named("default"),
        };
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
        active
    }

    fn active(&mut self, config: &Config, overrides: &Overrides, policy: &Set) -> Rules {
        // Every name of the configuration is looked up, also where the command line wins.
        let mut active = self.chosen(config, policy.active.as_ref());
        for name in &config.ignore {
            let rules = self.named(&name.text);
            self.locked(std::slice::from_ref(name), &rules, policy);
        }
        for table in config
            .rule
            .iter()
            .filter(|table| table.enabled == Some(false))
        {
            let rules = self.one(&table.id).into_iter().collect();
            self.locked(std::slice::from_ref(&table.id), &rules, policy);
        }
        if let Some(select) = &config.select {
            let chosen = self.all(select);
            let left: Vec<usize> = policy.locked.difference(&chosen).copied().collect();
            if let (Some(first), false) = (select.first(), left.is_empty()) {
                let what = self.words(&left);
                self.overrule(first, format!("`select` leaves out {what}"));
            }
        }
        active.extend(&policy.locked);
        if !overrides.select.is_empty() {
            active = self.all(&typed(&overrides.select));
        }
        active.extend(self.all(&typed(&overrides.extend_select)));
        let ignored = self.all(&typed(&overrides.ignore));
        active.retain(|rule| !ignored.contains(rule));
        active
    }

    /// Says that names which stand for rules that the policy sets have no effect on these.
    fn locked(&mut self, names: &[Named], rules: &Rules, policy: &Set) {
        let locked: Vec<usize> = policy.locked.intersection(rules).copied().collect();
        if let (Some(name), false) = (names.first(), locked.is_empty()) {
            let what = self.words(&locked);
            self.overrule(name, format!("the ignore of {what}"));
        }
    }

    fn words(&self, rules: &[usize]) -> String {
        match rules {
            [rule] => format!("`{}`", self.known[*rule].id),
            rules => format!("{} rules", rules.len()),
        }
    }

    fn overrule(&mut self, at: &Named, what: String) {
        let policy = self.config.policy.as_deref();
        let names = policy.and_then(|policy| policy.names.first());
        let name = names.map_or("the policy", |(_, name)| name);
        let problem = Problem {
            file: self.config.name_of(at),
            span: at.span,
            message: format!("{what} has no effect: `{name}` sets it"),
        };
        if !self.overruled.contains(&problem) {
            self.overruled.push(problem);
        }
    }

    /// The least severity that makes a run fail, and the least that is shown.
    fn levels(&mut self, config: &Config, overrides: &Overrides) -> (Severity, Severity) {
        let policy = config.policy.as_deref();
        let fail_on = policy.and_then(|policy| policy.fail_on);
        let shown = policy.and_then(|policy| policy.min_severity);
        let mut least = |wanted: Option<Severity>, most: Option<Severity>, key: &str| {
            if let (Some(wanted), Some(most)) = (wanted, most)
                && wanted > most
            {
                let place = Named {
                    span: config.file.map(|file| Span::point(file, 0)),
                    ..Named::typed(key)
                };
                self.overrule(&place, format!("`{key} = \"{}\"`", wanted.name()));
                return Some(most);
            }
            wanted
        };
        let failing = least(config.fail_on, fail_on, "fail-on").or(fail_on);
        // What fails is shown.
        let most = [fail_on, shown].into_iter().flatten().min();
        let showing = least(config.min_severity, most, "min-severity").or(shown);
        (
            overrides.fail_on.or(failing).unwrap_or(Severity::Warning),
            overrides.min_severity.or(showing).unwrap_or(Severity::Info),
        )
    }

    fn severities_of(&mut self, config: &Config) -> BTreeMap<usize, Chosen> {
        let mut severities = BTreeMap::new();
        for (name, severity) in &config.severity {
            for rule in self.all(std::slice::from_ref(name)) {
                severities.insert(rule, (*severity, name.clone()));
            }
        }
        for table in &config.rule {
            if let (Some(rule), Some(severity)) = (self.one(&table.id), table.severity) {
                severities.insert(rule, (severity, table.id.clone()));
            }
        }
        severities
    }

    fn severities(
        &mut self,
        config: &Config,
        overrides: &Overrides,
        policy: &Set,
    ) -> BTreeMap<usize, Chosen> {
        let mut severities = match &config.policy {
            Some(policy) => self.severities_of(policy),
            None => BTreeMap::new(),
        };
        let mut lowered: BTreeMap<Named, Vec<usize>> = BTreeMap::new();
        for (rule, (severity, name)) in self.severities_of(config) {
            match policy.severities.get(&rule) {
                Some(least) if policy.locked.contains(&rule) && severity < *least => {
                    lowered.entry(name).or_default().push(rule);
                }
                _ => drop(severities.insert(rule, (severity, name))),
            }
        }
        for (name, rules) in lowered {
            let what = self.words(&rules);
            self.overrule(&name, format!("the lower severity of {what}"));
        }
        for (name, severity) in &overrides.severity {
            let name = Named::typed(name);
            for rule in self.all(std::slice::from_ref(&name)) {
                severities.insert(rule, (*severity, name.clone()));
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
            severity: Severity::Warning,
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

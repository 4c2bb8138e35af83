//! The rules of a run: selected, with their options, indexed by the facts they are asked of.
//!
//! A rule that is not selected costs nothing, and neither does one whose facts do not occur: each
//! clause of its condition is compiled when those before it first hold, its message when it first
//! finds something.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::facts::table::{Cell, Kind, Schema, Val};
use crate::finding::{Safety, Severity, Tag};

use super::check::item_names;
use super::compile::{self, Names};
use super::expr::{Expr, Part};
use super::load::{Catalogue, Held};
use super::source::{EditOp, OptionValue, Str};
use super::template;

/// What the configuration and the command line say about rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// By rule id.
    pub rules: BTreeMap<String, Settings>,
}

/// What they say about one rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Absent: as the rule says.
    pub is_enabled: Option<bool>,
    /// Absent: as the rule says.
    pub severity: Option<Severity>,
    /// Values for options, already checked with [`super::Rule::check_option`].
    pub options: BTreeMap<String, OptionValue>,
}

/// The rules of a run.
#[derive(Debug)]
pub(crate) struct RuleSet {
    pub(crate) rules: Vec<CompiledRule>,
    pub(crate) kinds: Vec<KindIndex>,
}

/// The rules that are asked of one kind of fact.
#[derive(Debug)]
pub(crate) struct KindIndex {
    pub(crate) kind: &'static Kind,
    all: Vec<usize>,
    /// Sorted by key.
    exact: Vec<(Str, usize)>,
    prefixes: Vec<(String, usize)>,
}

/// A selected rule.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) source: Held,
    id: OnceLock<Arc<str>>,
    /// What the configuration says; absent: as the rule says.
    severity: Option<Severity>,
    pub(crate) options: Vec<Cell>,
    kind: &'static Kind,
    schema: &'static Schema,
    clauses: Vec<OnceLock<Expr>>,
    at: OnceLock<Expr>,
    texts: OnceLock<Box<Texts>>,
}

/// What is said.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) message: Vec<Part>,
    pub(crate) help: Option<Vec<Part>>,
    pub(crate) labels: Vec<(Expr, Vec<Part>)>,
    pub(crate) fix: Option<FixPlan>,
    pub(crate) url: Option<Arc<str>>,
    pub(crate) group: Option<Expr>,
    severity_when: Vec<(Severity, Expr)>,
    /// Rules that bring about a finding, and where they do; `None`: where both mark the same.
    pub(crate) follows: Vec<(Arc<str>, Option<Expr>)>,
}

/// How it is mended.
#[derive(Debug)]
pub(crate) struct FixPlan {
    pub(crate) title: Vec<Part>,
    pub(crate) safety: Safety,
    pub(crate) when: Option<Expr>,
    pub(crate) safe_when: Option<Expr>,
    pub(crate) edits: Vec<(EditOp, Expr, Vec<Part>)>,
}

impl RuleSet {
    /// The rules of `catalogue` that `selection` leaves enabled, over these facts.
    #[must_use]
    pub(crate) fn new(
        catalogue: &Catalogue,
        selection: &Selection,
        schema: &'static Schema,
    ) -> Self {
        let mut set = Self {
            rules: Vec::with_capacity(catalogue.rules().len()),
            kinds: Vec::with_capacity(schema.kinds.len()),
        };
        let default = Settings::default();
        for held in catalogue.held() {
            let settings = selection.rules.get(&*held.id).unwrap_or(&default);
            if !settings.is_enabled.unwrap_or(held.is_default) {
                continue;
            }
            if let Some(at) = set.index(&held.kind, schema) {
                set.add(held.clone(), settings, at, schema);
            }
        }
        for index in &mut set.kinds {
            index.exact.sort_unstable();
        }
        set
    }

    /// Where the index of a kind is; `None` when there is no such kind.
    fn index(&mut self, name: &str, schema: &'static Schema) -> Option<usize> {
        let known = |index: &KindIndex| index.kind.name == name;
        if let Some(at) = self.kinds.iter().position(known) {
            return Some(at);
        }
        let kind = schema.kind(name)?;
        self.kinds.push(KindIndex::new(kind));
        Some(self.kinds.len() - 1)
    }

    fn add(&mut self, source: Held, settings: &Settings, at: usize, schema: &'static Schema) {
        let number = self.rules.len();
        let kind = self.kinds[at].kind;
        self.kinds[at].add(&source, number);
        let options = source.options.iter().map(|option| {
            let value = settings.options.get(&*option.name);
            option_cell(value.unwrap_or(&option.default))
        });
        self.rules.push(CompiledRule {
            id: OnceLock::new(),
            severity: settings.severity,
            options: options.collect(),
            clauses: source.clauses.iter().map(|_| OnceLock::new()).collect(),
            source,
            kind,
            schema,
            at: OnceLock::new(),
            texts: OnceLock::new(),
        });
    }
}

impl KindIndex {
    fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            all: Vec::new(),
            exact: Vec::new(),
            prefixes: Vec::new(),
        }
    }

    fn add(&mut self, source: &Held, number: usize) {
        if source.keys.iter().any(|key| key == "*") {
            self.all.push(number);
            return;
        }
        for key in source.keys.iter() {
            match key.strip_suffix('*') {
                Some(prefix) => self.prefixes.push((prefix.to_owned(), number)),
                None => self.exact.push((key.clone(), number)),
            }
        }
    }

    /// The numbers of the rules that are asked of a fact with this key, in order, each once.
    pub(crate) fn rules(&self, key: &str, into: &mut Vec<usize>) {
        into.clear();
        into.extend_from_slice(&self.all);
        let from = self.exact.partition_point(|(known, _)| **known < *key);
        let exact = self.exact.iter().skip(from);
        into.extend(
            exact
                .take_while(|(known, _)| known == key)
                .map(|(_, number)| *number),
        );
        for (prefix, number) in &self.prefixes {
            if key.starts_with(prefix) {
                into.push(*number);
            }
        }
        into.sort_unstable();
        into.dedup();
    }
}

impl CompiledRule {
    fn names(&self) -> Names<'_> {
        Names {
            kind: self.kind,
            schema: self.schema,
            options: &self.source.options,
            locals: Vec::new(),
            tries_patterns: false,
        }
    }

    /// What has to hold, in this order. No clause: always.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = &Expr> {
        let clauses = self.clauses.iter().zip(self.source.clauses.iter());
        clauses
            .map(|(compiled, bytes)| compiled.get_or_init(|| compile::kept(bytes, &self.names())))
    }

    /// Where a finding stands.
    pub(crate) fn at(&self) -> &Expr {
        self.at
            .get_or_init(|| compile::expression(&self.source.at, &self.names()).0)
    }

    pub(crate) fn tags(&self) -> Vec<Tag> {
        self.source.tags.to_vec()
    }

    pub(crate) fn id(&self) -> Arc<str> {
        Arc::clone(self.id.get_or_init(|| Arc::from(&*self.source.id)))
    }

    /// The severity of a finding: what the configuration says, else the first of the rule's own
    /// conditions that certainly holds, or, for a lower severity, cannot be decided, else what the rule says.
    pub(crate) fn severity(&self, holds: impl Fn(&Expr) -> Option<bool>) -> Severity {
        let own = || {
            let texts = self.texts();
            let is_lower = |severity: Severity| severity < self.source.severity;
            let mut all = texts.severity_when.iter();
            let first = all.find(|(severity, when)| holds(when).unwrap_or(is_lower(*severity)));
            first.map_or(self.source.severity, |(severity, _)| *severity)
        };
        self.severity.unwrap_or_else(own)
    }

    pub(crate) fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| {
            let names = self.names();
            let template = |text: &Str| template::read(text, &names).0;
            let at_and_text = |at: &str, text: &str| {
                let (at, ty, _) = compile::expression(at, &names);
                (at, template::read(text, &item_names(&names, ty)).0)
            };
            let condition = |when: &Option<Str>| {
                let when = when.as_ref()?;
                Some(compile::expression(when, &names).0)
            };
            let fix = self.source.fix.as_ref().map(|fix| FixPlan {
                title: template(&fix.title),
                safety: fix.safety,
                when: condition(&fix.when),
                safe_when: condition(&fix.safe_when),
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| {
                        let (at, text) = at_and_text(&edit.at, &edit.text);
                        (edit.op, at, text)
                    })
                    .collect(),
            });
            let labels = self.source.labels.iter();
            let follows = self.source.follows.iter();
            let severities = self.source.severity_when.iter();
            let severities =
                severities.map(|(severity, when)| (*severity, compile::expression(when, &names).0));
            Box::new(Texts {
                message: template(&self.source.message),
                help: self.source.help.as_ref().map(template),
                labels: labels
                    .map(|label| at_and_text(&label.at, &label.text))
                    .collect(),
                fix,
                url: self.source.references.first().map(|url| Arc::from(&**url)),
                group: condition(&self.source.group),
                severity_when: severities.collect(),
                follows: follows
                    .map(|cause| (Arc::from(&*cause.rule), condition(&cause.at)))
                    .collect(),
            })
        })
    }
}

fn option_cell(value: &OptionValue) -> Cell {
    match value {
        OptionValue::Bool(value) => Cell::bool(*value),
        OptionValue::Int(value) => Cell::int(*value),
        OptionValue::Str(text) => Cell::new(Val::Str(Arc::from(&**text))),
        OptionValue::List(items) => Cell::list(items.iter().map(|item| Cell::str(item)).collect()),
    }
}

//! Asks every selected rule of every fact it is about.
//!
//! Facts in, findings out: no configuration, no suppression, no order by severity. A condition that
//! looked at something unknown is undecided, and undecided is never a finding.

use crate::maps::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::facts::table::{Cell, Selected, Visit};
use crate::finding::{Cause, Edit, Finding, Fix, Related, Safety, Undecided};
use crate::rule::RuleSet;
use crate::rule::eval::{Eval, Stop};
use crate::rule::expr::{Expr, Part};
use crate::rule::set::{CompiledRule, FixPlan};
use crate::rule::source::EditOp;
use crate::span::{Span, shorter};

/// Longest text about a finding, in bytes.
const MOST_SAID: usize = 4096;

/// What the rules say about a project.
#[derive(Debug, Default)]
pub(crate) struct LintResult {
    /// At most one for each rule and primary place; in the order in which the facts were visited.
    pub findings: Vec<Finding>,
    /// One for each rule, fact and reason.
    pub undecided: Vec<Undecided>,
}

/// Runs the rules over the facts.
pub(crate) fn run(rules: &RuleSet, facts: &dyn Visit) -> LintResult {
    let mut lint = Lint::default();
    let mut numbers = Vec::new();
    for index in &rules.kinds {
        facts.visit(index.kind, &mut |selected| {
            index.rules(&selected.key, &mut numbers);
            for &number in &numbers {
                let rule = &rules.rules[number];
                let source = &rule.source;
                if selected.reach >= source.scope && source.audience.includes(selected.intent) {
                    lint.ask(rule, number, index.kind.name, &selected);
                }
            }
        });
    }
    lint.result
}

#[derive(Default)]
struct Lint {
    result: LintResult,
    /// Where the finding of a rule at a place is among the findings.
    by_place: HashMap<(usize, Span), usize>,
    /// What was undecided already, by rule, place and reason.
    seen: HashSet<(usize, Span, Stop)>,
}

impl Lint {
    fn ask(&mut self, rule: &CompiledRule, number: usize, kind: &str, selected: &Selected) {
        let mut eval = Eval::new(&selected.node, kind, &rule.options);
        let mut failed = None;
        for clause in rule.clauses() {
            match eval.is_true(clause) {
                Ok(true) => {}
                Ok(false) => return,
                Err(stop) => {
                    failed = Some(stop);
                    break;
                }
            }
        }
        let places = match failed {
            Some(stop) => Err(stop),
            None => eval.places(rule.at()),
        };
        let fallback = selected.node.span();
        let mut spans: Vec<Span> = match places {
            Ok(places) => places.into_iter().map(|(_, span)| span).collect(),
            Err(stop) => {
                self.undecided(rule, number, selected, stop);
                return;
            }
        };
        // A place that is not there: the fact itself is where to look.
        spans.extend(fallback.filter(|_| spans.is_empty()));
        let Some((&primary, also)) = spans.split_first() else {
            return;
        };
        let finding = finding(rule, kind, selected, primary, also);
        match self.by_place.get(&(number, primary)) {
            Some(&at) => merge(&mut self.result.findings[at], finding),
            None => {
                self.by_place
                    .insert((number, primary), self.result.findings.len());
                self.result.findings.push(finding);
            }
        }
    }

    fn undecided(&mut self, rule: &CompiledRule, number: usize, selected: &Selected, stop: Stop) {
        let places = [selected.node.span(), selected.covers.first().copied()];
        let Some(span) = places.into_iter().flatten().next() else {
            return;
        };
        let look = (number, span, stop);
        if self.seen.contains(&look) {
            return;
        }
        self.result.undecided.push(Undecided {
            rule: rule.id(),
            span,
            reason: look.2.reason(&rule.source.summary),
        });
        self.seen.insert(look);
    }
}

fn finding(
    rule: &CompiledRule,
    kind: &str,
    selected: &Selected,
    primary: Span,
    also: &[Span],
) -> Finding {
    let texts = rule.texts();
    let eval = || Eval::new(&selected.node, kind, &rule.options);
    let mut related = Vec::new();
    for (at, text) in &texts.labels {
        let places = eval().places(at).unwrap_or_default();
        let labels = places.into_iter().map(|(item, span)| {
            let message = said(eval().with_local(item), text);
            Related { span, message }
        });
        extend_new(&mut related, labels);
    }
    let mut further = Vec::new();
    let others = also.iter().copied().filter(|span| *span != primary);
    extend_new(&mut further, others);
    let fix = texts.fix.as_ref().and_then(|plan| fix(plan, eval));
    let places = |at: &Expr| -> Vec<Span> {
        let places = eval().places(at).unwrap_or_default();
        places.into_iter().map(|(_, span)| span).collect()
    };
    let marked = || std::iter::once(primary).chain(further.iter().copied());
    let follows = texts.follows.iter().map(|(rule, at)| Cause {
        rule: Arc::clone(rule),
        places: at.as_ref().map_or_else(|| marked().collect(), places),
    });
    let follows = follows.collect();
    let group = texts
        .group
        .as_ref()
        .and_then(|at| places(at).first().copied());
    Finding {
        rule: rule.id(),
        severity: rule.severity(|when| eval().is_true(when).ok()),
        tags: rule.tags(),
        message: Some(said(eval(), &texts.message))
            .filter(|message| !message.trim().is_empty())
            .unwrap_or_else(|| format!("{} (the rule's message is empty)", rule.source.summary())),
        help: texts.help.as_ref().and_then(|help| whole(eval(), help)),
        primary,
        also: further,
        related,
        about: selected.about,
        lasting: selected.lasting.clone(),
        fix,
        url: texts.url.clone(),
        covers: selected.covers.clone(),
        group,
        follows,
    }
}

/// A text for people, of no more than [`MOST_SAID`] bytes; empty when it takes too long to make.
fn said(eval: Eval<'_>, parts: &[Part]) -> String {
    let mut text = String::new();
    match eval.for_people().render(parts, &mut text) {
        Ok(()) if text.len() > MOST_SAID => shorter(&text, MOST_SAID).into_owned(),
        Ok(()) => text,
        Err(_) => String::new(),
    }
}

/// A text that is there or not: one in which something to type lacks a part that is not known is not.
fn whole(eval: Eval<'_>, parts: &[Part]) -> Option<String> {
    let mut eval = eval.for_people();
    let mut text = String::new();
    eval.render(parts, &mut text).ok()?;
    let is_broken = |code: &str| code.trim().is_empty() || code.ends_with(' ');
    let has_hole = || text.split('`').skip(1).step_by(2).any(is_broken);
    if text.is_empty() || eval.has_hole && has_hole() {
        return None;
    }
    Some(shorter(&text, MOST_SAID).into_owned())
}

/// The text of an edit; `None` when something in it is unknown or it becomes too long.
fn typed(mut eval: Eval<'_>, parts: &[Part]) -> Option<String> {
    let mut text = String::new();
    eval.render(parts, &mut text).ok()?;
    (!eval.has_gap).then_some(text)
}

/// The edits, when all of them are known and have a place.
fn fix<'e>(plan: &FixPlan, eval: impl Fn() -> Eval<'e>) -> Option<Fix> {
    if let Some(when) = &plan.when
        && eval().is_true(when) != Ok(true)
    {
        return None;
    }
    let mut edits = Vec::new();
    for (op, at, text) in &plan.edits {
        let places: Vec<(Cell, Span)> = eval().places(at).ok()?;
        if places.is_empty() {
            return None;
        }
        for (item, span) in places {
            let text = typed(eval().with_local(item), text)?;
            let span = match op {
                EditOp::InsertBefore => Span::point(span.file, span.start),
                EditOp::InsertAfter => Span::point(span.file, span.end),
                EditOp::Replace | EditOp::Delete => span,
            };
            edits.push(Edit { span, text });
        }
    }
    let mut all = std::mem::take(&mut edits);
    extend_new(&mut edits, all.drain(..));
    edits.sort_by_key(|edit| edit.span);
    let overlaps = edits.windows(2).any(|pair| match pair {
        [a, b] => a.span.file == b.span.file && b.span.start < a.span.end,
        _ => false,
    });
    if overlaps {
        return None;
    }
    let is_safe = plan
        .safe_when
        .as_ref()
        .is_some_and(|when| eval().is_true(when) == Ok(true));
    Some(Fix {
        title: said(eval(), &plan.title),
        safety: if is_safe { Safety::Safe } else { plan.safety },
        edits,
    })
}

/// The same fault at the same place, seen from another fact.
fn merge(into: &mut Finding, other: Finding) {
    extend_new(&mut into.also, other.also);
    extend_new(&mut into.related, other.related);
    extend_new(&mut into.covers, other.covers);
}

/// Adds the items that are not there yet.
pub(crate) fn extend_new<T: Clone + Eq + Hash>(
    items: &mut Vec<T>,
    more: impl IntoIterator<Item = T>,
) {
    let mut seen: HashSet<T> = items.iter().cloned().collect();
    items.extend(more.into_iter().filter(|item| seen.insert(item.clone())));
}

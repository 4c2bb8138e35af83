//! A build argument.

use crate::facts::model::{ArgFact, Maybe, Reference};
use crate::facts::nodes::cells::{maybe_str, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::verdict;
use crate::facts::start::arguments;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::secret::{self, Verdict};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "arg",
    table: &TABLE,
    key: "the build argument",
    vars: &["stage"],
    doc: "an ARG of a stage",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (stage, fact) in p.stages.iter().enumerate() {
        for (i, arg) in fact.args.iter().enumerate() {
            let node = Id::Arg {
                stage: Some(stage),
                i,
            }
            .node(p);
            each(facts.selected(
                Some(stage),
                arg.name.as_str(),
                node,
                facts.instruction_span(arg.instruction),
            ));
        }
    }
}

table! {
    "arg",
    "A build argument.";
    name: Type::Str, "its name";
    value: Type::Str,
        "from the command line, else the default, else the ARG before the first FROM; absent without one";
    secret: Type::Str,
        "why it is a secret, as for ENV: `name` or `value`; without a default, or with one that anybody would \
         guess, the name decides; absent when it is none";
    is_stand_in: Type::Bool, "it has a default that nobody would take for a secret";
    kept_by: Type::Str, "the variable of an ENV of the stage whose value uses it; absent when there is none";
    lost_at_start: Type::Str,
        "its use in a line of CMD or ENTRYPOINT that a shell reads, where the container has no variable of that name; \
         absent without";
    stage: Type::Link("stage"), "its stage; absent before the first FROM";
}

view! { Arg { stage: Option<usize>, i: usize } }

impl View<'_> {
    fn fact(&self) -> &ArgFact {
        match self.stage {
            Some(stage) => &self.p.stages[stage].args[self.i],
            None => &self.p.global_args[self.i],
        }
    }

    /// The ENV of the stage that keeps its value in the image.
    fn kept_by(&self) -> Cell {
        let Some(stage) = self.stage else {
            return Cell::ABSENT;
        };
        let name = self.fact().name.as_str();
        let uses = self.p.index.references(name).iter();
        let mut uses = uses.map(|it| &self.p.references[*it]);
        let keeps = |it: &Reference| {
            let mut envs = self.p.envs[self.p.envs_of(it.instruction)].iter();
            envs.find(|env| env.stage == stage && env.raw.span().contains(it.span))
        };
        uses.find_map(keeps)
            .map_or(Cell::ABSENT, |env| traced(&env.name))
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().name.span())
    }

    fn label(&self) -> String {
        self.fact().name.as_str().to_owned()
    }
}

/// As [`verdict`] for an ARG: whatever it is given instead may be a secret.
fn of_arg(fact: &ArgFact, text: &str) -> Cell {
    let name = fact.name.as_str();
    let value = match &fact.value {
        Maybe::Known(value) => Some(value.as_str()),
        Maybe::Absent => None,
        Maybe::Unknown => return Cell::UNKNOWN,
    };
    match secret::judge_in(name, value, text, fact.name.span().start as usize, false) {
        Verdict::Guessable => Cell::str("name"),
        other => verdict(other),
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        traced(&self.fact().name)
    }

    fn value(&self) -> Cell {
        maybe_str(&match &self.fact().value {
            Maybe::Known(value) => Maybe::Known(value.as_str()),
            Maybe::Absent => Maybe::Absent,
            Maybe::Unknown => Maybe::Unknown,
        })
    }

    fn secret(&self) -> Cell {
        of_arg(self.fact(), &self.p.text.text)
    }

    fn is_stand_in(&self) -> Cell {
        let fact = self.fact();
        let Maybe::Known(value) = &fact.value else {
            return Cell::bool(false);
        };
        let (name, value) = (fact.name.as_str(), Some(value.as_str()));
        let at = fact.name.span().start as usize;
        let verdict = secret::judge_in(name, value, &self.p.text.text, at, false);
        Cell::bool(matches!(verdict, Verdict::Guessable))
    }

    fn lost_at_start(&self) -> Cell {
        let name = self.fact().name.as_str();
        let found = self
            .stage
            .and_then(|stage| arguments::lost_at_start(self.p, stage, name));
        found.map_or(Cell::ABSENT, |text| traced(&text))
    }

    fn stage(&self) -> Cell {
        self.stage
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }
}

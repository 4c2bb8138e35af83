//! A variable used in an instruction other than a RUN in shell form.

use crate::maps::HashMap;

use crate::dockerfile::ast::Keyword;
use crate::dockerfile::expand::{self, Lookup, Var};
use crate::facts::build::at;
use crate::facts::model::{EnvFact, Maybe, Reference};
use crate::facts::nodes::cells::{at, maybe_str};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::secret;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "reference",
    table: &TABLE,
    key: "the variable",
    vars: &["stage"],
    doc: "a variable used in an instruction",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, reference) in p.references.iter().enumerate() {
        let stage = View { p, i }.stage_index();
        each(facts.selected(
            stage,
            &reference.name,
            Id::Reference(i).node(p),
            facts.instruction_span(reference.instruction),
        ));
    }
}

table! {
    "reference",
    "A variable used in an instruction other than a RUN in shell form.";
    name: Type::Str, "the variable";
    keyword: Type::Str, "the instruction it is used in, upper case";
    value: Type::Str, "what it expands to there; absent when the variable is not set";
    instruction: Type::Link("instruction"), "the instruction";
    set_beside: Type::Link("env"),
        "the variable set in the same ENV instruction: its old value is used here; absent when it is not";
    undeclared_global: Type::Link("arg"),
        "the ARG before the first FROM that it would have if the stage declared it; absent when it is declared \
         or there is none";
    is_secret: Type::Bool, "it is called like a password, key or token";
    stage: Type::Link("stage"), "its stage";
}

view! { Reference(i: usize) }

impl View<'_> {
    fn fact(&self) -> &Reference {
        &self.p.references[self.i]
    }

    fn stage_index(&self) -> Option<usize> {
        self.p.stage_of(self.fact().instruction)
    }

    fn find_keyword(&self) -> Keyword {
        self.p.dockerfile.instructions[self.fact().instruction].keyword
    }

    /// Another pair of the same ENV that sets the variable.
    fn set_beside(&self) -> Cell {
        let fact = self.fact();
        let mut beside = self.p.envs_named(&fact.name, fact.instruction);
        let beside = beside.find(|env| !self.p.envs[*env].raw.span().contains(fact.span));
        let beside = beside.filter(|i| !self.lists_the_same(&self.p.envs[*i]));
        beside.map_or(Cell::ABSENT, |i| Id::Env(i).cell(self.p))
    }

    /// With the new value the pair that uses the variable gives the same list of paths as with the old one.
    fn lists_the_same(&self, beside: &EnvFact) -> bool {
        let fact = self.fact();
        let envs = &self.p.envs[self.p.envs_of(fact.instruction)];
        let behind = envs.partition_point(|env| env.raw.span().start <= fact.span.start);
        let own = envs[..behind].last();
        let own = own.filter(|env| env.raw.span().contains(fact.span));
        let (Some(own), Some(new)) = (own, &beside.value) else {
            return false;
        };
        let Some(old) = own.value.as_ref().filter(|old| old.len() < MAX_PATHS) else {
            return false;
        };
        let is_inside = |one: &&Reference| own.raw.span().contains(one.span);
        let (before, from) = self.p.references.split_at(self.i);
        let before = before.iter().rev().take_while(is_inside);
        let inside = from.iter().take_while(is_inside).chain(before);
        let mut values: HashMap<&str, Option<Traced>> = HashMap::default();
        for one in inside {
            let value = match &one.value {
                Maybe::Known(value) => Some(Traced::new(value.clone(), one.span)),
                _ => None,
            };
            values.insert(&one.name, value);
        }
        values.insert(&fact.name, Some(new.clone()));
        let word = expand::expand(&own.raw, self.p.dockerfile.escape, &Beside(values));
        let paths = |text: &str| {
            let mut out: Vec<String> = Vec::new();
            for path in text.split(':').filter(|path| !path.is_empty()) {
                if !out.iter().any(|known| known == path) {
                    out.push(path.to_owned());
                }
            }
            out
        };
        old.as_str().contains(':')
            && word
                .text
                .is_some_and(|text| paths(text.as_str()) == paths(old.as_str()))
    }

    fn is_secret(&self) -> Cell {
        Cell::bool(secret::is_secret_name(&self.fact().name))
    }

    /// The global ARG of the name, when the stage did not declare it before this use.
    fn undeclared_global(&self) -> Cell {
        let fact = self.fact();
        let Some(stage) = self.stage_index() else {
            return Cell::ABSENT;
        };
        if self.find_keyword() == Keyword::From {
            return Cell::ABSENT;
        }
        let Some(global) = self.p.global_args.first(&fact.name) else {
            return Cell::ABSENT;
        };
        let mut at = Some(stage);
        while let Some(index) = at {
            let stage = &self.p.stages[index];
            let before = fact.instruction;
            let declared = stage.arg_before(&fact.name, before).is_some()
                || stage.env_before(&self.p.envs, &fact.name, before).is_some();
            if declared {
                return Cell::ABSENT;
            }
            at = match stage.base.kind {
                crate::facts::model::BaseKind::Stage(parent) => Some(parent),
                _ => None,
            };
        }
        // The base image may set a variable of the same name.
        if at::base_may_set(&self.p.stages, stage, &fact.name) {
            return Cell::UNKNOWN;
        }
        Id::Arg {
            stage: None,
            i: global,
        }
        .cell(self.p)
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone()
    }
}

/// The longest list of paths that is looked at.
const MAX_PATHS: usize = 2000;

impl Lookup for Beside<'_> {
    fn get(&self, name: &str) -> Var<'_> {
        match self.0.get(name) {
            Some(Some(value)) => Var::Known(value),
            _ => Var::Unset,
        }
    }
}

/// The variables of a value, one of them with another text.
struct Beside<'a>(HashMap<&'a str, Option<Traced>>);

impl View<'_> {
    fn name(&self) -> Cell {
        at(Cell::str(&self.fact().name), self.place())
    }

    fn keyword(&self) -> Cell {
        Cell::str(self.find_keyword().name())
    }

    fn value(&self) -> Cell {
        maybe_str(&self.fact().value)
    }

    fn instruction(&self) -> Cell {
        Id::Instruction {
            i: self.fact().instruction,
            stage: self.stage_index(),
        }
        .cell(self.p)
    }

    fn stage(&self) -> Cell {
        self.stage_index()
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }
}

//! A USER instruction.

use crate::facts::model::{Maybe, UserFact};
use crate::facts::nodes::cells::{at, known_bool, known_str, maybe_str};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "user",
    table: &TABLE,
    key: "the user, expanded; empty when not known",
    vars: &["stage"],
    doc: "a USER instruction",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (stage, fact) in p.stages.iter().enumerate() {
        for (i, user) in fact.users.iter().enumerate() {
            let node = Id::User { stage, i }.node(p);
            each(facts.selected(
                Some(stage),
                user.name.as_deref().unwrap_or_default(),
                node,
                facts.instruction_span(user.instruction),
            ));
        }
    }
}

table! {
    "user",
    "A USER instruction.";
    name: Type::Str, "the user, expanded";
    group: Type::Str, "after the colon; absent without";
    is_root: Type::Bool, "`root`, `0` or empty";
    exists: Type::Bool, "the account exists: made by a RUN, or one that the base image has; a number needs none";
    group_exists: Type::Bool,
        "the group after the colon exists: made by a RUN, or one that the base image has; a number needs none; \
         absent without one";
    may_own: Type::Bool,
        "something may belong to it: a `chown` or a `COPY --chown` says so, or the image or a service has a volume";
    is_numeric: Type::Bool, "given as a number";
    is_last: Type::Bool, "no USER of the stage follows";
    stage: Type::Link("stage"), "its stage";
}

view! { User { stage: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &UserFact {
        &self.p.stages[self.stage].users[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone().unwrap_or_default()
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        at(known_str(self.fact().name.as_deref()), self.place())
    }

    fn group(&self) -> Cell {
        maybe_str(&self.fact().group)
    }

    fn is_root(&self) -> Cell {
        known_bool(
            self.fact()
                .name
                .as_deref()
                .map(crate::facts::build::users::is_root_name),
        )
    }

    fn exists(&self) -> Cell {
        known_bool(crate::facts::system::accounts::user_exists(
            self.p, self.stage, self.i,
        ))
    }

    fn group_exists(&self) -> Cell {
        match &self.fact().group {
            Maybe::Known(_) => known_bool(crate::facts::system::accounts::group_exists(
                self.p, self.stage, self.i,
            )),
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn may_own(&self) -> Cell {
        Cell::bool(crate::facts::start::user::may_own(
            self.p,
            self.stage,
            self.fact(),
        ))
    }

    fn is_numeric(&self) -> Cell {
        known_bool(
            self.fact()
                .name
                .as_deref()
                .map(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())),
        )
    }

    fn is_last(&self) -> Cell {
        Cell::bool(self.i + 1 == self.p.stages[self.stage].users.len())
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.stage).cell(self.p)
    }
}

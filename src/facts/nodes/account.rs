//! A user or group that a RUN creates.

use crate::facts::nodes::cells::{at, known_str, str_or_absent};
use crate::facts::nodes::node::{Id, table, view};
use crate::facts::table::{Cell, Type};
use crate::span::Span;

table! {
    "account",
    "A user or group that a RUN creates.";
    name: Type::Str, "its name";
    id: Type::Str, "its number as given; absent when left to the tool";
    is_group: Type::Bool, "a group, not a user";
    command: Type::Link("command"), "the command that creates it";
}

view! { Account(i: usize) }

impl View<'_> {
    fn fact(&self) -> &crate::facts::model::AccountFact {
        &self.p.accounts[self.i]
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
        at(
            known_str(self.fact().name.as_deref()),
            Some(self.fact().span),
        )
    }

    fn id(&self) -> Cell {
        str_or_absent(self.fact().id.as_deref())
    }

    fn is_group(&self) -> Cell {
        Cell::bool(self.fact().is_group)
    }

    fn command(&self) -> Cell {
        Id::Command(self.fact().command).cell(self.p)
    }
}

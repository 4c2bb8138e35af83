//! A variable of nginx that `envsubst` replaces by nothing.

use crate::facts::model::Emptied;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "emptied_variable",
    table: &TABLE,
    key: "the variable, without `$`",
    vars: &[],
    doc: "a variable of nginx that `envsubst` replaces by nothing",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.emptied.iter().enumerate() {
        let node = Id::EmptiedVariable(i).node(p);
        each(facts.selected(None, &fact.name, node, vec![fact.span]));
    }
}

table! {
    "emptied_variable",
    "The first variable of nginx, `$host`, in a configuration that a service or an image fills by `envsubst` without a \
     list of names, and that its environment does not have.";
    name: Type::Str, "the variable, without `$`";
    command: Type::Str, "marks the `envsubst`";
    service: Type::Link("service"), "the service that runs it; absent for an image that this Dockerfile makes";
}

view! { EmptiedVariable(i: usize) }

impl View<'_> {
    fn fact(&self) -> &Emptied {
        &self.p.emptied[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone()
    }

    fn name(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().span)
    }

    fn command(&self) -> Cell {
        Cell::str("envsubst").at(self.fact().command)
    }

    fn service(&self) -> Cell {
        let found = self.fact().service;
        found.map_or(Cell::ABSENT, |i| Id::Service(i).cell(self.p))
    }
}

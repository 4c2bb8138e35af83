//! A shell variable that a RUN uses and only an earlier RUN of the stage, or an ARG before the first FROM, has set.

use crate::facts::model::LostVariable;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "lost_variable",
    table: &TABLE,
    key: "the variable",
    vars: &["layer", "stage"],
    doc: "a shell variable that a RUN uses and only an earlier RUN has set",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, lost) in p.lost_variables.iter().enumerate() {
        let layer = &p.layers[lost.layer];
        let node = Id::LostVariable(i).node(p);
        let mut covers = facts.instruction_span(layer.instruction);
        covers.push(lost.span);
        each(facts.selected(Some(layer.stage), &lost.name, node, covers));
    }
}

table! {
    "lost_variable",
    "A shell variable that a RUN uses and only an earlier RUN of the stage, or an ARG before the first FROM, \
     has set.";
    name: Type::Str, "the variable";
    is_global: Type::Bool, "an ARG before the first FROM has set it";
    assigned: Type::Str, "marks the assignment in the earlier RUN, or the ARG";
    layer: Type::Link("layer"), "the layer that uses it";
    stage: Type::Link("stage"), "its stage";
}

view! { LostVariable(i: usize) }

impl View<'_> {
    fn fact(&self) -> &LostVariable {
        &self.p.lost_variables[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone()
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().span)
    }

    fn is_global(&self) -> Cell {
        Cell::bool(self.fact().is_global)
    }

    fn assigned(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().assigned)
    }

    fn layer(&self) -> Cell {
        Id::Layer(self.fact().layer).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.p.layers[self.fact().layer].stage).cell(self.p)
    }
}

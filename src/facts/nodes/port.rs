//! A port of EXPOSE.

use crate::facts::build::ports;
use crate::facts::model::PortFact;
use crate::facts::nodes::cells::{at, known_str, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "port",
    table: &TABLE,
    key: "the port as written",
    vars: &["stage"],
    doc: "a port of EXPOSE",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (stage, fact) in p.stages.iter().enumerate() {
        for (i, port) in fact.ports.iter().enumerate() {
            let node = Id::Port { stage, i }.node(p);
            each(facts.selected(
                Some(stage),
                port.written.as_str(),
                node,
                facts.instruction_span(port.instruction),
            ));
        }
    }
}

table! {
    "port",
    "A port of EXPOSE.";
    text: Type::Str, "expanded";
    written: Type::Str, "as written";
    number: Type::Int, "the port; absent when it is not a number (a range) ";
    protocol: Type::Str, "`tcp` unless written otherwise";
    fault: Type::Str,
        "what ends the build: `number` (it is none up to 65535), `range` (the first is larger than the last) or \
         `protocol`; absent when it is a port, and where it contains a variable";
    stage: Type::Link("stage"), "its stage";
}

view! { Port { stage: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &PortFact {
        &self.p.stages[self.stage].ports[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().written.span())
    }

    fn label(&self) -> String {
        self.fact().written.as_str().to_owned()
    }
}

impl View<'_> {
    fn text(&self) -> Cell {
        at(known_str(self.fact().text.as_deref()), self.place())
    }

    fn written(&self) -> Cell {
        traced(&self.fact().written)
    }

    fn number(&self) -> Cell {
        match (&self.fact().text, self.fact().port) {
            (None, _) => Cell::UNKNOWN,
            (_, Some(port)) => at(Cell::int(i64::from(port)), self.place()),
            (_, None) => Cell::ABSENT,
        }
    }

    fn protocol(&self) -> Cell {
        Cell::str(&self.fact().protocol)
    }

    fn fault(&self) -> Cell {
        let fact = self.fact();
        match &fact.text {
            None => Cell::UNKNOWN,
            Some(_) if fact.written.as_str().contains('$') => Cell::ABSENT,
            Some(text) => str_or_absent(ports::fault(text, &fact.protocol)),
        }
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.stage).cell(self.p)
    }
}

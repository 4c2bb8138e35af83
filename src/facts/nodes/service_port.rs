//! A port that a service publishes.

use crate::compose::Port;
use crate::facts::nodes::cells::traced;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{deployed, is_inherited};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "service_port",
    table: &TABLE,
    key: "the container's port, or empty",
    vars: &["service"],
    doc: "a port that a service publishes",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.services.iter().enumerate() {
        let purpose = fact.purpose(p);
        for (at, port) in fact.deployed(p).ports.iter().enumerate() {
            let target = port.target.map(|(port, _)| port.to_string());
            let node = Id::ServicePort { service: i, i: at }.node(p);
            each(facts.of_service(purpose, &target.unwrap_or_default(), node));
        }
    }
}

table! {
    "service_port",
    "A port that a service publishes.";
    text: Type::Str, "as written in the short form, else the container's port";
    number: Type::Int, "the container's port; unknown for a range or a variable";
    published: Type::Str, "the host's port; absent when docker chooses";
    host_ip: Type::Str, "the host's address; absent without";
    protocol: Type::Str, "`tcp` unless written otherwise";
    is_inherited: Type::Bool, "it stands in another file than the one that is for production by its name";
    is_beside_command: Type::Bool,
        "the command of its service stands in another compose file, which may not be used with this one";
    is_base_60: Type::Bool, "a pair without quotes that YAML 1.1 reads as one number: `22:22`";
    service: Type::Link("service"), "the service";
}

view! { ServicePort { service: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &Port {
        &deployed(self.p, self.service).ports[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        let fact = self.fact();
        match &fact.short {
            Some(text) => text.scalar.as_str().to_owned(),
            None => fact
                .target
                .map_or(String::new(), |(first, _)| first.to_string()),
        }
    }
}

impl View<'_> {
    fn text(&self) -> Cell {
        Cell::str(&self.label()).at(self.fact().span)
    }

    fn number(&self) -> Cell {
        match self.fact().target {
            Some((first, last)) if first == last => {
                Cell::int(i64::from(first)).at(self.fact().target_span)
            }
            _ => Cell::UNKNOWN,
        }
    }

    fn published(&self) -> Cell {
        self.fact().published.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn host_ip(&self) -> Cell {
        self.fact().host_ip.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn protocol(&self) -> Cell {
        Cell::str(&self.fact().protocol)
    }

    fn is_inherited(&self) -> Cell {
        Cell::bool(is_inherited(self.p, self.fact().span))
    }

    fn is_beside_command(&self) -> Cell {
        let service = deployed(self.p, self.service);
        let own = self.fact().span.file;
        let given = [&service.entrypoint, &service.command];
        let mut given = given.into_iter().flatten();
        Cell::bool(given.any(|command| command.span.file != own))
    }

    fn is_base_60(&self) -> Cell {
        Cell::bool(
            self.fact()
                .short
                .as_ref()
                .is_some_and(|text| text.scalar.is_base_60()),
        )
    }

    fn service(&self) -> Cell {
        Id::Service(self.service).cell(self.p)
    }
}

//! A port that a service publishes.

use crate::compose::{Port, Service};
use crate::facts::deploy::together;
use crate::facts::nodes::cells::traced;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{deployed, is_inherited};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::intent_words::{of_compose, of_sibling};
use crate::span::{Span, Traced};

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
    is_inherited: Type::Bool, "it is in another file than the one that is for production by its name";
    is_beside_command: Type::Bool,
        "the command of its service is in another compose file, which may not be used with this one";
    taken_by: Type::Str,
        "the service before it in the stack that publishes the same port of the host, where both are always started; \
         absent without";
    is_shut_in: Type::Bool,
        "all networks of its service are `internal`: docker publishes no port for these";
    is_base_60: Type::Bool, "a pair without quotes that YAML 1.1 reads as one number: `22:22`";
    service: Type::Link("service"), "the service";
}

/// It is started whenever its stack is, and its ports are those of the host.
fn starts_once(service: &Service) -> bool {
    service.network_mode.is_none() && together::starts_once(service)
}

/// Two services of one image, or of names that say what each is for.
fn is_of_a_kind(one: &Service, other: &Service) -> bool {
    let has_purpose = |service: &Service| {
        let mut words = service.name.as_str().split(['-', '_', '.']);
        words.any(|word| of_compose(word).is_some() || of_sibling(word).is_some() || word == "base")
    };
    let built = |service: &Service| {
        let build = service.build.as_ref();
        build.map(|build| build.context_path.clone())
    };
    let named = |service: &Service| {
        let image = service.image.as_ref();
        image.and_then(|image| image.as_str().map(str::to_owned))
    };
    has_purpose(one)
        || has_purpose(other)
        || built(one).is_some() && built(one) == built(other)
        || named(one).is_some() && named(one) == named(other)
}

/// The host's address, its port and the protocol, where they are written and are no ranges.
fn plain(port: &Port) -> Option<(&str, u16, &str)> {
    let written = port.short.as_ref()?.scalar.as_str();
    let published = port.published.as_ref()?.as_str().parse().ok()?;
    let address = port.host_ip.as_ref().map_or("0.0.0.0", Traced::as_str);
    (!written.contains('$')).then_some((address, published, &port.protocol))
}

view! { ServicePort { service: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &Port {
        &deployed(self.p, self.service).ports[self.i]
    }

    fn is_shut_in(&self) -> Cell {
        let fact = &self.p.services[self.service];
        let own = fact.stack(self.p).zip(fact.compose(self.p));
        Cell::bool(
            own.is_some_and(|(stack, own)| own.network_mode.is_none() && stack.is_shut_in(own)),
        )
    }

    /// A service before it in the stack that publishes the same port.
    fn find_taken_by(&self) -> Option<&Traced> {
        let fact = &self.p.services[self.service];
        let (stack, own) = (fact.stack(self.p)?, fact.compose(self.p)?);
        if !stack.is_complete || !starts_once(own) {
            return None;
        }
        let port = plain(self.fact())?;
        let publishes = |other: &&Service| {
            let mut ports = other.ports.iter();
            starts_once(other) && ports.any(|other| plain(other) == Some(port))
        };
        let mut all = stack.services.iter().filter(publishes);
        let (first, second) = (all.next()?, all.next()?);
        let is_after = together::waits_for_end(stack, second, first)
            || together::waits_for_end(stack, first, second);
        if second.name.span() != own.name.span() || all.next().is_some() || is_after {
            // Of several each is started instead of the others.
            return None;
        }
        // A port that both take from one anchor is meant for one of them; else two of a kind replace each other.
        let is_shared = first.ports.iter().any(|it| it.span == self.fact().span);
        let target = self.fact().target;
        let is_alike = |it: &Port| plain(it) == Some(port) && it.target == target;
        let is_of_a_kind = is_of_a_kind(first, own) && first.ports.iter().any(is_alike);
        (is_shared || !is_of_a_kind).then_some(&first.name)
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

    fn taken_by(&self) -> Cell {
        self.find_taken_by().map_or(Cell::ABSENT, traced)
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

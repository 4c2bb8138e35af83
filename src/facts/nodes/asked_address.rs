//! An address that a server beside the application asks, as its own file says.

use crate::facts::deploy::proxied::{self, Astray};
use crate::facts::django::refused;
use crate::facts::model::AskerFact;
use crate::facts::nodes::cells::traced;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{asked_host, asked_port};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::nginx::Pass;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "asked_address",
    table: &TABLE,
    key: "the server that asks: `Caddy`, `Prometheus`",
    vars: &["service"],
    doc: "an address that a server beside the application asks",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (asker, fact) in p.askers.iter().enumerate() {
        let purpose = p.services[fact.proxy.service].purpose(p);
        for i in 0..fact.proxy.site.passes.len() {
            let node = Id::AskedAddress { asker, i }.node(p);
            each(facts.of_service(purpose, fact.name, node));
        }
    }
}

table! {
    "asked_address",
    "An address that a server beside the application asks: an upstream of `reverse_proxy` in a Caddyfile, a target of \
     `static_configs` in `prometheus.yml`. Known where a compose service certainly reads that file, beside a service \
     of this Dockerfile.";
    by: Type::Str, "the server that asks: `Caddy`, `Prometheus`";
    host: Type::Str, "the host";
    port: Type::Int, "the port, the default where none is written";
    fault: Type::Str,
        "what is certainly wrong with it: `host` (no service has the name), `itself` (the own container of the server \
         that asks, where nothing else listens), `network` (the service shares no network with it), `port` (the \
         service listens on others only), `protocol` (the server there speaks another one); absent otherwise";
    found: Type::Str, "the part that is wrong";
    expected: Type::Str,
        "what is meant: a service, a port on which the server listens, the protocol that it speaks; absent where \
         several may be";
    refused_host: Type::Str,
        "the name of the address, which goes out as `Host`, where the Django that is asked certainly refuses it; \
         absent otherwise";
    is_invalid_host: Type::Bool, "it has an underscore: Django refuses it whatever ALLOWED_HOSTS says";
    service: Type::Link("service"), "the service that asks";
}

view! { AskedAddress { asker: usize, i: usize } }

impl View<'_> {
    fn asker(&self) -> &AskerFact {
        &self.p.askers[self.asker]
    }

    fn fact(&self) -> &Pass {
        &self.asker().proxy.site.passes[self.i]
    }

    fn astray(&self) -> Option<Astray> {
        let proxy = &self.asker().proxy;
        let found = proxied::astray(self.p, proxy, self.fact())?;
        // What is not read may listen in its container.
        let may_listen = found.fault == "itself" && proxy.site.is_open;
        (!self.fact().is_one_of_several && !may_listen).then_some(found)
    }

    /// The name that Django refuses, and whether it does so whatever its settings say.
    fn find_refused(&self) -> Option<(&Traced, bool)> {
        let asked = proxied::asked_of(self.p, &self.asker().proxy, self.fact())?;
        let host = asked.host.as_str();
        let is_invalid = refused::refuses_host(self.p, asked.settings, asked.served, host)?;
        Some((asked.host, is_invalid))
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().directive.span())
    }

    fn label(&self) -> String {
        self.asker().name.to_owned()
    }

    fn by(&self) -> Cell {
        Cell::str(self.asker().name)
    }

    fn host(&self) -> Cell {
        asked_host(self.fact())
    }

    fn port(&self) -> Cell {
        asked_port(self.fact())
    }

    fn fault(&self) -> Cell {
        self.astray().map_or(Cell::ABSENT, |it| Cell::str(it.fault))
    }

    fn found(&self) -> Cell {
        self.astray().map_or(Cell::ABSENT, |it| traced(&it.found))
    }

    fn expected(&self) -> Cell {
        let expected = self.astray().and_then(|it| it.expected);
        expected.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn refused_host(&self) -> Cell {
        self.find_refused()
            .map_or(Cell::ABSENT, |(host, _)| traced(host))
    }

    fn is_invalid_host(&self) -> Cell {
        Cell::bool(self.find_refused().is_some_and(|(_, invalid)| invalid))
    }

    fn service(&self) -> Cell {
        Id::Service(self.asker().proxy.service).cell(self.p)
    }
}

//! An address that the nginx of a stack passes requests to.

use crate::facts::deploy::proxied::{self, Astray};
use crate::facts::django::{refused, routes};
use crate::facts::model::ProxyFact;
use crate::facts::nodes::cells::{at, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{asked_host, asked_port};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::nginx::{Pass, To};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "nginx_pass",
    table: &TABLE,
    key: "the directive: `proxy_pass`, `uwsgi_pass`, or `server` for an upstream that nothing passes to",
    vars: &["service"],
    doc: "an address that the nginx of a compose service passes requests to",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (proxy, fact) in p.proxies.iter().enumerate() {
        let purpose = p.services[fact.service].purpose(p);
        for (i, pass) in fact.site.passes.iter().enumerate() {
            let node = Id::NginxPass { proxy, i }.node(p);
            each(facts.of_service(purpose, pass.directive.as_str(), node));
        }
    }
}

table! {
    "nginx_pass",
    "An address that nginx passes requests to: one for each server of an upstream. Known where a compose service \
     certainly runs nginx with configuration of the project, beside a service of this Dockerfile.";
    directive: Type::Str, "`proxy_pass`, `uwsgi_pass`, ...; `server` for an upstream that nothing passes to";
    host: Type::Str, "the host; absent for a socket";
    port: Type::Int, "the port, nginx's default where none is written; absent for a socket";
    socket: Type::Str, "the path of a UNIX socket; absent otherwise";
    fault: Type::Str,
        "what is certainly wrong with it: `host` (no service has the name), `itself` (nginx's own container, where \
         nothing else listens), `network` (the service shares no network with nginx), `port` (the service listens on \
         others only), `protocol` (the server there speaks another one), `socket` (it is in a directory that no other \
         container has); absent otherwise";
    found: Type::Str, "the part that is wrong";
    expected: Type::Str,
        "what is meant: a service, a port on which the server listens, the protocol that it speaks; absent where \
         several may be";
    refused_host: Type::Str,
        "the name that nginx makes of the address for the header `Host`, since no `proxy_set_header` says another one, \
         where the Django that is asked certainly refuses it; absent otherwise";
    is_invalid_host: Type::Bool, "it has an underscore: Django refuses it whatever ALLOWED_HOSTS says";
    hides_https: Type::Str,
        "where nginx ends TLS and the Django that is asked sends each request to HTTPS again: `unsent` (no \
         `proxy_set_header` sends the header that SECURE_PROXY_SSL_HEADER names) or `unread` (no \
         SECURE_PROXY_SSL_HEADER names one, and gunicorn trusts no proxy); absent otherwise";
    https_header: Type::Str, "that header, in lower case";
    drops_upgrade: Type::Bool,
        "it leads to an application with routes for WebSockets, and no configuration of nginx hands the header \
         `Upgrade` on; marks these routes";
    dropped: Type::Str,
        "the prefix of the location that the slash behind the address takes the place of, where URLs of the Django \
         that is asked begin with it and none answers without it: `/api/`; marks that slash; absent otherwise";
    lost_port: Type::Int,
        "the port of the host by which browsers come, where nginx sends `$host`, which lacks it, and Django certainly \
         takes each form for one of another site; absent otherwise";
    service: Type::Link("service"), "the service that runs nginx";
}

view! { NginxPass { proxy: usize, i: usize } }

impl View<'_> {
    fn proxy(&self) -> &ProxyFact {
        &self.p.proxies[self.proxy]
    }

    fn fact(&self) -> &Pass {
        &self.proxy().site.passes[self.i]
    }

    fn astray(&self) -> Option<Astray> {
        proxied::astray(self.p, self.proxy(), self.fact())
    }

    /// The name that Django refuses, and whether it does so whatever its settings say.
    fn find_refused(&self) -> Option<(&Traced, bool)> {
        let asked = proxied::asked_of(self.p, self.proxy(), self.fact())?;
        let host = asked.host.as_str();
        let is_invalid = refused::refuses_host(self.p, asked.settings, asked.served, host)?;
        Some((asked.host, is_invalid))
    }

    fn drops_upgrade(&self) -> Cell {
        let found = proxied::drops_upgrade(self.p, self.proxy(), self.fact());
        at(Cell::bool(found.is_some()), found)
    }

    fn dropped(&self) -> Cell {
        let Some((found, i)) = proxied::dropped(self.p, self.proxy(), self.fact()) else {
            return Cell::ABSENT;
        };
        let prefix = found.prefix.as_str();
        let own = self.p.settings[i].routes.as_ref();
        match own.is_some_and(|own| routes::loses(own, prefix.trim_start_matches('/'))) {
            true => Cell::str(prefix).at(found.slash),
            false => Cell::ABSENT,
        }
    }

    fn refused_host(&self) -> Cell {
        self.find_refused()
            .map_or(Cell::ABSENT, |(host, _)| traced(host))
    }

    fn is_invalid_host(&self) -> Cell {
        Cell::bool(
            self.find_refused()
                .is_some_and(|(_, is_invalid)| is_invalid),
        )
    }

    fn lost_port(&self) -> Cell {
        let found = proxied::lost_port(self.p, self.proxy(), self.fact());
        // The address that the browser names has the port.
        let refused = found.filter(|(port, i)| refused::refuses_origin(self.p, *i, *port));
        let port = refused.map(|(port, _)| port);
        let given = self.fact().given_host.as_ref();
        match port.zip(given) {
            Some((port, given)) => Cell::int(i64::from(port)).at(given.span()),
            None => Cell::ABSENT,
        }
    }

    fn directive(&self) -> Cell {
        traced(&self.fact().directive)
    }

    fn host(&self) -> Cell {
        asked_host(self.fact())
    }

    fn port(&self) -> Cell {
        asked_port(self.fact())
    }

    fn socket(&self) -> Cell {
        match &self.fact().to {
            To::Tcp { .. } => Cell::ABSENT,
            To::Socket(path) => traced(path),
        }
    }

    fn fault(&self) -> Cell {
        let found = self.astray();
        found.map_or(Cell::ABSENT, |it| Cell::str(it.fault).at(it.found.span()))
    }

    fn found(&self) -> Cell {
        self.astray().map_or(Cell::ABSENT, |it| traced(&it.found))
    }

    fn expected(&self) -> Cell {
        let found = self.astray().and_then(|it| it.expected);
        found.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn hides_https(&self) -> Cell {
        let found = proxied::hidden_https(self.p, self.proxy(), self.fact());
        found.map_or(Cell::ABSENT, |(fault, _)| Cell::str(fault))
    }

    fn https_header(&self) -> Cell {
        let found = proxied::hidden_https(self.p, self.proxy(), self.fact());
        found.map_or(Cell::ABSENT, |(_, name)| Cell::str(&name))
    }

    fn service(&self) -> Cell {
        Id::Service(self.proxy().service).cell(self.p)
    }

    fn place(&self) -> Option<Span> {
        Some(match &self.fact().to {
            To::Tcp { host, port, .. } => {
                let own = host.span();
                port.as_ref().map_or(own, |port| own.cover(port.span()))
            }
            To::Socket(path) => path.span(),
        })
    }

    fn label(&self) -> String {
        match &self.fact().to {
            To::Tcp { host, number, .. } => format!("{}:{number}", host.as_str()),
            To::Socket(path) => Traced::as_str(path).to_owned(),
        }
    }
}

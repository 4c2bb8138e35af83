//! The nginx of a stack, with all of its configuration.

use crate::facts::deploy::{proxied, proxy_files};
use crate::facts::model::ProxyFact;
use crate::facts::nodes::cells::traced;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "nginx",
    table: &TABLE,
    key: "the name of its service",
    vars: &["service"],
    doc: "the nginx of a compose service",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.proxies.iter().enumerate() {
        let service = &p.services[fact.service];
        let name = service.deployed(p).name.as_str();
        let node = Id::Nginx(i).node(p);
        each(facts.of_service(service.purpose(p), name, node));
    }
}

table! {
    "nginx",
    "An nginx that a compose service certainly runs with configuration of the project, beside a service of this \
     Dockerfile.";
    untyped: Type::Str,
        "the location from which browsers get stylesheets, where the whole configuration is the project's own and says \
         nothing of media types; marks its `http`; absent otherwise";
    missing_include: Type::Str,
        "the first file that it includes and that certainly is not in its container: `proxy_params`; absent otherwise";
    include_of_debian: Type::Bool, "that is a file of Debian's package of nginx, which the images of its makers lack";
    misplaced: Type::Str,
        "the first directive in a block that may not have it: nginx ends as it starts; absent otherwise";
    misplaced_in: Type::Str,
        "that block: `main`, outside of all blocks of nginx.conf, `events`, `http`, `server`, `location` or `upstream`";
    misplaced_from: Type::List(&Type::Str), "the blocks that may have it";
    small_bodies: Type::Str,
        "the directive by which it passes requests to a Django that keeps files of users, while nothing says how \
         large their bodies may be, for which nginx takes 1 MB; absent otherwise";
    upload_field: Type::Str, "marks the field that keeps them; absent where `small_bodies` is";
    covered: Type::Str,
        "the pattern of a location for stylesheets or scripts that says nothing of where these are, beside a location \
         with a prefix that does, in a server without a directory of its own: nginx tries patterns first; absent \
         otherwise";
    covered_prefix: Type::Str, "that prefix";
    service: Type::Link("service"), "the service that runs it";
}

view! { Nginx(i: usize) }

impl View<'_> {
    fn fact(&self) -> &ProxyFact {
        &self.p.proxies[self.i]
    }

    fn untyped(&self) -> Cell {
        let http = self.fact().site.untyped.as_ref();
        let found = proxied::untyped(self.p, self.fact());
        match found.zip(http) {
            Some((location, http)) => Cell::str(location.as_str()).at(http.span()),
            None => Cell::ABSENT,
        }
    }

    fn missing_include(&self) -> Cell {
        proxy_files::missing_include(self.fact()).map_or(Cell::ABSENT, traced)
    }

    fn include_of_debian(&self) -> Cell {
        let found = proxy_files::missing_include(self.fact());
        Cell::bool(found.is_some_and(|path| proxy_files::is_of_debian(path.as_str())))
    }

    fn misplaced(&self) -> Cell {
        let found = self.fact().misplaced.as_ref();
        found.map_or(Cell::ABSENT, |it| traced(&it.name))
    }

    fn misplaced_in(&self) -> Cell {
        let found = self.fact().misplaced.as_ref();
        found.map_or(Cell::ABSENT, |it| Cell::str(it.within.name()))
    }

    fn misplaced_from(&self) -> Cell {
        let found = self.fact().misplaced.as_ref();
        let all = found.map_or(&[][..], |it| it.allowed);
        Cell::list(all.iter().map(|it| Cell::str(it.name())).collect())
    }

    fn covered(&self) -> Cell {
        let found = self.fact().site.covered.first();
        found.map_or(Cell::ABSENT, |it| traced(&it.pattern))
    }

    fn covered_prefix(&self) -> Cell {
        let found = self.fact().site.covered.first();
        found.map_or(Cell::ABSENT, |it| traced(&it.prefix))
    }

    fn small_bodies(&self) -> Cell {
        let found = proxy_files::small_bodies(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(directive, _)| traced(directive))
    }

    fn upload_field(&self) -> Cell {
        let found = proxy_files::small_bodies(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(_, span)| Cell::str("").at(span))
    }

    fn service(&self) -> Cell {
        Id::Service(self.fact().service).cell(self.p)
    }

    fn place(&self) -> Option<Span> {
        Some(
            self.p.services[self.fact().service]
                .deployed(self.p)
                .name
                .span(),
        )
    }

    fn label(&self) -> String {
        let service = &self.p.services[self.fact().service];
        service.deployed(self.p).name.as_str().to_owned()
    }
}

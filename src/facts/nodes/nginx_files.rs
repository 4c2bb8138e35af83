//! A location that the nginx of a stack answers from files.

use crate::facts::deploy::nginx_elsewhere;
use crate::facts::deploy::proxied::{self, Lost};
use crate::facts::model::ProxyFact;
use crate::facts::nodes::cells::{str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::nginx::Files;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "nginx_files",
    table: &TABLE,
    key: "the prefix of the location",
    vars: &["service"],
    doc: "a location that the nginx of a compose service answers from files",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (proxy, fact) in p.proxies.iter().enumerate() {
        let purpose = p.services[fact.service].purpose(p);
        for (i, files) in fact.site.files.iter().enumerate() {
            let node = Id::NginxFiles { proxy, i }.node(p);
            each(facts.of_service(purpose, files.prefix.as_str(), node));
        }
    }
}

table! {
    "nginx_files",
    "A location with a plain prefix and an `alias` or `root` of its own, which nothing but files answers: no \
     `try_files`, no `error_page`, no address. Known where a compose service certainly runs nginx with configuration \
     of the project, beside a service of this Dockerfile.";
    prefix: Type::Str, "the prefix of the requests: `/static/`";
    directive: Type::Str, "`alias` or `root`";
    directory: Type::Str, "its value";
    looks_in: Type::Str, "the directory in which nginx looks up the rest of the path";
    fault: Type::Str,
        "what is certainly wrong with it: `slash` (the alias lacks the slash at the end that the prefix has), `above` \
         (the prefix lacks it, so that requests lead out of the directory), `elsewhere` (a mount that the application \
         shares with nginx has the files in another directory), `empty` (nothing ever fills the directory); absent \
         otherwise";
    expected: Type::Str,
        "for `slash` and `above` the text with its slash, for `elsewhere` the directory with the files";
    also_run_by: Type::Str,
        "for `elsewhere`: the file that runs the same configuration with mounts of its own, a manifest or another \
         compose file, where it may be right; absent otherwise";
    entry: Type::Str,
        "for `elsewhere`: the entry of `volumes` by which the files lie where nginx looks, `static:/vol/static`; \
         absent where a part of a volume would have to be mounted";
    service: Type::Link("service"), "the service that runs nginx";
}

view! { NginxFiles { proxy: usize, i: usize } }

impl View<'_> {
    fn proxy(&self) -> &ProxyFact {
        &self.p.proxies[self.proxy]
    }

    fn fact(&self) -> &Files {
        &self.proxy().site.files[self.i]
    }

    fn lost(&self) -> Option<Lost> {
        proxied::lost(self.p, self.proxy(), self.fact())
    }

    fn prefix(&self) -> Cell {
        traced(&self.fact().prefix)
    }

    fn directive(&self) -> Cell {
        Cell::str(if self.fact().is_alias {
            "alias"
        } else {
            "root"
        })
    }

    fn directory(&self) -> Cell {
        traced(&self.fact().directory)
    }

    fn looks_in(&self) -> Cell {
        Cell::str(&self.fact().looks_in()).at(self.fact().directory.span())
    }

    fn fault(&self) -> Cell {
        let span = self.fact().directory.span();
        self.lost()
            .map_or(Cell::ABSENT, |it| Cell::str(it.fault).at(span))
    }

    fn expected(&self) -> Cell {
        str_or_absent(self.lost().and_then(|it| it.expected).as_deref())
    }

    fn elsewhere(&self) -> Option<Lost> {
        self.lost().filter(|it| it.fault == "elsewhere")
    }

    fn also_run_by(&self) -> Cell {
        let found = self.elsewhere();
        str_or_absent(found.and_then(|lost| {
            nginx_elsewhere::also_run_by(self.p, self.proxy(), self.fact(), &lost)
        }))
    }

    fn entry(&self) -> Cell {
        let found = self.elsewhere();
        let found =
            found.and_then(|lost| nginx_elsewhere::entry(self.p, self.proxy(), self.fact(), &lost));
        str_or_absent(found.as_deref())
    }

    fn service(&self) -> Cell {
        Id::Service(self.proxy().service).cell(self.p)
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().directory.span())
    }

    fn label(&self) -> String {
        self.fact().prefix.as_str().to_owned()
    }
}

//! A service that another names.

use crate::compose::{Service, Stack};
use crate::facts::deploy::groups;
use crate::facts::nodes::cells::{str_or_absent, traced};
use crate::facts::nodes::node::{Id, table, view};
use crate::facts::nodes::shared::{deployed, has_healthcheck};
use crate::facts::table::{Cell, Type};
use crate::span::{Span, Traced};

table! {
    "dependency",
    "A service that another names.";
    name: Type::Str, "its name";
    key: Type::Str, "`depends_on` or `links`";
    condition: Type::Str, "`service_healthy` or the like; absent without";
    exists: Type::Bool, "the files have such a service; unknown when they are used together with others";
    has_healthcheck: Type::Bool,
        "it has a health check; unknown when its image may contain one, or the files are used together with others";
    service: Type::Link("service"), "the service that names it";
}

view! { Dependency { service: usize, i: usize, is_link: bool } }

impl View<'_> {
    fn compose(&self) -> Option<&Service> {
        self.p.services[self.service].compose(self.p)
    }

    fn stack(&self) -> Option<&Stack> {
        self.p.services[self.service].stack(self.p)
    }

    fn is_whole(&self) -> bool {
        self.stack().is_some_and(|stack| stack.is_whole)
    }

    /// The service was in the file, which says what all of its services run, and is commented out there; no compose
    /// file of the project has one of that name.
    fn is_commented_out(&self, name: &Traced) -> bool {
        let file = name.span().file;
        let name = name.as_str();
        let has = |stack: &Stack| {
            let mut services = stack.services.iter();
            !stack.is_closed || services.any(|service| service.name.as_str() == name)
        };
        let compose = &self.p.around.deployed.compose;
        let text = self.p.texts.iter().find(|(of, _)| *of == file);
        let mut lines = text.into_iter().flat_map(|(_, source)| source.text.lines());
        let is_there = lines.any(|line| {
            let comment = line.trim_start().strip_prefix('#').map(str::trim);
            comment.and_then(|line| line.strip_suffix(':')) == Some(name)
        });
        is_there
            && self.stack().is_some_and(|stack| stack.is_complete)
            && compose.unread.is_empty()
            && !compose.stacks.iter().any(has)
    }

    fn find_name(&self) -> Option<Traced> {
        let service = self.compose()?;
        if self.is_link {
            let link = service.links.get(self.i)?.value.as_ref()?;
            Some(groups::linked_service(link))
        } else {
            Some(service.depends_on.get(self.i)?.service.clone())
        }
    }

    fn has_healthcheck(&self) -> Cell {
        let own = &self.p.services[self.service];
        let Some(name) = self.find_name().filter(|_| self.is_whole()) else {
            return Cell::UNKNOWN;
        };
        let named = groups::beside(self.p, own).names.get(name.as_str());
        named.map_or(Cell::UNKNOWN, |i| {
            let other = &self.p.services[*i];
            let probe = other.deployed(self.p).probe.as_ref();
            // Who switches it off in a file that is put over this one need not start what waits for it.
            let is_over =
                probe.is_some_and(|probe| probe.is_disabled && probe.span.file != name.span().file);
            match is_over {
                true => Cell::UNKNOWN,
                false => has_healthcheck(self.p, other),
            }
        })
    }

    fn exists(&self) -> Cell {
        let found = self.find_name().filter(|_| self.stack().is_some());
        // A variable in a name is filled in by compose, with what it is given then.
        let found = found.filter(|name| !name.as_str().contains('$'));
        let Some((name, own)) = found.zip(self.compose()) else {
            return Cell::UNKNOWN;
        };
        let beside = groups::beside(self.p, &self.p.services[self.service]);
        let exists = beside.names.contains_key(name.as_str());
        let is_required = self.is_link
            || own
                .depends_on
                .get(self.i)
                .is_none_or(|found| found.is_required);
        let is_missing = || self.is_whole() || self.is_commented_out(&name);
        if exists || is_required && is_missing() {
            Cell::bool(exists)
        } else {
            Cell::UNKNOWN
        }
    }

    fn place(&self) -> Option<Span> {
        let own = || deployed(self.p, self.service).place();
        Some(self.find_name().map_or_else(own, |name| name.span()))
    }

    fn label(&self) -> String {
        self.find_name()
            .map(|name| name.as_str().to_owned())
            .unwrap_or_default()
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        self.find_name().map_or(Cell::UNKNOWN, |name| traced(&name))
    }

    fn key(&self) -> Cell {
        Cell::str(if self.is_link { "links" } else { "depends_on" })
    }

    fn condition(&self) -> Cell {
        str_or_absent(
            self.compose()
                .and_then(|service| service.depends_on.get(self.i))
                .filter(|_| !self.is_link)
                .and_then(|found| found.condition.as_ref())
                .and_then(|text| text.as_str()),
        )
    }

    fn service(&self) -> Cell {
        Id::Service(self.service).cell(self.p)
    }
}

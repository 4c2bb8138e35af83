//! An option given to uWSGI.

use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::UwsgiOptionFact;
use crate::facts::nodes::cells::{at, known_bool, known_str, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::start::uwsgi::slot::Slot;
use crate::facts::start::uwsgi::{answers, host_filter, static_map};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::servers::Reading;
use crate::knowledge::uwsgi as tables;
use crate::knowledge::uwsgi::{UwsgiOption, ValueKind};
use crate::knowledge::words::UwsgiWords;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "uwsgi_option",
    table: &TABLE,
    key: "the option as uWSGI names it: `lazy-apps`",
    vars: &["image", "server"],
    doc: "an option that uWSGI reads where it is the server of an image: from ENV, compose, its command line, its \
          files",
};

/// Those of the options that hold, by a kind of their own.
pub(super) const IN_FORCE: Kind = Kind {
    name: "uwsgi_setting",
    doc: "an option of uWSGI that holds: no later one takes its place",
    ..KIND
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    select(facts, |_| true, each);
}

/// Calls `each` for those that hold.
pub(super) fn visit_in_force(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    select(facts, |option| option.overridden_by.is_none(), each);
}

fn select(facts: &Facts, is: fn(&UwsgiOptionFact) -> bool, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    let is_read = |option: &UwsgiOptionFact| {
        let server = p.images[option.image].server.as_ref();
        server.is_some_and(|server| server.product.reads == Reading::Uwsgi)
    };
    let all = p.uwsgi_options.iter().enumerate();
    for (i, option) in all.filter(|(_, option)| is_read(option) && is(option)) {
        let node = Id::UwsgiOption(i).node(p);
        let stage = p.images[option.image].stage;
        each(facts.selected(Some(stage), &option.name, node, vec![option.span]));
    }
}

table! {
    "uwsgi_option",
    "An option given to uWSGI.";
    name: Type::Str, "as uWSGI names it: `lazy-apps`";
    written: Type::Str, "as written: `UWSGI_LAZY_APPS`, `--lazy-apps`";
    value: Type::Str, "its value; empty for a flag without one";
    source: Type::Str, "`env`, `environment` (of a service), `command line` or `file`";
    path: Type::Str, "its configuration file; absent for other sources";
    is_known: Type::Bool, "uWSGI 2.0 has an option of that name";
    meant: Type::Str, "the option that was likely meant; absent when the name is known or nothing is near";
    is_abbreviation: Type::Bool, "the name is the beginning of an option, which command lines may give so";
    is_for_build: Type::Bool, "a variable that only the build of uWSGI reads: `UWSGI_PROFILE`";
    overridden_by: Type::Link("uwsgi_option"),
        "the later option that wins, under the same name or another name of the same thing; absent when this \
         one holds, and for lists";
    contradicted_by: Type::Link("uwsgi_option"),
        "that later option, where it says something else and is not there to replace this one: it is in the same file, \
         or both are in no file, and ENV is not replaced by what comes after it";
    is_on: Type::Bool, "for flags: its value turns it on, by uWSGI's rules";
    number: Type::Int, "its value as uWSGI reads a number: the leading digits, else 0";
    is_flag: Type::Bool, "it takes no value";
    needs_pcre: Type::Bool, "it exists only in a uWSGI built with PCRE";
    fault: Type::Str,
        "what is wrong with the value, by the name of the fault in the tables: `no-colon`, ...; absent when it \
         is fine";
    host_filter: Type::List(&Type::Str),
        "for a `route-host` that refuses all hosts but some, `^(?!NAME$) break:400`, what is wrong with it: \
         `not-anchored`, `open-end`, `dot-for-any`, `own-machine`; empty for others";
    port: Type::Int, "for addresses: the TCP port; absent when it is none";
    map_mount: Type::Str, "for `static-map`, the mount point with a slash at both ends; absent for other options";
    map_directory: Type::Str,
        "for `static-map`, the directory without a slash at its end; absent for other options and relative ones";
    seconds: Type::Int, "for expiry rules, how long browsers may keep what matches; absent for other options";
    asks_for_hash: Type::Bool, "for expiry rules, only names with a hash match";
    is_only_way: Type::Bool,
        "for a `static-map` of STATIC_URL to another directory than STATIC_ROOT: nothing fills that directory, \
         and no other mapping, middleware, application or view answers for STATIC_URL; unknown where one may";
    slot: Type::Fact("slot"), "where another option is written after this one";
    virtualenv: Type::Str,
        "for the directory of a virtual environment: `there`, or `missing` where nothing of the image makes it; \
         absent for other options, unknown where something may";
    env: Type::Link("env"), "the ENV that gives it; absent for other sources";
    server: Type::Link("server"), "uWSGI, as the server of the image";
    image: Type::Link("image"), "the image";
}

view! { UwsgiOption(i: usize) }

impl View<'_> {
    fn fact(&self) -> &UwsgiOptionFact {
        &self.p.uwsgi_options[self.i]
    }

    fn known(&self) -> Option<&'static UwsgiOption> {
        tables::option(&self.fact().name)
    }

    fn is_switch(&self) -> bool {
        let kind = self.known().map(|option| option.kind);
        matches!(kind, Some(ValueKind::Flag | ValueKind::InvertedFlag))
    }

    fn mapped(&self, is_directory: bool) -> Cell {
        if self.fact().name != "static-map" {
            return Cell::ABSENT;
        }
        let Some(value) = &self.fact().value else {
            return Cell::UNKNOWN;
        };
        static_map::mapping(value).map_or(Cell::ABSENT, |(mount, directory)| {
            traced(if is_directory { &directory } else { &mount })
        })
    }

    fn virtualenv(&self) -> Cell {
        let fact = self.fact();
        if !UwsgiWords::Virtualenv.contains(fact.name.as_str()) {
            return Cell::ABSENT;
        }
        let image = &self.p.images[fact.image];
        let Some(path) = fact
            .value
            .as_ref()
            .filter(|path| path.as_str().starts_with('/'))
        else {
            return Cell::UNKNOWN;
        };
        match origin::at_end(self.p, image.stage, path.as_str()).origin {
            Origin::Missing => Cell::str("missing"),
            Origin::Unknown => Cell::UNKNOWN,
            _ => Cell::str("there"),
        }
    }

    fn value_span(&self) -> Option<Span> {
        self.fact()
            .value
            .as_ref()
            .map(Traced::span)
            .or(Some(self.fact().span))
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().written.clone()
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().name_span)
    }

    fn written(&self) -> Cell {
        Cell::str(&self.fact().written).at(self.fact().name_span)
    }

    fn value(&self) -> Cell {
        at(
            known_str(self.fact().value.as_ref().map(Traced::as_str)),
            self.value_span(),
        )
    }

    fn source(&self) -> Cell {
        Cell::str(self.fact().source)
    }

    fn path(&self) -> Cell {
        str_or_absent(self.fact().path.as_deref())
    }

    fn is_known(&self) -> Cell {
        Cell::bool(self.known().is_some())
    }

    fn meant(&self) -> Cell {
        str_or_absent(self.fact().meant())
    }

    fn is_abbreviation(&self) -> Cell {
        Cell::bool(self.known().is_none() && tables::is_abbreviation(&self.fact().name))
    }

    fn is_for_build(&self) -> Cell {
        Cell::bool(
            self.fact().env.is_some()
                && tables::from_env(&self.fact().written) == tables::EnvName::BuildOnly,
        )
    }

    fn overridden_by(&self) -> Cell {
        self.fact()
            .overridden_by
            .map_or(Cell::ABSENT, |i| Id::UwsgiOption(i).cell(self.p))
    }

    fn is_on(&self) -> Cell {
        self.known().map_or(Cell::UNKNOWN, |option| {
            known_bool(
                self.fact()
                    .value
                    .as_ref()
                    .map(|value| tables::is_on(option.kind, value.as_str())),
            )
        })
    }

    fn number(&self) -> Cell {
        self.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| {
            Cell::int(tables::atoi(value.as_str()))
        })
    }

    fn is_flag(&self) -> Cell {
        self.known()
            .map_or(Cell::UNKNOWN, |_| Cell::bool(self.is_switch()))
    }

    fn needs_pcre(&self) -> Cell {
        self.known()
            .map_or(Cell::UNKNOWN, |option| Cell::bool(option.needs_pcre()))
    }

    fn fault(&self) -> Cell {
        match (&self.fact().value, self.known()) {
            (Some(value), Some(option)) => {
                str_or_absent(option.fault(value.as_str()).map(tables::Fault::name))
            }
            (None, _) => Cell::UNKNOWN,
            (_, None) => Cell::ABSENT,
        }
    }

    fn port(&self) -> Cell {
        self.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| {
            answers::port(value.as_str()).map_or(Cell::ABSENT, |port| {
                at(Cell::int(i64::from(port)), self.value_span())
            })
        })
    }

    fn map_mount(&self) -> Cell {
        self.mapped(false)
    }

    fn map_directory(&self) -> Cell {
        self.mapped(true)
    }

    fn seconds(&self) -> Cell {
        if self.fact().name.starts_with("static-expires") {
            self.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| {
                static_map::seconds(value.as_str()).map_or(Cell::ABSENT, Cell::int)
            })
        } else {
            Cell::ABSENT
        }
    }

    fn asks_for_hash(&self) -> Cell {
        self.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| {
            Cell::bool(static_map::asks_for_hash(value.as_str()))
        })
    }

    fn is_only_way(&self) -> Cell {
        known_bool(self.fact().is_only_way)
    }

    fn slot(&self) -> Cell {
        let server = Id::server(self.fact().image).node(self.p).span();
        Id::slot(Slot::behind(self.p, self.fact()), server).cell(self.p)
    }

    fn env(&self) -> Cell {
        self.fact()
            .env
            .map_or(Cell::ABSENT, |i| Id::Env(i).cell(self.p))
    }

    fn contradicted_by(&self) -> Cell {
        let fact = self.fact();
        let Some(i) = fact.overridden_by else {
            return Cell::ABSENT;
        };
        let later = &self.p.uwsgi_options[i];
        let is_meant = fact.path != later.path || fact.source == "env" && later.source != "env";
        let known = self.known().filter(|_| !is_meant);
        match (known, &fact.value, &later.value) {
            (None, ..) => Cell::ABSENT,
            (Some(option), Some(one), Some(other)) => {
                let (one, other) = (one.as_str(), other.as_str());
                let is_same = one == other
                    || self.is_switch()
                        && tables::is_on(option.kind, one) == tables::is_on(option.kind, other);
                if is_same {
                    Cell::ABSENT
                } else {
                    Id::UwsgiOption(i).cell(self.p)
                }
            }
            _ => Cell::UNKNOWN,
        }
    }

    fn host_filter(&self) -> Cell {
        let fact = self.fact();
        match &fact.value {
            _ if fact.name != "route-host" => Cell::list(Vec::new()),
            None => Cell::UNKNOWN,
            Some(value) => {
                let faults = host_filter::faults(value.as_str()).into_iter();
                let cells = faults.map(|fault| at(Cell::str(fault), self.value_span()));
                Cell::list(cells.collect())
            }
        }
    }

    fn server(&self) -> Cell {
        Id::server(self.fact().image).cell(self.p)
    }

    fn image(&self) -> Cell {
        Id::Image(self.fact().image).cell(self.p)
    }
}

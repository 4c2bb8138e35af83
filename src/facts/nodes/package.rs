//! A system package that a RUN installs by name.

use crate::facts::build::at;
use crate::facts::deploy::dump_clients;
use crate::facts::model::{Fate, PackageFact};
use crate::facts::nodes::cells::{known_bool, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::start::other_python;
use crate::facts::system::{apt, apt_lists};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::Series;
use crate::knowledge::images::Os;
use crate::knowledge::packages;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "package",
    table: &TABLE,
    key: "the name of the package",
    vars: &["command", "layer", "stage"],
    doc: "a system package that a RUN installs",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, package) in p.packages.iter().enumerate() {
        let node = Id::Package(i).node(p);
        let covers = vec![p.commands[package.command].command.span, package.span];
        each(facts.selected(Some(package.stage), &package.name, node, covers));
    }
}

table! {
    "package",
    "A system package that a RUN installs by name.";
    is_called: Type::Bool,
        "for one whose Debian dropped it with its programs: a command calls one of them; unknown where they are \
         not known, or a script may";
    call: Type::Link("command"), "the first such command; absent without";
    instead_of_call: Type::Str, "what does the work of its program, as text for people; absent without";
    name: Type::Str, "without version and architecture";
    is_repeated: Type::Bool,
        "for a compiler or headers: an earlier layer of its stages installed it, by itself or with another package, \
         and did not remove it";
    version: Type::Str, "after `=`; absent when not pinned";
    manager: Type::Str, "`apt`, `apk` or `dnf`";
    fate: Type::Str,
        "`left` in the image, `removed` in the same layer, `removed-later` in a later layer, which frees nothing";
    removed_at: Type::Str, "marks the command that removes it; absent when nothing does";
    gone_from: Type::Str,
        "the Debian suite of the base image, when it no longer has the package and no other source of packages \
         was added; absent when it has it or the tables lack it";
    gone_from_ubuntu: Type::Str,
        "the Ubuntu release of the base image, when its own packages have only newer Pythons than the one this package \
         belongs to, and no other source of packages was added: `24.04`; absent otherwise";
    replacement: Type::Str, "the package that took its place there; absent when there is none in the tables";
    is_python2: Type::Bool, "it belongs to Python 2: `python-dev`, `python2`";
    serves_without_packages: Type::Bool,
        "a shipped image starts its server, which runs with Debian's Python and finds no package that pip installed \
         for that of the image";
    newer_server: Type::Int,
        "for a client of PostgreSQL with which something dumps the database of the stack: the release of that server, \
         which is newer, so that `pg_dump` refuses it; marks its image; absent otherwise";
    client_release: Type::Int, "the release of that client; absent without `newer_server`";
    dumped_by: Type::Str, "what dumps, `pg_dump` or `dbbackup`; absent without `newer_server`";
    dumps_it_certainly: Type::Bool, "what dumps certainly asks that server";
    words: Type::List(&Type::Str),
        "marks the word, and the same word of other commands of the package manager in the stage: `apt-get \
         remove` of it";
    command: Type::Link("command"), "the command that installs it";
    layer: Type::Link("layer"), "the layer it is installed in";
    stage: Type::Link("stage"), "the stage it is installed in";
}

view! { Package(i: usize) }

impl View<'_> {
    fn fact(&self) -> &PackageFact {
        &self.p.packages[self.i]
    }

    fn suite(&self) -> Option<&'static str> {
        crate::facts::build::base::suite(&self.p.stages[self.fact().stage].base.knowledge)
    }

    fn gone_from(&self) -> Cell {
        let fact = self.fact();
        // No suite is known to lack the others.
        if fact.manager != "apt" || !packages::is_special(&fact.name) {
            return Cell::ABSENT;
        }
        let Some(suite) = self.suite() else {
            return Cell::UNKNOWN;
        };
        let is_gone = fact.manager == "apt"
            && packages::presence(&fact.name, suite)
                .is_some_and(|presence| !presence.can_be_installed());
        if !is_gone {
            return Cell::ABSENT;
        }
        if apt::sources_changed(self.p, fact.command) {
            return Cell::UNKNOWN;
        }
        Cell::str(suite)
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone()
    }
}

impl View<'_> {
    fn is_for_python2(&self) -> bool {
        let name = self.fact().name.as_str();
        self.fact().manager == "apt"
            && (name == "python" || name.starts_with("python2") || name.starts_with("python-"))
            && name != "python-software-properties"
            && !name.starts_with("python-is-")
    }

    fn find_older(&self, read: impl Fn(&dump_clients::Older) -> Cell) -> Cell {
        // Asked first: nearly every package is another one.
        if !self.fact().name.starts_with("postgresql") {
            return Cell::ABSENT;
        }
        let found = dump_clients::older(self.p, self.i);
        found.as_ref().map_or(Cell::ABSENT, read)
    }

    fn newer_server(&self) -> Cell {
        self.find_older(|it| Cell::int(i64::from(it.server)).at(it.image))
    }

    fn client_release(&self) -> Cell {
        self.find_older(|it| Cell::int(i64::from(it.client)))
    }

    fn dumped_by(&self) -> Cell {
        self.find_older(|it| traced(&it.by))
    }

    fn dumps_it_certainly(&self) -> Cell {
        self.find_older(|it| Cell::bool(it.is_sure))
    }

    fn serves_without_packages(&self) -> Cell {
        Cell::bool(other_python::serves(self.p, self.i))
    }

    fn gone_from_ubuntu(&self) -> Cell {
        let fact = self.fact();
        let base = &at::root(&self.p.stages, fact.stage).base.knowledge;
        let Os::Ubuntu(release) = base.os else {
            return Cell::ABSENT;
        };
        let rest = fact.name.strip_prefix("python").unwrap_or_default();
        let python = Series::parse(rest.split('-').next().unwrap_or_default());
        // One release has the Python before its own as well, until what needs it has followed.
        let is_gone =
            |python: Series| python.0 == 3 && python.1 > 0 && python.1 + 1 < release.python.1;
        // Python 2 left with Debian's bookworm, whose pip of the system is guarded as well.
        let is_python2_gone = release.pip_needs_venv
            && release.python >= Series(3, 12)
            && packages::is_special(&fact.name)
            && self.is_for_python2()
            && ["bookworm", "trixie"].iter().all(|suite| {
                let presence = packages::presence(&fact.name, suite);
                presence.is_some_and(|presence| !presence.can_be_installed())
            });
        if fact.manager != "apt" || !python.is_some_and(is_gone) && !is_python2_gone {
            return Cell::ABSENT;
        }
        if apt::sources_changed(self.p, fact.command)
            || apt_lists::adds_repository_before(self.p, fact.command)
        {
            return Cell::UNKNOWN;
        }
        Cell::str(release.version)
    }

    fn is_called(&self) -> Cell {
        known_bool(
            crate::facts::system::fate::call_of_gone(self.p, self.i).map(|call| call.is_some()),
        )
    }

    fn call(&self) -> Cell {
        crate::facts::system::fate::call_of_gone(self.p, self.i)
            .flatten()
            .map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn instead_of_call(&self) -> Cell {
        let call = crate::facts::system::fate::call_of_gone(self.p, self.i).flatten();
        let name = call.and_then(|i| self.p.commands[i].command.name.as_deref());
        str_or_absent(name.and_then(|name| packages::gone_program(name, self.suite()?)))
    }

    fn name(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().span)
    }

    fn is_repeated(&self) -> Cell {
        Cell::bool(self.fact().is_repeated)
    }

    fn version(&self) -> Cell {
        str_or_absent(self.fact().version.as_deref())
    }

    fn manager(&self) -> Cell {
        Cell::str(self.fact().manager)
    }

    fn fate(&self) -> Cell {
        match self.fact().fate {
            Fate::Left => Cell::str("left"),
            Fate::RemovedInLayer(span) => Cell::str("removed").at(span),
            Fate::RemovedLater(span) => Cell::str("removed-later").at(span),
            Fate::Unknown => Cell::UNKNOWN,
        }
    }

    fn removed_at(&self) -> Cell {
        match self.fact().fate {
            Fate::RemovedInLayer(span) | Fate::RemovedLater(span) => Cell::str("").at(span),
            Fate::Left => Cell::ABSENT,
            Fate::Unknown => Cell::UNKNOWN,
        }
    }

    fn replacement(&self) -> Cell {
        self.suite().map_or(Cell::UNKNOWN, |suite| {
            str_or_absent(packages::replacement(&self.fact().name, suite))
        })
    }

    fn is_python2(&self) -> Cell {
        Cell::bool(self.is_for_python2())
    }

    fn words(&self) -> Cell {
        Cell::list(
            crate::facts::system::fate::words(self.p, self.i)
                .into_iter()
                .map(|span| Cell::str(&self.fact().name).at(span))
                .collect(),
        )
    }

    fn command(&self) -> Cell {
        Id::Command(self.fact().command).cell(self.p)
    }

    fn layer(&self) -> Cell {
        Id::Layer(self.fact().layer).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}

//! A module, or a name of one, that a module of the project takes as it is certainly loaded.

use crate::facts::deploy::migrated;
use crate::facts::django::removed;
use crate::facts::model::{ImportFact, MigrationLack};
use crate::facts::nodes::cells::str_or_absent;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::system::locales;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "import",
    table: &TABLE,
    key: "the module, whole: `django.utils.translation`",
    vars: &["settings"],
    doc: "what a module of the project imports that is certainly loaded",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, import) in p.imports.iter().enumerate() {
        let image = p.settings[import.settings].image;
        let node = Id::Import(i).node(p);
        let covers = vec![import.span];
        each(facts.selected(Some(p.images[image].stage), &import.module, node, covers));
    }
}

table! {
    "import",
    "A module, or a name of one, that a module of the project takes as it is certainly loaded: the settings, the \
     applications and their models, middleware, URLs, and whatever these import at their top under no condition. \
     Modules of the project are among them only where the ignore file excludes them.";
    module: Type::Str, "the module, whole";
    name: Type::Str, "the name that is taken from it; absent for the module itself";
    gone: Type::Str,
        "what of it the Python, the Django or another package of the image no longer has, and nothing in the image \
         provides: `distutils`, `ugettext`, `celery.task`; absent otherwise";
    gone_from: Type::Str, "the first release without it: `Python 3.12`, `Django 4.0`, `celery 5.0.0`";
    is_attribute: Type::Bool, "it is not imported, but used as an attribute of its module: `Image.ANTIALIAS`";
    instead: Type::Str, "where people find it now; absent where nothing took its place";
    missing: Type::Str,
        "the PyPI distribution that has the module, where the image certainly lacks it; absent otherwise";
    first: Type::Str, "the first import of the same package with these settings, in the order in which they are loaded";
    ignored_by: Type::Str, "the pattern of the ignore file that keeps a module of the project out; absent otherwise";
    migrations_ignored_by: Type::Str,
        "the pattern that keeps the migrations of an application out, where something that starts in the image applies \
         migrations with `migrate` and nothing makes them there; absent otherwise";
    lacks_migrations: Type::Str,
        "for an application with tables of which Django certainly finds no migration, where something that starts in \
         the image applies migrations and nothing makes them: `package` (the package `migrations` is missing), `init` \
         (it has no `__init__.py`) or `files` (it has nothing else); absent otherwise";
    model: Type::Str, "a model of that application with a table; marks its class";
    path: Type::Str, "for such a module, its path without an ending: `shop/lib`";
    every_minute: Type::List(&Type::Str),
        "for `crontab` of celery: its calls in that module that name an hour and no minute, so that they mean each \
         minute of it; empty for others";
    lacks_locale: Type::List(&Type::Str),
        "for `locale`: the locales that its module sets as it is loaded and that the image certainly lacks; empty for \
         others";
    settings: Type::Link("settings"), "the settings with which it is loaded";
}

view! { Import(i: usize) }

impl View<'_> {
    fn fact(&self) -> &ImportFact {
        &self.p.imports[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        let fact = self.fact();
        match &fact.name {
            Some(name) => format!("{}.{name}", fact.module),
            None => fact.module.clone(),
        }
    }
}

/// A call, where it is written.
fn call((text, span): &(String, Span)) -> Cell {
    Cell::str(text).at(*span)
}

impl View<'_> {
    fn module(&self) -> Cell {
        Cell::str(&self.fact().module).at(self.fact().span)
    }

    fn name(&self) -> Cell {
        str_or_absent(self.fact().name.as_deref())
    }

    fn gone(&self) -> Cell {
        let found = removed::gone(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(it.what).at(self.fact().span))
    }

    fn gone_from(&self) -> Cell {
        let found = removed::gone(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.release))
    }

    fn instead(&self) -> Cell {
        let found = removed::gone(self.p, self.fact());
        str_or_absent(found.and_then(|it| it.instead))
    }

    fn missing(&self) -> Cell {
        let found = removed::missing(self.p, self.fact());
        found.map_or(Cell::ABSENT, |name| Cell::str(name).at(self.fact().span))
    }

    fn first(&self) -> Cell {
        let own = self.fact();
        let package = |import: &ImportFact| import.module.split('.').next().map(str::to_owned);
        let is_same = |import: &&ImportFact| {
            import.settings == own.settings && package(import) == package(own)
        };
        let first = self.p.imports.iter().find(is_same).unwrap_or(own);
        Cell::str(&first.module).at(first.span)
    }

    fn is_attribute(&self) -> Cell {
        Cell::bool(self.fact().is_attribute)
    }

    fn ignored_by(&self) -> Cell {
        let fact = self.fact();
        let pattern = fact.ignored.as_ref().filter(|_| !fact.is_migrations);
        pattern.map_or(Cell::ABSENT, |it| Cell::str(it.text.as_str()).at(it.span()))
    }

    fn migrations_ignored_by(&self) -> Cell {
        let fact = self.fact();
        let is_meant = fact.is_migrations && migrated::migrates(self.p, fact);
        let pattern = fact.ignored.as_ref().filter(|_| is_meant);
        pattern.map_or(Cell::ABSENT, |it| Cell::str(it.text.as_str()).at(it.span()))
    }

    fn lacks_migrations(&self) -> Cell {
        let found = migrated::without_tables(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| {
            Cell::str(match it.lack {
                MigrationLack::Package => "package",
                MigrationLack::Init => "init",
                MigrationLack::Files => "files",
            })
        })
    }

    fn model(&self) -> Cell {
        let found = self.fact().lacks.as_ref();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.model.0).at(it.model.1))
    }

    fn every_minute(&self) -> Cell {
        let is_crontab = self.fact().name.as_deref() == Some("crontab");
        let calls = self.fact().calls.iter().filter(|_| is_crontab);
        Cell::list(calls.map(call).collect())
    }

    fn lacks_locale(&self) -> Cell {
        let fact = self.fact();
        let stage = self.p.images[self.p.settings[fact.settings].image].stage;
        let is_lacking = |(name, _): &&(String, Span)| {
            fact.module == "locale" && locales::is_lacking(self.p, stage, name)
        };
        Cell::list(fact.calls.iter().filter(is_lacking).map(call).collect())
    }

    fn path(&self) -> Cell {
        let fact = self.fact();
        let path = fact.ignored.as_ref().map(|_| fact.module.replace('.', "/"));
        str_or_absent(path.as_deref())
    }

    fn settings(&self) -> Cell {
        Id::Settings(self.fact().settings).cell(self.p)
    }
}

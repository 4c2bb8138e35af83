//! A file that git ignores and the project uses, in a directory that a COPY or ADD takes along.

use crate::facts::files::carried_along;
use crate::facts::model::LocalFileFact;
use crate::facts::nodes::cells::{str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::source::normalize;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "local_file",
    table: &TABLE,
    key: "what it is: `variables`, `credentials` or `database`",
    vars: &["copy", "stage"],
    doc: "a file of anyone who builds, which git ignores, the project uses and a COPY takes along",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.local_files.iter().enumerate() {
        let copy = &p.copies[fact.copy];
        let node = Id::LocalFile(i).node(p);
        let covers = facts.instruction_span(copy.instruction);
        each(facts.selected(Some(copy.stage), fact.kind.name(), node, covers));
    }
}

table! {
    "local_file",
    "A file that git ignores and the project uses, so that anyone who builds has it, in a directory that a COPY or ADD \
     takes along. It is not here, and no pattern of the ignore file excludes it.";
    path: Type::Str, "in the build context; marks the source of the COPY";
    category: Type::Str,
        "`variables` (an `env_file` of a service, what the settings read), `credentials` (a variable of a service is \
         the path that it gets in the image) or `database` (SQLite, by the settings)";
    is_copied_by_name: Type::Bool, "the COPY or ADD names it itself";
    is_for_tests: Type::Bool, "its name says that tests use it: `.env.test.local`";
    named: Type::Str, "marks where the project names it";
    unread: Type::Str,
        "marks the pattern of `.dockerignore` that excludes it and has no effect, as the ignore file of the Dockerfile \
         takes its place; absent otherwise";
    ignore_file: Type::Str, "the ignore file of the build context; absent without";
    taken_back: Type::Str, "the pattern of the ignore file that takes it back in, `!.env`; absent without";
    is_published: Type::Bool,
        "continuous integration or a platform publishes the image, or a compose stack for production builds it";
    service: Type::Link("service"), "the service that is given it; absent where the settings name it";
    copy: Type::Link("copy"), "the COPY or ADD";
    stage: Type::Link("stage"), "its stage";
}

view! { LocalFile(i: usize) }

impl View<'_> {
    fn fact(&self) -> &LocalFileFact {
        &self.p.local_files[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().source)
    }

    fn label(&self) -> String {
        self.fact().path.clone()
    }

    fn path(&self) -> Cell {
        Cell::str(&self.fact().path).at(self.fact().source)
    }

    fn category(&self) -> Cell {
        Cell::str(self.fact().kind.name())
    }

    fn is_copied_by_name(&self) -> Cell {
        let fact = self.fact();
        let sources = self.p.copies[fact.copy].sources.iter();
        let mut own = sources.filter(|(span, _)| *span == fact.source);
        let is_it = |text: &Traced| normalize(text.as_str()).as_deref() == Some(&fact.path);
        Cell::bool(own.any(|(_, text)| text.as_ref().is_some_and(is_it)))
    }

    fn is_for_tests(&self) -> Cell {
        Cell::bool(carried_along::is_for_tests(&self.fact().path))
    }

    fn named(&self) -> Cell {
        Cell::str(&self.fact().path).at(self.fact().named)
    }

    fn unread(&self) -> Cell {
        let found = self.fact().unread;
        found.map_or(Cell::ABSENT, |span| Cell::str(".dockerignore").at(span))
    }

    fn ignore_file(&self) -> Cell {
        str_or_absent(self.fact().ignore_file.as_deref())
    }

    fn taken_back(&self) -> Cell {
        self.fact().taken_back.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn is_published(&self) -> Cell {
        Cell::bool(self.fact().is_published)
    }

    fn service(&self) -> Cell {
        let found = self.fact().service;
        found.map_or(Cell::ABSENT, |i| Id::Service(i).cell(self.p))
    }

    fn copy(&self) -> Cell {
        Id::Copy(self.fact().copy).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.p.copies[self.fact().copy].stage).cell(self.p)
    }
}

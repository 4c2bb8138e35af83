//! A file that the project names and that Django does not find.

use crate::facts::model::NamedFileFact;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "named_file",
    table: &TABLE,
    key: "what names it: `template`, `static` or `style`",
    vars: &["settings"],
    doc: "a template or static file that the project names and that is in no directory where Django looks for it",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.named_files.iter().enumerate() {
        let stage = p.images[p.settings[fact.settings].image].stage;
        let node = Id::NamedFile(i).node(p);
        each(facts.selected(Some(stage), fact.kind.name(), node, vec![fact.span]));
    }
}

table! {
    "named_file",
    "A template or static file that the project names and that is in no directory where Django looks for it: those of \
     the settings, and those of the applications. Static files only where the build collects them and a storage with \
     hashed names asks its manifest for them.";
    name: Type::Str, "as Django looks for it: `css/site.css`; marks where it is named";
    by: Type::Str,
        "what names it: `template` (code renders it), `static` (`{% static %}` of a template) or `style` (a style \
         sheet or script among the static files)";
    is_sure: Type::Bool,
        "the files of all applications are known; where not, the project has the directory of the name itself";
    ignored_by: Type::Str, "the pattern of the ignore file that excludes it; absent otherwise";
    settings: Type::Link("settings"), "the settings";
}

view! { NamedFile(i: usize) }

impl View<'_> {
    fn fact(&self) -> &NamedFileFact {
        &self.p.named_files[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone()
    }

    fn name(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().span)
    }

    fn by(&self) -> Cell {
        Cell::str(self.fact().kind.name())
    }

    fn is_sure(&self) -> Cell {
        Cell::bool(self.fact().is_sure)
    }

    fn ignored_by(&self) -> Cell {
        let found = self.fact().ignored_by.as_ref();
        found.map_or(Cell::ABSENT, |(text, span)| Cell::str(text).at(*span))
    }

    fn settings(&self) -> Cell {
        Id::Settings(self.fact().settings).cell(self.p)
    }
}

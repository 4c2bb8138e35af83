//! A compose file, as written.

use crate::compose::ComposeFile;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::purpose;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::intent_words::Intent;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "compose_file",
    table: &TABLE,
    key: "what it is for: `production`, `development`, `test`, or empty",
    vars: &[],
    doc: "a compose file beside the Dockerfile or in a directory above it",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, file) in p.around.deployed.compose.files.iter().enumerate() {
        let key = match file.purpose {
            Some(Intent::Production) => "production",
            Some(Intent::Development) => "development",
            Some(Intent::Ci) => "test",
            None => "",
        };
        each(facts.of_service(file.purpose, key, Id::ComposeFile(i).node(p)));
    }
}

table! {
    "compose_file",
    "A compose file, as written.";
    path: Type::Str, "where it lies";
    purpose: Type::Str,
        "`production`, `development` or `test` by its name and directories; absent when they do not say";
    version: Type::Str, "the value of `version`; absent without";
    version_lines: Type::Str, "marks the lines of `version`; absent when something else is there";
    version_is_read: Type::Bool,
        "something still reads `version`: the file is for a swarm by its keys, or a compose file of the project \
         says so of itself, or the project calls a docker-compose before 1.27 or `docker stack deploy` in a \
         file of CI, a README or the like";
    is_read_by_others: Type::Bool,
        "a compose file of the project says of itself that it is for a swarm, or a file of CI, a README or the \
         like calls a docker-compose before 1.27, `docker stack deploy` or `ecs-cli`";
    first_version: Type::Str, "the `version` of the first compose file that has one";
    errors: Type::List(&Type::Str), "what is not YAML or has the wrong shape";
    dollars: Type::List(&Type::Str), "`$` that compose refuses";
}

view! { ComposeFile(i: usize) }

impl View<'_> {
    fn fact(&self) -> &ComposeFile {
        &self.p.around.deployed.compose.files[self.i]
    }

    fn version(&self) -> Cell {
        self.fact()
            .version
            .as_ref()
            .map_or(Cell::ABSENT, |(key, value)| {
                Cell::str(value.scalar.as_str()).at(key.span.cover(value.span()))
            })
    }

    fn find_errors(&self, is_dollar: bool) -> Cell {
        let errors = self.fact().errors.iter();
        let of_kind = errors.filter(|error| !error.is_limit && error.is_dollar() == is_dollar);
        Cell::list(
            of_kind
                .map(|error| Cell::str(&error.message).at(error.span))
                .collect(),
        )
    }

    fn place(&self) -> Option<Span> {
        let first = self
            .fact()
            .services
            .first()
            .map(|service| service.name.span());
        Some(first.unwrap_or(Span::point(self.fact().file, 0)))
    }

    fn label(&self) -> String {
        self.p.around.root.display(&self.fact().path)
    }
}

impl View<'_> {
    fn path(&self) -> Cell {
        Cell::str(&self.label())
    }

    fn purpose(&self) -> Cell {
        purpose(self.fact().purpose)
    }

    fn version_lines(&self) -> Cell {
        self.fact()
            .version_lines
            .map_or(Cell::ABSENT, |span| Cell::str("version").at(span))
    }

    fn version_is_read(&self) -> Cell {
        Cell::bool(
            self.p.version_is_read
                || self
                    .fact()
                    .services
                    .iter()
                    .any(|service| service.keys.iter().any(|key| key.as_str() == "deploy"))
                || crate::facts::deploy::compose_callers::is_for_swarm(self.p),
        )
    }

    fn is_read_by_others(&self) -> Cell {
        Cell::bool(
            self.p.version_is_read || crate::facts::deploy::compose_callers::is_for_swarm(self.p),
        )
    }

    fn first_version(&self) -> Cell {
        let files = &self.p.around.deployed.compose.files;
        let first = files.iter().find_map(|file| file.version.as_ref());
        first.map_or(Cell::ABSENT, |(key, value)| {
            Cell::str(value.scalar.as_str()).at(key.span.cover(value.span()))
        })
    }

    fn errors(&self) -> Cell {
        self.find_errors(false)
    }

    fn dollars(&self) -> Cell {
        self.find_errors(true)
    }
}

//! A layer: what one RUN, COPY or ADD adds to the image.

use crate::facts::build::secret_mounts;
use crate::facts::model::{Fate, LayerFact};
use crate::facts::nodes::cells::{at, known_bool, list, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::system::{apt_lists, fate as system, leftovers};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::packages::BuildOnly;
use crate::knowledge::programs::{self, Role};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "layer",
    table: &TABLE,
    key: "the keyword: `RUN`, `COPY` or `ADD`",
    vars: &["stage"],
    doc: "a layer: what one RUN, COPY or ADD does",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, layer) in p.layers.iter().enumerate() {
        let node = Id::Layer(i).node(p);
        each(facts.selected(
            Some(layer.stage),
            layer.keyword.name(),
            node,
            facts.instruction_span(layer.instruction),
        ));
    }
}

table! {
    "layer",
    "A layer: what one RUN, COPY or ADD adds to the image.";
    keyword: Type::Str, "`RUN`, `COPY` or `ADD`";
    is_onbuild: Type::Bool, "it stands under ONBUILD and runs in images built from this one";
    is_opaque: Type::Bool, "not all of it could be read: another language, a shell error";
    starts_database: Type::Bool,
        "a command of it may start a database, or something that has one: `service`, `postgres`, `docker`; \
         unknown when it is opaque";
    errors: Type::List(&Type::Str),
        "what the shell cannot read of a RUN, which it reads whole before it runs any of it; empty for heredocs";
    has_errexit: Type::Bool, "`set -e` or the SHELL ends it at the first failure";
    commands: Type::List(&Type::Fact("command")), "its shell commands in order; open when it is opaque";
    packages: Type::List(&Type::Link("package")), "system packages it installs; open when it is opaque";
    compilers_left: Type::List(&Type::Link("package")),
        "compilers that it installs and does not remove, without those of an earlier layer";
    headers_left: Type::List(&Type::Link("package")),
        "headers (`*-dev`) that it installs and does not remove, without those of an earlier layer";
    runtime_missing: Type::List(&Type::Str),
        "the libraries that belong to these headers and that the stage does not install by name: `libpq5` for \
         `libpq-dev`; without those that are not known";
    compiles_nothing: Type::Bool,
        "nothing is compiled from this layer on in the images that have it: wheels are there for all that is \
         installed, and nothing else builds; unknown otherwise, and where others build on the image";
    may_build: Type::Bool,
        "this layer or a later one may build something else than packages of Python: `make`, `cmake`, a script";
    installs_python: Type::Bool, "it installs packages of Python";
    compiled: Type::List(&Type::Str), "the packages that are certainly compiled in this layer or later";
    inherited_by: Type::Link("stage"),
        "the stage of an image that is made from this stage, which installs packages of Python; absent where this \
         stage makes the image itself";
    finds_libraries: Type::Bool,
        "on Alpine, and GDAL or GEOS is installed: Django finds these with the help of the compiler";
    building_stage: Type::Link("stage"),
        "a stage made from this one, of no image itself, that installs Python packages: it compiles for the \
         images; absent when there is none";
    closed_secret: Type::Str,
        "the mount of a secret that none of its commands may read: the secret belongs to root and nobody else may \
         read it, and all of them run as another user";
    reads_secret: Type::Bool, "a command that ends the build when it fails names the path of that secret";
    called_at_start: Type::Str,
        "the first of these compilers that something calls when an image with it starts, or `make`, where nothing but \
         these contains it; absent when there is none";
    only_updates: Type::Link("command"),
        "the `apt-get update` of a layer that does nothing else, while a later layer installs without an update \
         of its own; absent otherwise";
    lost_state: Type::Link("command"),
        "the first command of a RUN whose commands only change their own shell, its directory, variables or limits, \
         which end with it; absent otherwise";
    unchecked: Type::List(&Type::Str),
        "marks what has to change so that the first failure ends it, each with what takes its place: `&&` for \
         each `;`, `set -e` as the first line of a heredoc; empty where more than that has to change";
    is_in_earnest: Type::Bool,
        "every command whose failure goes unseen is one that nobody runs to see whether it works: a package \
         manager, a download, `rm -f`";
    removals: Type::List(&Type::Str), "marks the commands of later layers that remove these too late";
    mounts: Type::List(&Type::Fact("mount")), "its `--mount` flags";
    stage: Type::Link("stage"), "its stage";
}

view! { Layer(i: usize) }

impl View<'_> {
    fn fact(&self) -> &LayerFact {
        &self.p.layers[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.p.dockerfile.instructions[self.fact().instruction].span)
    }

    fn label(&self) -> String {
        self.fact().keyword.name().to_owned()
    }

    /// Packages of a kind that stay: known ones only, so a closed list.
    fn left(&self, kind: BuildOnly) -> Cell {
        Cell::list(
            system::left(self.p, self.i, kind)
                .into_iter()
                .map(|i| Id::Package(i).cell(self.p))
                .collect(),
        )
    }

    fn removals(&self) -> Cell {
        let mut spans: Vec<Span> = Vec::new();
        for package in &self.p.packages[self.fact().packages.clone()] {
            if let Fate::RemovedLater(span) = package.fate
                && !spans.contains(&span)
            {
                spans.push(span);
            }
        }
        Cell::list(
            spans
                .into_iter()
                .map(|span| Cell::str("").at(span))
                .collect(),
        )
    }

    fn find_mounts(&self) -> Vec<Cell> {
        let count = self.fact().mounts.len();
        (0..count)
            .map(|mount| {
                let (layer, i) = (self.i, mount);
                Id::Mount { layer, i }.cell(self.p)
            })
            .collect()
    }
}

impl View<'_> {
    fn keyword(&self) -> Cell {
        at(
            Cell::str(self.fact().keyword.name()),
            Some(
                self.p.dockerfile.instructions[self.fact().instruction]
                    .keyword_text
                    .span(),
            ),
        )
    }

    fn is_onbuild(&self) -> Cell {
        Cell::bool(self.fact().is_onbuild)
    }

    fn is_opaque(&self) -> Cell {
        Cell::bool(self.fact().is_opaque)
    }

    fn starts_database(&self) -> Cell {
        let mut commands = self.p.commands[self.fact().commands.clone()].iter();
        let starts = commands.any(|fact| {
            let name = fact.command.name.as_deref();
            name.is_some_and(|name| programs::is(name, Role::StartsDatabase))
        });
        if starts || !self.fact().is_opaque {
            Cell::bool(starts)
        } else {
            Cell::UNKNOWN
        }
    }

    fn errors(&self) -> Cell {
        let instruction = self.p.dockerfile.instructions.get(self.fact().instruction);
        // A heredoc is read line by line: what stands before the mistake runs, and may end it.
        let is_whole =
            instruction.is_some_and(|instruction| !instruction.rest.as_str().contains("<<"));
        let errors = self.fact().shell_errors.iter();
        let told = errors.filter(|error| is_whole && !error.is_limit);
        let cells = told.map(|error| Cell::str(&error.message).at(error.span));
        Cell::list(cells.collect())
    }

    fn has_errexit(&self) -> Cell {
        Cell::bool(self.fact().has_errexit)
    }

    fn commands(&self) -> Cell {
        list(
            self.fact()
                .commands
                .clone()
                .map(|i| Id::Command(i).cell(self.p))
                .collect(),
            !self.fact().is_opaque,
        )
    }

    fn packages(&self) -> Cell {
        list(
            self.fact()
                .packages
                .clone()
                .map(|i| Id::Package(i).cell(self.p))
                .collect(),
            !self.fact().is_opaque,
        )
    }

    fn compilers_left(&self) -> Cell {
        self.left(BuildOnly::Compiler)
    }

    fn headers_left(&self) -> Cell {
        self.left(BuildOnly::Headers)
    }

    fn runtime_missing(&self) -> Cell {
        Cell::list(
            system::runtime_missing(self.p, self.i)
                .into_iter()
                .map(Cell::str)
                .collect(),
        )
    }

    fn compiles_nothing(&self) -> Cell {
        known_bool(leftovers::compiles_nothing(self.p, self.i))
    }

    fn may_build(&self) -> Cell {
        Cell::bool(leftovers::may_build_later(self.p, self.i))
    }

    fn installs_python(&self) -> Cell {
        let own = &self.fact().commands;
        let mut installs = self.p.installs.iter();
        Cell::bool(installs.any(|install| own.contains(&install.command)))
    }

    fn compiled(&self) -> Cell {
        Cell::list(
            leftovers::compiled(self.p, self.i)
                .into_iter()
                .map(Cell::str)
                .collect(),
        )
    }

    fn inherited_by(&self) -> Cell {
        leftovers::inherited_by(self.p, self.i)
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }

    fn finds_libraries(&self) -> Cell {
        Cell::bool(leftovers::finds_libraries(self.p, self.i))
    }

    fn building_stage(&self) -> Cell {
        leftovers::building_stage(self.p, self.i)
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }

    fn closed_secret(&self) -> Cell {
        let found = secret_mounts::closed(self.p, self.i);
        found.map_or(Cell::ABSENT, |(mount, _)| {
            Cell::str("secret").at(mount.span)
        })
    }

    fn reads_secret(&self) -> Cell {
        let found = secret_mounts::closed(self.p, self.i);
        Cell::bool(found.is_some_and(|(_, reads)| reads))
    }

    fn called_at_start(&self) -> Cell {
        str_or_absent(leftovers::called_at_start(self.p, self.i))
    }

    fn only_updates(&self) -> Cell {
        apt_lists::only_updates(self.p, self.i)
            .map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn lost_state(&self) -> Cell {
        let layer = self.fact();
        if layer.is_opaque {
            return Cell::UNKNOWN;
        }
        let changes = |i: &usize| {
            let name = self.p.commands[*i].command.name.as_deref();
            name.is_some_and(|name| programs::is(name, Role::ChangesShell))
        };
        // `set` chooses how the shell reads on.
        let is_plain = |i: &usize| {
            let command = &self.p.commands[*i].command;
            command.redirects.is_empty() && (changes(i) || command.name.as_deref() == Some("set"))
        };
        let mut commands = layer.commands.clone();
        let is_lost = layer.mounts.is_empty() && commands.clone().all(|i| is_plain(&i));
        let first = commands.find(changes).filter(|_| is_lost);
        first.map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn unchecked(&self) -> Cell {
        Cell::list(
            crate::facts::build::joined::unchecked(self.p, self.i)
                .into_iter()
                .map(|(span, text)| Cell::str(&text).at(span))
                .collect(),
        )
    }

    fn is_in_earnest(&self) -> Cell {
        Cell::bool(crate::facts::build::joined::is_all_in_earnest(
            self.p, self.i,
        ))
    }

    fn mounts(&self) -> Cell {
        Cell::list(self.find_mounts())
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}

//! A stage: one FROM and what follows it. What it inherits from the stages and images before it counts.

use crate::knowledge::intent_words::Intent;
use std::sync::Arc;

use crate::facts::build::{application, at, users};
use crate::facts::files::origin;
use crate::facts::intent::by_name;
use crate::facts::model::{BaseKind, Fate, Project, StageFact};
use crate::facts::nodes::cells::{self, at, known_bool, known_str, list, map, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Reach, Selected, Type};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "stage",
    table: &TABLE,
    key: "the name after AS in lower case, or empty",
    vars: &[],
    doc: "a stage of the Dockerfile",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, stage) in p.stages.iter().enumerate() {
        let key = stage
            .name
            .as_ref()
            .map(|name| name.as_str().to_ascii_lowercase());
        let node = Id::Stage(i).node(p);
        each(facts.selected(
            Some(i),
            key.as_deref().unwrap_or_default(),
            node,
            facts.instruction_span(stage.from),
        ));
    }
}

table! {
    "stage",
    "A stage: one FROM and what follows it. What it inherits from the stages and images before it counts.";
    name: Type::Str, "after AS; absent without";
    index: Type::Int, "from 0";
    from: Type::Str, "the image or stage as written in FROM";
    base: Type::Fact("base"), "the base image, through the stages it starts from";
    is_shipped: Type::Bool, "it is (part of) a shipped image";
    is_last: Type::Bool, "no stage follows";
    is_of_product: Type::Bool,
        "the last stage, or one that a compose file names as target, is this one or built on it";
    intent: Type::Str, "`production`, `development` or `ci`, by names and config";
    user: Type::Str, "the user at its end; empty for an empty USER";
    is_root: Type::Bool, "that user is root";
    workdir: Type::Str, "the working directory at its end";
    env: Type::Map(&Type::Str), "the environment at its end; open when the base image's is not known";
    labels: Type::Map(&Type::Str), "its labels; open when the base image's are not known";
    packages: Type::List(&Type::Link("package")),
        "system packages that stay installed; open when not all layers could be read";
    is_python: Type::Bool,
        "(part of) a Python application: on the official python image, with Django, or where an application's \
         requirements are installed and something starts; unknown otherwise";
    is_for_openshift: Type::Bool,
        "the platform may choose the user, as OpenShift does: the Dockerfile or its path speaks of it, or a \
         user is put into the group of root";
    is_development_helper: Type::Bool,
        "it is not part of a Python application, and only compose files for development or tests build its \
         Dockerfile";
    is_workbench: Type::Bool,
        "what is built on it starts a shell that waits for commands, `tail -f /dev/null`, or `make` without a \
         target, or has ONBUILD: a place to build and test in, no application";
    is_developed_on: Type::Bool,
        "a service that builds its Dockerfile is for development: by its file, the code of the host \
         over that of the image, or a development server";
    developed_from: Type::Link("stage"),
        "the first stage for development that is built from this one: `web-dev`; absent without one";
    starts_nothing: Type::Bool,
        "no image with it says what it runs, nor does anything beside the Dockerfile: others build on it";
    serves_nobody: Type::Bool,
        "all that is known to start in images with it is a development server or nothing, and no name, stack, \
         workflow or platform says that one is shipped";
    layers: Type::List(&Type::Fact("layer")), "its own layers in order";
    lacks_shell: Type::Bool,
        "it has no /bin/sh: the base image has none, and no SHELL, COPY or ADD can have added one";
    misplaced_sources: Type::List(&Type::Str),
        "sources of its COPY and ADD, and of those below it, that the build context lacks and a directory above the \
         context has: another context was meant";
    healthcheck: Type::Str, "marks its HEALTHCHECK; absent without";
}

view! { Stage(i: usize) }

impl View<'_> {
    fn fact(&self) -> &StageFact {
        &self.p.stages[self.i]
    }

    fn user(&self) -> Cell {
        users::current(&self.p.stages, self.i)
            .map_or(Cell::UNKNOWN, |user| at(Cell::str(&user.name), user.span))
    }

    fn left(&self) -> Cell {
        let chain = at::chain(&self.p.stages, self.i);
        let mut unknown = false;
        let items = self
            .p
            .packages
            .iter()
            .enumerate()
            .filter(|(_, package)| chain.contains(&package.stage))
            .filter(|(_, package)| {
                unknown |= package.fate == Fate::Unknown;
                package.fate == Fate::Left
            })
            .map(|(i, _)| Id::Package(i).cell(self.p))
            .collect();
        let opaque = self
            .p
            .layers
            .iter()
            .any(|layer| chain.contains(&layer.stage) && layer.is_opaque);
        list(items, !unknown && !opaque)
    }

    fn misplaced_sources(&self) -> Cell {
        let chain = at::chain(&self.p.stages, self.i);
        let sources = self.p.sources.iter();
        let own = sources.filter(|it| chain.contains(&self.p.copies[it.copy].stage));
        let lost = own.filter(|source| origin::above(self.p, source).is_some());
        Cell::list(lost.map(|source| traced(&source.path)).collect())
    }

    fn labels(&self) -> Cell {
        let chain = at::chain(&self.p.stages, self.i);
        let mut items = Vec::new();
        for stage in &chain {
            for (key, value) in &self.p.stages[*stage].labels {
                let cell = known_str(value.as_ref().map(Traced::as_str)).at(key.span());
                items.push((Arc::from(key.as_str()), cell));
            }
        }
        map(items, at::is_closed(&self.p.stages, self.i))
    }

    fn place(&self) -> Option<Span> {
        Some(
            self.fact()
                .name
                .as_ref()
                .map_or_else(|| self.fact().base.written.span(), Traced::span),
        )
    }

    fn label(&self) -> String {
        match &self.fact().name {
            Some(name) => name.as_str().to_owned(),
            None => self.i.to_string(),
        }
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        self.fact().name.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn index(&self) -> Cell {
        Cell::int(i64::try_from(self.i).unwrap_or(i64::MAX))
    }

    fn from(&self) -> Cell {
        traced(&self.fact().base.written)
    }

    fn base(&self) -> Cell {
        Id::base(self.p, self.i).cell(self.p)
    }

    fn is_shipped(&self) -> Cell {
        Cell::bool(self.fact().reach == Reach::Shipped)
    }

    fn is_of_product(&self) -> Cell {
        let product = self.p.product.get_or_init(|| product(self.p));
        Cell::bool(product[self.i])
    }

    fn is_last(&self) -> Cell {
        Cell::bool(self.i + 1 == self.p.stages.len())
    }

    fn intent(&self) -> Cell {
        Cell::str(match self.fact().intent {
            Intent::Production => "production",
            Intent::Development => "development",
            Intent::Ci => "ci",
        })
    }

    fn is_root(&self) -> Cell {
        known_bool(users::current(&self.p.stages, self.i).map(|user| users::is_root(&user)))
    }

    fn workdir(&self) -> Cell {
        known_str(at::workdir(&self.p.stages, self.i).as_deref())
    }

    fn env(&self) -> Cell {
        cells::env_cell(self.p, self.i)
    }

    fn packages(&self) -> Cell {
        self.left()
    }

    fn is_python(&self) -> Cell {
        if application::is_python(self.p, self.i) {
            Cell::bool(true)
        } else {
            Cell::UNKNOWN
        }
    }

    fn is_for_openshift(&self) -> Cell {
        Cell::bool(crate::facts::start::unprivileged::is_for_openshift(self.p))
    }

    fn is_development_helper(&self) -> Cell {
        Cell::bool(
            self.p.around.is_built_for_development_only()
                && !application::is_python(self.p, self.i),
        )
    }

    fn is_workbench(&self) -> Cell {
        Cell::bool(application::is_workbench(self.p, self.i))
    }

    fn is_developed_on(&self) -> Cell {
        Cell::bool(crate::facts::deploy::purpose::is_developed_on(self.p))
    }

    fn developed_from(&self) -> Cell {
        let mut stages = self.i + 1..self.p.stages.len();
        let found = stages.find(|stage| {
            let name = self.p.stages[*stage].name.as_ref();
            name.and_then(|name| by_name(name.as_str())) == Some(Intent::Development)
                && at::is_part(&self.p.stages, self.i, *stage)
        });
        found.map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }

    fn starts_nothing(&self) -> Cell {
        Cell::bool(application::starts_nothing(self.p, self.i))
    }

    fn serves_nobody(&self) -> Cell {
        Cell::bool(self.p.serves_nobody[self.i])
    }

    fn layers(&self) -> Cell {
        Cell::list(
            self.fact()
                .layers
                .iter()
                .map(|i| Id::Layer(*i).cell(self.p))
                .collect(),
        )
    }

    fn lacks_shell(&self) -> Cell {
        known_bool(at::lacks_shell(self.p, self.i))
    }

    fn healthcheck(&self) -> Cell {
        self.fact().healthcheck.map_or(Cell::ABSENT, |i| {
            let span = self.p.dockerfile.instructions[i].span;
            Cell::str("HEALTHCHECK").at(span)
        })
    }
}

/// For each stage whether the last one, or one that a compose service builds, is it or stands on it.
fn product(p: &Project) -> Vec<bool> {
    let targets = p.around.deployed.building().filter_map(|found| {
        let target = found.build.as_ref()?.target.as_ref()?.as_str()?;
        p.stage_named(target)
    });
    let mut product = vec![false; p.stages.len()];
    for end in targets.chain(p.stages.len().checked_sub(1)) {
        product[end] = true;
    }
    for stage in (0..p.stages.len()).rev() {
        if let (true, BaseKind::Stage(parent)) = (product[stage], p.stages[stage].base.kind) {
            product[parent] = true;
        }
    }
    product
}

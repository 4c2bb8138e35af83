//! An image that a build or a service takes from a registry.

use crate::compose::Text;
use crate::dockerfile::image::ImageRef;
use crate::facts::model::CopyFrom;
use crate::facts::nodes::node::{Facts, Id, Pulled, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::{databases, images};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "pull",
    table: &TABLE,
    key: "where it is taken: `FROM`, `COPY`, `RUN`, `service`",
    vars: &[],
    doc: "an image that a FROM, a `COPY --from`, a `RUN --mount` or a service takes from a registry (stages, scratch \
          and images that are built here are none)",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    let mut tell = |stage: Option<usize>, from: Pulled, covers: Vec<Span>| {
        let view = View { p, from };
        if view.is_pulled() {
            let key = view.word();
            each(facts.selected(stage, key, Id::Pull(from).node(p), covers));
        }
    };
    for (i, stage) in p.stages.iter().enumerate() {
        tell(Some(i), Pulled::Base(i), facts.instruction_span(stage.from));
    }
    for (i, copy) in p.copies.iter().enumerate() {
        let covers = facts.instruction_span(copy.instruction);
        tell(Some(copy.stage), Pulled::Copy(i), covers);
    }
    for (layer, run) in p.layers.iter().enumerate() {
        for i in 0..run.mounts.len() {
            let covers = facts.instruction_span(run.instruction);
            tell(Some(run.stage), Pulled::Mount { layer, i }, covers);
        }
    }
    for (i, service) in p.services.iter().enumerate() {
        let view = View {
            p,
            from: Pulled::Service(i),
        };
        if view.is_pulled() {
            let node = Id::Pull(Pulled::Service(i)).node(p);
            each(facts.of_service(service.purpose(p), view.word(), node));
        }
    }
}

table! {
    "pull",
    "An image that a build or a service takes from a registry.";
    text: Type::Str, "as it is written, variables filled in";
    keyword: Type::Str, "where it is taken: `FROM`, `COPY`, `RUN`, or `service`";
    path: Type::Str,
        "registry and repository, without tag and digest, as Docker completes them: `docker.io/library/python`, \
         `ghcr.io/acme/shop`";
}

view! { Pull(from: Pulled) }

impl View<'_> {
    /// The reference, where it is one of an image.
    fn image(&self) -> Option<ImageRef> {
        match self.from {
            Pulled::Base(stage) => self.p.stages[stage].base.image.clone(),
            Pulled::Copy(i) => match &self.p.copies[i].from {
                CopyFrom::Other(Some(name)) => external(name, self.place()?),
                _ => None,
            },
            Pulled::Mount { layer, i } => {
                let mount = &self.p.layers[layer].mounts[i];
                external(mount.from_image.as_deref()?, mount.span)
            }
            Pulled::Service(i) => {
                let fact = &self.p.services[i];
                if fact.is_built_beside || fact.builds_this {
                    return None;
                }
                let name = fact.deployed(self.p).image.as_ref()?.value.as_ref()?;
                let image = ImageRef::parse(name);
                is_of_registry(&image).then_some(image)
            }
        }
    }

    fn is_pulled(&self) -> bool {
        self.image().is_some_and(|image| !image.is_scratch())
    }

    fn word(&self) -> &'static str {
        match self.from {
            Pulled::Base(_) => "FROM",
            Pulled::Copy(_) => "COPY",
            Pulled::Mount { .. } => "RUN",
            Pulled::Service(_) => "service",
        }
    }

    fn find_text(&self) -> Option<String> {
        let image = self.image()?;
        let name = match &image.registry {
            Some(registry) => format!("{registry}/{}", image.repository),
            None => image.repository.clone(),
        };
        let tag = image.tag.as_ref().map(|tag| format!(":{}", tag.as_str()));
        let digest = image
            .digest
            .as_ref()
            .map(|digest| format!("@{}", digest.as_str()));
        Some(format!(
            "{name}{}{}",
            tag.unwrap_or_default(),
            digest.unwrap_or_default()
        ))
    }

    fn place(&self) -> Option<Span> {
        match self.from {
            Pulled::Base(stage) => Id::Base(stage).node(self.p).span(),
            Pulled::Copy(i) => {
                let instruction = &self.p.dockerfile.instructions[self.p.copies[i].instruction];
                let mut flags = instruction.flags.iter();
                let from = flags.find(|flag| flag.name.as_str() == "from");
                let value = from.and_then(|flag| flag.value.as_ref());
                Some(value.map_or(instruction.span, Traced::span))
            }
            Pulled::Mount { layer, i } => Some(self.p.layers[layer].mounts[i].span),
            Pulled::Service(i) => {
                let deployed = self.p.services[i].deployed(self.p);
                deployed.image.as_ref().map(Text::span)
            }
        }
    }

    fn label(&self) -> String {
        self.find_text().unwrap_or_default()
    }
}

/// What `--from` names when it is no stage: an image, or a context that is given to the build, whose name seldom has
/// a tag or a path.
fn external(name: &str, place: Span) -> Option<ImageRef> {
    let is_image = name.contains(['/', ':', '@']);
    is_image.then(|| ImageRef::parse(&Traced::new(name.to_owned(), place)))
}

/// A name without a registry may be one that a script gives to what it builds, unless it is known.
fn is_of_registry(image: &ImageRef) -> bool {
    let known = images::ImageLike {
        registry: None,
        repository: &image.repository,
        tag: None,
        digest: None,
    };
    image.registry.is_some()
        || databases::engine(&image.repository).is_some()
        || images::is_known(&known)
}

impl View<'_> {
    fn keyword(&self) -> Cell {
        Cell::str(self.word())
    }

    fn text(&self) -> Cell {
        self.find_text()
            .map_or(Cell::ABSENT, |text| Cell::str(&text))
    }

    fn path(&self) -> Cell {
        self.image()
            .map_or(Cell::UNKNOWN, |image| Cell::str(&image.full_name()))
    }
}

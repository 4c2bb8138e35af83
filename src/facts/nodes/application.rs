//! The application that the server of an image loads.

use crate::facts::model::{ApplicationFact, ServerFact};
use crate::facts::nodes::cells::{at, known_bool, known_str, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{ignored_cell, presence_cell};
use crate::facts::python::closure;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::python::module::{Bound, Interface};
use crate::server::{Server, Setting};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "application",
    table: &TABLE,
    key: "the server: `uwsgi`",
    vars: &["image"],
    doc: "the application that a server loads",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, application) in p.applications.iter().enumerate() {
        let image = &p.images[application.image];
        let key = image.server.as_ref().map_or("", ServerFact::name);
        let node = Id::Application(i).node(p);
        let covers = vec![application.target.span()];
        each(facts.selected(Some(image.stage), key, node, covers));
    }
}

table! {
    "application",
    "The application that the server of an image loads.";
    target: Type::Str, "as written: a dotted name or a path, without the attribute";
    is_path: Type::Bool, "it is the path of a file, not the name of a module";
    presence: Type::Str, "`there`, `missing` or `ignored`; unknown when it may come from elsewhere";
    ignored_by: Type::Str, "the pattern of the ignore file that excludes it; absent otherwise";
    instead: Type::Str, "for a missing one, what exists and was likely meant; absent without";
    attribute: Type::Str, "the name of the application in it: `application`";
    defines_attribute: Type::Bool, "it defines that name";
    settings: Type::Str, "the settings module that it assigns, whatever the environment says; absent without";
    lacks_websockets: Type::Str,
        "the library for WebSockets that uvicorn needs and the image certainly lacks, where it has routes for them; \
         marks these; absent otherwise";
    early_models: Type::Str,
        "the module with models of Django that its module imports before it sets Django up; marks the import; absent \
         otherwise";
    interface: Type::Str, "how it is called: `WSGI` or `ASGI`, by the function that makes it; unknown otherwise";
    server_interface: Type::Str, "how the server calls it; unknown for servers and workers that know both";
    image: Type::Link("image"), "the image";
}

view! { Application(i: usize) }

impl View<'_> {
    fn fact(&self) -> &ApplicationFact {
        &self.p.applications[self.i]
    }

    fn defines(&self) -> Option<bool> {
        let attribute = self.fact().attribute.split(['.', '(']).next()?;
        self.fact().module.as_ref()?.defines(attribute)
    }

    /// The settings module that it puts in the place of any other.
    fn forced(&self) -> Cell {
        let Some(module) = &self.fact().module else {
            return Cell::UNKNOWN;
        };
        let write = module.settings_modules().last();
        match write.filter(|write| !write.is_default) {
            Some(write) if !write.is_conditional => {
                write.value.as_ref().map_or(Cell::UNKNOWN, traced)
            }
            Some(_) => Cell::UNKNOWN,
            None => Cell::ABSENT,
        }
    }

    fn early_models(&self) -> Cell {
        let found = self.fact().early_models.as_ref();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.module).at(it.span))
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().target.span())
    }

    fn label(&self) -> String {
        self.fact().target.as_str().to_owned()
    }
}

/// How a server calls its application; `None` where it knows both ways, and where its worker class is not known.
fn called_by(served: &Server, server: &ServerFact) -> Option<Interface> {
    let is_worker_of_its_own = |class: &str| {
        matches!(class, "sync" | "gthread")
            || class.starts_with("gevent")
            || class.starts_with("eventlet")
    };
    match (server.product.name, &served.worker_class) {
        ("gunicorn", Setting::Absent) if !served.is_open => Some(Interface::Wsgi),
        ("gunicorn", Setting::Given(class, _)) => match class.as_str() {
            class if is_worker_of_its_own(class) => Some(Interface::Wsgi),
            class if class.starts_with("uvicorn") => Some(Interface::Asgi),
            _ => None,
        },
        ("uvicorn", _) if server.command.flag("--interface").is_none() => Some(Interface::Asgi),
        ("daphne", _) => Some(Interface::Asgi),
        _ => None,
    }
}

impl View<'_> {
    fn target(&self) -> Cell {
        traced(&self.fact().target)
    }

    fn is_path(&self) -> Cell {
        Cell::bool(self.fact().is_path)
    }

    fn presence(&self) -> Cell {
        presence_cell(&self.fact().presence)
    }

    fn ignored_by(&self) -> Cell {
        ignored_cell(&self.fact().presence)
    }

    fn instead(&self) -> Cell {
        str_or_absent(self.fact().instead.as_deref())
    }

    fn attribute(&self) -> Cell {
        at(
            Cell::str(&self.fact().attribute),
            self.fact().attribute_span.or(self.place()),
        )
    }

    fn defines_attribute(&self) -> Cell {
        known_bool(self.defines())
    }

    fn settings(&self) -> Cell {
        self.forced()
    }

    fn lacks_websockets(&self) -> Cell {
        let routes = self.fact().module.as_ref().and_then(|it| it.websockets);
        let image = &self.p.images[self.fact().image];
        let Some((span, served)) = routes.zip(image.served.as_ref()) else {
            return Cell::ABSENT;
        };
        let server = image.server.as_ref();
        let name = server.map_or("", |it| it.product.name);
        let works_as = match &served.worker_class {
            Setting::Given(class, _) => class.as_str(),
            _ => name,
        };
        let is_uvicorn = works_as.starts_with("uvicorn");
        let is_off = server.is_some_and(|it| it.command.flag("--ws").is_some());
        let libraries = ["websockets", "wsproto"];
        match is_uvicorn
            && !is_off
            && closure::lacks(self.p, self.fact().image, &libraries) == Some(true)
        {
            true => Cell::str("websockets").at(span),
            false => Cell::ABSENT,
        }
    }

    fn interface(&self) -> Cell {
        let name = self.fact().attribute.as_str();
        let module = self.fact().module.as_ref();
        let bound = module.and_then(|module| module.names.get(name));
        match bound.filter(|it| !it.is_conditional).map(|it| &it.value) {
            Some(Some(Bound::Application(made))) => Cell::str(made.name()),
            _ => Cell::UNKNOWN,
        }
    }

    fn server_interface(&self) -> Cell {
        let image = &self.p.images[self.fact().image];
        let served = image.served.as_deref();
        let found = served.and_then(|served| called_by(served, image.server.as_ref()?));
        known_str(found.map(Interface::name))
    }

    fn image(&self) -> Cell {
        Id::Image(self.fact().image).cell(self.p)
    }
}

//! What several kinds of facts say in the same way.

use crate::knowledge::intent_words::Intent;
use std::sync::Arc;

use crate::context::Origin;
use crate::deployed::Deployed;
use crate::facts::model::{ModulePresence, Project, ServiceFact, SettingsFact};
use crate::facts::nodes::cells::{at, known_str, list, map, traced};
use crate::facts::nodes::node::Id;
use crate::facts::python::closure;
use crate::facts::start::healthcheck::{Check, Lacking};
use crate::facts::start::service;
use crate::facts::table::Cell;
use crate::knowledge::pypi_names;
use crate::knowledge::secret::{Reason, Verdict};
use crate::nginx::{Pass, To};
use crate::python::requirements::Requirement;
use crate::server::{Address, Bind, Server};
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

/// The host that requests are passed to; absent for a socket.
pub(super) fn asked_host(pass: &Pass) -> Cell {
    match &pass.to {
        To::Tcp { host, .. } => traced(host),
        To::Socket(_) => Cell::ABSENT,
    }
}

/// The port that requests are passed to, the default where none is written; absent for a socket.
pub(super) fn asked_port(pass: &Pass) -> Cell {
    match &pass.to {
        To::Tcp { port, number, .. } => {
            let cell = Cell::int(i64::from(*number));
            let span = port.as_ref().map(Traced::span);
            span.map_or(cell.clone(), |span| cell.at(span))
        }
        To::Socket(_) => Cell::ABSENT,
    }
}

/// Whether settings name a variable; absent where they are not known.
pub(super) fn in_settings<'a>(
    settings: impl Iterator<Item = &'a SettingsFact>,
    name: &str,
) -> Cell {
    let mut is_known = false;
    for fact in settings {
        if fact.name_variable(name) {
            return Cell::str("named");
        }
        if fact.settings.is_open || !fact.settings.is_found {
            return Cell::ABSENT;
        }
        is_known = true;
    }
    if is_known {
        Cell::str("not named")
    } else {
        Cell::ABSENT
    }
}

/// The program that a health check lacks, where it is called.
pub(super) fn lacking_program(lacking: Option<Lacking>) -> Cell {
    lacking.map_or(Cell::ABSENT, |it| Cell::str(&it.program).at(it.span))
}

/// The package that has the program that a health check lacks.
pub(super) fn lacking_package(lacking: Option<Lacking>) -> Cell {
    lacking.map_or(Cell::ABSENT, |it| Cell::str(it.package))
}

/// The distribution that a health check imports and an image lacks, where it is imported.
pub(super) fn lacking_module(p: &Project, image: usize, check: Option<Check<'_>>) -> Cell {
    let modules = check.map(|check| check.modules()).unwrap_or_default();
    let mut missing = modules.iter().filter_map(|(module, span)| {
        let first = module.split('.').next()?;
        Some((closure::missing_module(p, image, first)?, *span))
    });
    missing
        .next()
        .map_or(Cell::ABSENT, |(name, span)| Cell::str(name).at(span))
}

/// The file that something stands in is not the one that says that the stack is for production.
pub(super) fn is_inherited(p: &Project, span: Span) -> bool {
    let mut files = p.around.deployed.compose.files.iter();
    let own = files.find(|other| other.file == span.file);
    own.is_some_and(|own| own.purpose != Some(Intent::Production))
}

/// What a file says of a service.
pub(super) fn deployed(p: &Project, i: usize) -> &Deployed {
    p.services[i].deployed(p)
}

pub(super) fn flags(command: &Command) -> Cell {
    let items = command
        .flags
        .iter()
        .map(|flag| {
            let value = match &flag.value {
                Some(value) => known_str(value.as_str()),
                None => Cell::str(&flag.name),
            };
            (Arc::from(flag.name.as_str()), value.at(flag.span))
        })
        .collect();
    map(items, command.is_complete)
}

pub(super) fn assignments(command: &Command) -> Cell {
    let items = command
        .assignments
        .iter()
        .map(|assignment| {
            let value = known_str(assignment.value.as_ref().map(|value| value.as_str()));
            (
                Arc::from(assignment.name.as_str()),
                value.at(assignment.span),
            )
        })
        .collect();
    map(items, true)
}

/// The known ones; open when one is not known.
pub(super) fn args(args: &[Arg]) -> Cell {
    let items = args
        .iter()
        .filter_map(|arg| arg.as_str().map(|text| Cell::str(text).at(arg.span)))
        .collect();
    list(items, args.iter().all(|arg| arg.text.is_some()))
}

/// `is_all`: nothing else of the container listens.
pub(super) fn binds(p: &Arc<Project>, served: &Arc<Server>, is_all: bool) -> Cell {
    let items = (0..served.binds.len())
        .map(|i| {
            let served = Arc::clone(served);
            Id::Bind { served, i }.cell(p)
        })
        .collect();
    list(items, served.binds_are_known && is_all)
}

/// An address for people: as written, or what the server makes of nothing.
pub(super) fn written(bind: &Bind) -> String {
    if let Some(text) = &bind.text
        && !bind.is_default
        && bind.port.is_none()
    {
        return text.as_str().to_owned();
    }
    match &bind.address {
        Address::Tcp { host, port } => {
            let port = port.map_or("?".to_owned(), |port| port.to_string());
            match host.as_deref().unwrap_or("?") {
                host if host.contains(':') => format!("[{host}]:{port}"),
                host => format!("{host}:{port}"),
            }
        }
        Address::Unix(path) => path.clone(),
        Address::Fd | Address::Unknown => String::new(),
    }
}

/// The packages of an image by name.
pub(super) fn of_image(p: &Arc<Project>, image: usize) -> Cell {
    let Some(listed) = p.dependencies.get(image) else {
        return Cell::UNKNOWN;
    };
    let mut items: Vec<(Arc<str>, Cell)> = Vec::new();
    for (install, i) in &listed.items {
        let name = p.installs[*install].set.requirements[*i].name.as_str();
        if !name.is_empty() && !items.iter().any(|(known, _)| &**known == name) {
            let (install, i) = (*install, *i);
            items.push((Arc::from(name), Id::Requirement { install, i }.cell(p)));
        }
    }
    map(items, listed.is_closed)
}

/// It only tests, lints or debugs, and the project itself asks for it.
pub(super) fn is_tool(requirement: &Requirement) -> bool {
    pypi_names::is_tool(&requirement.name)
}

pub(super) fn presence_cell(presence: &ModulePresence) -> Cell {
    match presence {
        ModulePresence::There(_) => Cell::str("there"),
        ModulePresence::Missing(_) => Cell::str("missing"),
        ModulePresence::Ignored(_) => Cell::str("ignored"),
        ModulePresence::Unknown => Cell::UNKNOWN,
    }
}

pub(super) fn ignored_cell(presence: &ModulePresence) -> Cell {
    match presence {
        ModulePresence::Ignored(pattern) => Cell::str(pattern.text.as_str()).at(pattern.span()),
        ModulePresence::Unknown => Cell::UNKNOWN,
        _ => Cell::ABSENT,
    }
}

/// Why a value is a secret: `by name`, `by value`; absent when it is none.
pub(super) fn verdict(verdict: Verdict) -> Cell {
    match verdict {
        Verdict::Secret(Reason::Name) => Cell::str("name"),
        Verdict::Secret(_) => Cell::str("value"),
        Verdict::Guessable | Verdict::Dummy | Verdict::Harmless => Cell::ABSENT,
    }
}

/// Where a path of the image is: `there` or `missing`, when that is sure.
pub(super) fn presence(p: &Project, stage: usize, path: &str) -> Cell {
    match crate::facts::files::origin::at_end(p, stage, path).origin {
        Origin::Context(_) | Origin::Inline(_) => Cell::str("there"),
        Origin::Missing | Origin::Ignored(..) => Cell::str("missing"),
        Origin::Directory(_) | Origin::Generated | Origin::Unknown => Cell::UNKNOWN,
    }
}

pub(super) fn purpose(purpose: Option<Intent>) -> Cell {
    match purpose {
        Some(Intent::Production) => Cell::str("production"),
        Some(Intent::Development) => Cell::str("development"),
        Some(Intent::Ci) => Cell::str("test"),
        None => Cell::ABSENT,
    }
}

/// Whether a service is checked; unknown where its image may bring a check.
pub(super) fn has_healthcheck(p: &Project, fact: &ServiceFact) -> Cell {
    if let Some(check) = &fact.deployed(p).probe {
        return at(Cell::bool(!check.is_disabled), Some(check.span));
    }
    let image = fact.compose(p).and_then(service::image);
    let is_of_library =
        image.is_some_and(|image| image.registry.is_none() && !image.repository.contains('/'));
    if is_of_library {
        return Cell::bool(false);
    }
    Cell::UNKNOWN
}

/// The management commands that the build, the start and the services of an image call.
pub(super) fn management(p: &Project, image: usize) -> Cell {
    let fact = &p.images[image];
    let of_image = |stage: &usize| fact.chain.contains(stage);
    let built = p.commands.iter().filter(|command| of_image(&command.stage));
    let all: Vec<&Command> = built
        .map(|command| &command.command)
        .chain(p.starts_in(image).map(|start| &start.command))
        .collect();
    let names = all.iter().filter_map(|command| command.management.as_ref());
    let items = names
        .clone()
        .filter_map(|name| name.as_str())
        .map(Cell::str);
    let mut layers = p.layers.iter().filter(|layer| of_image(&layer.stage));
    let is_closed = names.clone().all(|name| name.as_str().is_some())
        && all.iter().all(|command| command.name.is_some())
        && !layers.any(|layer| layer.is_opaque);
    list(items.collect(), is_closed)
}

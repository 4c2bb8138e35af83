//! Clients of PostgreSQL that cannot dump the server of their stack: `pg_dump` refuses a server that is newer than
//! itself.

use crate::compose::Service;
use crate::facts::build::at;
use crate::facts::deploy::{asked_database, databases};
use crate::facts::model::{self, Fate, PackageFact, Project};
use crate::facts::start::service;
use crate::knowledge::databases::{self as known, Engine};
use crate::knowledge::packages;
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

/// What dumps a database with the client of PostgreSQL: programs, the command and the application of django-dbbackup.
const PROGRAMS: [&str; 2] = ["pg_dump", "pg_dumpall"];
const COMMAND: &str = "dbbackup";

/// A client that is older than the server that it is to dump.
pub(crate) struct Older {
    /// Its release.
    pub(crate) client: u32,
    /// That of the server: the first that it may be.
    pub(crate) server: u32,
    /// The image of the server.
    pub(crate) image: Span,
    /// What dumps.
    pub(crate) by: Traced,
    /// It certainly asks that server.
    pub(crate) is_sure: bool,
}

/// The package brings the client of an image that dumps a newer server.
pub(crate) fn older(p: &Project, package: usize) -> Option<Older> {
    let fact = &p.packages[package];
    let client = release(p, fact)?;
    let of_image = |image: &usize| at::is_part(&p.stages, fact.stage, p.images[*image].stage);
    let mut images = (0..p.images.len()).filter(of_image);
    images.find_map(|image| {
        let is_best = p.packages.iter().all(|other| {
            let is_own = at::is_part(&p.stages, other.stage, p.images[image].stage);
            !is_own || release(p, other).is_none_or(|other| other <= client)
        });
        in_image(p, image, client).filter(|_| is_best)
    })
}

/// The release of the client that a package brings; `None` where that is not known.
fn release(p: &Project, package: &PackageFact) -> Option<u32> {
    let text = p.text.text.as_str();
    let name = package.name.as_str();
    if package.fate != Fate::Left || package.version.is_some() {
        return None;
    }
    let numbered = |name: &str| {
        let rest = name.strip_prefix("postgresql-client-").or_else(|| {
            let of_alpine = name.strip_prefix("postgresql")?.strip_suffix("-client")?;
            Some(of_alpine)
        })?;
        rest.parse::<u32>().ok()
    };
    if let Some(release) = numbered(name) {
        return Some(release);
    }
    // Archives of its makers have newer ones.
    let is_elsewhere = ["postgresql.org", "pgdg", "backports"];
    let is_own = name == "postgresql-client" || name == "postgresql";
    if !is_own || is_elsewhere.iter().any(|word| text.contains(word)) {
        return None;
    }
    let base = &at::root(&p.stages, package.stage).base.knowledge;
    let pulled = packages::pulls(name, base.debian()?.codename)?;
    pulled.always.iter().find_map(numbered)
}

fn in_image(p: &Project, image: usize, client: u32) -> Option<Older> {
    let services = || p.services.iter().filter(|fact| fact.image == Some(image));
    // A command that runs as a container starts.
    let starts = model::started(&p.images, &p.services).filter(|(of, _)| *of == image);
    for (_, start) in starts {
        let Some(by) = dumps(&start.command) else {
            continue;
        };
        let host = host(&start.command);
        let found = services().find_map(|fact| {
            let database = asked_database::only(p, fact)?;
            let names = database.host_names();
            let is_asked = match &host {
                Some(host) => host.as_ref().map(|host| names.contains(&host.as_str())),
                None => asked_database::asks(p, fact, database),
            };
            let (server, image) = newer(database, client).filter(|_| is_asked != Some(false))?;
            Some(Older {
                client,
                server,
                image,
                by: by.clone(),
                is_sure: is_asked == Some(true),
            })
        });
        if found.is_some() {
            return found;
        }
    }
    // django-dbbackup is there to be called.
    let by = p
        .settings
        .iter()
        .filter(|it| it.image == image)
        .find_map(|fact| {
            let apps = verdicts::installed_apps(&fact.settings);
            let (name, span) = apps
                .known()?
                .entries
                .iter()
                .find(|(name, _)| name == COMMAND)?
                .clone();
            let mut own = ["DBBACKUP_CONNECTORS", "DBBACKUP_CONNECTOR_MAPPING"].into_iter();
            let is_plain =
                own.all(|name| matches!(verdicts::text(&fact.settings, name), Answer::Unassigned));
            is_plain.then(|| Traced::new(name, span))
        })?;
    services().find_map(|fact| {
        let database = asked_database::only(p, fact)?;
        let is_asked = asked_database::asks(p, fact, database);
        let (server, image) = newer(database, client).filter(|_| is_asked == Some(true))?;
        Some(Older {
            client,
            server,
            image,
            by: by.clone(),
            is_sure: true,
        })
    })
}

/// A command that dumps a database.
fn dumps(command: &Command) -> Option<Traced> {
    let management = command.management.as_ref().and_then(Arg::as_str);
    let name = command
        .name
        .as_deref()
        .filter(|name| PROGRAMS.contains(name));
    let word = management.filter(|name| *name == COMMAND).or(name)?;
    let asks_only = ["--version", "-V", "--help"];
    let is_meant = !asks_only.iter().any(|flag| command.flag(flag).is_some());
    is_meant.then(|| Traced::new(word, command.name_span))
}

/// The host that its options name; the inner is absent where that is not known.
fn host(command: &Command) -> Option<Option<String>> {
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        if let Some(rest) = arg.prefix.strip_prefix("--host=") {
            return Some(arg.as_str().map(|_| rest.to_owned()));
        }
        if matches!(arg.as_str(), Some("-h" | "--host")) {
            return Some(args.next().and_then(Arg::as_str).map(str::to_owned));
        }
    }
    None
}

/// The release of a PostgreSQL that is newer than a client, and where its image is named.
fn newer(database: &Service, client: u32) -> Option<(u32, Span)> {
    if service::engine(database) != Some(Engine::Postgres) {
        return None;
    }
    let image = service::image(database)?;
    let tag = image.tag.as_ref().map_or("latest", Traced::as_str);
    let is_newest = matches!(tag, "latest" | "alpine")
        && known::has_own_entrypoint(&image.repository)
        && image.digest.is_none()
        && image.official() == Some("postgres");
    let (server, span) = match databases::own_series(database) {
        Some((_, series, span)) => (series.0, span),
        None if is_newest => {
            let newest = known::all(Engine::Postgres).map(|row| row.series.0).max()?;
            (newest, database.image.as_ref()?.span())
        }
        None => return None,
    };
    let server = u32::from(server);
    (server > client).then_some((server, span))
}

//! Databases of compose stacks: which service is one, of which release, and what the variables that
//! name them say.

use crate::compose::{Environment, Mount, MountKind, Service, Stack, UNKNOWN};
use crate::facts::deploy::groups;
use crate::facts::deploy::names::{self, Mismatch};
use crate::facts::model::{InstallFact, Project, ServiceFact};
use crate::facts::python::dependencies;
use crate::facts::start::service::{built_on, engine, image, series};
use crate::facts::table::Reach;
use crate::knowledge::Series;
use crate::knowledge::databases::{self, Engine};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::servers;
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts;
use crate::shell::ast::Command;
use crate::source::is_in;
use crate::span::{Span, Traced};

/// Every database of the settings of the images with this stage is a file of SQLite; `None` when that is not known.
pub(crate) fn is_in_files(p: &Project, stage: usize) -> Option<bool> {
    let is_file = |engine: &String| engine.contains("sqlite") || engine.contains("spatialite");
    engines(p, stage).map(|engines| engines.iter().all(is_file))
}

/// No database of the settings of the images with this stage is a PostgreSQL; `None` when that is not known.
pub(crate) fn lack_postgres(p: &Project, stage: usize) -> Option<bool> {
    let is_postgres = |engine: &String| engine.contains("postg") || engine.contains("psycopg");
    let of_settings = engines(p, stage).map(|engines| !engines.iter().any(is_postgres));
    of_settings.or_else(|| are_given_others(p, stage).then_some(true))
}

/// Every address of a database that is given to the images with this stage, or to one that may be made from it, is of
/// another engine than PostgreSQL, there is one, and nothing beside them is a PostgreSQL.
fn are_given_others(p: &Project, stage: usize) -> bool {
    let has_stage = |image: usize| p.images[image].chain.contains(&stage);
    let settings: Vec<_> = p.settings.iter().filter(|it| has_stage(it.image)).collect();
    let given = p.services.iter().flat_map(|fact| {
        let vars = fact.deployed(p).env.vars.iter();
        vars.map(move |var| (fact.image, var))
    });
    let own = given.filter(|(image, var)| match image {
        Some(image) => has_stage(*image),
        // Of an image that something else builds: what these settings read is for it.
        None => settings
            .iter()
            .any(|it| it.name_variable(var.name.as_str())),
    });
    let values = own.filter_map(|(_, var)| var.value.as_ref());
    let schemes = values.filter_map(|value| value.as_str().split_once("://"));
    let mut engines = schemes.filter_map(|(scheme, _)| databases::engine_of_scheme(scheme));
    let runs_postgres =
        |fact: &ServiceFact| fact.compose(p).and_then(engine) == Some(Engine::Postgres);
    let first = engines.next();
    first.is_some_and(|it| it != Engine::Postgres)
        && engines.all(|it| it != Engine::Postgres)
        && !p.services.iter().any(runs_postgres)
}

/// The ENGINEs of the settings of the images with a stage; `None` when not all of them are known, or there is none.
fn engines(p: &Project, stage: usize) -> Option<Vec<String>> {
    let of_stage = |image: usize| p.images[image].chain.contains(&stage);
    let mut all = Vec::new();
    for found in p.settings.iter().filter(|found| of_stage(found.image)) {
        let (entries, is_open) = verdicts::databases(&found.settings)?;
        for entry in entries {
            all.push(entry.text("ENGINE").known()?.to_string());
        }
        if is_open {
            return None;
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The service runs a database, of an image known for it or of its own making: the variables that only the
/// entrypoints of databases read.
pub(crate) fn is_database(service: &Service) -> bool {
    engine(service).is_some()
        || keeps_data(service)
        || service
            .environment
            .iter()
            .any(|pair| databases::is_of_entrypoint(pair.key.as_str()))
}

/// It mounts something where the images of databases keep their data.
pub(crate) fn keeps_data(service: &Service) -> bool {
    let targets = service.volumes.iter().filter_map(|it| it.target.as_ref());
    let mut targets = targets.map(Traced::as_str);
    targets.any(databases::keeps_data_in)
}

/// What it mounts where the images of databases keep their data lies in memory.
pub(crate) fn keeps_data_in_memory(service: &Service) -> bool {
    let is_data = |mount: &&Mount| {
        let target = mount.target.as_ref().map(Traced::as_str);
        target.is_some_and(databases::keeps_data_in)
    };
    let mut data = service.volumes.iter().filter(is_data).peekable();
    data.peek().is_some() && data.all(|mount| mount.kind == MountKind::Tmpfs)
}

/// A service of this Dockerfile in whose container nothing answers beside the application: no tunnel, no proxy,
/// no database of its own.
pub(crate) fn is_alone(p: &Project, fact: &ServiceFact) -> bool {
    fact.image.is_some()
        && (fact.server(p).is_some() || fact.is_known(p))
        && !fact
            .starts(p)
            .iter()
            .any(|start| may_answer(&start.command))
}

/// A program that answers for something else, or one beside the others of which nothing is known.
fn may_answer(command: &Command) -> bool {
    let Some(name) = command.name.as_deref() else {
        return command.is_background;
    };
    let is_known =
        command.management.is_some() || name == "celery" || servers::by_command(name).is_some();
    programs::is(name, Role::Answers) || command.is_background && !is_known
}

/// The entrypoint of the service's image makes a new database and is told no password: it ends at once. Only for
/// images whose entrypoint is known, and tags that move: old builds asked for none.
pub(crate) fn lacks_password(service: &Service) -> Option<bool> {
    let image = image(service)?;
    let engine = databases::engine(&image.repository)?;
    let is_library = databases::has_own_entrypoint(&image.repository)
        || engine != Engine::Postgres && !image.repository.contains('/');
    if !is_library || service.entrypoint.is_some() || image.digest.is_some() {
        return Some(false);
    }
    let is_new = match (engine, image.tag.as_ref()) {
        (_, None) => true,
        (Engine::Postgres, Some(tag)) => {
            let version = tag.as_str().split('-').next().unwrap_or_default();
            let series = databases::series_of_tag(engine, tag.as_str());
            series.is_some_and(|series| series.0 >= 13 || series.0 >= 10 && !version.contains('.'))
                || ["latest", "alpine"].contains(&tag.as_str())
        }
        (_, Some(tag)) => {
            databases::series_of_tag(engine, tag.as_str()).is_some_and(|series| series.0 >= 8)
        }
    };
    if !is_new {
        return Some(false);
    }
    let row = engine.row()?;
    // What is there already needs no password to start with.
    let has_data = service.volumes.iter().any(|mount| {
        let is_data = mount
            .target
            .as_ref()
            .is_none_or(|target| row.keeps_data_in(target.as_str()));
        is_data && mount.kind != MountKind::Named && mount.kind != MountKind::Anonymous
    });
    if has_data {
        return None;
    }
    let names = row.passwords;
    let env = service.env();
    let is_given = env.vars.iter().any(|var| {
        let name = var.name.as_str();
        let is_one = names.contains(name.strip_suffix("_FILE").unwrap_or(name));
        is_one
            && var
                .value
                .as_ref()
                .is_none_or(|value| var.may_vary || !value.is_empty())
    });
    if is_given {
        return Some(false);
    }
    env.is_closed.then_some(true)
}

/// A volume or directory of PostgreSQL's image, by its path meant for the data, lies where the image keeps none, and
/// nothing else is mounted over them. A mount above the data holds none either: the image declares a volume for them,
/// which Docker puts there.
pub(crate) fn is_beside_data(service: &Service, mount: &Mount) -> Option<bool> {
    const DATA: &str = "/var/lib/postgresql/data";
    let is_told = service.command.as_ref().is_some_and(|command| {
        let words = command.words().unwrap_or_default();
        let first = words.first().map_or("", |word| word.as_str());
        let is_server = first.starts_with('-') || first == "postgres";
        let mut words = words.iter().map(|word| word.as_str());
        !is_server || words.any(|it| it.starts_with("-D") || it.contains("data_directory"))
    });
    let is_changed = service.build.is_some() || service.entrypoint.is_some() || is_told;
    // What is mounted otherwise may lie over the data.
    let mounts_more = service.has_key(ValueWords::MountsMore);
    let kind = mount.kind;
    let is_kept = matches!(kind, MountKind::Named | MountKind::Bind) && !mount.is_read_only;
    if is_changed || mounts_more || !is_kept {
        return Some(false);
    }
    let image = image(service)?;
    let is_library = databases::engine(&image.repository) == Some(Engine::Postgres)
        && databases::has_own_entrypoint(&image.repository);
    if !is_library {
        return Some(false);
    }
    let tag = image.tag.as_ref().map_or("", Traced::as_str);
    let series = databases::series_of_tag(Engine::Postgres, tag);
    let keeps_there = series.is_some_and(|it| !databases::moved_its_data(Engine::Postgres, it));
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let (above, name) = target.rsplit_once('/').unwrap_or_default();
    let is_of_server = |path: &str| path.contains("postgres") || path.contains("pgsql");
    let is_named = is_of_server(above) && (name.starts_with("data") || name.starts_with("pgdata"));
    let is_above = keeps_there && target == "/var/lib/postgresql";
    if !is_named && !is_above {
        return Some(false);
    }
    // From 18 on they lie in a directory of their release: `18/docker`.
    let is_release = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_over = |mount: &Mount| {
        mount.target.as_ref().is_none_or(|target| {
            let target = target.as_str();
            is_in(target, DATA)
                || !keeps_there && is_in(DATA, target)
                || target.split('/').any(is_release)
        })
    };
    if service.volumes.iter().any(is_over) {
        return Some(false);
    }
    let env = service.env();
    if env.get("PGDATA").is_some() {
        return Some(false);
    }
    env.is_closed.then_some(true)
}

/// The entrypoint of PostgreSQL's image looks for mounts at the old place: it does only before it starts the server,
/// and where no data lie at the new one.
pub(crate) fn looks_for_old_mounts(service: &Service) -> bool {
    const PLACE: &str = "/var/lib/postgresql";
    let runs_server = service.command.as_ref().is_none_or(|command| {
        let Some(first) = command.texts().first() else {
            return true;
        };
        let mut words = first.as_str().unwrap_or("?").split_whitespace();
        let first = words.next().unwrap_or_default();
        first == "postgres" || first.starts_with('-')
    });
    let is_elsewhere = |mount: &Mount| {
        mount.target.as_ref().is_none_or(|target| {
            let target = target.as_str().trim_end_matches('/');
            is_in(target, PLACE) && !is_in(target, "/var/lib/postgresql/data")
        })
    };
    let is_of_hub = image(service).is_some_and(|image| image.registry.is_none());
    runs_server && is_of_hub && !service.volumes.iter().any(is_elsewhere)
}

/// The image is whatever the library's newest PostgreSQL is, which is 18 or later and does not start with what is
/// mounted.
pub(crate) fn newest_refuses_mount(service: &Service) -> bool {
    let is_newest = image(service).is_some_and(|image| {
        let tag = image.tag.as_ref().map(Traced::as_str);
        let name = image.repository.strip_prefix("library/");
        name.unwrap_or(&image.repository) == "postgres"
            && image.digest.is_none()
            && matches!(tag, None | Some("latest" | "alpine"))
    });
    let env = service.env();
    is_newest
        && service.entrypoint.is_none()
        && env.is_closed
        && env.get("PGDATA").is_none()
        && keeps_old_data_path(&service.volumes)
        && looks_for_old_mounts(service)
}

/// The service mounts the directory where PostgreSQL's image kept its data before 18.
pub(crate) fn keeps_old_data_path(mounts: &[Mount]) -> bool {
    mounts.iter().any(|mount| {
        mount.target.as_ref().is_some_and(|target| {
            target.as_str().trim_end_matches('/') == "/var/lib/postgresql/data"
        })
    })
}

/// The image of a library's database with a release for new data: its flavour stays, and so does the place of its
/// data.
pub(crate) fn image_to_name(service: &Service) -> Option<String> {
    let image = image(service)?;
    if image
        .repository
        .rsplit_once('/')
        .is_some_and(|(owner, _)| owner != "library")
    {
        return None;
    }
    let engine = databases::engine(&image.repository)?;
    let all = databases::all(engine).filter(|row| {
        !(keeps_old_data_path(&service.volumes) && databases::moved_its_data(engine, row.series))
    });
    let newest = all.max_by_key(|row| row.series)?;
    let flavour = match image.tag.as_ref().map(Traced::as_str) {
        None | Some("latest") => String::new(),
        Some(flavour) => format!("-{flavour}"),
    };
    let release = series_name(engine, newest.series);
    let written = service.image.as_ref()?.as_str()?;
    let name = match image.tag.as_ref() {
        Some(tag) => written.strip_suffix(tag.as_str())?.strip_suffix(':')?,
        None => written,
    };
    Some(format!("{name}:{release}{flavour}"))
}

/// The series as people write it: `17`, `9.6`.
pub(crate) fn series_text(service: &Service) -> Option<String> {
    Some(series_name(engine(service)?, series(service)?))
}

/// A series as its makers write it.
pub(crate) fn series_name(engine: Engine, series: Series) -> String {
    let is_major = engine == Engine::Postgres && series.0 >= 10;
    if is_major {
        series.0.to_string()
    } else {
        series.to_string()
    }
}

pub(crate) fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "postgres",
        Engine::Mysql => "mysql",
        Engine::Mariadb => "mariadb",
    }
}

/// `scheme://user:password@host:port/name`, each part where it stands.
#[derive(Debug)]
pub(crate) struct Url {
    pub(crate) engine: Engine,
    pub(crate) user: Option<Traced>,
    pub(crate) password: Option<Traced>,
    pub(crate) host: Traced,
    pub(crate) port: Option<Traced>,
    pub(crate) name: Option<Traced>,
}

impl Url {
    /// A URL of a database server; `None` for other text, for files, and for several hosts.
    pub(crate) fn parse(text: &Traced) -> Option<Self> {
        let raw = text.as_str();
        let (scheme, rest) = raw.split_once("://")?;
        let dialect = scheme.split('+').next().unwrap_or(scheme);
        let engine = databases::engine_of_scheme(dialect)?;
        let start = raw.len() - rest.len();
        let end = rest.find(['?', '#']).map_or(raw.len(), |at| start + at);
        let slash = raw[start..end].find('/').map_or(end, |at| start + at);
        let (user, password, host_start) = match raw[start..slash].rfind('@') {
            Some(at) => {
                let at = start + at;
                let colon = raw[start..at].find(':').map(|colon| start + colon);
                let user = text.slice(start..colon.unwrap_or(at));
                let password = colon.map(|colon| text.slice(colon + 1..at));
                (Some(user), password, at + 1)
            }
            None => (None, None, start),
        };
        let host = &raw[host_start..slash];
        if host.contains([',', '[']) || host.is_empty() {
            return None;
        }
        let colon = host.rfind(':').map(|at| host_start + at);
        Some(Self {
            engine,
            user,
            password,
            host: text.slice(host_start..colon.unwrap_or(slash)),
            port: colon.map(|colon| text.slice(colon + 1..slash)),
            name: (slash < end).then(|| text.slice(slash + 1..end)),
        })
    }
}

/// Compares a URL with the services of its stack. `None`: nothing is certainly wrong, or the service is no
/// client: a database may call itself what it likes. `is_known` says that nothing beside the application runs in
/// its container.
pub(crate) fn mismatch(
    url: &Url,
    stack: &Stack,
    own: &Service,
    is_known: bool,
) -> Option<Mismatch> {
    if is_database(own) {
        return None;
    }
    let host = url.host.as_str();
    let services = &stack.services;
    let named = services
        .iter()
        .find(|service| service.host_names().contains(&host));
    let Some(service) = named else {
        let runs = |service: &Service| runs(service, url.engine);
        return names::wrong_host(&url.host, stack, own, is_known, &runs);
    };
    if !runs(service, url.engine) {
        return None;
    }
    let changes_port = service.command.is_some() || service.entrypoint.is_some();
    if let Some(port) = &url.port
        && !changes_port
        && service.env().get("PGPORT").is_none()
        && service.env().get("MYSQL_TCP_PORT").is_none()
        && port
            .as_str()
            .parse::<u16>()
            .is_ok_and(|port| port != default_port(url.engine))
    {
        return Some(Mismatch {
            part: "port",
            found: port.clone(),
            expected: Traced::new(default_port(url.engine).to_string(), service.name.span()),
        });
    }
    account(url, service)
}

/// The service runs a server that an address of the engine means.
pub(crate) fn runs(service: &Service, wanted: Engine) -> bool {
    engine(service).is_some_and(|engine| is_same(engine, wanted))
}

fn is_same(one: Engine, other: Engine) -> bool {
    (one == Engine::Postgres) == (other == Engine::Postgres)
}

fn default_port(engine: Engine) -> u16 {
    match engine {
        Engine::Postgres => 5432,
        Engine::Mysql | Engine::Mariadb => 3306,
    }
}

/// Scripts of its own may make other users and databases.
pub(crate) fn initializes(service: &Service) -> bool {
    service.volumes.iter().any(|mount| {
        mount.target.as_ref().is_none_or(|target| {
            let target = target.as_str();
            target.starts_with("/docker-entrypoint") || target == "/"
        })
    })
}

/// User, password and name of the database, as the image makes them from its variables.
pub(crate) fn account(url: &Url, service: &Service) -> Option<Mismatch> {
    if initializes(service) {
        return None;
    }
    let env = service.env();
    let row = url.engine.row()?;
    let names = [
        ("user", row.user),
        ("password", row.password),
        ("name", row.name),
    ];
    let user = url.user.as_ref().filter(|user| !user.as_str().is_empty());
    if url.engine != Engine::Postgres && user.is_none_or(|user| user.as_str() == "root") {
        return None;
    }
    let parts = [user, url.password.as_ref(), url.name.as_ref()];
    for ((part, variable), found) in names.into_iter().zip(parts) {
        let Some(found) = found else { continue };
        let text = found.as_str();
        if text.is_empty() || text.contains(['%', '$', '{']) || text.contains(UNKNOWN) {
            continue;
        }
        let Some(expected) = known(&env, variable) else {
            continue;
        };
        if expected.as_str() != text && !(part == "name" && is_maintenance(text)) {
            return Some(Mismatch {
                part,
                found: found.clone(),
                expected,
            });
        }
    }
    None
}

/// Databases that every PostgreSQL server has.
fn is_maintenance(name: &str) -> bool {
    matches!(name, "postgres" | "template1")
}

fn known(env: &Environment, name: &str) -> Option<Traced> {
    let var = env.get(name)?;
    let value = var.value.clone().filter(|_| !var.may_vary)?;
    (!value.as_str().is_empty()).then_some(value)
}

/// The database that a service runs or builds its image on, its release series, and where that is named.
pub(crate) fn own_series(service: &Service) -> Option<(Engine, Series, Span)> {
    let own = engine(service)
        .zip(series(service))
        .zip(service.image.as_ref());
    let pulled = own.map(|((engine, series), image)| (engine, series, image.span()));
    let built = || built_on(service).map(|(engine, series, base)| (engine, series, base.span()));
    pulled.or_else(built)
}

/// The oldest PostgreSQL that the Django of a service of the stack works with, and the requirement,
/// when the database, the only one of the stack, is older.
pub(crate) fn needed_series(p: &Project, fact: &ServiceFact) -> Option<(Series, Span)> {
    let service = fact.compose(p)?;
    let (engine, own, _) = own_series(service)?;
    let beside = groups::beside(p, fact);
    let is_alone = beside.databases + beside.built_databases == 1;
    if engine != Engine::Postgres || !is_alone || !beside.is_used {
        return None;
    }
    let is_built = |install: &&InstallFact| {
        install.is_certain && p.stages[install.stage].reach != Reach::Unused
    };
    let found = p.installs.iter().filter(is_built).find_map(|install| {
        let django = install
            .set
            .requirements
            .iter()
            .find(|one| one.name == "django")?;
        let allowed = dependencies::django_series(install, django)?;
        // Django asks the server for its release since 4.1.
        if allowed.iter().any(|row| row.series < Series(4, 1)) {
            return None;
        }
        let needed = allowed.iter().map(|row| row.postgres_min).min()?;
        Some((needed, django.declared.unwrap_or(django.name_span)))
    });
    found.filter(|(needed, _)| own < *needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Span};

    #[test]
    fn urls_are_taken_apart() {
        let text = "postgres://app:s3cret@db:5432/app_db?sslmode=disable";
        let text = Traced::new(
            text,
            Span::new(FileId(0), 0, u32::try_from(text.len()).unwrap()),
        );
        let url = Url::parse(&text).unwrap();
        let str = |part: &Option<Traced>| part.as_ref().map(|part| part.as_str().to_owned());
        assert_eq!(str(&url.user).as_deref(), Some("app"));
        assert_eq!(str(&url.password).as_deref(), Some("s3cret"));
        assert_eq!(url.host.as_str(), "db");
        assert_eq!(str(&url.port).as_deref(), Some("5432"));
        assert_eq!(str(&url.name).as_deref(), Some("app_db"));
        for text in [
            "sqlite:///db.sqlite3",
            "redis://redis:6379/0",
            "db",
            "postgres://[::1]/x",
        ] {
            let span = Span::new(FileId(0), 0, 0);
            assert!(Url::parse(&Traced::new(text, span)).is_none(), "{text}");
        }
    }
}

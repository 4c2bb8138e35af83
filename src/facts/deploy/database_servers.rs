//! How the databases of stacks are started and asked: options that their release does not know, accounts that they do
//! not have.

use crate::compose::Service;
use crate::facts::deploy::databases;
use crate::facts::deploy::names::is_local;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::healthcheck;
use crate::facts::start::service;
use crate::knowledge::Series;
use crate::knowledge::databases::{self as known, Engine, GoneOption};
use crate::knowledge::words::VariableWords;
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

/// The release of a database that its tag says, `None` for the newest one; nothing where that is not known, and for
/// images of others.
fn release(service: &Service) -> Option<(Engine, Option<Series>)> {
    let image = service::image(service)?;
    let engine = known::engine(&image.repository)?;
    let is_library = known::has_own_entrypoint(&image.repository)
        || engine != Engine::Postgres && !image.repository.contains('/');
    let tag = image.tag.as_ref().map_or("latest", |tag| tag.as_str());
    let is_newest = matches!(tag, "latest" | "lts") && image.digest.is_none();
    let series = service::series(service);
    let is_known = series.is_some() || is_newest;
    (is_library && is_known && service.entrypoint.is_none()).then_some((engine, series))
}

/// An option of the command line that the release of the database does not know any more: the server ends at it.
pub(crate) fn gone_option(
    p: &Project,
    fact: &ServiceFact,
) -> Option<(Traced, &'static GoneOption)> {
    let service = fact.compose(p)?;
    let (engine, series) = release(service)?;
    let words = service.command.as_ref()?.words()?;
    let starts_server = words.first().is_some_and(|first| {
        let first = first.as_str();
        first.starts_with('-') || matches!(first, "mysqld" | "postgres")
    });
    if !starts_server {
        return None;
    }
    let mut before = "";
    for word in &words {
        let text = word.as_str();
        let name = match engine {
            Engine::Postgres if before == "-c" => Some(text),
            Engine::Postgres => text.strip_prefix("--").or(text.strip_prefix("-c")),
            Engine::Mysql | Engine::Mariadb => text.strip_prefix("--"),
        };
        before = text;
        let name = name.and_then(|name| name.split('=').next());
        let Some(name) = name.map(str::trim) else {
            continue;
        };
        let bare = ["skip-", "disable-", "enable-"];
        let bare = bare.iter().find_map(|prefix| name.strip_prefix(prefix));
        let names = [Some(name), bare].into_iter().flatten();
        let row = names
            .filter_map(|name| known::gone_option(engine, name))
            .next();
        let is_gone = |row: &&GoneOption| series.is_none_or(|series| series >= row.from);
        if let Some(row) = row.filter(is_gone) {
            return Some((word.slice(0..text.find('=').unwrap_or(text.len())), row));
        }
    }
    None
}

/// What the `psql` of a health check asks for that a new database does not have.
pub(crate) struct Refused {
    /// `role` or `database`.
    pub(crate) part: &'static str,
    pub(crate) found: String,
    pub(crate) expected: String,
    pub(crate) span: Span,
}

/// The account or the database that the `psql` of a health check names and that the image does not make.
pub(crate) fn refused_by_psql(p: &Project, fact: &ServiceFact) -> Option<Refused> {
    let service = fact.compose(p)?;
    let (engine, _) = release(service)?;
    if engine != Engine::Postgres || databases::initializes(service) || service.user.is_some() {
        return None;
    }
    let deployed = fact.deployed(p);
    let env = &deployed.env;
    let given = |name: &str| match env.get(name) {
        None => env.is_closed.then_some(None),
        Some(var) => {
            let value = var.value.as_ref().filter(|_| !var.may_vary)?;
            Some(Some(value.as_str().to_owned()).filter(|value| !value.is_empty()))
        }
    };
    if !VariableWords::PsqlAccount
        .iter()
        .all(|name| given(name) == Some(None))
    {
        return None;
    }
    let owner = given("POSTGRES_USER")?.unwrap_or_else(|| "postgres".to_owned());
    let made = given("POSTGRES_DB")?.unwrap_or_else(|| owner.clone());
    let check = healthcheck::of_service(p, deployed)?;
    let (command, _) = check.needed().find(|(_, name)| *name == "psql")?;
    let asked = Asked::read(command)?;
    let mut role = asked.role.map(|(text, span)| (text, span, true));
    if role.is_none() {
        let default = given("PGUSER")?.unwrap_or_else(|| "root".to_owned());
        role = Some((default, command.name_span, false));
    }
    let (role, span, is_written) = role?;
    if role != owner {
        return Some(Refused {
            part: "role",
            found: role,
            expected: owner,
            span: if is_written { span } else { command.name_span },
        });
    }
    let (database, span) = match asked.database {
        Some(found) => found,
        None => (given("PGDATABASE")?.unwrap_or(role), command.name_span),
    };
    let is_there = database == made || matches!(database.as_str(), "postgres" | "template1");
    (!is_there).then_some(Refused {
        part: "database",
        found: database,
        expected: made,
        span,
    })
}

/// The account and the database that a `psql` names, as it connects to the server of its own container.
struct Asked {
    role: Option<(String, Span)>,
    database: Option<(String, Span)>,
}

impl Asked {
    /// `None` where a word is not known, or it asks elsewhere.
    fn read(command: &Command) -> Option<Self> {
        let is_plain = command.is_complete && command.assignments.is_empty();
        let ends = |name: &str| command.flag(name).is_some();
        if !is_plain || !command.wrappers.is_empty() || ["-l", "--list", "-V"].into_iter().any(ends)
        {
            return None;
        }
        let text = |arg: &Arg| Some((arg.as_str()?.to_owned(), arg.span));
        let given = |name: &str| text(command.flag(name)?.value.as_ref()?);
        if let Some((host, _)) = given("-h")
            && !is_local(&host)
            && !host.starts_with('/')
        {
            return None;
        }
        let mut operands = command.operands.iter().filter_map(text);
        let database = given("-d").or_else(|| operands.next());
        let role = given("-U").or_else(|| operands.next());
        let is_name = |found: &Option<(String, Span)>| {
            let is_other = |text: &str| text.contains("://") || text.contains('=');
            found.as_ref().is_none_or(|(text, _)| !is_other(text))
        };
        (is_name(&database) && is_name(&role)).then_some(Self { role, database })
    }
}

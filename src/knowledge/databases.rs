//! Database servers as compose files run them.

use super::texts::List;
use super::{Date, Series};

/// A database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Engine {
    Postgres,
    Mysql,
    Mariadb,
}

/// One release series of a server: majors for PostgreSQL from 10 on (`17` is `17.0`).
#[derive(Debug)]
pub(crate) struct DatabaseSeries {
    pub engine: Engine,
    pub series: Series,
    /// The last day of support.
    pub eol: Date,
}

static SERIES: &[DatabaseSeries] = include!(concat!(env!("OUT_DIR"), "/databases.rs"));

/// Every series of a server the table knows.
pub(crate) fn all(engine: Engine) -> impl Iterator<Item = &'static DatabaseSeries> {
    SERIES.iter().filter(move |row| row.engine == engine)
}

/// A series of a server.
#[must_use]
pub(crate) fn series(engine: Engine, wanted: Series) -> Option<&'static DatabaseSeries> {
    all(engine).find(|row| row.series == wanted)
}

/// A program that the images of a server have no more.
#[derive(Debug)]
pub(crate) struct GoneProgram {
    pub name: &'static str,
    engine: Engine,
    /// The first release without it.
    pub from: Series,
    /// What does its work.
    pub instead: &'static str,
}

static GONE: &[GoneProgram] = include!(concat!(env!("OUT_DIR"), "/database-programs.rs"));

/// A program that later images of a server do not have.
#[must_use]
pub(crate) fn gone(engine: Engine, program: &str) -> Option<&'static GoneProgram> {
    let mut rows = GONE.iter();
    rows.find(|row| row.engine == engine && row.name == program)
}

/// An option that a server does not know any more: it ends at it.
#[derive(Debug)]
pub(crate) struct GoneOption {
    option: &'static str,
    engine: Engine,
    /// The first release without it.
    pub from: Series,
    /// What to write; `None` for nothing.
    pub instead: Option<&'static str>,
}

static GONE_OPTIONS: &[GoneOption] = include!(concat!(env!("OUT_DIR"), "/database-options.rs"));

/// An option that later releases of a server do not know, by its name without dashes in front; `_` and `-` are the
/// same.
#[must_use]
pub(crate) fn gone_option(engine: Engine, option: &str) -> Option<&'static GoneOption> {
    let name = option.to_ascii_lowercase().replace('_', "-");
    let mut rows = GONE_OPTIONS.iter();
    rows.find(|row| row.engine == engine && row.option == name)
}

/// What is known of a server beside its releases.
#[derive(Debug)]
pub(crate) struct EngineRow {
    engine: Engine,
    images: List,
    own_entrypoint: List,
    schemes: List,
    entrypoint: List,
    /// Variables that set the password of its first account, or say that there is none.
    pub passwords: List,
    /// The variables that name the account and the database that it makes.
    pub user: &'static str,
    pub password: &'static str,
    pub name: &'static str,
    data: List,
}

static ENGINES: &[EngineRow] = include!(concat!(env!("OUT_DIR"), "/database-engines.rs"));

impl Engine {
    /// What is known of the server; each has a row.
    pub(crate) fn row(self) -> Option<&'static EngineRow> {
        ENGINES.iter().find(|row| row.engine == self)
    }
}

/// Owner and name of a repository, registry and namespace of mirrors aside.
fn owned(repository: &str) -> String {
    let mut parts = repository.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let owner = parts.next().unwrap_or("library");
    format!("{owner}/{name}")
}

/// The server of an image by repository, registry and namespace of mirrors aside: `postgres`, `postgis/postgis`,
/// `mysql`.
#[must_use]
pub(crate) fn engine(repository: &str) -> Option<Engine> {
    let image = owned(repository);
    let mut rows = ENGINES.iter();
    rows.find(|row| row.images.contains(&image))
        .map(|row| row.engine)
}

/// The server of a URL by its scheme, without a driver: `postgres`, `mysql2`.
#[must_use]
pub(crate) fn engine_of_scheme(scheme: &str) -> Option<Engine> {
    let scheme = scheme.to_ascii_lowercase();
    let mut rows = ENGINES.iter();
    rows.find(|row| row.schemes.contains(&scheme))
        .map(|row| row.engine)
}

/// Only the entrypoint of a database reads the variable.
#[must_use]
pub(crate) fn is_of_entrypoint(variable: &str) -> bool {
    ENGINES.iter().any(|row| row.entrypoint.contains(variable))
}

impl EngineRow {
    /// Its images keep their data there.
    #[must_use]
    pub(crate) fn keeps_data_in(&self, path: &str) -> bool {
        self.data.iter().any(|place| path.starts_with(place))
    }
}

/// Images of a database keep their data there.
#[must_use]
pub(crate) fn keeps_data_in(path: &str) -> bool {
    ENGINES.iter().any(|row| row.keeps_data_in(path))
}

/// The server's series in a tag: `16-alpine`, `9.6.24`, `14-3.3` (PostGIS), `pg16`, `2.14-pg14`, `8.0.36`.
#[must_use]
pub(crate) fn series_of_tag(engine: Engine, tag: &str) -> Option<Series> {
    if engine == Engine::Postgres
        && let Some(word) = tag.split('-').find_map(|word| word.strip_prefix("pg"))
    {
        return Series::parse(word.split('.').next()?).filter(|series| series.0 >= 10);
    }
    let version = tag.split('-').next()?;
    let full = Series::parse(version)?;
    match engine {
        Engine::Postgres if full.0 >= 10 => Some(Series(full.0, 0)),
        // `timescaledb:2.14` counts its own versions.
        Engine::Postgres if full.0 < 9 => None,
        // `postgres:9`, `mysql:8` and `mariadb:10` move between series.
        _ => version.contains('.').then_some(full),
    }
}

/// Since PostgreSQL 18 its image keeps data under `/var/lib/postgresql/<major>/docker`: a volume at
/// `/var/lib/postgresql/data` stays empty.
#[must_use]
pub(crate) fn moved_its_data(engine: Engine, series: Series) -> bool {
    engine == Engine::Postgres && series.0 >= 18
}

/// The image is the library's, or made from it with its entrypoint.
#[must_use]
pub(crate) fn has_own_entrypoint(repository: &str) -> bool {
    let image = match repository.contains('/') {
        true => repository.to_owned(),
        false => owned(repository),
    };
    ENGINES
        .iter()
        .any(|row| row.own_entrypoint.contains(&image))
}

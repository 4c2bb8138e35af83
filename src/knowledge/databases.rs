//! Database servers as compose files run them.

use super::{Date, Series};

/// A database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    Mysql,
    Mariadb,
}

/// One release series of a server: majors for PostgreSQL from 10 on (`17` is `17.0`).
#[derive(Debug)]
pub struct DatabaseSeries {
    pub engine: Engine,
    pub series: Series,
    /// The last day of support.
    pub eol: Date,
}

static SERIES: &[DatabaseSeries] = include!(concat!(env!("OUT_DIR"), "/databases.rs"));

/// Every series of a server the table knows.
pub fn all(engine: Engine) -> impl Iterator<Item = &'static DatabaseSeries> {
    SERIES.iter().filter(move |row| row.engine == engine)
}

/// A series of a server.
#[must_use]
pub fn series(engine: Engine, wanted: Series) -> Option<&'static DatabaseSeries> {
    all(engine).find(|row| row.series == wanted)
}

/// The server of an image by repository, registry and namespace of mirrors aside: `postgres`, `postgis/postgis`,
/// `mysql`.
#[must_use]
pub fn engine(repository: &str) -> Option<Engine> {
    let mut parts = repository.rsplit('/');
    let name = parts.next()?;
    let owner = parts.next().unwrap_or("library");
    match (owner, name) {
        ("library", "postgres")
        | ("bitnami" | "bitnamilegacy", "postgresql")
        | ("postgis", "postgis")
        | ("imresamu", "postgis")
        | ("pgvector", "pgvector")
        | ("timescale", "timescaledb" | "timescaledb-ha")
        | ("supabase", "postgres")
        | ("cimg", "postgres")
        | ("circleci", "postgres") => Some(Engine::Postgres),
        ("library" | "mysql" | "cimg", "mysql" | "mysql-server") => Some(Engine::Mysql),
        ("library" | "bitnami" | "bitnamilegacy" | "cimg" | "linuxserver", "mariadb") => {
            Some(Engine::Mariadb)
        }
        _ => None,
    }
}

/// The server's series in a tag: `16-alpine`, `9.6.24`, `14-3.3` (PostGIS), `pg16`, `2.14-pg14`, `8.0.36`.
#[must_use]
pub fn series_of_tag(engine: Engine, tag: &str) -> Option<Series> {
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
pub fn moved_its_data(engine: Engine, series: Series) -> bool {
    engine == Engine::Postgres && series.0 >= 18
}

/// The image is the library's, or made from it with its entrypoint.
#[must_use]
pub fn has_own_entrypoint(repository: &str) -> bool {
    let repository = repository.strip_prefix("library/").unwrap_or(repository);
    matches!(
        repository,
        "postgres" | "postgis/postgis" | "imresamu/postgis" | "pgvector/pgvector"
    )
}

//! Programs that serve a Python application: how they are called and where they listen by default.

use super::texts::{List, Text};

/// A server, or a program that starts one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Server {
    Cheroot,
    Circus,
    Daphne,
    FastapiRun,
    Granian,
    Gunicorn,
    Hypercorn,
    ModWsgiExpress,
    Nginx,
    Runserver,
    RunserverPlus,
    Sanic,
    Supervisord,
    Unit,
    Uvicorn,
    Uwsgi,
    Waitress,
}

/// What a server speaks, or is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerKind {
    Wsgi,
    Asgi,
    Both,
    /// Not for production, by its own documentation.
    Development,
    /// Starts other programs.
    Manager,
    Proxy,
}

/// What is known of a server.
#[derive(Debug)]
pub(crate) struct ServerRow {
    pub name: Server,
    /// Names of the program.
    pub commands: &'static [&'static str],
    /// PyPI distributions that bring it, any of them; empty: none does.
    pub distributions: &'static [&'static str],
    pub kind: ServerKind,
    /// Its name in rules; `None` for those that no rule looks at.
    pub called: Option<&'static str>,
    /// What makes it listen on every address, at `PORT`; `None` for those without a name in rules.
    pub everywhere: Option<&'static str>,
}

/// An option on the command line of a server.
#[derive(Debug)]
pub(crate) struct Flag {
    server: Server,
    /// With their dashes.
    pub names: List,
    /// The setting it sets, by the name that the server's own files or variables give it.
    pub key: Text,
    /// A word follows, or stands behind `=`.
    pub takes_value: bool,
}

/// Sorted by server.
static FLAGS: &[Flag] = include!(concat!(env!("OUT_DIR"), "/server-flags.rs"));

/// The distributions of servers that are none to develop with.
pub(crate) fn for_production() -> impl Iterator<Item = &'static str> {
    let serves = |row: &&ServerRow| {
        use ServerKind::{Asgi, Both, Wsgi};
        matches!(row.kind, Wsgi | Asgi | Both)
    };
    let rows = SERVERS.iter().filter(serves);
    rows.flat_map(|row| row.distributions.iter().copied())
}

/// The options of a server's command line; empty where they are not known.
#[must_use]
pub(crate) fn flags(server: Server) -> &'static [Flag] {
    let start = FLAGS.partition_point(|flag| flag.server < server);
    let length = FLAGS[start..].partition_point(|flag| flag.server == server);
    &FLAGS[start..start + length]
}

static SERVERS: &[ServerRow] = include!(concat!(env!("OUT_DIR"), "/servers.rs"));

/// What is known of a server.
#[must_use]
pub(crate) fn get(server: Server) -> Option<&'static ServerRow> {
    SERVERS.iter().find(|row| row.name == server)
}

/// What makes a server, by its name in rules, listen on every address at a port: `--bind 0.0.0.0:8000`.
#[must_use]
pub(crate) fn everywhere(called: &str, port: u16) -> Option<String> {
    let row = SERVERS.iter().find(|row| row.called == Some(called))?;
    Some(row.everywhere?.replace("PORT", &port.to_string()))
}

/// The server a program name starts.
#[must_use]
pub(crate) fn by_command(name: &str) -> Option<&'static ServerRow> {
    SERVERS.iter().find(|row| row.commands.contains(&name))
}

/// The server a management command of Django starts: `manage.py runserver`.
#[must_use]
pub(crate) fn by_management_command(name: &str) -> Option<&'static ServerRow> {
    match name {
        "runserver" => get(Server::Runserver),
        "runserver_plus" | "runsslserver" => get(Server::RunserverPlus),
        _ => None,
    }
}

impl Server {
    /// As rules and messages name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cheroot => "cheroot",
            Self::Circus => "circus",
            Self::Daphne => "daphne",
            Self::FastapiRun => "fastapi run",
            Self::Granian => "granian",
            Self::Gunicorn => "gunicorn",
            Self::Hypercorn => "hypercorn",
            Self::ModWsgiExpress => "mod_wsgi-express",
            Self::Nginx => "nginx",
            Self::Runserver => "runserver",
            Self::RunserverPlus => "runserver_plus",
            Self::Sanic => "sanic",
            Self::Supervisord => "supervisord",
            Self::Unit => "unit",
            Self::Uvicorn => "uvicorn",
            Self::Uwsgi => "uwsgi",
            Self::Waitress => "waitress",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_name() {
        assert_eq!(by_command("uwsgi").map(|row| row.name), Some(Server::Uwsgi));
        assert_eq!(
            by_management_command("runserver").map(|row| row.kind),
            Some(ServerKind::Development)
        );
        assert!(by_management_command("migrate").is_none());
        assert!(by_command("celery").is_none());
    }

    #[test]
    fn no_name_belongs_to_two() {
        let mut names: Vec<&str> = SERVERS
            .iter()
            .flat_map(|row| row.commands)
            .copied()
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

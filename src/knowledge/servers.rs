//! Programs that serve a Python application: how they are called, where they listen by default, what their options
//! mean.

use super::Series;
use super::texts::{List, Text};

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

/// How the options of a server are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// By what its flags mean.
    Options,
    /// As uWSGI reads its own.
    Uwsgi,
    Nothing,
}

/// What the first operand of a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// `module:attribute`
    Application,
    /// The same, or `directory/file.py:attribute`
    ApplicationOrFile,
    /// `8000`, `0.0.0.0:8000`
    Address,
}

/// What an option of a server means, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    Host,
    Port,
    /// Host and port, several times.
    Address,
    /// The same, beside the default one.
    FurtherAddress,
    /// The path of a UNIX socket.
    Socket,
    /// An open file.
    Descriptor,
    /// An address as Twisted writes it.
    Endpoint,
    /// A configuration file in Python.
    File,
    /// One in TOML, or in Python where it says so: `file:`, `python:`.
    TomlFile,
    /// What is served.
    Application,
    /// Where it is looked for.
    Directory,
    Workers,
    Threads,
    /// The class of workers, or the interface.
    Class,
    User,
    Group,
    /// `NAME=value` for the application.
    Variable,
    /// It leaves the foreground.
    Background,
    /// How long requests may take when it ends, in seconds.
    Grace,
    /// It is for development only.
    Develops,
    /// The proxies whose headers it believes.
    Proxies,
}

/// What is known of a server.
#[derive(Debug)]
pub struct Server {
    pub(crate) name: &'static str,
    /// Names of the program.
    pub(crate) commands: &'static [&'static str],
    /// Commands of `manage.py` that start it.
    management: &'static [&'static str],
    /// PyPI distributions that bring it, any of them; empty: none does.
    pub(crate) distributions: &'static [&'static str],
    pub(crate) kind: ServerKind,
    /// Its name in rules; `None` for those that no rule looks at.
    pub(crate) called: Option<&'static str>,
    /// What makes it listen on every address, at `PORT`; `None` for those without a name in rules.
    everywhere: Option<&'static str>,
    pub(crate) reads: Reading,
    pub(crate) operand: Option<Operand>,
    /// The host that it listens at when nothing says so.
    pub(crate) host: Option<&'static str>,
    /// The port that it listens at when nothing says so.
    pub(crate) port: Option<u16>,
    /// What the variables that set its options begin with.
    pub(crate) variables: Option<&'static str>,
    /// The variable with more words of its command line.
    pub(crate) arguments: Option<&'static str>,
    /// The variable with a port of every address, for when nothing says where it listens.
    pub(crate) port_variable: Option<&'static str>,
    /// The variable that says how many workers, for when no option does.
    pub(crate) workers_variable: Option<&'static str>,
    /// The configuration file that it reads unasked.
    pub(crate) default_file: Option<&'static str>,
    /// When nothing says otherwise, one request waits for the other.
    pub(crate) is_serial: bool,
    /// With fewer workers it answers nothing; `None`: it serves with one.
    pub(crate) least_workers: Option<u16>,
}

/// An option on the command line of a server.
#[derive(Debug)]
pub(crate) struct Flag {
    server: Text,
    /// With their dashes; none: it stands in files only.
    pub names: List,
    /// The setting it sets, by the name that the server's own files or variables give it.
    pub key: Text,
    /// A word follows, or stands behind `=`.
    pub takes_value: bool,
    pub means: Option<Means>,
}

/// Sorted by server.
static FLAGS: &[Flag] = include!(concat!(env!("OUT_DIR"), "/server-flags.rs"));

static SERVERS: &[Server] = include!(concat!(env!("OUT_DIR"), "/servers.rs"));

/// A name belongs to one server.
impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Server {
    /// The options of its command line; empty where they are not known.
    #[must_use]
    pub(crate) fn flags(&self) -> &'static [Flag] {
        let start = FLAGS.partition_point(|flag| flag.server.as_str() < self.name);
        let length = FLAGS[start..].partition_point(|flag| flag.server == self.name);
        &FLAGS[start..start + length]
    }

    /// The settings with a meaning, by the names that its files or variables give them.
    pub(crate) fn keys(&self, means: Means) -> impl Iterator<Item = &'static str> + use<> {
        let flags = self.flags().iter();
        let flags = flags.filter(move |flag| flag.means == Some(means));
        flags.map(|flag| flag.key.as_str())
    }

    /// A word of its command line means that.
    #[must_use]
    pub(crate) fn means(&self, word: &str, means: Means) -> bool {
        let mut flags = self.flags().iter();
        flags.any(|flag| flag.means == Some(means) && flag.names.contains(word))
    }

    /// It is not for development, and starts or hands on to no other.
    #[must_use]
    pub(crate) fn is_for_production(&self) -> bool {
        use ServerKind::{Asgi, Both, Wsgi};
        matches!(self.kind, Wsgi | Asgi | Both)
    }

    /// It is for development.
    #[must_use]
    pub(crate) fn is_for_development(&self) -> bool {
        self.kind == ServerKind::Development
    }

    /// What makes it listen on every address at a port: `--bind 0.0.0.0:8000`. `command`: the one of `manage.py`.
    #[must_use]
    pub(crate) fn everywhere(&self, command: Option<&str>, port: u16) -> Option<String> {
        let text = self.everywhere?.replace("PORT", &port.to_string());
        Some(text.replace("COMMAND", command.unwrap_or_default()))
    }
}

/// The distributions of servers that are not for development.
pub(crate) fn for_production() -> impl Iterator<Item = &'static str> {
    let rows = SERVERS.iter().filter(|row| row.is_for_production());
    rows.flat_map(|row| row.distributions.iter().copied())
}

/// The distributions of those that serve any application they are given, Django's synchronous one first: `fastapi` only
/// starts its own.
pub(crate) fn for_django() -> impl Iterator<Item = &'static str> {
    let of = |is_asgi: bool| {
        let rows = SERVERS.iter().filter(|row| row.is_for_production());
        rows.filter(move |row| (row.kind == ServerKind::Asgi) == is_asgi)
    };
    let asgi = of(true).filter(|row| row.operand.is_some());
    let rows = of(false).chain(asgi);
    rows.flat_map(|row| row.distributions.iter().copied())
}

/// The server a program name starts.
#[must_use]
pub(crate) fn by_command(name: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|row| row.commands.contains(&name))
}

/// The server a management command of Django starts: `manage.py runserver`.
#[must_use]
pub(crate) fn by_management_command(name: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|row| row.management.contains(&name))
}

#[derive(Debug)]
struct WorkerClass {
    begins: &'static str,
    distributions: &'static [&'static str],
}

static WORKER_CLASSES: &[WorkerClass] = include!(concat!(env!("OUT_DIR"), "/worker-classes.rs"));

/// The PyPI names of the package that brings a worker class of gunicorn; empty for its own ones and for those that
/// are not known.
#[must_use]
pub(crate) fn brings_worker(class: &str) -> &'static [&'static str] {
    let mut rows = WORKER_CLASSES.iter();
    let row = rows.find(|row| class.starts_with(row.begins));
    row.map_or(&[], |row| row.distributions)
}

#[derive(Debug)]
struct WorkerRelease {
    name: &'static str,
    from: &'static str,
    oldest: &'static str,
}

static WORKER_RELEASES: &[WorkerRelease] =
    include!(concat!(env!("OUT_DIR"), "/worker-releases.rs"));

/// The oldest releases of a package that workers of gunicorn take, newest first, each with the release of gunicorn
/// that asks for it.
pub(crate) fn oldest_for_worker(
    name: &str,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<'_> {
    let rows = WORKER_RELEASES.iter().rev();
    rows.filter(move |row| row.name == name)
        .map(|row| (row.from, row.oldest))
}

#[derive(Debug)]
struct WorkerBreak {
    name: &'static str,
    from: &'static str,
    server: &'static str,
}

static WORKER_BREAKS: &[WorkerBreak] = include!(concat!(env!("OUT_DIR"), "/worker-breaks.rs"));

/// The releases of a package from which on an older gunicorn has no such workers, each with the first gunicorn that
/// has them.
pub(crate) fn oldest_with_worker(
    name: &str,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<'_> {
    let rows = WORKER_BREAKS.iter();
    rows.filter(move |row| row.name == name)
        .map(|row| (row.from, row.server))
}

/// A worker class that a release of gunicorn does not have any more.
#[derive(Debug)]
pub(crate) struct RemovedWorker {
    name: &'static str,
    /// The first release without it.
    pub from: &'static str,
    /// The oldest Python that gets that release unasked.
    pub python: Series,
    pub instead: &'static str,
}

static REMOVED_WORKERS: &[RemovedWorker] =
    include!(concat!(env!("OUT_DIR"), "/removed-workers.rs"));

/// What is known of a worker class that releases of gunicorn do not have any more.
#[must_use]
pub(crate) fn removed_worker(class: &str) -> Option<&'static RemovedWorker> {
    REMOVED_WORKERS.iter().find(|row| row.name == class)
}

/// What a worker class imports that releases of gunicorn do not require any more.
#[derive(Debug)]
pub(crate) struct WorkerImport {
    name: &'static str,
    pub imports: &'static str,
    /// The first release that does not require it.
    pub from: &'static str,
    /// The oldest Python that gets that release unasked.
    pub python: Series,
}

static WORKER_IMPORTS: &[WorkerImport] = include!(concat!(env!("OUT_DIR"), "/worker-imports.rs"));

/// What is known of such an import of a worker class.
#[must_use]
pub(crate) fn imported_by_worker(class: &str) -> Option<&'static WorkerImport> {
    WORKER_IMPORTS.iter().find(|row| row.name == class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_name() {
        assert_eq!(by_command("uwsgi").map(|row| row.name), Some("uwsgi"));
        assert_eq!(
            by_management_command("runserver").map(|row| row.kind),
            Some(ServerKind::Development)
        );
        assert!(by_management_command("migrate").is_none());
        assert!(by_command("celery").is_none());
    }

    #[test]
    fn no_name_belongs_to_two() {
        let names = SERVERS.iter().flat_map(|row| row.commands);
        let mut names: Vec<&str> = names.copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn each_option_belongs_to_a_server() {
        assert!(FLAGS.is_sorted_by(|a, b| a.server.as_str() <= b.server.as_str()));
        let known: usize = SERVERS.iter().map(|row| row.flags().len()).sum();
        assert_eq!(known, FLAGS.len());
    }
}

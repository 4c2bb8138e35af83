//! What is started by a file around the Dockerfile: a service of compose, as the files make it together (`extends`
//! followed, override files merged), or a process of a platform.

mod built;
mod database;
mod health;
mod limits;
mod view;
mod words;

use crate::maps::HashSet;
use std::sync::Arc;

use crate::compose::{CommandForm, CommandLine, Port, Service};
use crate::facts::deploy::databases;
use crate::facts::deploy::groups;
use crate::facts::deploy::names;
use crate::facts::nodes::cells::{at, known_bool, known_str, list, map, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table};
use crate::facts::nodes::service::view::{View, text};
use crate::facts::nodes::shared::{binds, purpose};
use crate::facts::start::{server, service};
use crate::facts::table::{Cell, Kind, NodeRef, Selected, Type};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "service",
    table: &TABLE,
    key: "its name",
    vars: &["image"],
    doc: "a service of these compose files, or a process that a platform runs",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.services.iter().enumerate() {
        let purpose = fact.purpose(p);
        let key = fact.deployed(p).name.as_str();
        each(facts.of_service(purpose, key, Id::Service(i).node(p)));
    }
}

table! {
    "service",
    "A service of the compose files around the Dockerfile, as the files make it together: `extends` followed, \
     override files merged; or a process that a platform runs by a file of its own. What only compose has is absent \
     of the latter.";
    name: Type::Str, "its name";
    source: Type::Str,
        "what says so: `compose`, `heroku` (`heroku.yml`), `fly` (`fly.toml`), `render` (`render.yaml`), `kubernetes` \
         (manifests), `ecs` (task definitions), `beanstalk` (`Dockerrun.aws.json`), `dokku` (`Procfile`) or `script` \
         (`docker run`)";
    purpose: Type::Str,
        "what its files are for, by their names: `production`, `development` or `test`; absent when they do not \
         say";
    siblings: Type::List(&Type::Str), "the names of all services of its files, its own among them";
    builds_this: Type::Bool, "it builds this Dockerfile";
    image: Type::Link("image"), "the shipped image that it runs, when it builds this Dockerfile; unknown otherwise";
    image_name: Type::Str, "`image` as written, variables filled in; absent without";
    image_tag: Type::Str, "the tag of `image`; absent without one, and for services that build theirs";
    has_digest: Type::Bool, "`image` is pinned by a digest";
    database: Type::Str,
        "the database server that it runs: `postgres`, `mysql` or `mariadb`; absent for other services";
    database_series: Type::Str, "the release series of that server: `17`; unknown when the tag does not say";
    database_eol: Type::Str, "the last day of support of that series; unknown when the tables lack it";
    database_days_past_eol: Type::Int,
        "days since then; negative before; unknown where the files run several releases, as for an upgrade";
    database_moved_data: Type::Bool,
        "a PostgreSQL image that keeps its data elsewhere than under `/var/lib/postgresql/data`: 18 and later";
    refuses_old_mount: Type::Bool,
        "such an image of Docker's library whose entrypoint ends with an error where something is mounted at the old \
         place: it runs the server, and nothing else is mounted where the data lie now";
    newest_refuses_mount: Type::Bool,
        "the newest `postgres` of Docker's library, with nothing but its own entrypoint and a mount where the data \
         were before 18: it does not start";
    keeps_data_in_memory: Type::Bool, "a database whose data lie on a `tmpfs`: they go with the container";
    lacks_password: Type::Bool,
        "a database of Docker's library, or an image made from it, beside a service of this Dockerfile, that \
         would make new data and gets no password; unknown where data of the host, an env file or another \
         compose file may say otherwise";
    image_to_name: Type::Str,
        "for a database of Docker's library: its image with a release for new data, the flavour of its tag \
         kept, and none that keeps its data elsewhere than it is mounted; absent for others";
    keeps_old_data_path: Type::Bool,
        "it mounts `/var/lib/postgresql/data`, where PostgreSQL's image kept its data before 18";
    is_for_development: Type::Bool,
        "its stack is for development or tests: by its name, by a development server, by code that is mounted \
         from the host, or because another one is for production";
    build_context: Type::Str, "`there` or `missing`: the directory of `build.context`; unknown when it is outside";
    build_dockerfile: Type::Str,
        "`there` or `missing`: the file of `build.dockerfile`, or `Dockerfile` of the context; unknown when it is \
         outside";
    first_alike_build: Type::Str,
        "the first service of its file that is built from the same Dockerfile; absent where it builds none";
    has_dockerfile_key: Type::Bool, "`build.dockerfile` is written";
    build_target: Type::Str, "`build.target`; absent without";
    target_exists: Type::Bool,
        "this Dockerfile has the stage that `build.target` names; absent without a target, unknown for other \
         Dockerfiles";
    command: Type::Str, "`command` as one text; absent without";
    entrypoint: Type::Str, "`entrypoint` as one text; absent without";
    server: Type::Str,
        "the server that it starts, with its `command`: `gunicorn`, `runserver`, ...; absent when it certainly \
         starts none, unknown for services that do not build this Dockerfile";
    labelled_port: Type::Int,
        "the port at which Traefik, or the proxy of Caddy that reads labels, sends requests to its container, as its \
         labels say; marks the value; absent without";
    labelled_for: Type::Str, "the program that reads that label: `Traefik`, `caddy-docker-proxy`";
    binds: Type::List(&Type::Fact("bind")), "addresses that this server listens on; open when there may be more";
    is_certain: Type::Bool, "everything that it starts is known";
    environment: Type::Map(&Type::Str), "its variables, those of env files among them; open when a file is not there";
    variables: Type::List(&Type::Fact("service_env")),
        "its variables one by one, as written in `environment` and env files";
    ports: Type::List(&Type::Fact("service_port")), "the ports that it publishes";
    misses_published: Type::Bool, "it publishes TCP ports, and its server listens on others only";
    volumes: Type::List(&Type::Fact("service_volume")), "what it mounts";
    dependencies: Type::List(&Type::Fact("dependency")), "services that it names in `depends_on` and `links`";
    circle: Type::List(&Type::Str),
        "for the first of services that wait for each other, which compose refuses: their names, each before the one \
         that it waits for, itself first; marks where it says so; empty for others";
    links: Type::Str, "the key `links`; absent without";
    links_unordered: Type::Bool, "`links` names a service that `depends_on` does not";
    user: Type::Str, "`user`; absent without";
    restart: Type::Str, "`restart`; absent without";
    container_name: Type::Str, "`container_name`; absent without";
    name_taken_by: Type::Str,
        "the first service of its stack with the same `container_name`, both started whenever the stack is; absent \
         without";
    replicas: Type::Int,
        "how many containers: `deploy.replicas`, or `scale`; absent without, or when it is not a number";
    has_healthcheck: Type::Bool,
        "a `healthcheck` that is not switched off; unknown where the image may contain one: official images on Docker \
         Hub contain none";
    leaves_foreground: Type::Str,
        "the server of its official image that `command` starts as the last and that goes to the background: `nginx` \
         without `daemon off`; absent otherwise";
    daemonized: Type::Str,
        "the server of its official image that a mounted configuration or an option of `command` sends to the \
         background: `redis-server` with `daemonize yes`; marks that setting; absent otherwise";
    healthcheck_accepts: Type::Str,
        "the `curl` of its `healthcheck` that asks the server without `--fail`, where nothing looks at what comes: any \
         answer counts; absent otherwise";
    changed_number: Type::Str,
        "the value of the first variable or build argument that YAML makes another one of, since it is not quoted: \
         `010` is 8, and a release `26.10` is 26.1";
    changed_to: Type::Str, "what arrives in its place";
    changed_name: Type::Str, "the variable or argument";
    lacks_env_file: Type::Str,
        "a path of `env_file` that is not there, while a file of that name is elsewhere; git ignores none of it, and \
         nothing says that somebody makes it";
    env_file_instead: Type::Str, "where that file is, relative to the project";
    healthcheck_lacks: Type::Str,
        "the program that its `healthcheck` cannot do without and that the image which it builds from this \
         Dockerfile certainly lacks; absent otherwise";
    healthcheck_package: Type::Str, "the package of the image's system that contains that program";
    healthcheck_module: Type::Str,
        "the PyPI distribution that the `python -c` of its `healthcheck` imports and that the image which it builds \
         certainly lacks; absent otherwise";
    healthcheck_form: Type::Str,
        "the first string of a `test` that is a list, where it is none of `CMD`, `CMD-SHELL` and `NONE`; absent \
         otherwise";
    healthcheck_alone: Type::Str,
        "what the shell of a `CMD-SHELL` runs where more strings follow, which it does not see; absent otherwise";
    healthcheck_ignored: Type::Str, "the first of these strings";
    healthcheck_answers_alike: Type::Bool,
        "what it runs answers the same without these strings: `pg_isready` without a host or port";
    healthcheck_program: Type::Str,
        "the program that a `test` which is a list starts without a shell; absent otherwise";
    healthcheck_unread: Type::List(&Type::Str),
        "the words after it that a shell would read and it does not: `||`, and variables for a program that asks a \
         server: `$PORT`";
    healthcheck_misses: Type::List(&Type::Int),
        "the ports of the container that its own `healthcheck` asks, where its server listens on none of them";
    healthcheck_gone: Type::Str,
        "the program that its `healthcheck` cannot do without and that its official image does not have, or has no \
         more; absent otherwise";
    healthcheck_instead: Type::Str, "what does its work, as text for people";
    healthcheck_refused: Type::Str,
        "the role or database that the `psql` of its `healthcheck` connects as or to and that a new database lacks; \
         absent otherwise";
    healthcheck_refused_part: Type::Str, "`role` or `database`";
    healthcheck_made: Type::Str, "the one that the variables of the service make";
    gone_option: Type::Str, "the option of its `command` that its database no longer knows; absent otherwise";
    gone_option_from: Type::Str, "the first release without it";
    gone_option_instead: Type::Str, "what to write; absent for nothing";
    listens_alone: Type::Str,
        "the loopback address that its server listens on alone, though another service asks it; absent otherwise";
    sends_back: Type::Str,
        "for Kafka, the loopback address that it sends the clients of another service to; absent otherwise";
    left_alone: Type::Str, "for these two, the other service";
    healthcheck_unauthenticated: Type::Str,
        "the client in its `healthcheck` that connects to a Redis with a password and passes none; absent \
         otherwise";
    healthcheck_usual_port: Type::Int,
        "the usual port that a client in its `healthcheck` asks, where `command` gives the server of its image another \
         one; marks the client; absent otherwise";
    healthcheck_own_port: Type::Int, "that other port";
    healthcheck_no_worker: Type::Str,
        "the `beat` or `flower` of celery that it starts, whose check waits for an answer of a worker in the same \
         container; marks the check; absent otherwise";
    inherited_port: Type::Int,
        "the port that the HEALTHCHECK of its image asks, where it starts a worker instead, which listens on none, \
         and has no `healthcheck` of its own; absent otherwise";
    several_in_one: Type::List(&Type::Str),
        "the strings of `command`, `entrypoint` and the `test` of its `healthcheck`, as lists, that hold a program \
         together with its arguments";
    frontend_on_loopback: Type::Str,
        "the development server of a frontend that it starts and that listens on localhost of its container; marks the \
         port that it publishes all the same; absent otherwise";
    frontend_asks_itself: Type::Int,
        "the port of localhost that such a server hands requests on to, which is its own container; marks where its \
         configuration says so; absent otherwise";
    schedules_unready: Type::Str,
        "celery's beat with its schedule in the database is all that it starts, once: the service that makes the \
         tables when it starts and that it does not wait for; marks `beat`; absent otherwise";
    migrates_unready: Type::Str,
        "the database that it depends on without a condition, and that `migrate` asks as soon as it starts, which \
         nothing repeats; marks the `migrate`; absent otherwise";
    shadowed: Type::List(&Type::Str),
        "variables in `command`, `entrypoint` and `healthcheck` that compose fills in, although the shell there sets \
         and means its own: `$name` after `for name in ...`";
    lacks_application: Type::Str,
        "the application that its server loads by name, where the `working_dir` that it starts in certainly lacks it \
         and the directory of the image has it; marks `working_dir`; absent otherwise";
    hands_over_nothing: Type::Str,
        "the script that `entrypoint` names, where its last line hands over to its arguments, `exec \"$@\"`, and there \
         are none; absent otherwise";
    ignored_command: Type::Str,
        "the program that its `command` names, where the script that is its entrypoint looks at none of its arguments; \
         marks the command; absent otherwise";
    ignored_by_script: Type::Str, "that script";
    ignored_alike: Type::Bool, "that script runs the same program itself";
    unexecutable: Type::Str,
        "the script that it starts itself, where a mount hides the one of the image and the script of the host has no \
         execute bit; marks the mount; absent otherwise";
    powerless_user: Type::Str,
        "for a service that certainly runs nginx in the image of its makers: its user, where that is not root and may \
         not make the directories that nginx makes as it starts; absent otherwise";
    own_series: Type::Str,
        "the release series of the database that it runs, or builds its image on: `12`; marks the image; absent where \
         the tag does not say, and for others";
    closed_pid: Type::Str,
        "for a service that certainly runs nginx in the unprivileged image of its makers: the file for the number of \
         its process, where it may not make that; marks the mounted configuration where that names none; absent \
         otherwise";
    needed_series: Type::Str,
        "for PostgreSQL, the oldest release that the Django of a service beside it works with, when this one is \
         older; absent otherwise";
    lacks_variable: Type::Str,
        "the variable without which the settings cannot be loaded, that nothing gives it, and that another service \
         with the same image is given; marks its name; absent otherwise";
    lacks_variable_read: Type::Str, "marks where the settings read it";
    lacks_variable_unlike: Type::Str, "that other service";
    quoted: Type::List(&Type::Str), "variables that keep quotes of their `--env-file`, at their values";
    keys: Type::List(&Type::Str), "every key it has";
    file: Type::Link("compose_file"), "the file that names it";
    stop_signal: Type::Str, "`stop_signal`; absent without";
    graceful_seconds: Type::Str,
        "how long its server lets requests end when it is stopped, where an option says so: `120`, in seconds; absent \
         without";
    outlives_grace: Type::Bool,
        "that is longer than Docker waits before it kills the container: `stop_grace_period`, or ten seconds; unknown \
         where another file may say so";
    grace_period: Type::Str, "`stop_grace_period`; absent without";
    refused_sudo: Type::Str,
        "the program by which a step of its start becomes root, which `no-new-privileges` refuses, since it begins as \
         another user: `sudo`; the start ends there";
    no_new_privileges: Type::Str, "marks that option; absent where `refused_sudo` is";
    refused_user: Type::Str,
        "the user of its image that a cluster refuses to start it as, because it must not be root: root, or a name \
         instead of a UID; marks `runAsNonRoot`; absent otherwise";
    dropped_capabilities: Type::List(&Type::Str),
        "capabilities that the entrypoint of its image needs to go on as an account of its own and that `cap_drop` \
         takes away; each marks the entry that does";
    steps_down_to: Type::Str, "that account; absent where none is taken away";
    plain_address: Type::Str,
        "an address by plain HTTP, in its health check or a variable of a service beside it, where its server answers \
         by TLS only; absent otherwise";
    browser_host: Type::Str,
        "the service that a build argument names by an address, where the bundler writes that into scripts for \
         browsers: `VITE_API_URL: http://api:8000`; absent otherwise";
    bundler: Type::Str, "that bundler, as text for people";
    tls_server: Type::Str, "that server: `Elasticsearch`; absent without such an address";
    tls_switch: Type::Str, "the variable that switches it off, as compose files write it";
    unset_variables: Type::List(&Type::Str),
        "variables that the settings require and that its server certainly does not get; marks what reads them";
    lost_uploads: Type::Str,
        "where it keeps what users upload, in its own container alone; marks its name; absent otherwise";
    upload_field: Type::Str, "a field of a model that keeps files there; absent where `lost_uploads` is";
    lacks_temporary: Type::Bool,
        "its root is read-only, its server is gunicorn, whose workers write into a temporary file, and nothing can be \
         written where those are; marks what makes it read-only";
}

impl View<'_> {
    fn environment(&self) -> Cell {
        let env = &self.deployed().env;
        let items = env
            .vars
            .iter()
            .map(|var| {
                let value = var.value.as_ref().filter(|_| !var.may_vary);
                let span = value.map_or(var.name.span(), Traced::span);
                let value = known_str(value.map(Traced::as_str)).at(span);
                (Arc::from(var.name.as_str()), value)
            })
            .collect();
        map(items, env.is_closed)
    }

    fn tag(&self) -> Cell {
        let Some(image) = self.compose().and_then(service::image) else {
            return self.no_image();
        };
        match &image.tag {
            Some(tag) => Cell::str(tag.as_str()).at(image.span),
            None => at(Cell::ABSENT, Some(image.span)),
        }
    }

    fn replicas(&self) -> Cell {
        let Some(text) = self.compose().and_then(|it| it.replicas.as_ref()) else {
            return Cell::ABSENT;
        };
        let cell = match text.as_str().map(str::parse::<i64>) {
            Some(Ok(number)) => Cell::int(number),
            Some(Err(_)) => Cell::ABSENT,
            None => Cell::UNKNOWN,
        };
        cell.at(text.span())
    }

    fn server(&self) -> Cell {
        match self.fact().server(self.p) {
            Some(server) => {
                let name = server.command.name_span;
                let span = server.command.management.as_ref().map_or(name, |m| {
                    if m.span.file == name.file {
                        name.cover(m.span)
                    } else {
                        m.span
                    }
                });
                Cell::str(server.name()).at(span)
            }
            None if self.fact().is_known(self.p) && !self.fact().has_several(self.p) => {
                Cell::ABSENT
            }
            None => Cell::UNKNOWN,
        }
    }

    fn binds(&self) -> Cell {
        match &self.fact().served {
            Some(served) if !names::shares_network(self.p, self.fact()) => {
                binds(self.p, served, !self.fact().has_several(self.p))
            }
            _ => Cell::UNKNOWN,
        }
    }

    fn find_dependencies(&self) -> Vec<Cell> {
        let Some(service) = self.compose() else {
            return Vec::new();
        };
        let depends = (0..service.depends_on.len()).map(|at| (at, false));
        let links = (0..service.links.len()).map(|at| (at, true));
        depends
            .chain(links)
            .map(|(at, is_link)| {
                Id::Dependency {
                    service: self.i,
                    i: at,
                    is_link,
                }
                .cell(self.p)
            })
            .collect()
    }

    fn place(&self) -> Option<Span> {
        Some(self.deployed().place())
    }

    fn label(&self) -> String {
        self.deployed().name.as_str().to_owned()
    }
}

/// `command` or `entrypoint` as one text.
fn line(line: Option<&CommandLine>) -> Cell {
    let Some(line) = line else {
        return Cell::ABSENT;
    };
    if matches!(line.form, CommandForm::Null) {
        return Cell::ABSENT;
    }
    at(known_str(line.joined().as_deref()), Some(line.span))
}

/// The names of other services that are its sources: every one of the stack.
fn names(services: &[Service]) -> Cell {
    Cell::list(
        services
            .iter()
            .map(|service| Cell::str(service.name.as_str()))
            .collect(),
    )
}

fn parts(count: usize, make: impl Fn(usize) -> NodeRef) -> Cell {
    Cell::list((0..count).map(|at| Cell::fact(make(at))).collect())
}

impl View<'_> {
    fn name(&self) -> Cell {
        Cell::str(&self.label()).at(self.deployed().place())
    }

    fn source(&self) -> Cell {
        Cell::str(self.deployed().source)
    }

    fn purpose(&self) -> Cell {
        purpose(self.fact().purpose(self.p))
    }

    fn siblings(&self) -> Cell {
        names(self.in_stack())
    }

    fn builds_this(&self) -> Cell {
        Cell::bool(self.fact().builds_this)
    }

    fn image(&self) -> Cell {
        self.fact()
            .image
            .map_or(Cell::UNKNOWN, |image| Id::Image(image).cell(self.p))
    }

    fn image_name(&self) -> Cell {
        self.deployed().image.as_ref().map_or(Cell::ABSENT, text)
    }

    fn image_tag(&self) -> Cell {
        self.tag()
    }

    fn has_digest(&self) -> Cell {
        let image = self.compose().and_then(service::image);
        image.map_or_else(
            || self.no_image(),
            |image| Cell::bool(image.digest.is_some()),
        )
    }

    fn image_to_name(&self) -> Cell {
        str_or_absent(self.compose().and_then(databases::image_to_name).as_deref())
    }

    fn is_for_development(&self) -> Cell {
        Cell::bool(crate::facts::deploy::purpose::is_stack_for_development(
            self.p,
            self.fact(),
        ))
    }

    fn command(&self) -> Cell {
        line(self.deployed().command.as_ref())
    }

    fn entrypoint(&self) -> Cell {
        line(self.deployed().entrypoint.as_ref())
    }

    fn is_certain(&self) -> Cell {
        Cell::bool(self.fact().is_known(self.p))
    }

    fn variables(&self) -> Cell {
        parts(self.deployed().env.vars.len(), |at| {
            Id::ServiceEnv {
                service: self.i,
                i: at,
            }
            .node(self.p)
        })
    }

    fn ports(&self) -> Cell {
        parts(self.deployed().ports.len(), |at| {
            Id::ServicePort {
                service: self.i,
                i: at,
            }
            .node(self.p)
        })
    }

    fn misses_published(&self) -> Cell {
        let ports = self.deployed().ports.iter();
        let tcp = ports.filter(|port| port.protocol == "tcp");
        let one = |port: &Port| port.target.filter(|(first, last)| first == last);
        let published: Vec<_> = tcp.map(|port| one(port).map(|(port, _)| port)).collect();
        let is_own = !names::shares_network(self.p, self.fact());
        let served = self.fact().served.as_deref().filter(|_| is_own);
        known_bool(served.and_then(|served| server::misses(served, &published, true)))
    }

    fn volumes(&self) -> Cell {
        parts(self.deployed().mounts.len(), |at| {
            Id::ServiceVolume {
                service: self.i,
                i: at,
            }
            .node(self.p)
        })
    }

    fn dependencies(&self) -> Cell {
        Cell::list(self.find_dependencies())
    }

    fn circle(&self) -> Cell {
        let beside = groups::beside(self.p, self.fact());
        let Some((first, service)) = beside.circle.first().zip(self.compose()) else {
            return Cell::list(Vec::new());
        };
        if *first != self.i {
            return Cell::list(Vec::new());
        }
        let name = |index: &usize| self.p.services[*index].deployed(self.p).name.as_str();
        let next = beside.circle.get(1).unwrap_or(first);
        let place = groups::waits_for(service).find(|one| one.as_str() == name(next));
        let place = place.map(|one| one.span()).or(self.place());
        let names = beside.circle.iter();
        Cell::list(names.map(|it| at(Cell::str(name(it)), place)).collect())
    }

    fn links(&self) -> Cell {
        self.compose()
            .and_then(|service| service.links_key)
            .map_or(Cell::ABSENT, |span| Cell::str("links").at(span))
    }

    fn links_unordered(&self) -> Cell {
        let Some(service) = self.compose() else {
            return Cell::ABSENT;
        };
        let ordered = service.depends_on.iter().map(|one| one.service.as_str());
        let ordered: HashSet<&str> = ordered.collect();
        let mut links = service.links.iter().map(|link| link.as_str());
        let name = |link: &str| ordered.contains(link.split(':').next().unwrap_or(link));
        known_bool(links.try_fold(false, |any, link| Some(any || !name(link?))))
    }

    fn user(&self) -> Cell {
        self.deployed().user.as_ref().map_or(Cell::ABSENT, text)
    }

    fn restart(&self) -> Cell {
        self.text_of(|service| service.restart.as_ref())
    }

    fn container_name(&self) -> Cell {
        self.text_of(|service| service.container_name.as_ref())
    }

    fn keys(&self) -> Cell {
        let keys = self
            .compose()
            .map_or(&[][..], |service| &service.keys)
            .iter();
        let keys = keys.map(|key| Cell::str(key.as_str()).at(key.span));
        list(keys.collect(), true)
    }

    fn file(&self) -> Cell {
        let file = self.deployed().place().file;
        self.p
            .around
            .deployed
            .compose
            .files
            .iter()
            .position(|other| other.file == file)
            .map_or(Cell::UNKNOWN, |i| Id::ComposeFile(i).cell(self.p))
    }
}

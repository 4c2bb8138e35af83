//! Compose files and their services.

use std::sync::Arc;

use crate::compose::{Build, CommandForm, CommandLine, ComposeFile, Purpose, Service, Text};
use crate::context::placed::may_be_placed_to_build;
use crate::facts::deploy::{databases, services};
use crate::facts::model::{Project, ServiceFact, stage_named};
use crate::facts::nodes::server::binds;
use crate::facts::nodes::service_parts::{
    DEPENDENCY, DependencyNode, SERVICE_ENV, SERVICE_PORT, SERVICE_VOLUME, ServiceEnvNode,
    ServicePortNode, ServiceVolumeNode,
};
use crate::facts::nodes::{ImageNode, at, known_bool, known_str, list, map, str_or_absent, table};
use crate::facts::start::{healthcheck, service};
use crate::facts::table::{Cell, NodeRef, Reach, Selected, Type};
use crate::knowledge::databases as known;
use crate::source::Entry;
use crate::span::{Span, Traced};

/// A compose file, as written.
#[derive(Debug, Clone)]
pub(crate) struct ComposeFileNode {
    p: Arc<Project>,
    i: usize,
}

impl ComposeFileNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &ComposeFile {
        &self.p.around.compose.files[self.i]
    }

    fn version(&self) -> Cell {
        self.fact()
            .version
            .as_ref()
            .map_or(Cell::ABSENT, |(key, value)| {
                Cell::str(value.scalar.as_str()).at(key.span.cover(value.span()))
            })
    }

    fn errors(&self, is_dollar: bool) -> Cell {
        let errors = self.fact().errors.iter();
        let of_kind = errors.filter(|error| !error.is_limit && error.is_dollar() == is_dollar);
        Cell::list(
            of_kind
                .map(|error| Cell::str(&error.message).at(error.span))
                .collect(),
        )
    }

    pub(crate) fn place(&self) -> Option<Span> {
        let first = self
            .fact()
            .services
            .first()
            .map(|service| service.name.span());
        Some(first.unwrap_or(Span::point(self.fact().file, 0)))
    }

    pub(crate) fn label(&self) -> String {
        self.p.around.root.display(&self.fact().path)
    }
}

table! {
    COMPOSE_FILE = "compose_file", "A compose file, as written.", for ComposeFileNode;
    path: Type::Str, "where it lies", |n| Cell::str(&n.label());
    purpose: Type::Str, "`production`, `development` or `test` by its name and directories; absent when they do not say", |n| purpose(n.fact().purpose);
    version: Type::Str, "the value of `version`; absent without", |n| n.version();
    version_lines: Type::Str, "marks the lines of `version`; absent when something else stands there", |n| n.fact().version_lines.map_or(Cell::ABSENT, |span| Cell::str("version").at(span));
    version_is_read: Type::Bool, "something still reads `version`: the file is for a swarm by its keys, or a compose file of the project says so of itself, or the project calls a docker-compose before 1.27 or `docker stack deploy` in a file of CI, a README or the like", |n| Cell::bool(n.p.version_is_read || n.fact().services.iter().any(|service| service.keys.iter().any(|key| key.as_str() == "deploy")) || crate::facts::deploy::compose_callers::is_for_swarm(&n.p));
    is_read_by_others: Type::Bool, "a compose file of the project says of itself that it is for a swarm, or a file of CI, a README or the like calls a docker-compose before 1.27, `docker stack deploy` or `ecs-cli`", |n| Cell::bool(n.p.version_is_read || crate::facts::deploy::compose_callers::is_for_swarm(&n.p));
    first_version: Type::Str, "the `version` of the first compose file that has one", |n| { let files = &n.p.around.compose.files; let first = files.iter().find_map(|file| file.version.as_ref()); first.map_or(Cell::ABSENT, |(key, value)| Cell::str(value.scalar.as_str()).at(key.span.cover(value.span()))) };
    errors: Type::List(&Type::Str), "what is no YAML or has the wrong shape", |n| n.errors(false);
    dollars: Type::List(&Type::Str), "`$` that compose refuses", |n| n.errors(true);
}

pub(crate) fn purpose(purpose: Purpose) -> Cell {
    match purpose {
        Purpose::Production => Cell::str("production"),
        Purpose::Development => Cell::str("development"),
        Purpose::Test => Cell::str("test"),
        Purpose::Unspoken => Cell::ABSENT,
    }
}

/// A service of a stack.
#[derive(Debug, Clone)]
pub(crate) struct ServiceNode {
    p: Arc<Project>,
    i: usize,
}

impl ServiceNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &ServiceFact {
        &self.p.services[self.i]
    }

    fn service(&self) -> &Service {
        self.fact().service(&self.p)
    }

    fn siblings(&self) -> &[Service] {
        &self.p.around.compose.stacks[self.fact().stack].services
    }

    fn is_complete(&self) -> bool {
        self.p.around.compose.stacks[self.fact().stack].is_complete
    }

    fn environment(&self) -> Cell {
        let env = self.service().env();
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
        let Some(image) = service::image(self.service()) else {
            return self.no_image();
        };
        match &image.tag {
            Some(tag) => Cell::str(tag.as_str()).at(image.span),
            None => at(Cell::ABSENT, Some(image.span)),
        }
    }

    /// What an image that cannot be told means: none where the service builds one.
    fn no_image(&self) -> Cell {
        if self.service().build.is_some() || self.service().image.is_none() {
            Cell::ABSENT
        } else {
            Cell::UNKNOWN
        }
    }

    fn database(&self) -> Cell {
        match service::image(self.service()) {
            None => self.no_image(),
            Some(image) => known::engine(&image.repository).map_or(Cell::ABSENT, |engine| {
                Cell::str(databases::engine_name(engine)).at(image.span)
            }),
        }
    }

    fn eol(&self) -> Cell {
        let service = self.service();
        let Some(engine) = service::engine(service) else {
            return Cell::ABSENT;
        };
        let Some(series) = databases::series(service) else {
            return Cell::UNKNOWN;
        };
        match known::series(engine, series) {
            Some(row) => Cell::str(&row.eol.to_string()),
            // Older than the tables: past its end.
            None => Cell::UNKNOWN,
        }
    }

    /// The stack runs several releases of the server, as to upgrade from one to the other.
    fn is_upgrade(&self) -> bool {
        let own = databases::series(self.service());
        self.siblings().iter().any(|other| {
            service::engine(other) == service::engine(self.service())
                && databases::series(other) != own
        })
    }

    fn days_past_eol(&self) -> Cell {
        let service = self.service();
        if self.is_upgrade() {
            return Cell::UNKNOWN;
        }
        let row = service::engine(service)
            .zip(databases::series(service))
            .and_then(|(engine, series)| known::series(engine, series));
        row.map_or(Cell::UNKNOWN, |row| {
            Cell::int(i64::from((self.p.today - row.eol).get_days()))
        })
    }

    fn lacks_password(&self) -> Cell {
        let stack = self.fact().stack;
        let mut others = self.p.services.iter();
        let is_used = others.any(|fact| fact.stack == stack && fact.image.is_some());
        // A file that only adds to the service is given together with its own.
        let name = self.service().name.as_str();
        let files = self.p.around.compose.files.iter();
        let mut alike = files.flat_map(|file| &file.services);
        let is_added_to = alike.any(|other| {
            other.name.as_str() == name && other.image.is_none() && other.build.is_none()
        });
        if !is_used || is_added_to || !self.p.around.compose.stacks[stack].is_whole {
            return Cell::UNKNOWN;
        }
        known_bool(databases::lacks_password(self.service()))
    }

    fn moved_data(&self) -> Cell {
        let service = self.service();
        match (service::engine(service), databases::series(service)) {
            (Some(engine), Some(series)) => {
                let is_library = service::image(service)
                    .is_some_and(|image| known::has_own_entrypoint(&image.repository));
                Cell::bool(is_library && known::moved_its_data(engine, series))
            }
            (None, _) => Cell::bool(false),
            _ => Cell::UNKNOWN,
        }
    }

    /// A path of `build`: there or missing, when it can be told.
    fn presence(&self, path: Option<&String>, written: Option<&Text>) -> Cell {
        let Some(path) = path else {
            return Cell::UNKNOWN;
        };
        // What a part of a service lacks stands in the file that it is put over.
        let is_whole = self.p.around.compose.stacks[self.fact().stack].is_whole;
        let is_part = |build: &Build| build.context.is_none() && !is_whole;
        if self.service().build.as_ref().is_some_and(is_part) {
            return Cell::UNKNOWN;
        }
        if self.is_behind_another() {
            return Cell::UNKNOWN;
        }
        let span = match (written, &self.service().build) {
            (Some(written), _) => written.span(),
            (None, Some(build)) => build.context.as_ref().map_or(build.span, Text::span),
            (None, None) => return Cell::UNKNOWN,
        };
        let cell = match self.p.around.root.entry(path) {
            Entry::Missing if may_be_placed_to_build(&self.p.around.root, path) => Cell::UNKNOWN,
            Entry::Missing => Cell::str("missing"),
            Entry::File { .. } | Entry::Directory => Cell::str("there"),
            _ => Cell::UNKNOWN,
        };
        cell.at(span)
    }

    fn first_alike_build(&self) -> Option<Cell> {
        let own = self.service();
        let path = own.build.as_ref()?.dockerfile_path.as_ref()?;
        let file = own.name.span().file;
        let first = self.siblings().iter().find(|other| {
            let build = other.build.as_ref();
            other.name.span().file == file
                && build.and_then(|build| build.dockerfile_path.as_ref()) == Some(path)
        })?;
        Some(Cell::str(first.name.as_str()).at(first.name.span()))
    }

    /// Its paths may start at the directory of a file that nothing names.
    fn is_behind_another(&self) -> bool {
        let compose = &self.p.around.compose;
        let first = compose.stacks[self.fact().stack].files.first();
        let first = first.and_then(|at| compose.files.get(*at));
        first.is_some_and(|file| crate::compose::may_be_behind(&file.path))
    }

    fn replicas(&self) -> Cell {
        let Some(text) = &self.service().replicas else {
            return Cell::ABSENT;
        };
        let cell = match text.as_str().map(str::parse::<i64>) {
            Some(Ok(number)) => Cell::int(number),
            Some(Err(_)) => Cell::ABSENT,
            None => Cell::UNKNOWN,
        };
        cell.at(text.span())
    }

    pub(crate) fn has_healthcheck(&self) -> Cell {
        let service = self.service();
        if let Some(check) = &service.healthcheck {
            return at(Cell::bool(!check.is_disabled), Some(check.span));
        }
        let is_of_library = service::image(service)
            .is_some_and(|image| image.registry.is_none() && !image.repository.contains('/'));
        if is_of_library {
            return Cell::bool(false);
        }
        Cell::UNKNOWN
    }

    fn lacking(&self) -> Option<healthcheck::Lacking> {
        let image = self.fact().image?;
        let stage = self.p.images[image].stage;
        healthcheck::lacking_in_service(&self.p, stage, self.service())
    }

    fn needed_series(&self) -> Cell {
        match databases::needed_series(&self.p, self.fact().stack, self.service()) {
            Some((series, span)) => {
                let name = databases::series_name(known::Engine::Postgres, series);
                Cell::str(&name).at(span)
            }
            None => Cell::ABSENT,
        }
    }

    fn target_exists(&self) -> Cell {
        let target = self
            .service()
            .build
            .as_ref()
            .and_then(|build| build.target.as_ref());
        let Some(target) = target else {
            return Cell::ABSENT;
        };
        if !self.fact().builds_this {
            return Cell::UNKNOWN;
        }
        let exists = target
            .as_str()
            .map(|name| stage_named(&self.p.stages, name).is_some());
        at(known_bool(exists), Some(target.span()))
    }

    fn server(&self) -> Cell {
        match self.fact().server(&self.p) {
            Some(server) => {
                let name = server.command.name_span;
                let span = server.command.management.as_ref().map_or(name, |m| {
                    if m.span.file == name.file {
                        name.cover(m.span)
                    } else {
                        m.span
                    }
                });
                Cell::str(server.name).at(span)
            }
            None if self.fact().is_known(&self.p) && !self.fact().has_several(&self.p) => {
                Cell::ABSENT
            }
            None => Cell::UNKNOWN,
        }
    }

    fn binds(&self) -> Cell {
        match &self.fact().served {
            Some(served) => binds(served, true),
            None => Cell::UNKNOWN,
        }
    }

    fn dependencies(&self) -> Vec<Cell> {
        let service = self.service();
        let depends = (0..service.depends_on.len()).map(|at| (at, false));
        let links = (0..service.links.len()).map(|at| (at, true));
        depends
            .chain(links)
            .map(|(at, is_link)| {
                Cell::fact(Arc::new(DependencyNode::new(&self.p, self.i, at, is_link)) as NodeRef)
            })
            .collect()
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.service().name.span())
    }

    pub(crate) fn label(&self) -> String {
        self.service().name.as_str().to_owned()
    }
}

/// `command` or `entrypoint` as one text.
fn line(line: Option<&CommandLine>) -> Cell {
    let Some(line) = line else {
        return Cell::ABSENT;
    };
    let text = match &line.form {
        CommandForm::Line(text) => text.as_str().map(str::to_owned),
        CommandForm::List(items) => {
            let words: Option<Vec<&str>> = items.iter().map(Text::as_str).collect();
            words.map(|words| words.join(" "))
        }
        CommandForm::Null => return Cell::ABSENT,
    };
    at(known_str(text.as_deref()), Some(line.span))
}

fn text(text: Option<&Text>) -> Cell {
    text.map_or(Cell::ABSENT, |text| {
        at(known_str(text.as_str()), Some(text.span()))
    })
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

table! {
    SERVICE = "service", "A service of the compose files around the Dockerfile, as the files make it together: `extends` followed, override files merged.", for ServiceNode;
    name: Type::Str, "its name", |n| Cell::str(&n.label()).at(n.service().name.span());
    purpose: Type::Str, "what its files are for, by their names: `production`, `development` or `test`; absent when they do not say", |n| purpose(n.fact().purpose(&n.p));
    is_complete: Type::Bool, "its files are a whole: every service in them says what it runs", |n| Cell::bool(n.is_complete());
    siblings: Type::List(&Type::Str), "the names of all services of its files, its own among them", |n| names(n.siblings());
    builds_this: Type::Bool, "it builds this Dockerfile", |n| Cell::bool(n.fact().builds_this);
    image: Type::Link(&super::image::IMAGE), "the shipped image that it runs, when it builds this Dockerfile; unknown otherwise", |n| n.fact().image.map_or(Cell::UNKNOWN, |image| Cell::fact(Arc::new(ImageNode::new(&n.p, image))));
    image_name: Type::Str, "`image` as written, variables filled in; absent without", |n| text(n.service().image.as_ref());
    image_tag: Type::Str, "the tag of `image`; absent without one, and for services that build theirs", |n| n.tag();
    has_digest: Type::Bool, "`image` is pinned by a digest", |n| service::image(n.service()).map_or_else(|| n.no_image(), |image| Cell::bool(image.digest.is_some()));
    database: Type::Str, "the database server that it runs: `postgres`, `mysql` or `mariadb`; absent for other services", |n| n.database();
    database_series: Type::Str, "the release series of that server: `17`; unknown when the tag does not say", |n| service::engine(n.service()).map_or(Cell::ABSENT, |_| known_str(databases::series_text(n.service()).as_deref()));
    database_eol: Type::Str, "the last day of support of that series; unknown when the tables lack it", |n| n.eol();
    database_days_past_eol: Type::Int, "days since then; negative before; unknown where the files run several releases, as for an upgrade", |n| n.days_past_eol();
    database_moved_data: Type::Bool, "a PostgreSQL image that keeps its data elsewhere than under `/var/lib/postgresql/data`: 18 and later", |n| n.moved_data();
    lacks_password: Type::Bool, "a database of Docker's library, or an image made from it, beside a service of this Dockerfile, that would make new data and is told no password; unknown where data of the host, an env file or another compose file may say otherwise", |n| n.lacks_password();
    image_to_name: Type::Str, "for a database of Docker's library: its image with a release for new data, the flavour of its tag kept, and none that keeps its data elsewhere than it is mounted; absent for others", |n| str_or_absent(databases::image_to_name(n.service()).as_deref());
    keeps_old_data_path: Type::Bool, "it mounts `/var/lib/postgresql/data`, where PostgreSQL's image kept its data before 18", |n| Cell::bool(databases::keeps_old_data_path(n.service()));
    is_for_development: Type::Bool, "its stack is to develop or test with: by its name, by a development server, by code that is mounted from the host, or because another one is for production", |n| Cell::bool(crate::facts::deploy::purpose::is_stack_for_development(&n.p, n.fact().stack));
    build_context: Type::Str, "`there` or `missing`: the directory of `build.context`; unknown when it lies outside", |n| { let build = n.service().build.as_ref(); build.map_or(Cell::ABSENT, |build| n.presence(build.context_path.as_ref(), build.context.as_ref())) };
    build_dockerfile: Type::Str, "`there` or `missing`: the file of `build.dockerfile`, or `Dockerfile` of the context; unknown when it lies outside", |n| { let build = n.service().build.as_ref(); build.map_or(Cell::ABSENT, |build| n.presence(build.dockerfile_path.as_ref(), build.dockerfile.as_ref())) };
    first_alike_build: Type::Str, "the first service of its file that is built from the same Dockerfile; absent where it builds none", |n| n.first_alike_build().unwrap_or(Cell::ABSENT);
    has_dockerfile_key: Type::Bool, "`build.dockerfile` is written", |n| Cell::bool(n.service().build.as_ref().is_some_and(|build| build.dockerfile.is_some()));
    build_target: Type::Str, "`build.target`; absent without", |n| text(n.service().build.as_ref().and_then(|build| build.target.as_ref()));
    target_exists: Type::Bool, "this Dockerfile has the stage that `build.target` names; absent without a target, unknown for other Dockerfiles", |n| n.target_exists();
    command: Type::Str, "`command` as one text; absent without", |n| line(n.service().command.as_ref());
    entrypoint: Type::Str, "`entrypoint` as one text; absent without", |n| line(n.service().entrypoint.as_ref());
    server: Type::Str, "the server that it starts, with its `command`: `gunicorn`, `runserver`, ...; absent when it certainly starts none, unknown for services that do not build this Dockerfile", |n| n.server();
    binds: Type::List(&Type::Fact(&super::server::BIND)), "addresses that this server listens on; open when there may be more", |n| n.binds();
    is_certain: Type::Bool, "everything that it starts is known", |n| Cell::bool(n.fact().is_known(&n.p));
    environment: Type::Map(&Type::Str), "its variables, those of env files among them; open when a file is not there", |n| n.environment();
    variables: Type::List(&Type::Fact(&SERVICE_ENV)), "its variables one by one, as written in `environment` and env files", |n| { let count = ServiceEnvNode::count(&n.p, n.i); parts(count, |at| Arc::new(ServiceEnvNode::new(&n.p, n.i, at))) };
    ports: Type::List(&Type::Fact(&SERVICE_PORT)), "the ports that it publishes", |n| parts(n.service().ports.len(), |at| Arc::new(ServicePortNode::new(&n.p, n.i, at)));
    volumes: Type::List(&Type::Fact(&SERVICE_VOLUME)), "what it mounts", |n| parts(n.service().volumes.len(), |at| Arc::new(ServiceVolumeNode::new(&n.p, n.i, at)));
    dependencies: Type::List(&Type::Fact(&DEPENDENCY)), "services that it names in `depends_on` and `links`", |n| Cell::list(n.dependencies());
    links: Type::Str, "the key `links`; absent without", |n| n.service().links_key.map_or(Cell::ABSENT, |span| Cell::str("links").at(span));
    user: Type::Str, "`user`; absent without", |n| text(n.service().user.as_ref());
    restart: Type::Str, "`restart`; absent without", |n| text(n.service().restart.as_ref());
    container_name: Type::Str, "`container_name`; absent without", |n| text(n.service().container_name.as_ref());
    replicas: Type::Int, "how many containers: `deploy.replicas`, or `scale`; absent without, or when it is no number", |n| n.replicas();
    has_healthcheck: Type::Bool, "a `healthcheck` that is not switched off; unknown where the image may bring one: images of Docker Hub's library bring none", |n| n.has_healthcheck();
    healthcheck_lacks: Type::Str, "the program that its `healthcheck` cannot do without and that the image which it builds from this Dockerfile certainly lacks; absent otherwise", |n| n.lacking().map_or(Cell::ABSENT, |lacking| Cell::str(&lacking.program).at(lacking.span));
    healthcheck_package: Type::Str, "the package of the image's system that contains that program", |n| n.lacking().map_or(Cell::ABSENT, |lacking| Cell::str(lacking.package));
    needed_series: Type::Str, "for PostgreSQL, the oldest release that the Django of a service beside it works with, when this one is older; absent otherwise", |n| n.needed_series();
    keys: Type::List(&Type::Str), "every key it has", |n| list(n.service().keys.iter().map(|key| Cell::str(key.as_str()).at(key.span)).collect(), true);
    file: Type::Link(&COMPOSE_FILE), "the file that names it", |n| { let file = n.service().name.span().file; n.p.around.compose.files.iter().position(|other| other.file == file).map_or(Cell::UNKNOWN, |i| Cell::fact(Arc::new(ComposeFileNode::new(&n.p, i)))) };
    stop_signal: Type::Str, "`stop_signal`; absent without", |n| str_or_absent(n.service().stop_signal.as_ref().and_then(|text| text.as_str()));
}

/// Visits a kind of fact of the compose files.
pub(crate) fn visit(p: &Arc<Project>, kind: &str, each: &mut dyn FnMut(Selected)) {
    let selected = |purpose: Purpose, key: &str, node: NodeRef| Selected {
        key: Arc::from(key),
        covers: node.span().into_iter().collect(),
        node,
        reach: Reach::Shipped,
        intent: services::intent(purpose),
    };
    if kind == "compose_file" {
        for (i, file) in p.around.compose.files.iter().enumerate() {
            let key = match file.purpose {
                Purpose::Production => "production",
                Purpose::Development => "development",
                Purpose::Test => "test",
                Purpose::Unspoken => "",
            };
            let node = Arc::new(ComposeFileNode::new(p, i));
            each(selected(file.purpose, key, node));
        }
        return;
    }
    for (i, fact) in p.services.iter().enumerate() {
        let purpose = fact.purpose(p);
        let service = fact.service(p);
        match kind {
            "service" => {
                let node = Arc::new(ServiceNode::new(p, i));
                each(selected(purpose, service.name.as_str(), node));
            }
            "service_env" => {
                for node in ServiceEnvNode::all(p, i) {
                    let key = node.name().to_owned();
                    each(selected(purpose, &key, Arc::new(node)));
                }
            }
            "service_port" => {
                for (at, port) in service.ports.iter().enumerate() {
                    let key = port
                        .target
                        .map_or(String::new(), |(port, _)| port.to_string());
                    let node = Arc::new(ServicePortNode::new(p, i, at));
                    each(selected(purpose, &key, node));
                }
            }
            "service_volume" => {
                for (at, mount) in service.volumes.iter().enumerate() {
                    let key = mount.target.as_ref().map_or("", Traced::as_str);
                    let node = Arc::new(ServiceVolumeNode::new(p, i, at));
                    each(selected(purpose, key, node));
                }
            }
            _ => {}
        }
    }
}

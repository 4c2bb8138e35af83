//! Variables, ports, mounts and dependencies of compose services.

use std::sync::Arc;

use crate::compose::{EnvVar, Mount, MountKind, Port, Purpose, Service, Style, skeleton};
use crate::context::Presence;
use crate::facts::build::at;
use crate::facts::deploy::databases::{self, Mismatch, Url};
use crate::facts::deploy::{addresses, passwords};
use crate::facts::model::{CopyFrom, Holder, Project};
use crate::facts::nodes::service::{SERVICE, ServiceNode};
use crate::facts::nodes::{at, known_str, str_or_absent, table, traced};
use crate::facts::table::{Cell, Type};
use crate::knowledge::secret::{self, Verdict};
use crate::python::settings::verdicts::{self, Answer};
use crate::span::{Span, Traced};

fn service(p: &Project, i: usize) -> &Service {
    p.services[i].service(p)
}

/// A variable of a service.
#[derive(Debug, Clone)]
pub(crate) struct ServiceEnvNode {
    p: Arc<Project>,
    service: usize,
    var: EnvVar,
}

impl ServiceEnvNode {
    /// How many variables a service has.
    pub(crate) fn count(p: &Project, of: usize) -> usize {
        service(p, of).env().vars.len()
    }

    pub(crate) fn new(p: &Arc<Project>, of: usize, i: usize) -> Self {
        let vars = service(p, of).env().vars;
        Self {
            p: Arc::clone(p),
            service: of,
            // Nodes are only made for variables that are there.
            var: vars.into_iter().nth(i).unwrap_or_else(|| EnvVar {
                name: Traced::empty(service(p, of).name.span()),
                value: None,
                may_vary: true,
                scalar: None,
            }),
        }
    }

    /// All of a service at once.
    pub(crate) fn all(p: &Arc<Project>, of: usize) -> impl Iterator<Item = Self> {
        let p = Arc::clone(p);
        let vars = service(&p, of).env().vars;
        vars.into_iter().map(move |var| Self {
            p: Arc::clone(&p),
            service: of,
            var,
        })
    }

    pub(crate) fn name(&self) -> &str {
        self.var.name.as_str()
    }

    fn known(&self) -> Option<&Traced> {
        self.var.value.as_ref().filter(|_| !self.var.may_vary)
    }

    fn value(&self) -> Cell {
        at(
            known_str(self.known().map(Traced::as_str)),
            Some(self.value_span()),
        )
    }

    fn value_span(&self) -> Span {
        match (&self.var.scalar, &self.var.value) {
            (Some(scalar), _) => scalar.span,
            (None, Some(value)) => value.span(),
            (None, None) => self.var.name.span(),
        }
    }

    fn is_from_another_file(&self) -> bool {
        let file = self.var.name.span().file;
        let files = &self.p.around.compose.files;
        file != service(&self.p, self.service).name.span().file
            && files.iter().any(|other| other.file == file)
    }

    fn raw(&self) -> Cell {
        self.var.scalar.as_ref().map_or(Cell::ABSENT, |scalar| {
            Cell::str(scalar.as_str()).at(scalar.span)
        })
    }

    /// The file is one to copy and fill in, by its name.
    fn is_in_sample(&self) -> bool {
        let file = self.var.name.span().file;
        let fact = self.p.services[self.service].service(&self.p);
        fact.env_files.iter().any(|env_file| {
            let first = env_file.pairs.iter().flatten().next();
            first.is_some_and(|pair| pair.key.span().file == file)
                && env_file.resolved.as_deref().is_some_and(|path| {
                    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
                    ["sample", "example", "template", "dist", "default"]
                        .iter()
                        .any(|word| name.contains(word))
                })
        })
    }

    /// An item `- NAME="value"` of a list: the quotes are a part of the value.
    fn has_quotes(&self) -> bool {
        let Some(scalar) = self.var.scalar.as_ref().filter(|_| self.is_in_compose()) else {
            return false;
        };
        let value = scalar.as_str();
        let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let is_quoted = ['"', '\'']
            .iter()
            .any(|quote| inner(*quote).is_some_and(|inner| !inner.contains(*quote)));
        let span = self.var.name.span();
        let text = self.p.texts.iter().find(|(file, _)| *file == span.file);
        // Who quotes the whole item means the quotes inside.
        let is_plain = text.is_some_and(|(_, source)| {
            let before = source.text.get(..span.start as usize).unwrap_or_default();
            before.ends_with(['-', ' ', ',', '['])
        });
        is_quoted && is_plain && scalar.style == Style::Part
    }

    /// It stands in the compose file, not in an env file.
    fn is_in_compose(&self) -> bool {
        let file = self.var.name.span().file;
        self.p
            .around
            .compose
            .files
            .iter()
            .any(|other| other.file == file)
    }

    /// Django's DEBUG has its value from this line.
    fn gives_debug(&self) -> bool {
        let own = self.var.name.span();
        let mut given = self.p.around.environment().into_iter();
        let is_given = given.any(|(_, span, value)| span == own && value.is_some());
        let image = self.p.services[self.service].image;
        let mut settings = self.p.settings.iter();
        is_given
            && settings.any(|fact| match verdicts::flag(&fact.settings, "DEBUG") {
                Answer::Known(known) => {
                    let name = known.env.map(|given| given.name);
                    Some(fact.image) == image && name.as_deref() == Some(self.name())
                }
                _ => false,
            })
    }

    /// How the line is written.
    fn form(&self) -> &'static str {
        if !self.is_in_compose() {
            return "file";
        }
        let file = self.var.name.span().file;
        let text = self.p.texts.iter().find(|(other, _)| *other == file);
        let end = self.var.name.span().end as usize;
        let rest = text.and_then(|(_, source)| source.text.get(end..));
        if rest.is_some_and(|rest| rest.starts_with('=')) {
            "list"
        } else {
            "mapping"
        }
    }

    /// The variables of the stack that hold the password that this one holds, itself among them.
    fn holders(&self) -> &[Holder] {
        let stack = self.p.services[self.service].stack;
        let password = passwords::password(&self.var);
        password.map_or(&[], |it| passwords::holders(&self.p, stack, it))
    }

    /// The others of them, with their places.
    fn others(&self) -> Cell {
        let mut cells: Vec<Cell> = Vec::new();
        let own = self.var.name.span();
        for holder in self.holders() {
            let span = holder.var.name.span();
            let is_new = cells.iter().all(|cell| cell.span != Some(span));
            if span != own && is_new {
                cells.push(traced(&holder.var.name));
            }
        }
        Cell::list(cells)
    }

    fn secret(&self) -> Cell {
        let Some(value) = self.known() else {
            return Cell::UNKNOWN;
        };
        let span = self.var.name.span();
        let text = self.p.texts.iter().find(|(file, _)| *file == span.file);
        let text = text.map_or("", |(_, source)| source.text.as_str());
        let at = (span.start as usize).min(text.len());
        let verdict = secret::judge_in(self.name(), Some(value.as_str()), text, at, true);
        let cell = match verdict {
            Verdict::Harmless => return Cell::ABSENT,
            _ if self.is_in_sample() => Cell::str("stand-in"),
            Verdict::Secret(_) => Cell::str("secret"),
            Verdict::Guessable => Cell::str("guessable"),
            Verdict::Dummy => Cell::str("stand-in"),
        };
        cell.at(self.value_span())
    }

    fn mismatch(&self) -> Option<Mismatch> {
        let fact = &self.p.services[self.service];
        let stack = &self.p.around.compose.stacks[fact.stack];
        if !stack.is_complete {
            return None;
        }
        // Variables in it leave the rest as it is.
        let partly = || {
            let scalar = self.var.scalar.as_ref().filter(|_| self.is_in_compose())?;
            scalar.as_str().contains("://").then(|| skeleton(scalar))
        };
        if let Some(value) = self.known()
            && stack.is_whole
            && let Some(found) = addresses::own_host(&self.p, fact, self.name(), value)
        {
            return Some(found);
        }
        let url = Url::parse(&self.known().cloned().or_else(partly)?)?;
        let is_alone = databases::is_alone(&self.p, fact);
        let found = databases::mismatch(&url, stack, fact.service(&self.p), is_alone)?;
        // A host that is not here may be in a file that is used together with this one.
        (found.part != "host" || stack.is_whole).then_some(found)
    }

    /// What is wrong with the address of a cache or a broker.
    fn wrong_address(&self) -> Option<(&'static str, Mismatch)> {
        let fact = &self.p.services[self.service];
        let stack = &self.p.around.compose.stacks[fact.stack];
        if !stack.is_complete {
            return None;
        }
        let is_alone = databases::is_alone(&self.p, fact);
        let own = fact.service(&self.p);
        let found = addresses::mismatch(self.known()?, stack, own, is_alone)?;
        (found.1.part != "host" || stack.is_whole).then_some(found)
    }

    pub(crate) fn place(&self) -> Option<Span> {
        let name = self.var.name.span();
        let value = self.value_span();
        Some(if name.file == value.file {
            name.cover(value)
        } else {
            name
        })
    }

    pub(crate) fn label(&self) -> String {
        self.name().to_owned()
    }
}

table! {
    SERVICE_ENV = "service_env", "A variable of a compose service.", for ServiceEnvNode;
    name: Type::Str, "the variable", |n| traced(&n.var.name);
    value: Type::Str, "what the container gets; unknown when the shell that runs compose decides", |n| n.value();
    raw: Type::Str, "as written, quotes aside; absent when it is passed on from the shell", |n| n.raw();
    is_yaml_boolean: Type::Bool, "an `on`, `yes`, `true` or the like without quotes: a boolean for YAML 1.1", |n| Cell::bool(n.is_in_compose() && n.var.scalar.as_ref().is_some_and(|scalar| scalar.is_boolean_1_1()));
    has_quotes: Type::Bool, "quotes around the value of an item of a list, `- NAME=\"value\"`, which the container gets as a part of it", |n| Cell::bool(n.has_quotes());
    is_in_compose: Type::Bool, "it stands in the compose file, not in an env file", |n| Cell::bool(n.is_in_compose());
    secret: Type::Str, "`secret`, `guessable` (words anybody would try) or, when the value or a comment beside it says so, `stand-in`; absent when it is none", |n| n.secret();
    form: Type::Str, "how it is written: `list` (`- NAME=value`), `mapping` (`NAME: value`), or `file`, a line of an env file", |n| Cell::str(n.form());
    gives_debug: Type::Bool, "Django's DEBUG certainly has its value from it", |n| Cell::bool(n.gives_debug());
    first_alike: Type::Str, "the first variable of the stack that holds the same password; absent when it holds none", |n| n.holders().first().map_or(Cell::ABSENT, |holder| traced(&holder.var.name));
    others: Type::List(&Type::Str), "the other variables of the stack that hold the same password, also in a URL", |n| n.others();
    is_from_another_file: Type::Bool, "it stands in another compose file than the one that names the service, which others may share", |n| Cell::bool(n.is_from_another_file());
    is_internal: Type::Bool, "its password only opens a server of the stack that publishes no port", |n| Cell::bool(passwords::is_internal(&n.p, n.holders()));
    kept_by: Type::Str, "the database that keeps the account with its password in a volume: `postgres`, `mysql` or `mariadb`; absent when none does", |n| passwords::kept_by(&n.p, n.holders()).map_or(Cell::ABSENT, |engine| Cell::str(databases::engine_name(engine)));
    is_committed: Type::Bool, "git does not ignore the file that it stands in", |n| Cell::bool(!n.p.uncommitted.contains(&n.var.name.span().file));
    url_part: Type::Str, "the first part of a database's URL that no database of the stack answers to: `host`, `port`, `user`, `password` or `name`; `host` as well for the host that the settings hand to the database; absent when there is none, and for other values", |n| n.mismatch().map_or(Cell::ABSENT, |found| Cell::str(found.part).at(found.found.span()));
    url_found: Type::Str, "that part as the URL has it", |n| n.mismatch().map_or(Cell::ABSENT, |found| traced(&found.found));
    url_expected: Type::Str, "what the database has", |n| n.mismatch().map_or(Cell::ABSENT, |found| traced(&found.expected));
    server: Type::Str, "`redis` or `rabbitmq`, where the value is the address of one that none of the stack answers to; absent otherwise", |n| n.wrong_address().map_or(Cell::ABSENT, |(server, _)| Cell::str(server));
    server_part: Type::Str, "what of that address is wrong: `host` or `port`", |n| n.wrong_address().map_or(Cell::ABSENT, |(_, found)| Cell::str(found.part));
    server_found: Type::Str, "that part as the address has it", |n| n.wrong_address().map_or(Cell::ABSENT, |(_, found)| traced(&found.found));
    server_expected: Type::Str, "what the server has", |n| n.wrong_address().map_or(Cell::ABSENT, |(_, found)| traced(&found.expected));
    service: Type::Link(&SERVICE), "the service", |n| Cell::fact(Arc::new(ServiceNode::new(&n.p, n.service)));
}

/// A published port.
#[derive(Debug, Clone)]
pub(crate) struct ServicePortNode {
    p: Arc<Project>,
    service: usize,
    i: usize,
}

impl ServicePortNode {
    pub(crate) fn new(p: &Arc<Project>, of: usize, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            service: of,
            i,
        }
    }

    fn fact(&self) -> &Port {
        &service(&self.p, self.service).ports[self.i]
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    pub(crate) fn label(&self) -> String {
        let fact = self.fact();
        match &fact.short {
            Some(text) => text.scalar.as_str().to_owned(),
            None => fact
                .target
                .map_or(String::new(), |(first, _)| first.to_string()),
        }
    }
}

table! {
    SERVICE_PORT = "service_port", "A port that a compose service publishes.", for ServicePortNode;
    text: Type::Str, "as written in the short form, else the container's port", |n| Cell::str(&n.label()).at(n.fact().span);
    number: Type::Int, "the container's port; unknown for a range or a variable", |n| match n.fact().target { Some((first, last)) if first == last => Cell::int(i64::from(first)).at(n.fact().target_span), _ => Cell::UNKNOWN };
    published: Type::Str, "the host's port; absent when docker chooses", |n| n.fact().published.as_ref().map_or(Cell::ABSENT, traced);
    host_ip: Type::Str, "the host's address; absent without", |n| n.fact().host_ip.as_ref().map_or(Cell::ABSENT, traced);
    protocol: Type::Str, "`tcp` unless written otherwise", |n| Cell::str(&n.fact().protocol);
    is_inherited: Type::Bool, "it stands in another file than the one that is for production by its name", |n| Cell::bool(is_inherited(&n.p, n.fact().span));
    is_base_60: Type::Bool, "a pair without quotes that YAML 1.1 reads as one number: `22:22`", |n| Cell::bool(n.fact().short.as_ref().is_some_and(|text| text.scalar.is_base_60()));
    service: Type::Link(&SERVICE), "the service", |n| Cell::fact(Arc::new(ServiceNode::new(&n.p, n.service)));
}

/// A mount.
#[derive(Debug, Clone)]
pub(crate) struct ServiceVolumeNode {
    p: Arc<Project>,
    service: usize,
    i: usize,
}

impl ServiceVolumeNode {
    pub(crate) fn new(p: &Arc<Project>, of: usize, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            service: of,
            i,
        }
    }

    fn fact(&self) -> &Mount {
        &service(&self.p, self.service).volumes[self.i]
    }

    /// A directory of the project lies over a directory that COPY filled with code.
    fn hides_code(&self) -> Cell {
        let mount = self.fact();
        if matches!(
            mount.kind,
            MountKind::Named | MountKind::Anonymous | MountKind::Tmpfs
        ) {
            return Cell::bool(false);
        }
        let (Some(target), Some(source)) = (&mount.target, &mount.source_path) else {
            return Cell::UNKNOWN;
        };
        let Some(image) = self.p.services[self.service].image else {
            return Cell::UNKNOWN;
        };
        if !matches!(
            self.p.around.root.entry(source),
            crate::source::Entry::Directory
        ) {
            return Cell::bool(false);
        }
        let target = target.as_str().trim_end_matches('/');
        let below = |path: &str| {
            path.strip_prefix(target)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let chain = &self.p.images[image].chain;
        let works_there = at::workdir(&self.p.stages, self.p.images[image].stage)
            .is_some_and(|directory| below(directory.trim_end_matches('/')));
        let copied = self.p.copies.iter().any(|copy| {
            copy.from == CopyFrom::Context
                && chain.contains(&copy.stage)
                && copy
                    .target
                    .as_deref()
                    .is_some_and(|path| below(path.trim_end_matches('/')))
                && copy.sources.iter().any(|(_, text)| {
                    text.as_ref().is_some_and(|text| {
                        self.p.around.context.presence(text.as_str()) == Presence::Directory
                    })
                })
        });
        Cell::bool(works_there && copied)
    }

    /// A named volume that no file of the stack declares.
    fn is_undefined(&self) -> Cell {
        let mount = self.fact();
        let Some(source) = mount
            .source
            .as_ref()
            .filter(|_| mount.kind == MountKind::Named)
        else {
            return Cell::bool(false);
        };
        let fact = &self.p.services[self.service];
        let compose = &self.p.around.compose;
        let stack = &compose.stacks[fact.stack];
        let files = || stack.files.iter().filter_map(|i| compose.files.get(*i));
        let is_known = |name: &str| {
            let declared = files().flat_map(|file| &file.volumes);
            declared.into_iter().any(|other| other.as_str() == name)
        };
        // One letter is a drive of Windows.
        if is_known(source.as_str()) || source.as_str().len() < 2 {
            return Cell::bool(false);
        }
        // Others are put together by hand, with files that may declare it.
        let is_usual = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let stem = name.trim_start_matches("docker-").rsplit_once('.');
            stem.is_some_and(|(stem, _)| matches!(stem, "compose" | "compose.override"))
        };
        if !files().all(|file| is_usual(&file.path)) {
            return Cell::UNKNOWN;
        }
        // What cannot be read may declare it, and so may a file that this one is used with.
        let is_readable = files().all(|file| file.errors.is_empty());
        if stack.is_whole && is_readable && fact.service(&self.p).extends.is_none() {
            Cell::bool(true)
        } else {
            Cell::UNKNOWN
        }
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    pub(crate) fn label(&self) -> String {
        let fact = self.fact();
        let source = fact.source.as_ref().map_or("", Traced::as_str);
        let target = fact.target.as_ref().map_or("", Traced::as_str);
        format!("{source}:{target}")
    }
}

table! {
    SERVICE_VOLUME = "service_volume", "A mount of a compose service.", for ServiceVolumeNode;
    kind: Type::Str, "`bind`, `volume` (named), `anonymous` or `tmpfs`; unknown when a variable decides", |n| match n.fact().kind { MountKind::Bind => Cell::str("bind"), MountKind::Named => Cell::str("volume"), MountKind::Anonymous => Cell::str("anonymous"), MountKind::Tmpfs => Cell::str("tmpfs"), MountKind::Unknown => Cell::UNKNOWN };
    source: Type::Str, "the path or name; absent for anonymous ones", |n| n.fact().source.as_ref().map_or(Cell::ABSENT, traced);
    target: Type::Str, "where it lies in the container", |n| n.fact().target.as_ref().map_or(Cell::UNKNOWN, traced);
    is_read_only: Type::Bool, "it is mounted read-only", |n| Cell::bool(n.fact().is_read_only);
    is_undefined: Type::Bool, "a named volume that the top level of the files does not declare; unknown when other files may", |n| n.is_undefined();
    is_inherited: Type::Bool, "it stands in another file than the one that is for production by its name", |n| Cell::bool(is_inherited(&n.p, n.fact().span));
    hides_code: Type::Bool, "a directory of the project that lies over the working directory of the image and the code that COPY put there", |n| n.hides_code();
    service: Type::Link(&SERVICE), "the service", |n| Cell::fact(Arc::new(ServiceNode::new(&n.p, n.service)));
}

/// The file that something stands in is not the one that says that the stack is for production.
fn is_inherited(p: &Project, span: Span) -> bool {
    let mut files = p.around.compose.files.iter();
    let own = files.find(|other| other.file == span.file);
    own.is_some_and(|own| own.purpose != Purpose::Production)
}

/// A service that another names.
#[derive(Debug, Clone)]
pub(crate) struct DependencyNode {
    p: Arc<Project>,
    service: usize,
    i: usize,
    is_link: bool,
}

impl DependencyNode {
    pub(crate) fn new(p: &Arc<Project>, of: usize, i: usize, is_link: bool) -> Self {
        Self {
            p: Arc::clone(p),
            service: of,
            i,
            is_link,
        }
    }

    fn name(&self) -> Option<Traced> {
        let service = service(&self.p, self.service);
        if self.is_link {
            let text = service.links.get(self.i)?.value.as_ref()?;
            let end = text.as_str().find(':').unwrap_or(text.len());
            Some(text.slice(0..end))
        } else {
            Some(service.depends_on.get(self.i)?.service.clone())
        }
    }

    fn has_healthcheck(&self) -> Cell {
        let stack = self.p.services[self.service].stack;
        if !self.p.around.compose.stacks[stack].is_whole {
            return Cell::UNKNOWN;
        }
        let name = self.name();
        let named = self.p.services.iter().position(|fact| {
            let other = fact.service(&self.p);
            fact.stack == stack
                && name
                    .as_ref()
                    .is_some_and(|name| name.as_str() == other.name.as_str())
        });
        named.map_or(Cell::UNKNOWN, |i| {
            ServiceNode::new(&self.p, i).has_healthcheck()
        })
    }

    fn exists(&self) -> Cell {
        let Some(name) = self.name() else {
            return Cell::UNKNOWN;
        };
        let fact = &self.p.services[self.service];
        let stack = &self.p.around.compose.stacks[fact.stack];
        let exists = stack
            .services
            .iter()
            .any(|other| other.name.as_str() == name.as_str());
        let own = fact.service(&self.p);
        let is_required = self.is_link
            || own
                .depends_on
                .get(self.i)
                .is_none_or(|found| found.is_required);
        if exists || stack.is_whole && is_required {
            Cell::bool(exists)
        } else {
            Cell::UNKNOWN
        }
    }

    fn place(&self) -> Option<Span> {
        let own = || service(&self.p, self.service).name.span();
        Some(self.name().map_or_else(own, |name| name.span()))
    }

    fn label(&self) -> String {
        self.name()
            .map(|name| name.as_str().to_owned())
            .unwrap_or_default()
    }
}

table! {
    DEPENDENCY = "dependency", "A service that another names.", for DependencyNode;
    name: Type::Str, "its name", |n| n.name().map_or(Cell::UNKNOWN, |name| traced(&name));
    key: Type::Str, "`depends_on` or `links`", |n| Cell::str(if n.is_link { "links" } else { "depends_on" });
    condition: Type::Str, "`service_healthy` or the like; absent without", |n| str_or_absent(service(&n.p, n.service).depends_on.get(n.i).filter(|_| !n.is_link).and_then(|found| found.condition.as_ref()).and_then(|text| text.as_str()));
    exists: Type::Bool, "the files have such a service; unknown when they are used together with others", |n| n.exists();
    has_healthcheck: Type::Bool, "it has a health check; unknown when its image may bring one, or the files are used together with others", |n| n.has_healthcheck();
    service: Type::Link(&SERVICE), "the service that names it", |n| Cell::fact(Arc::new(ServiceNode::new(&n.p, n.service)));
}

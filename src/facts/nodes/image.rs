//! The shipped image as the container will see it.

use std::sync::Arc;

use crate::facts::build::{application, at, users};
use crate::facts::deploy::purpose;
use crate::facts::intent;
use crate::facts::model::{ImageFact, ProcessFact, Project};
use crate::facts::nodes::command::{args, assignments, flags};
use crate::facts::nodes::instruction::{AccountNode, PortNode};
use crate::facts::nodes::requirement::RequirementNode;
use crate::facts::nodes::script::Owner;
use crate::facts::nodes::{
    BaseNode, CommandNode, CopyNode, ServerNode, StageNode, at, cells, known_bool, known_str, list,
    str_or_absent, table, traced,
};
use crate::facts::python::{dependencies, virtualenvs};
use crate::facts::start::image::{server_name, signal_name};
use crate::facts::start::{healthcheck, unprivileged, user};
use crate::facts::system::{installed, musl};
use crate::facts::table::{Cell, Intent, NodeRef, Type};
use crate::knowledge::packages;
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{Command, Runs};
use crate::span::Span;

#[derive(Debug, Clone)]
pub(crate) struct ImageNode {
    p: Arc<Project>,
    i: usize,
}

impl ImageNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &ImageFact {
        &self.p.images[self.i]
    }

    fn entrypoint(&self) -> Option<&ProcessFact> {
        let stage = self.fact().entrypoint?;
        self.p.stages[stage].entrypoint.as_ref()
    }

    fn cmd(&self) -> Option<&ProcessFact> {
        let stage = self.fact().cmd?;
        self.p.stages[stage].cmd.as_ref()
    }

    fn process_cell(&self, is_cmd: bool) -> Cell {
        let process = if is_cmd {
            self.cmd()
        } else {
            self.entrypoint()
        };
        match process {
            Some(_) => Cell::fact(Arc::new(ProcessNode {
                p: Arc::clone(&self.p),
                image: self.i,
                is_cmd,
            })),
            // A base image that is not known may bring one.
            None if at::is_closed(&self.p.stages, self.fact().stage) => Cell::ABSENT,
            None => Cell::UNKNOWN,
        }
    }

    fn healthcheck_ports(&self) -> Cell {
        match healthcheck::ports(&self.p, self.fact()) {
            Some(ports) => Cell::list(
                ports
                    .into_iter()
                    .map(|(port, span)| Cell::int(i64::from(port)).at(span))
                    .collect(),
            ),
            None => Cell::UNKNOWN,
        }
    }

    fn lacking(&self) -> Option<healthcheck::Lacking> {
        healthcheck::lacking(&self.p, self.fact())
    }

    fn user(&self) -> Cell {
        users::current(&self.p.stages, self.fact().stage).map_or(Cell::UNKNOWN, |user| {
            let from = self.p.stages[user.stage].base.written.span();
            Cell::str(&user.name).at(user.span.unwrap_or(from))
        })
    }

    fn user_id(&self) -> Option<String> {
        let user = users::current(&self.p.stages, self.fact().stage)?.name;
        if !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit()) {
            return Some(user);
        }
        match user.as_str() {
            "" | "root" => return Some("0".to_owned()),
            "www-data" => return Some("33".to_owned()),
            "nobody" => return Some("65534".to_owned()),
            _ => {}
        }
        let account = self.p.accounts.iter().find(|account| {
            self.fact().chain.contains(&account.stage)
                && !account.is_group
                && account.name.as_deref() == Some(user.as_str())
        })?;
        account.id.clone()
    }

    /// Root runs the server: no USER, and nothing that starts could drop privileges.
    fn runs_as_root(&self) -> Option<bool> {
        let user = users::current(&self.p.stages, self.fact().stage)?;
        if !users::is_root(&user) {
            return Some(false);
        }
        user::keeps_root(&self.p, self.i)
    }

    fn is_called_base(&self) -> bool {
        let path = self.p.around.dockerfile.as_deref().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word.eq_ignore_ascii_case("base"))
    }

    fn is_called_production(&self) -> bool {
        let stage = &self.p.stages[self.fact().stage];
        let name = stage
            .name
            .as_ref()
            .and_then(|name| intent::by_name(name.as_str()));
        let path = self
            .p
            .around
            .dockerfile
            .as_deref()
            .and_then(intent::by_path);
        name.or(path) == Some(Intent::Production)
    }

    fn stop_signal(&self) -> Cell {
        for stage in &self.fact().chain {
            if let Some(signal) = &self.p.stages[*stage].stop_signal {
                if signal.is_empty() {
                    return Cell::UNKNOWN;
                }
                return Cell::str(&signal_name(signal)).at(signal.span());
            }
        }
        if at::is_closed(&self.p.stages, self.fact().stage) {
            Cell::ABSENT
        } else {
            Cell::UNKNOWN
        }
    }

    fn ports(&self) -> Cell {
        let mut items = Vec::new();
        for stage in self.fact().chain.iter().rev() {
            for i in 0..self.p.stages[*stage].ports.len() {
                items.push(Cell::fact(
                    Arc::new(PortNode::new(&self.p, *stage, i)) as NodeRef
                ));
            }
        }
        list(items, at::is_closed(&self.p.stages, self.fact().stage))
    }

    fn collectstatic(&self) -> Cell {
        let chain = &self.fact().chain;
        let found = self.p.commands.iter().position(|fact| {
            let management = fact.command.management.as_ref();
            chain.contains(&fact.stage)
                && fact.command.runs == Runs::Always
                && management.and_then(|arg| arg.as_str()) == Some("collectstatic")
        });
        found.map_or(Cell::ABSENT, |i| {
            Cell::fact(Arc::new(CommandNode::new(&self.p, i)))
        })
    }

    fn mounts_static(&self) -> bool {
        let settings = self.p.settings.iter().find(|fact| fact.image == self.i);
        let root = settings.and_then(|fact| match verdicts::static_root(&fact.settings) {
            Answer::Known(known) => Some(known.value),
            _ => None,
        });
        let touches = |target: &str| {
            let Some(root) = root.as_deref().filter(|root| !root.is_empty()) else {
                return true;
            };
            purpose::is_in(target, root) || purpose::is_in(root, target)
        };
        let services = self.p.services.iter();
        let mut mounts = services
            .filter(|fact| fact.image == Some(self.i))
            .flat_map(|fact| &fact.service(&self.p).volumes);
        mounts.any(|mount| {
            mount
                .target
                .as_ref()
                .is_none_or(|target| touches(target.as_str()))
        })
    }

    fn copies(&self) -> Cell {
        let items = self
            .p
            .copies
            .iter()
            .enumerate()
            .filter(|(_, copy)| self.fact().chain.contains(&copy.stage))
            .map(|(i, _)| Cell::fact(Arc::new(CopyNode::new(&self.p, i)) as NodeRef))
            .collect();
        Cell::list(items)
    }

    fn accounts(&self) -> Cell {
        let items = self
            .p
            .accounts
            .iter()
            .enumerate()
            .filter(|(_, account)| self.fact().chain.contains(&account.stage))
            .map(|(i, _)| Cell::fact(Arc::new(AccountNode::new(&self.p, i)) as NodeRef))
            .collect();
        let opaque = self
            .p
            .layers
            .iter()
            .any(|layer| self.fact().chain.contains(&layer.stage) && layer.is_opaque);
        list(items, !opaque)
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.p.stages[self.fact().stage].base.written.span())
    }

    pub(crate) fn label(&self) -> String {
        StageNode::new(&self.p, self.fact().stage).label()
    }
}

table! {
    IMAGE = "image", "A shipped image: the end of a stage with all that it inherits.", for ImageNode;
    stage: Type::Link(&super::stage::STAGE), "the stage that makes it", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
    base: Type::Link(&super::stage::BASE), "the base image it goes back to", |n| Cell::fact(Arc::new(BaseNode::new(&n.p, n.fact().stage)));
    entrypoint: Type::Fact(&PROCESS), "its ENTRYPOINT; absent without", |n| n.process_cell(false);
    cmd: Type::Fact(&PROCESS), "its CMD; absent without, also when an ENTRYPOINT after it reset it", |n| n.process_cell(true);
    server: Type::Fact(&super::server::SERVER), "the server that ENTRYPOINT and CMD start; unknown when they start something else", |n| if n.fact().server.is_some() { Cell::fact(Arc::new(ServerNode::new(&n.p, n.i))) } else { Cell::UNKNOWN };
    serves: Type::Bool, "a server is among what ENTRYPOINT and CMD start", |n| known_bool(Owner::Image(n.i).serves(&n.p));
    user: Type::Str, "the user of the container; empty for an empty USER; marks the USER or else the FROM", |n| n.user();
    user_id: Type::Str, "the number of that user: given as one, by `useradd -u`, or known of the base image; unknown otherwise", |n| known_str(n.user_id().as_deref());
    runs_as_root: Type::Bool, "the server runs as root: the user is root and nothing that starts drops it; unknown when a script that could not be read starts it", |n| at(known_bool(n.runs_as_root()), n.user().span);
    in_home_of_root: Type::List(&Type::Str), "what it needs and has in the home directory of root, which no other user can enter: `/root/.local`", |n| Cell::list(unprivileged::in_home_of_root(&n.p, n.i).iter().map(|path| Cell::str(path)).collect());
    is_for_any_user: Type::Bool, "its files are given to the group of root, so that the platform may choose the user", |n| Cell::bool(unprivileged::is_for_any_user(&n.p, n.fact()));
    env: Type::Map(&Type::Str), "its environment", |n| cells::env_cell(&n.p, n.fact().stage);
    workdir: Type::Str, "its working directory", |n| known_str(at::workdir(&n.p.stages, n.fact().stage).as_deref());
    stop_signal: Type::Str, "STOPSIGNAL without `SIG`, numbers as names: `INT`; absent without (SIGTERM)", |n| n.stop_signal();
    ports: Type::List(&Type::Fact(&super::instruction::PORT)), "what it exposes; open when the base image is not known", |n| n.ports();
    copies: Type::List(&Type::Link(&super::instruction::COPY)), "COPY and ADD that are part of it", |n| n.copies();
    accounts: Type::List(&Type::Fact(&super::instruction::ACCOUNT)), "users and groups that it creates; open when a layer could not be read", |n| n.accounts();
    virtualenvs: Type::List(&Type::Str), "directories in which its commands make virtual environments", |n| Cell::list(effective_virtualenvs(n));
    requirements: Type::Map(&Type::Link(&super::requirement::REQUIREMENT)), "the Python packages that its commands install, and those of stages whose virtual environments it copies; open unless every one of them, dependencies too, is listed", |n| super::requirement::of_image(&n.p, n.i);
    settings: Type::Link(&super::setting::SETTINGS), "the Django settings it runs with; unknown when nothing that was read names them", |n| n.p.settings.iter().position(|settings| settings.image == n.i).map_or(Cell::UNKNOWN, |i| Cell::fact(Arc::new(super::setting::SettingsNode::new(&n.p, i))));
    is_called_base: Type::Bool, "its Dockerfile is called so: `base.Dockerfile`", |n| Cell::bool(n.is_called_base());
    is_called_production: Type::Bool, "its Dockerfile or stage is called so: `Dockerfile.prod`", |n| Cell::bool(n.is_called_production());
    lists_server: Type::Str, "a server that is none to develop with and that a list of packages of it has: `gunicorn`, `uwsgi`, ...; absent without", |n| str_or_absent(dependencies::lists_server(&n.p, n.i));
    lacks_server: Type::Bool, "no list of packages has the server that starts, and every package that is listed is known not to bring it", |n| known_bool(dependencies::lacks_server(&n.p, n.i));
    serves_alone: Type::Bool, "no proxy and no manager of processes is installed beside the server", |n| serves_alone(n);
    collectstatic: Type::Link(&super::command::COMMAND), "the command of a RUN that collects the static files; absent without one", |n| n.collectstatic();
    mounts_static: Type::Bool, "a compose service of it mounts something at STATIC_ROOT, above or below, or anything where STATIC_ROOT is not known: what the build collected there may be hidden", |n| Cell::bool(n.mounts_static());
    healthcheck_ports: Type::List(&Type::Int), "the ports of its own container that its HEALTHCHECK asks, in addresses written out; empty without one; unknown where a variable stands for one", |n| n.healthcheck_ports();
    healthcheck_lacks: Type::Str, "the program that its HEALTHCHECK cannot do without and that is certainly not installed; absent otherwise", |n| n.lacking().map_or(Cell::ABSENT, |lacking| Cell::str(&lacking.program).at(lacking.span));
    healthcheck_package: Type::Str, "the package of the image's system that contains that program", |n| n.lacking().map_or(Cell::ABSENT, |lacking| Cell::str(lacking.package));
    is_certain: Type::Bool, "everything that ENTRYPOINT and CMD start is known, with the scripts they lead to", |n| Cell::bool(n.fact().process_is_known);
    cmd_is_replaced: Type::Bool, "every compose service of a stack that is not to develop with and that builds it says itself what runs, and there is one", |n| Cell::bool(purpose::cmd_is_replaced(&n.p, n.i));
    is_commanded: Type::Bool, "something beside the Dockerfile says what its containers run: a compose service with a command, a Procfile, heroku.yml, fly.toml, app.json", |n| Cell::bool(application::is_commanded(&n.p));
    has_mime_types: Type::Bool, "it has /etc/mime.types: of the base image, a package, a COPY or a command; unknown when one of these may bring it", |n| known_bool(installed::has_mime_types(&n.p, n.i));
    compiled_on_musl: Type::List(&Type::Link(&super::requirement::REQUIREMENT)), "for Alpine: the packages without a wheel for musl, but with one for glibc, that each build compiles with tools that stay in the image; without those that are not known", |n| Cell::list(musl::compiled(&n.p, n.i).into_iter().map(|(install, i)| Cell::fact(Arc::new(RequirementNode::new(&n.p, install, i)) as NodeRef)).collect());
    keeps_compiler: Type::Bool, "for Alpine: a compiler that `apk` installs stays in it", |n| Cell::bool(musl::keeps_compiler(&n.p, n.i));
    is_alpine_by_name: Type::Bool, "the Dockerfile or its directory is called after Alpine", |n| Cell::bool(musl::is_chosen(&n.p));
    has_django: Type::Bool, "something names Django: a management command, DJANGO_SETTINGS_MODULE, a requirement; unknown otherwise", |n| if application::has_django(&n.p, &n.fact().chain) || dependencies::lists(&n.p, n.i, "django") { Cell::bool(true) } else { Cell::UNKNOWN };
}

fn serves_alone(n: &ImageNode) -> Cell {
    let chain = &n.fact().chain;
    let mut packages =
        n.p.packages
            .iter()
            .filter(|package| chain.contains(&package.stage));
    if packages.any(|package| packages::listens(&package.name)) {
        return Cell::bool(false);
    }
    let mut layers =
        n.p.layers
            .iter()
            .filter(|layer| chain.contains(&layer.stage));
    if layers.any(|layer| layer.is_opaque) {
        return Cell::UNKNOWN;
    }
    Cell::bool(true)
}

fn effective_virtualenvs(n: &ImageNode) -> Vec<Cell> {
    virtualenvs::virtualenvs(&n.p, &n.fact().chain)
        .into_iter()
        .map(|(path, command)| Cell::str(&path).at(n.p.commands[command].command.span))
        .collect()
}

/// CMD or ENTRYPOINT of an image.
#[derive(Debug, Clone)]
pub(crate) struct ProcessNode {
    p: Arc<Project>,
    image: usize,
    is_cmd: bool,
}

impl ProcessNode {
    fn fact(&self) -> &ProcessFact {
        let image = &self.p.images[self.image];
        let process = if self.is_cmd {
            image
                .cmd
                .and_then(|stage| self.p.stages[stage].cmd.as_ref())
        } else {
            image
                .entrypoint
                .and_then(|stage| self.p.stages[stage].entrypoint.as_ref())
        };
        // Nodes are only made for processes that are there.
        process.unwrap_or(&EMPTY)
    }

    /// The command that runs: the only one, or the last.
    fn main(&self) -> Option<&Command> {
        self.fact().commands.last()
    }

    fn with_main(&self, get: impl Fn(&Command) -> Cell) -> Cell {
        self.main().map_or(Cell::UNKNOWN, get)
    }

    fn place(&self) -> Option<Span> {
        let at = self.fact().instruction;
        self.p.dockerfile.instructions.get(at).map(|i| i.span)
    }

    fn label(&self) -> String {
        if self.is_cmd { "CMD" } else { "ENTRYPOINT" }.to_owned()
    }

    fn text_span(&self) -> Option<Span> {
        let words = &self.fact().words;
        let first = words.first()?.span();
        Some(words.last().map_or(first, |last| first.cover(last.span())))
    }
}

static EMPTY: ProcessFact = ProcessFact {
    instruction: 0,
    is_json: true,
    words: Vec::new(),
    commands: Vec::new(),
};

table! {
    PROCESS = "process", "CMD or ENTRYPOINT.", for ProcessNode;
    keyword: Type::Str, "`CMD` or `ENTRYPOINT`", |n| Cell::str(&n.label());
    is_json: Type::Bool, "in exec form", |n| at(Cell::bool(n.fact().is_json), n.text_span());
    words: Type::List(&Type::Str), "elements of the exec form, or the one text of the shell form", |n| at(Cell::list(n.fact().words.iter().map(traced).collect()), n.text_span());
    name: Type::Str, "the program it runs last, as meant", |n| n.with_main(|c| at(known_str(c.name.as_deref()), Some(c.name_span)));
    flags: Type::Map(&Type::Str), "its flags, as for a command", |n| n.with_main(flags);
    operands: Type::List(&Type::Str), "its operands, as for a command", |n| n.with_main(|c| args(&c.operands));
    assignments: Type::Map(&Type::Str), "variables set for it", |n| n.with_main(assignments);
    wrappers: Type::List(&Type::Str), "programs that run it, outermost first: `sh`, `exec`, `tini`", |n| n.with_main(|c| Cell::list(c.wrappers.iter().map(|w| Cell::str(w)).collect()));
    text: Type::Str, "as written, after the keyword", |n| n.p.dockerfile.instructions.get(n.fact().instruction).map_or(Cell::UNKNOWN, |i| traced(&i.rest));
    is_server: Type::Bool, "a server is among its commands", |n| Cell::bool(n.fact().commands.iter().any(|command| server_name(command).is_some()));
    command_count: Type::Int, "commands in a shell form; 1 for an exec form", |n| Cell::int(i64::try_from(n.fact().commands.len()).unwrap_or(i64::MAX));
    is_exec: Type::Bool, "the program replaces the shell (`exec`), or no shell is there", |n| if n.fact().is_json { Cell::bool(true) } else { n.with_main(|c| Cell::bool(c.wrappers.iter().any(|wrapper| wrapper == "exec"))) };
}

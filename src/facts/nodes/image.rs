//! A shipped image: the end of a stage with all that it inherits.

mod health;
mod root;

use crate::deployed::Deployed;
use crate::facts::build::{application, at, users};
use crate::facts::deploy::{groups, migrated, purpose};
use crate::facts::intent;
use crate::facts::model::{ImageFact, ProcessFact, ServiceFact};
use crate::facts::nodes::cells::{self, at, known_bool, known_str, list, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::owner::Owner;
use crate::facts::nodes::shared::{
    self, lacking_module, lacking_package, lacking_program, of_image,
};
use crate::facts::python::{dependencies, virtualenvs};
use crate::facts::start::image::signal_name;
use crate::facts::start::{alone, commands, handed, healthcheck, signals, user};
use crate::facts::system::{installed, musl};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::intent_words::Intent;
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::Runs;
use crate::source::is_in;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "image",
    table: &TABLE,
    key: "the name of its stage in lower case, or empty",
    vars: &["stage"],
    doc: "a shipped image",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, image) in p.images.iter().enumerate() {
        let stage = &p.stages[image.stage];
        let key = stage
            .name
            .as_ref()
            .map(|name| name.as_str().to_ascii_lowercase());
        let node = Id::Image(i).node(p);
        each(facts.selected(
            Some(image.stage),
            key.as_deref().unwrap_or_default(),
            node,
            facts.instruction_span(stage.from),
        ));
    }
}

table! {
    "image",
    "A shipped image: the end of a stage with all that it inherits.";
    stage: Type::Link("stage"), "the stage that makes it";
    base: Type::Link("base"), "the base image it goes back to";
    entrypoint: Type::Fact("process"), "its ENTRYPOINT; absent without";
    cmd: Type::Fact("process"), "its CMD; absent without, also when an ENTRYPOINT after it reset it";
    server: Type::Fact("server"), "the server that ENTRYPOINT and CMD start; unknown when they start something else";
    serves: Type::Bool, "a server is among what ENTRYPOINT and CMD start";
    hands_over_nothing: Type::Str,
        "the script of an ENTRYPOINT that resets the CMD of an earlier stage, where its last line hands over to its \
         arguments, `exec \"$@\"`, and there are none; marks the ENTRYPOINT; absent otherwise";
    user: Type::Str, "the user of the container; empty for an empty USER; marks the USER or else the FROM";
    user_id: Type::Str,
        "the number of that user: given as one, by `useradd -u`, or known of the base image; unknown otherwise";
    runs_as_root: Type::Bool,
        "the server runs as root: the user is root and nothing that starts drops it; unknown when a script that \
         could not be read starts it";
    is_unprivileged_in_cluster: Type::Bool,
        "manifests of Kubernetes or charts of the project start images of it, all of them as another user than \
         root: `runAsNonRoot: true`, `runAsUser: 1000`; or continuous integration deploys with `oc`, the client of \
         OpenShift";
    in_home_of_root: Type::List(&Type::Str),
        "what it needs and has in the home directory of root, which no other user can enter: `/root/.local`";
    root_by_compose: Type::List(&Type::Str), "the services of it that say `user: root` themselves; marks the user";
    roots_after: Type::Link("stage"),
        "the first stage built on its stage that runs something before it says a user: it has that of this one; absent \
         without";
    is_only_developed: Type::Bool,
        "services start it, none for production, and each mounts the code of the host over it or is for development";
    keeps_data_in_files: Type::Bool,
        "every database of its settings is a file of SQLite that each container has for itself";
    shares_network: Type::Bool,
        "a service that runs it, or one beside it, is on the network of the host or of another service";
    is_for_any_user: Type::Bool, "its files are given to the group of root, so that the platform may choose the user";
    env: Type::Map(&Type::Str), "its environment";
    workdir: Type::Str, "its working directory";
    stop_signal: Type::Str, "STOPSIGNAL without `SIG`, numbers as names: `INT`; absent without (SIGTERM)";
    ports: Type::List(&Type::Fact("port")), "what it exposes; open when the base image is not known";
    copies: Type::List(&Type::Link("copy")), "COPY and ADD that are part of it";
    accounts: Type::List(&Type::Fact("account")),
        "users and groups that it creates; open when a layer could not be read";
    virtualenvs: Type::List(&Type::Str), "directories in which its commands make virtual environments";
    requirements: Type::Map(&Type::Link("requirement")),
        "the Python packages that its commands install, and those of stages whose virtual environments it \
         copies; open unless every one of them, dependencies too, is listed";
    settings: Type::Link("settings"),
        "the Django settings it runs with; unknown when nothing that was read names them";
    is_called_production: Type::Bool, "its Dockerfile or stage is called so: `Dockerfile.prod`";
    lists_server: Type::Str,
        "a server that is not for development and that a list of packages of it has: `gunicorn`, `uwsgi`, ...; \
         absent without";
    lacks_server: Type::Bool,
        "no list of packages has the server that starts, and every package that is listed is known not to install it";
    serves_alone: Type::Bool, "no proxy and no manager of processes is installed beside the server";
    management: Type::List(&Type::Str),
        "the management commands that its build, its start and its services call; open where not all commands are \
         known";
    collectstatic: Type::Link("command"), "the command of a RUN that collects the static files; absent without one";
    mounts_static: Type::Bool,
        "a service of it mounts something at STATIC_ROOT, above or below, or anything where STATIC_ROOT \
         is not known: what the build collected there may be hidden";
    healthcheck_ports: Type::List(&Type::Int),
        "the ports of its own container that its HEALTHCHECK asks, in addresses written out; empty without one; \
         unknown where one is a variable";
    healthcheck_program: Type::Str,
        "the program that HEALTHCHECK starts without a shell, in exec form; absent otherwise";
    healthcheck_unread: Type::List(&Type::Str),
        "the words after it that a shell would read and it does not: `||`, and variables for a program that asks a \
         server: `$PORT`";
    healthcheck_options: Type::List(&Type::Str),
        "options of HEALTHCHECK after its CMD, which go to the program there: `--interval`";
    healthcheck_options_of: Type::Str, "the first program that is given one of them";
    healthcheck_accepts: Type::Str,
        "the `curl` of its HEALTHCHECK that asks the server without `--fail`, where nothing looks at what comes: any \
         answer counts; absent otherwise";
    healthcheck_lacks: Type::Str,
        "the program that its HEALTHCHECK cannot do without and that is certainly not installed; absent otherwise";
    healthcheck_module: Type::Str,
        "the PyPI distribution that the `python -c` of HEALTHCHECK imports and that it certainly lacks; absent \
         otherwise";
    healthcheck_package: Type::Str, "the package of the image's system that contains that program";
    is_certain: Type::Bool, "everything that ENTRYPOINT and CMD start is known, with the scripts they lead to";
    cmd_is_replaced: Type::Bool,
        "every service of a stack that is not for development and that builds it says itself what runs, \
         and there is one";
    is_commanded: Type::Bool,
        "something beside the Dockerfile says what its containers run: a service with a command, a \
         Procfile, heroku.yml, fly.toml, render.yaml, app.json";
    is_started_bare: Type::Bool,
        "it has neither CMD nor ENTRYPOINT, and a service starts it without a command of its own and without a \
         terminal";
    has_mime_types: Type::Bool,
        "it has /etc/mime.types: of the base image, a package, a COPY or a command; unknown when one of these may \
         contain it";
    compiled_on_musl: Type::List(&Type::Link("requirement")),
        "for Alpine: the packages without a wheel for musl, but with one for glibc, that each build compiles \
         with tools that stay in the image; without those that are not known";
    keeps_compiler: Type::Bool, "for Alpine: a compiler that `apk` installs stays in it";
    is_alpine_by_name: Type::Bool, "the Dockerfile or its directory is called after Alpine";
    has_django: Type::Bool,
        "something names Django: a management command, DJANGO_SETTINGS_MODULE, a requirement; unknown otherwise";
}

view! { Image(i: usize) }

impl View<'_> {
    fn fact(&self) -> &ImageFact {
        &self.p.images[self.i]
    }

    fn find_entrypoint(&self) -> Option<&ProcessFact> {
        let stage = self.fact().entrypoint?;
        self.p.stages[stage].entrypoint.as_ref()
    }

    fn find_cmd(&self) -> Option<&ProcessFact> {
        let stage = self.fact().cmd?;
        self.p.stages[stage].cmd.as_ref()
    }

    fn process_cell(&self, is_cmd: bool) -> Cell {
        let process = if is_cmd {
            self.find_cmd()
        } else {
            self.find_entrypoint()
        };
        match process {
            Some(_) => {
                let image = self.i;
                Id::Process { image, is_cmd }.cell(self.p)
            }
            // A base image that is not known may bring one.
            None if at::is_closed(&self.p.stages, self.fact().stage) => Cell::ABSENT,
            None => Cell::UNKNOWN,
        }
    }

    fn healthcheck_ports(&self) -> Cell {
        match healthcheck::ports(self.p, self.fact()) {
            Some(ports) => Cell::list(
                ports
                    .into_iter()
                    .map(|(port, span)| Cell::int(i64::from(port)).at(span))
                    .collect(),
            ),
            None => Cell::UNKNOWN,
        }
    }

    fn healthcheck_program(&self) -> Cell {
        let words = healthcheck::words_of_image(self.p, self.fact());
        words
            .first()
            .map_or(Cell::ABSENT, |word| cells::traced(word))
    }

    fn lacking(&self) -> Option<healthcheck::Lacking> {
        let image = self.fact();
        let check = healthcheck::of_image(self.p, image)?;
        let lacking = check.lacks(self.p, image.stage)?;
        (!self.p.may_gain_programs(self.i)).then_some(lacking)
    }

    fn user(&self) -> Cell {
        users::current(&self.p.stages, self.fact().stage).map_or(Cell::UNKNOWN, |user| {
            // Without USER it is that of the base image, for this stage to change.
            let from = self.p.stages[self.fact().stage].base.written.span();
            Cell::str(&user.name).at(user.span.unwrap_or(from))
        })
    }

    fn find_user_id(&self) -> Option<String> {
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
    fn find_runs_as_root(&self) -> Option<bool> {
        let user = users::current(&self.p.stages, self.fact().stage)?;
        if !users::is_root(&user) {
            return Some(false);
        }
        user::keeps_root(self.p, self.i)
    }

    fn find_is_called_production(&self) -> bool {
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
        if let Some(signal) = signals::stop_signal(self.p, self.fact()) {
            if signal.is_empty() {
                return Cell::UNKNOWN;
            }
            return Cell::str(&signal_name(signal)).at(signal.span());
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
                items.push(Id::Port { stage: *stage, i }.cell(self.p));
            }
        }
        list(items, at::is_closed(&self.p.stages, self.fact().stage))
    }

    fn management(&self) -> Cell {
        shared::management(self.p, self.i)
    }

    fn collectstatic(&self) -> Cell {
        let chain = &self.fact().chain;
        let found = self.p.commands.iter().position(|fact| {
            let management = fact.command.management.as_ref();
            chain.contains(&fact.stage)
                && fact.command.runs == Runs::Always
                && management.and_then(|arg| arg.as_str()) == Some("collectstatic")
        });
        found.map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn find_mounts_static(&self) -> bool {
        let settings = self.p.settings.iter().find(|fact| fact.image == self.i);
        let root = settings.and_then(|fact| match verdicts::static_root(&fact.settings) {
            Answer::Known(known) => Some(known.value),
            _ => None,
        });
        let touches = |target: &str| {
            let Some(root) = root.as_deref().filter(|root| !root.is_empty()) else {
                return true;
            };
            is_in(target, root) || is_in(root, target)
        };
        let services = self.p.services.iter();
        let mut mounts = services
            .filter(|fact| fact.image == Some(self.i))
            .flat_map(|fact| &fact.deployed(self.p).mounts);
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
            .map(|(i, _)| Id::Copy(i).cell(self.p))
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
            .map(|(i, _)| Id::Account(i).cell(self.p))
            .collect();
        let opaque = self
            .p
            .layers
            .iter()
            .any(|layer| self.fact().chain.contains(&layer.stage) && layer.is_opaque);
        list(items, !opaque)
    }

    fn place(&self) -> Option<Span> {
        Some(self.p.stages[self.fact().stage].base.written.span())
    }

    fn label(&self) -> String {
        Id::Stage(self.fact().stage).node(self.p).text()
    }
}

fn effective_virtualenvs(n: &View<'_>) -> Vec<Cell> {
    virtualenvs::virtualenvs(n.p, &n.fact().chain)
        .into_iter()
        .map(|(path, command)| Cell::str(&path).at(n.p.commands[command].command.span))
        .collect()
}

impl View<'_> {
    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }

    fn base(&self) -> Cell {
        Id::base(self.p, self.fact().stage).cell(self.p)
    }

    fn entrypoint(&self) -> Cell {
        self.process_cell(false)
    }

    fn cmd(&self) -> Cell {
        self.process_cell(true)
    }

    fn server(&self) -> Cell {
        if self.fact().server.is_some() {
            Id::server(self.i).cell(self.p)
        } else {
            Cell::UNKNOWN
        }
    }

    fn serves(&self) -> Cell {
        known_bool(Owner::Image(self.i).serves(self.p))
    }

    fn hands_over_nothing(&self) -> Cell {
        let fact = self.fact();
        let found = || {
            fact.shipped.reset_cmd?;
            handed::hands_over_nothing(&fact.words, &fact.scripts, &fact.starts)?;
            let entrypoint = self.p.stages[fact.entrypoint?].entrypoint.as_ref()?;
            let span = self.p.dockerfile.instructions[entrypoint.instruction].span;
            Some(Cell::str(&fact.scripts.first()?.path).at(span))
        };
        found().unwrap_or(Cell::ABSENT)
    }

    fn user_id(&self) -> Cell {
        known_str(self.find_user_id().as_deref())
    }

    fn runs_as_root(&self) -> Cell {
        at(known_bool(self.find_runs_as_root()), self.user().span)
    }

    fn keeps_data_in_files(&self) -> Cell {
        Cell::bool(migrated::are_of_each_container(self.p, self.i))
    }

    fn shares_network(&self) -> Cell {
        let mut services = self.p.services.iter();
        let is_own = self.p.services.iter().any(|fact| fact.builds_this);
        let shares = services.any(|fact| {
            let compose = fact.compose(self.p);
            compose.is_some_and(|it| it.network_mode.is_some())
        });
        Cell::bool(is_own && shares)
    }

    fn env(&self) -> Cell {
        cells::env_cell(self.p, self.fact().stage)
    }

    fn workdir(&self) -> Cell {
        known_str(at::workdir(&self.p.stages, self.fact().stage).as_deref())
    }

    fn virtualenvs(&self) -> Cell {
        Cell::list(effective_virtualenvs(self))
    }

    fn requirements(&self) -> Cell {
        of_image(self.p, self.i)
    }

    fn settings(&self) -> Cell {
        self.p
            .settings
            .iter()
            .position(|settings| settings.image == self.i)
            .map_or(Cell::UNKNOWN, |i| Id::Settings(i).cell(self.p))
    }

    fn is_called_production(&self) -> Cell {
        Cell::bool(self.find_is_called_production())
    }

    fn lists_server(&self) -> Cell {
        str_or_absent(dependencies::lists_server(self.p, self.i))
    }

    fn lacks_server(&self) -> Cell {
        let server = self.fact().server.as_ref();
        let name = server.and_then(|it| it.command.name.as_deref());
        if name.is_some_and(|name| commands::is_own(self.p, self.fact().stage, name)) {
            return Cell::UNKNOWN;
        }
        known_bool(dependencies::lacks_server(self.p, self.i))
    }

    fn serves_alone(&self) -> Cell {
        known_bool(alone::serves(self.p, self.i))
    }

    fn mounts_static(&self) -> Cell {
        Cell::bool(self.find_mounts_static())
    }

    fn healthcheck_accepts(&self) -> Cell {
        let check = healthcheck::of_image(self.p, self.fact());
        let found = check.and_then(|check| healthcheck::accepts_errors(&check));
        found.map_or(Cell::ABSENT, |span| Cell::str("curl").at(span))
    }

    fn healthcheck_lacks(&self) -> Cell {
        lacking_program(self.lacking())
    }

    fn healthcheck_module(&self) -> Cell {
        let check = healthcheck::of_image(self.p, self.fact());
        lacking_module(self.p, self.i, check)
    }

    fn healthcheck_package(&self) -> Cell {
        lacking_package(self.lacking())
    }

    fn is_certain(&self) -> Cell {
        Cell::bool(self.fact().process_is_known)
    }

    fn cmd_is_replaced(&self) -> Cell {
        Cell::bool(purpose::cmd_is_replaced(self.p, self.i))
    }

    fn is_commanded(&self) -> Cell {
        Cell::bool(application::is_commanded(self.p))
    }

    fn is_started_bare(&self) -> Cell {
        let fact = self.fact();
        // With a terminal, or not by a plain `up`.
        let is_other = |key: &str| {
            let has_terminal = matches!(key, "tty" | "stdin_open" | "develop");
            has_terminal || matches!(key, "profiles" | "scale" | "deploy")
        };
        let added_to = groups::added_to(self.p);
        let is_taken = |name: &str| {
            let tags = self
                .p
                .services
                .iter()
                .filter_map(|other| other.compose(self.p)?.image.as_ref());
            tags.filter(|tag| tag.as_str() == Some(name)).count() > 1
        };
        let starts = |service: &ServiceFact| {
            let compose = service.compose(self.p);
            service.image == Some(self.i)
                && !service.deployed(self.p).changes_start()
                && compose.is_some_and(|it| {
                    let tag = it.image.as_ref().and_then(|tag| tag.as_str());
                    !it.keys.iter().any(|key| is_other(key.as_str()))
                        && !added_to.contains(it.name.as_str())
                        && !tag.is_some_and(is_taken)
                })
        };
        let is_bare = fact.cmd.is_none() && fact.entrypoint.is_none();
        // Where something else says what it starts, compose is there for something else.
        let deployed = &self.p.around.deployed;
        let is_told = |it: &Deployed| it.service.is_none() && it.changes_start();
        let is_elsewhere = || deployed.is_open || deployed.building().any(is_told);
        let is_started = is_bare && self.p.services.iter().any(starts);
        if is_started && is_elsewhere() {
            return Cell::UNKNOWN;
        }
        Cell::bool(is_started)
    }

    fn has_mime_types(&self) -> Cell {
        known_bool(installed::has_mime_types(self.p, self.i))
    }

    fn compiled_on_musl(&self) -> Cell {
        Cell::list(
            musl::compiled(self.p, self.i)
                .into_iter()
                .map(|(install, i)| Id::Requirement { install, i }.cell(self.p))
                .collect(),
        )
    }

    fn keeps_compiler(&self) -> Cell {
        Cell::bool(musl::keeps_compiler(self.p, self.i))
    }

    fn is_alpine_by_name(&self) -> Cell {
        Cell::bool(musl::is_chosen(self.p))
    }

    fn has_django(&self) -> Cell {
        if application::has_django(self.p, self.fact().stage)
            || dependencies::lists(self.p, self.i, "django")
        {
            Cell::bool(true)
        } else {
            Cell::UNKNOWN
        }
    }
}

//! The server that a shipped image starts.

mod kept;
mod place;
mod reached;
mod view;
mod worker;

use crate::knowledge::intent_words::Intent;
use std::sync::Arc;

use crate::facts::files::origin;
use crate::facts::model::{Project, ServerFact, StartFact, UwsgiOptionFact};
use crate::facts::nodes::cells::{at, known_bool, known_str, list, map, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table};
use crate::facts::nodes::server::view::View;
use crate::facts::nodes::shared::{args, assignments, binds, flags};
use crate::facts::start::foreground;
use crate::facts::start::uwsgi::answers;
use crate::facts::start::uwsgi::slot::Slot;
use crate::facts::table::{Cell, Kind, Selected, Type, Val};
use crate::knowledge::servers::{Means, Reading};
use crate::knowledge::texts::List;
use crate::knowledge::uwsgi as tables;
use crate::server::uwsgi::ConfigState;
use crate::server::{Address, Server, Setting};
use crate::shell::ast::{Arg, Runs};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "server",
    table: &TABLE,
    key: "the server, as `rules/data/servers.tsv` calls it: `gunicorn`, `uwsgi`",
    vars: &["image"],
    doc: "the server that a shipped image starts",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, image) in p.images.iter().enumerate() {
        let one = image.server.iter().map(|server| (server, Id::server(i)));
        let beside = image.beside.iter().enumerate();
        let several = beside.map(|(at, one)| {
            (
                &one.server,
                Id::Server {
                    i,
                    beside: Some(at),
                },
            )
        });
        for (server, node) in one.chain(several) {
            each(facts.selected(
                Some(image.stage),
                server.name(),
                node.node(p),
                facts.instruction_span(server.instruction),
            ));
        }
    }
}

table! {
    "server",
    "The server that a shipped image starts.";
    name: Type::Str,
        "as `rules/data/servers.tsv` calls it: `gunicorn`, `uwsgi`";
    flags: Type::Map(&Type::Str), "flags on its command line";
    operands: Type::List(&Type::Str), "operands on its command line";
    args: Type::List(&Type::Str), "everything after the program";
    is_exec_form: Type::Bool,
        "ENTRYPOINT and CMD hand it its arguments as written: no shell comes between, and no script but one \
         that passes them on";
    slot: Type::Fact("slot"),
        "for uWSGI: where the project keeps its options, and another one is written; absent for other servers";
    binds: Type::List(&Type::Fact("bind")),
        "addresses that it listens on, its default one when nothing names any; open when a file or variable may \
         name more";
    everywhere: Type::Str,
        "what is written or added so that it listens on every address, at the port of its first one: \
         `--bind 0.0.0.0:8000`; absent without a port";
    misses_exposed: Type::Bool, "the image exposes ports, and it listens on others only";
    ports: Type::List(&Type::Int),
        "the ports that it listens on, those where it speaks HTTP if there are some; at the addresses";
    only_socket: Type::Str,
        "the socket of the file system that it listens on, and on nothing else; absent otherwise";
    misses_healthcheck: Type::Bool, "HEALTHCHECK asks ports of the container, and it listens on others only";
    refuses_healthcheck: Type::Int,
        "the port that HEALTHCHECK asks by HTTP and at which the server speaks a protocol for proxies; marks the \
         address; absent otherwise";
    missing_files: Type::List(&Type::Str),
        "configuration files that it is configured to read and that are not in the image, below a directory that the \
         image fills; open when others are missing, which the platform may mount";
    is_reloading: Type::Bool, "configured to watch the code and restart: `--reload`";
    is_daemon: Type::Bool, "configured to run in the background: `--daemon`, `daemonize`";
    program: Type::Str, "the program as written";
    off_path: Type::Str,
        "the directory that certainly contains its program and that is not on PATH; marks the install; absent when \
         it may be found";
    is_of_user: Type::Bool, "that is the one of a user: `/home/app/.local/bin`";
    named_by: Type::Str,
        "the installer that makes up the name of the environment below it: `poetry`, `pipenv`; absent otherwise";
    left_behind: Type::Str,
        "the directory of another stage with its program, of which COPY takes the packages only; marks the COPY; \
         absent when it may be found";
    moved_from: Type::Str,
        "the virtual environment that its program was made in and whose interpreter its first line names, where COPY \
         puts it into another place; marks the COPY; absent when it may start";
    lacks_python: Type::Str,
        "the Python that its virtual environment links to and that stayed in another stage; marks the COPY; absent \
         when it may be there";
    unreachable_python: Type::Str,
        "the same, where it is in the image and its user may not go there; marks the install; absent otherwise";
    assignments: Type::Map(&Type::Str), "variables set for it alone: `NAME=value server`";
    changes_path: Type::Bool, "a script or command sets PATH, or activates a virtual environment, before it starts";
    worker_from: Type::Str,
        "the oldest release of the package of its worker class that this gunicorn takes, where the image has an \
         older one; absent otherwise";
    worker_package: Type::Str, "that package and its release: `gevent` 23.9.1";
    removed_worker: Type::Str,
        "its worker class, where the gunicorn of the image certainly no longer has it; marks where it is set; \
         absent otherwise";
    worker_instead: Type::Str, "the class that does its work";
    gunicorn_from: Type::Str,
        "the first gunicorn that has its worker class with the release of that package in the image, where its own is \
         older; marks gunicorn's requirement; absent otherwise";
    gunicorn_lags_behind: Type::Str, "that package and its release: `eventlet 0.36.1`";
    lacks_worker: Type::Str,
        "for gunicorn: the PyPI distribution of its worker class, where the image certainly lacks it; absent otherwise";
    workers: Type::Str,
        "how many worker processes it is configured to start, by option, file or variable; absent when nothing says";
    refuses_workers: Type::Bool,
        "that is not a whole number, or one with which it does not start or answers nothing, as gunicorn does with 0; \
         false for those that take no number of workers";
    settings: Type::Map(&Type::Str),
        "for servers but uWSGI: options in force by their long name without dashes, from every source; open \
         when there may be more";
    answers_one_at_a_time: Type::Bool,
        "one request waits for the other, as with gunicorn's one default worker, which has one thread: nothing \
         says how many, nor of which class";
    is_certain: Type::Bool, "it is started at every start: no branch, loop or alternative around it";
    is_piped: Type::Bool, "its output goes through a pipe: `gunicorn ... | tee log`";
    is_child_of_shell: Type::Bool, "a shell stays process 1 and gets the signals";
    returns: Type::Bool,
        "it certainly leaves the foreground, or another command follows it in its script and runs when it \
         returns";
    kept_command: Type::Str,
        "what the shell that stays process 1 runs as its child, as written, the first line of several: the \
         server, or the script that leads to it; absent when none stays";
    in_other_branches: Type::List(&Type::Str),
        "the lines of its script that start it as a child of the shell in other branches, as written; empty \
         when no shell stays";
    own_line: Type::Str,
        "the line of a script that starts it as a child of the script's shell, as written, where `kept_command` \
         is another one; absent otherwise";
    evaluates: Type::Str, "the line of a script that runs what it is given with `eval`: `eval \"$@\"`; absent without";
    init: Type::Str,
        "the small process 1 that hands signals to its child alone: `tini`, `dumb-init`, or `docker-init` where \
         every compose service has `init`; absent without";
    kept_form: Type::Str,
        "the instruction with that command in exec form, `CMD [\"gunicorn\", \"shop.wsgi\"]`, where it is all \
         that CMD or ENTRYPOINT run and has plain words only; absent otherwise";
    options: Type::Map(&Type::Str),
        "for uWSGI: options in force, each under all its names, switches without a value under their own name \
         as value, from every source; open when a file that is not known or the base image may add more";
    listens: Type::Bool, "for uWSGI: an option names an address to listen on; unknown where one may come another way";
    loads_app: Type::Bool, "for uWSGI: an option names an application; unknown where one may come another way";
    uwsgi_variables: Type::List(&Type::Link("env")),
        "the ENV variables that begin with `UWSGI_`, whichever server starts";
    strict: Type::Bool, "for uWSGI: strict mode is on";
    term_is_open: Type::Bool, "for uWSGI: what SIGTERM does is not known, as options are not";
    handles_term: Type::Bool, "for uWSGI: SIGTERM (or STOPSIGNAL) ends it; unknown when options are";
    has_master: Type::Bool, "for uWSGI: a master process runs, by `master` or an option that implies it";
    lacks_pcre: Type::Bool,
        "for uWSGI: certainly built without PCRE, which ignores the options that need it; false when that is \
         not known";
    has_sysctls: Type::Bool,
        "something beside the Dockerfile says how the kernel treats its containers: `sysctls` or `network_mode` \
         of a compose service, a script with `sysctl`";
    is_for_local_use: Type::Bool,
        "the image is for the machine it is built on: its services publish their ports on its own address only, \
         or ALLOWED_HOSTS names no other host";
    distribution: Type::Str,
        "for uWSGI: the requirement that installs it, `uwsgi`, which is compiled, or `pyuwsgi`, which comes as a \
         wheel; unknown where it comes another way";
    mounts_file: Type::Bool, "for uWSGI: it mounts a file, `/=shop/wsgi.py`, and ends where that cannot be loaded";
    may_need_app: Type::Bool,
        "for uWSGI: `need-app` ends it only where the application cannot be loaded, which before 2.0.26 is not \
         so with `lazy-apps`";
    image: Type::Link("image"), "the image";
}

impl View<'_> {
    /// What is asked of uWSGI's options: these are read for the one server of an image only.
    fn asked(&self, get: impl Fn(&Project, usize) -> Option<bool>) -> Cell {
        match self.beside {
            Some(_) => Cell::UNKNOWN,
            None => known_bool(get(self.p, self.i)),
        }
    }

    /// Options of uWSGI, the effective value of each.
    fn options(&self) -> Cell {
        if self.beside.is_some() {
            return Cell::UNKNOWN;
        }
        let told = &self.p.uwsgi_told[self.i];
        told.get_or_init(|| self.find_options()).clone()
    }

    fn find_options(&self) -> Cell {
        let items: Vec<(Arc<str>, Cell)> = self
            .p
            .uwsgi_options
            .iter()
            .filter(|option| option.image == self.i && option.overridden_by.is_none())
            .flat_map(|option| {
                let written = option.value.as_ref().map(Traced::as_str);
                // A switch is there although it has no value.
                let switch = option.source == "command line" && written == Some("");
                let value = if switch {
                    Some(option.name.as_str())
                } else {
                    written
                };
                let value = known_str(value).at(option.span);
                let aliases =
                    tables::option(&option.name).map_or(List::EMPTY, |known| known.aliases);
                std::iter::once(option.name.as_str())
                    .chain(aliases.iter().map(|one| -> &str { one }))
                    .map(move |name| (Arc::from(name), value.clone()))
            })
            .collect();
        // What a misspelt name was meant for is neither given nor certainly not given.
        let options = self.p.uwsgi_options.iter();
        let meant = options
            .filter(|option| option.image == self.i)
            .filter_map(UwsgiOptionFact::meant)
            .flat_map(|name| {
                let aliases = tables::option(name).map_or(List::EMPTY, |known| known.aliases);
                std::iter::once(name).chain(aliases)
            })
            .map(|name| (Arc::from(name), Cell::UNKNOWN))
            .collect();
        map([items, meant].concat(), answers::is_closed(self.p, self.i))
    }

    /// Lines of other branches that start the same server as a child of the shell too.
    fn find_in_other_branches(&self, server: &ServerFact) -> Cell {
        if server.kept.is_none() {
            return Cell::list(Vec::new());
        }
        let starts = &self.p.images[self.i].starts;
        let own = server.command.span;
        let script = starts.iter().find(|start| start.command.span == own);
        let script = script.and_then(|start| start.script);
        let is_alike = |start: &&StartFact| {
            let command = &start.command;
            start.script == script
                && command.span != own
                && !command.is_background
                && !command.wrappers.iter().any(|wrapper| wrapper == "exec")
                && crate::facts::start::image::server_of(command) == Some(server.product)
        };
        let others = starts.iter().filter(is_alike);
        Cell::list(
            others
                .map(|start| self.written_at(start.command.span))
                .collect(),
        )
    }

    fn served(&self, get: impl Fn(&Server) -> Cell) -> Cell {
        self.told().map_or(Cell::UNKNOWN, |served| get(served))
    }

    fn find_changes_path(&self) -> bool {
        let names_path = |arg: &Arg| arg.prefix.starts_with("PATH=");
        self.p.images[self.i].starts.iter().any(|start| {
            let command = &start.command;
            let sets = command
                .assignments
                .iter()
                .any(|assignment| assignment.name == "PATH");
            sets || match command.name.as_deref() {
                Some("export" | "declare" | "typeset") => command.args.iter().any(names_path),
                Some("." | "source") => true,
                _ => false,
            }
        })
    }

    fn binds(&self) -> Cell {
        self.told().map_or(Cell::UNKNOWN, |served| {
            // What other servers of the image listen on is not among them.
            binds(self.p, served, self.is_alone())
        })
    }

    fn everywhere(&self) -> Cell {
        let served = self.told().and_then(|served| served.binds.first());
        let port = served.and_then(|bind| match &bind.address {
            Address::Tcp { port, .. } => *port,
            _ => None,
        });
        let text = self.fact().zip(port);
        let text =
            text.and_then(|(server, port)| server.product.everywhere(server.management(), port));
        str_or_absent(text.as_deref())
    }

    fn missing_files(&self) -> Cell {
        let Some(served) = self.told() else {
            return Cell::UNKNOWN;
        };
        let (missing, elsewhere): (Vec<_>, Vec<_>) = served
            .files
            .iter()
            .filter(|file| file.state == ConfigState::Missing)
            .partition(|file| origin::is_in_own_directory(self.p, self.i, file.path.as_str()));
        let items = missing.iter().map(|file| traced(&file.path)).collect();
        list(items, elsewhere.is_empty())
    }

    /// Variables for uWSGI, of ENV.
    fn uwsgi_variables(&self) -> Cell {
        let options = self.p.uwsgi_options.iter();
        let of_env = options.filter(|option| option.image == self.i);
        Cell::list(
            of_env
                .filter_map(|option| option.env)
                .map(|env| Id::Env(env).cell(self.p))
                .collect(),
        )
    }

    fn reloading(&self) -> Cell {
        let Some(served) = self.told() else {
            return Cell::UNKNOWN;
        };
        let found = served
            .dev_flags
            .iter()
            .find(|flag| flag.name.contains("reload"));
        // A configuration that is called so is for development.
        let is_for_development = || {
            let mut names = served.files.iter().map(|file| file.path.as_str());
            names.any(|path| {
                let name = path.rsplit('/').next().unwrap_or(path);
                crate::facts::intent::by_name(name) == Some(Intent::Development)
            })
        };
        match found {
            Some(_) if is_for_development() => Cell::bool(false),
            Some(flag) => Cell::bool(true).at(flag.span),
            None if served.is_open => Cell::UNKNOWN,
            None => Cell::bool(false),
        }
    }

    fn daemon(&self) -> Cell {
        let Some(served) = self.told() else {
            return Cell::UNKNOWN;
        };
        match served.background {
            // What started it does not end with it.
            Setting::Given(..) if !self.is_alone() => Cell::UNKNOWN,
            Setting::Given(_, span) => Cell::bool(true).at(span),
            Setting::Absent if !served.is_open => Cell::bool(false),
            Setting::Absent | Setting::Unknown(_) => Cell::UNKNOWN,
        }
    }

    fn slot(&self) -> Cell {
        self.with(|server| {
            if server.product.reads != Reading::Uwsgi {
                return Cell::ABSENT;
            }
            let slot = Slot::of_image(self.p, self.i);
            Id::slot(slot, self.place()).cell(self.p)
        })
    }

    fn place(&self) -> Option<Span> {
        self.fact().map(|server| {
            let command = &server.command;
            match &command.management {
                Some(name) if name.span.file == command.name_span.file => {
                    command.name_span.cover(name.span)
                }
                Some(name) => name.span,
                None => command.name_span,
            }
        })
    }

    fn label(&self) -> String {
        self.fact().map_or("", ServerFact::name).to_owned()
    }
}

fn answers_one_at_a_time(served: &Server) -> Option<bool> {
    if !served.product.is_serial {
        return Some(false);
    }
    let settings = [&served.workers, &served.threads, &served.worker_class];
    if settings.iter().any(|one| matches!(one, Setting::Given(..))) {
        return Some(false);
    }
    let is_sure = !served.is_open && settings.iter().all(|one| one.is_absent());
    is_sure.then_some(true)
}

/// A number of workers as Python reads it, `1_000`: the server does not start with any other.
fn refuses_workers(served: &Server, text: &str) -> bool {
    if served.product.keys(Means::Workers).next().is_none() {
        return false;
    }
    let text = text.trim_matches(' ');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty()
        && digits
            .split('_')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if !is_number {
        return true;
    }
    let Some(least) = served.product.least_workers else {
        return false;
    };
    let number = digits.replace('_', "").parse::<u64>().unwrap_or(u64::MAX);
    text.starts_with('-') || number < u64::from(least)
}

fn settings(served: &Server) -> Cell {
    if served.uwsgi.is_some() {
        return Cell::UNKNOWN;
    }
    let items = served.settings.iter();
    let items = items.map(|(name, value)| (Arc::from(name.as_str()), setting(value)));
    map(items.collect(), !served.is_open)
}

/// The addresses of a server.
fn setting(setting: &Setting) -> Cell {
    match setting {
        Setting::Given(text, span) => Cell::str(text.as_str()).at(*span),
        Setting::Absent => Cell::ABSENT,
        Setting::Unknown(span) => at(Cell::UNKNOWN, *span),
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        self.with(|s| at(Cell::str(s.name()), Some(s.command.name_span)))
    }

    fn flags(&self) -> Cell {
        self.with(|s| flags(&s.command))
    }

    fn operands(&self) -> Cell {
        self.with(|s| args(&s.command.operands))
    }

    fn args(&self) -> Cell {
        self.with(|s| args(&s.command.args))
    }

    fn is_reloading(&self) -> Cell {
        self.reloading()
    }

    fn is_daemon(&self) -> Cell {
        self.daemon()
    }

    fn program(&self) -> Cell {
        self.with(|s| {
            at(
                known_str(s.command.program.as_deref()),
                Some(s.command.name_span),
            )
        })
    }

    fn assignments(&self) -> Cell {
        self.with(|s| assignments(&s.command))
    }

    fn changes_path(&self) -> Cell {
        Cell::bool(self.find_changes_path())
    }

    fn workers(&self) -> Cell {
        self.served(|served| setting(&served.workers))
    }

    fn refuses_workers(&self) -> Cell {
        self.served(|served| match &served.workers {
            Setting::Given(text, span) => {
                Cell::bool(refuses_workers(served, text.as_str())).at(*span)
            }
            Setting::Absent => Cell::bool(false),
            Setting::Unknown(span) => at(Cell::UNKNOWN, *span),
        })
    }

    fn settings(&self) -> Cell {
        self.served(settings)
    }

    fn answers_one_at_a_time(&self) -> Cell {
        self.served(|served| known_bool(answers_one_at_a_time(served)))
    }

    fn is_certain(&self) -> Cell {
        self.with(|s| Cell::bool(s.command.runs == Runs::Always))
    }

    fn is_piped(&self) -> Cell {
        self.with(|s| Cell::bool(s.command.pipeline.1 > 1))
    }

    fn is_child_of_shell(&self) -> Cell {
        self.with(|s| Cell::bool(s.kept.is_some()))
    }

    fn returns(&self) -> Cell {
        self.with(|s| {
            Cell::bool(
                matches!(self.daemon().value, Val::Bool(true))
                    || foreground::is_followed(self.p, self.i, s),
            )
        })
    }

    fn in_other_branches(&self) -> Cell {
        self.with(|s| self.find_in_other_branches(s))
    }

    fn init(&self) -> Cell {
        str_or_absent(foreground::init(self.p, self.i))
    }

    fn listens(&self) -> Cell {
        self.asked(answers::listens)
    }

    fn loads_app(&self) -> Cell {
        self.asked(answers::loads_app)
    }

    fn strict(&self) -> Cell {
        self.asked(|p, i| answers::is_flag_on(p, i, "strict"))
    }

    fn term_is_open(&self) -> Cell {
        Cell::bool(matches!(self.handles_term().value, Val::Unknown))
    }

    fn handles_term(&self) -> Cell {
        self.asked(|p, i| answers::handles_term(p, i).filter(|_| self.is_alone()))
    }

    fn has_master(&self) -> Cell {
        self.asked(|p, i| answers::has_master(p, i).filter(|_| self.is_alone()))
    }

    fn lacks_pcre(&self) -> Cell {
        Cell::bool(answers::has_pcre(self.p, self.i) == Some(false))
    }

    fn has_sysctls(&self) -> Cell {
        Cell::bool(answers::has_sysctls(self.p, self.i))
    }

    fn is_for_local_use(&self) -> Cell {
        Cell::bool(answers::is_for_local_use(self.p, self.i))
    }

    fn distribution(&self) -> Cell {
        known_str(answers::distribution_name(self.p, self.i))
    }

    fn mounts_file(&self) -> Cell {
        self.asked(answers::mounts_file)
    }

    fn may_need_app(&self) -> Cell {
        self.asked(answers::may_need_app)
    }

    fn image(&self) -> Cell {
        Id::Image(self.i).cell(self.p)
    }
}

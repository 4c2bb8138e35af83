//! The server process and the options of uWSGI.

use std::sync::Arc;

use crate::context::Origin;
use crate::dockerfile::ast::Args;
use crate::facts::files::origin;
use crate::facts::model::{Project, ServerFact, StartFact, UwsgiOptionFact};
use crate::facts::nodes::command::{args, assignments, flags};
use crate::facts::nodes::uwsgi_slot::SlotNode;
use crate::facts::nodes::{
    EnvNode, ImageNode, at, known_bool, known_str, list, map, str_or_absent, table, traced,
};
use crate::facts::python::virtualenvs;
use crate::facts::start::uwsgi::slot::Slot;
use crate::facts::start::uwsgi::{answers, static_map};
use crate::facts::start::{foreground, written};
use crate::facts::table::{Cell, Intent, NodeRef, Type, Val};
use crate::knowledge::programs::is_shell;
use crate::knowledge::servers::Server as Product;
use crate::knowledge::uwsgi::{self as tables, UwsgiOption, ValueKind};
use crate::server::uwsgi::ConfigState;
use crate::server::{Address, Bind, Protocol, Server, Setting, is_off};
use crate::shell::ast::{Arg, Runs};
use crate::span::{Span, Traced};

#[derive(Debug, Clone)]
pub(crate) struct ServerNode {
    p: Arc<Project>,
    /// The image.
    i: usize,
    /// Among its several servers; `None`: its one server.
    beside: Option<usize>,
}

impl ServerNode {
    pub(crate) fn new(p: &Arc<Project>, image: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i: image,
            beside: None,
        }
    }

    /// One of the several servers of an image.
    pub(crate) fn beside(p: &Arc<Project>, image: usize, at: usize) -> Self {
        Self {
            beside: Some(at),
            ..Self::new(p, image)
        }
    }

    fn fact(&self) -> Option<&ServerFact> {
        let image = &self.p.images[self.i];
        match self.beside {
            Some(at) => image.beside.get(at).map(|one| &one.server),
            None => image.server.as_ref(),
        }
    }

    /// The server with all that it is told.
    fn told(&self) -> Option<&Arc<Server>> {
        let image = &self.p.images[self.i];
        match self.beside {
            Some(at) => image.beside.get(at)?.served.as_ref(),
            None => image.served.as_ref(),
        }
    }

    /// What is asked of uWSGI's options: these are read for the one server of an image only.
    fn asked(&self, get: impl Fn(&Project, usize) -> Option<bool>) -> Cell {
        match self.beside {
            Some(_) => Cell::UNKNOWN,
            None => known_bool(get(&self.p, self.i)),
        }
    }

    fn with(&self, get: impl Fn(&ServerFact) -> Cell) -> Cell {
        self.fact().map_or(Cell::UNKNOWN, get)
    }

    /// Options of uWSGI, the effective value of each.
    fn options(&self) -> Cell {
        if self.beside.is_some() {
            return Cell::UNKNOWN;
        }
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
                let aliases = tables::option(&option.name).map_or(&[][..], |known| known.aliases);
                std::iter::once(option.name.as_str())
                    .chain(aliases.iter().copied())
                    .map(move |name| (Arc::from(name), value.clone()))
            })
            .collect();
        // What a misspelt name was meant for is neither given nor certainly not given.
        let options = self.p.uwsgi_options.iter();
        let meant = options
            .filter(|option| option.image == self.i)
            .filter_map(UwsgiOptionFact::meant)
            .flat_map(|name| {
                let aliases = tables::option(name).map_or(&[][..], |known| known.aliases);
                std::iter::once(name).chain(aliases.iter().copied())
            })
            .map(|name| (Arc::from(name), Cell::UNKNOWN))
            .collect();
        map([items, meant].concat(), answers::is_closed(&self.p, self.i))
    }

    fn is_exec_form(&self) -> Cell {
        self.with(|server| {
            let image = &self.p.images[self.i];
            if !image.process_is_known {
                return Cell::UNKNOWN;
            }
            let start = image
                .starts
                .iter()
                .find(|start| start.command.name_span == server.command.name_span);
            let has_shell = server.command.wrappers.iter().any(|name| is_shell(name));
            // A script that ends with `exec "$@"` leaves them as they are.
            let instruction = &self.p.dockerfile.instructions[server.instruction];
            let is_given = |arg: &Arg| {
                arg.text
                    .as_ref()
                    .is_some_and(|text| instruction.span.contains(text.span()))
            };
            let is_passed = matches!(instruction.args, Args::Json(_))
                && server.command.args.iter().all(is_given);
            let is_direct =
                |start: &StartFact| start.script.is_none() && !start.in_shell || is_passed;
            Cell::bool(start.is_some_and(is_direct) && !has_shell)
        })
    }

    fn kept_command(&self, server: &ServerFact) -> Cell {
        server
            .kept
            .as_ref()
            .map_or(Cell::ABSENT, |kept| self.written_at(kept.span))
    }

    /// Lines of other branches that start the same server as a child of the shell too.
    fn in_other_branches(&self, server: &ServerFact) -> Cell {
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
                && crate::facts::start::image::server_name(command) == Some(server.name)
        };
        let others = starts.iter().filter(is_alike);
        Cell::list(
            others
                .map(|start| self.written_at(start.command.span))
                .collect(),
        )
    }

    /// A command as written.
    fn written_at(&self, span: Span) -> Cell {
        let written = written::at(&self.p, self.i, span);
        written.map_or(Cell::UNKNOWN.at(span), |text| {
            // Of several lines the first tells which one is meant.
            let text = match text.trim().split_once('\n') {
                Some((first, _)) => {
                    format!("{} ...", first.trim_end().trim_end_matches('\\').trim_end())
                }
                None => text.trim().to_owned(),
            };
            Cell::str(&text).at(span)
        })
    }

    fn kept_form(&self, server: &ServerFact) -> Cell {
        let Some(kept) = &server.kept else {
            return Cell::ABSENT;
        };
        written::exec_form(&self.p, kept).map_or(Cell::ABSENT, |text| Cell::str(&text))
    }

    fn served(&self, get: impl Fn(&Server) -> Cell) -> Cell {
        self.told().map_or(Cell::UNKNOWN, |served| get(served))
    }

    fn changes_path(&self) -> bool {
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
            binds(served, self.beside.is_none())
        })
    }

    fn missing_files(&self) -> Cell {
        let Some(served) = self.told() else {
            return Cell::UNKNOWN;
        };
        let (missing, elsewhere): (Vec<_>, Vec<_>) = served
            .files
            .iter()
            .filter(|file| file.state == ConfigState::Missing)
            .partition(|file| origin::is_in_own_directory(&self.p, self.i, file.path.as_str()));
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
                .map(|env| Cell::fact(Arc::new(EnvNode::new(&self.p, env)) as NodeRef))
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
        let mut is_known = !served.is_open;
        for name in ["daemon", "daemonize", "daemonize2"] {
            match served.setting(name) {
                // The other two name a log file.
                Setting::Given(text, _) if name == "daemon" && is_off(text.as_str()) => {}
                Setting::Given(_, span) => return Cell::bool(true).at(span),
                Setting::Unknown(_) => is_known = false,
                Setting::Absent => {}
            }
        }
        if is_known {
            Cell::bool(false)
        } else {
            Cell::UNKNOWN
        }
    }

    fn slot(&self) -> Cell {
        self.with(|server| {
            if server.name != "uwsgi" {
                return Cell::ABSENT;
            }
            let slot = Slot::of_image(&self.p, self.i);
            Cell::fact(Arc::new(SlotNode::new(slot, self.place())))
        })
    }

    pub(crate) fn place(&self) -> Option<Span> {
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

    pub(crate) fn label(&self) -> String {
        self.fact().map_or("", |server| server.name).to_owned()
    }
}

table! {
    SERVER = "server", "The server that a shipped image starts.", for ServerNode;
    name: Type::Str, "`uwsgi`, `gunicorn`, `uvicorn`, `daphne`, `hypercorn`, `granian`, `waitress`, `mod_wsgi`, `runserver`", |n| n.with(|s| at(Cell::str(s.name), Some(s.command.name_span)));
    flags: Type::Map(&Type::Str), "flags on its command line", |n| n.with(|s| flags(&s.command));
    operands: Type::List(&Type::Str), "operands on its command line", |n| n.with(|s| args(&s.command.operands));
    args: Type::List(&Type::Str), "everything after the program", |n| n.with(|s| args(&s.command.args));
    is_exec_form: Type::Bool, "ENTRYPOINT and CMD hand it its arguments as written: no shell comes between, and no script but one that passes them on", |n| n.is_exec_form();
    slot: Type::Fact(&super::uwsgi_slot::SLOT), "for uWSGI: where the project keeps its options, and another one is written; absent for other servers", |n| n.slot();
    binds: Type::List(&Type::Fact(&BIND)), "addresses that it listens on, its default one when nothing names any; open when a file or variable may name more", |n| n.binds();
    missing_files: Type::List(&Type::Str), "configuration files that it is told to read and that are not in the image, below a directory that the image fills; open when others are missing, which the platform may mount", |n| n.missing_files();
    is_reloading: Type::Bool, "told to watch the code and start itself anew: `--reload`", |n| n.reloading();
    is_daemon: Type::Bool, "told to leave the foreground: `--daemon`, `daemonize`", |n| n.daemon();
    program: Type::Str, "the program as written", |n| n.with(|s| at(known_str(s.command.program.as_deref()), Some(s.command.name_span)));
    is_installed_globally: Type::Bool, "something installs Python packages outside of virtual environments, so it may be there", |n| Cell::bool(virtualenvs::installs_globally(&n.p, &n.p.images[n.i].chain));
    assignments: Type::Map(&Type::Str), "variables set for it alone: `NAME=value server`", |n| n.with(|s| assignments(&s.command));
    changes_path: Type::Bool, "a script or command sets PATH, or activates a virtual environment, before it starts", |n| Cell::bool(n.changes_path());
    workers: Type::Str, "how many worker processes it is told to start, by option, file or variable; absent when nothing says", |n| n.served(|served| setting(&served.workers));
    settings: Type::Map(&Type::Str), "for servers but uWSGI: options in force by their long name without dashes, from every source; open when there may be more", |n| n.served(settings);
    answers_one_at_a_time: Type::Bool, "gunicorn with its one default worker, which has one thread: nothing says how many, nor of which class", |n| n.served(|served| known_bool(answers_one_at_a_time(served)));
    is_certain: Type::Bool, "it is started at every start: no branch, loop or alternative around it", |n| n.with(|s| Cell::bool(s.command.runs == Runs::Always));
    is_piped: Type::Bool, "its output goes through a pipe: `gunicorn ... | tee log`", |n| n.with(|s| Cell::bool(s.command.pipeline.1 > 1));
    is_child_of_shell: Type::Bool, "a shell stays process 1 and gets the signals", |n| n.with(|s| Cell::bool(s.kept.is_some()));
    returns: Type::Bool, "it certainly leaves the foreground, or another command stands behind it in its script and runs when it returns", |n| n.with(|s| Cell::bool(matches!(n.daemon().value, Val::Bool(true)) || foreground::is_followed(&n.p, n.i, s)));
    kept_command: Type::Str, "what the shell that stays process 1 runs as its child, as written, the first line of several: the server, or the script that leads to it; absent when none stays", |n| n.with(|s| n.kept_command(s));
    in_other_branches: Type::List(&Type::Str), "the lines of its script that start it as a child of the shell in other branches, as written; empty when no shell stays", |n| n.with(|s| n.in_other_branches(s));
    own_line: Type::Str, "the line of a script that starts it as a child of the script's shell, as written, where `kept_command` is another one; absent otherwise", |n| n.with(|s| s.own_line.map_or(Cell::ABSENT, |span| n.written_at(span)));
    init: Type::Str, "the small process 1 that hands signals to its child alone: `tini`, `dumb-init`, or `docker-init` where every compose service has `init`; absent without", |n| str_or_absent(foreground::init(&n.p, n.i));
    kept_form: Type::Str, "the instruction with that command in exec form, `CMD [\"gunicorn\", \"shop.wsgi\"]`, where it is all that CMD or ENTRYPOINT run and has plain words only; absent otherwise", |n| n.with(|s| n.kept_form(s));
    options: Type::Map(&Type::Str), "for uWSGI: options in force, each under all its names, switches without a value under their own name as value, from every source; open when a file that is not known or the base image may bring more", |n| n.options();
    listens: Type::Bool, "for uWSGI: an option names an address to listen on; unknown where one may come another way", |n| n.asked(answers::listens);
    loads_app: Type::Bool, "for uWSGI: an option names an application; unknown where one may come another way", |n| n.asked(answers::loads_app);
    uwsgi_variables: Type::List(&Type::Link(&super::variable::ENV)), "the ENV variables that begin with `UWSGI_`, whichever server starts", |n| n.uwsgi_variables();
    strict: Type::Bool, "for uWSGI: strict mode is on", |n| n.asked(|p, i| answers::is_flag_on(p, i, "strict"));
    term_is_open: Type::Bool, "for uWSGI: what SIGTERM does is not known, as options are not", |n| Cell::bool(matches!(n.asked(answers::handles_term).value, Val::Unknown));
    handles_term: Type::Bool, "for uWSGI: SIGTERM (or STOPSIGNAL) ends it; unknown when options are", |n| n.asked(answers::handles_term);
    has_master: Type::Bool, "for uWSGI: a master process runs, by `master` or an option that implies it", |n| n.asked(answers::has_master);
    has_pcre: Type::Bool, "for uWSGI: built with PCRE; false only when the Dockerfile certainly builds it without", |n| n.asked(answers::has_pcre);
    lacks_pcre: Type::Bool, "for uWSGI: certainly built without PCRE, which ignores the options that need it; false when that is not known", |n| Cell::bool(answers::has_pcre(&n.p, n.i) == Some(false));
    has_sysctls: Type::Bool, "something beside the Dockerfile says how the kernel treats its containers: `sysctls` or `network_mode` of a compose service, a script with `sysctl`", |n| Cell::bool(answers::has_sysctls(&n.p, n.i));
    is_for_local_use: Type::Bool, "the image is for the machine it is built on: its services publish their ports on its own address only, or ALLOWED_HOSTS names no other host", |n| Cell::bool(answers::is_for_local_use(&n.p, n.i));
    distribution: Type::Str, "for uWSGI: the requirement that brings it, `uwsgi`, which is compiled, or `pyuwsgi`, which comes as a wheel; unknown where it comes another way", |n| known_str(answers::distribution_name(&n.p, n.i));
    may_need_app: Type::Bool, "for uWSGI: `need-app` ends it only where the application cannot be loaded, which before 2.0.26 is not so with `lazy-apps`", |n| n.asked(answers::may_need_app);
    image: Type::Link(&super::image::IMAGE), "the image", |n| Cell::fact(Arc::new(ImageNode::new(&n.p, n.i)));
}

/// The addresses of a server.
fn setting(setting: &Setting) -> Cell {
    match setting {
        Setting::Given(text, span) => Cell::str(text.as_str()).at(*span),
        Setting::Absent => Cell::ABSENT,
        Setting::Unknown(span) => at(Cell::UNKNOWN, *span),
    }
}

fn settings(served: &Server) -> Cell {
    if served.uwsgi.is_some() {
        return Cell::UNKNOWN;
    }
    let items = served.settings.iter();
    let items = items.map(|(name, value)| (Arc::from(name.as_str()), setting(value)));
    map(items.collect(), !served.is_open)
}

fn answers_one_at_a_time(served: &Server) -> Option<bool> {
    if served.product != Product::Gunicorn {
        return Some(false);
    }
    let settings = [&served.workers, &served.threads, &served.worker_class];
    if settings.iter().any(|one| matches!(one, Setting::Given(..))) {
        return Some(false);
    }
    let is_sure = !served.is_open && settings.iter().all(|one| one.is_absent());
    is_sure.then_some(true)
}

/// `is_all`: nothing else of the container listens.
pub(crate) fn binds(served: &Arc<Server>, is_all: bool) -> Cell {
    let items = (0..served.binds.len())
        .map(|i| {
            let served = Arc::clone(served);
            Cell::fact(Arc::new(BindNode { served, i }) as NodeRef)
        })
        .collect();
    list(items, served.binds_are_known && is_all)
}

/// An address that a server listens on.
#[derive(Debug, Clone)]
pub(crate) struct BindNode {
    served: Arc<Server>,
    i: usize,
}

impl BindNode {
    fn fact(&self) -> Option<&Bind> {
        self.served.binds.get(self.i)
    }

    fn with(&self, get: impl Fn(&Bind) -> Cell) -> Cell {
        self.fact().map_or(Cell::UNKNOWN, get)
    }

    fn place(&self) -> Option<Span> {
        self.fact().map(|bind| bind.span)
    }

    fn label(&self) -> String {
        self.fact().map(written).unwrap_or_default()
    }
}

/// An address for people: as written, or what the server makes of nothing.
fn written(bind: &Bind) -> String {
    if let Some(text) = &bind.text
        && !bind.is_default
        && bind.port.is_none()
    {
        return text.as_str().to_owned();
    }
    match &bind.address {
        Address::Tcp { host, port } => {
            let port = port.map_or("?".to_owned(), |port| port.to_string());
            format!("{}:{port}", host.as_deref().unwrap_or("?"))
        }
        Address::Unix(path) => path.clone(),
        Address::Fd | Address::Unknown => String::new(),
    }
}

fn out_of_range(bind: &Bind) -> Option<Traced> {
    let text = bind.port.as_ref().or(bind.text.as_ref())?;
    let port = text.as_str().rsplit(':').next()?;
    let is_port = bind.port.is_some() || text.as_str().contains(':');
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && is_number && port.parse::<u16>().is_err()).then(|| text.clone())
}

table! {
    BIND = "bind", "An address that a server listens on.", for BindNode;
    text: Type::Str, "as written; of a default, address and port", |n| n.with(|b| Cell::str(&written(b)).at(b.span));
    host: Type::Str, "the address, without brackets; empty for all; absent when it is no TCP one", |n| n.with(|b| match &b.address { Address::Tcp { host, .. } => at(known_str(host.as_deref()), Some(b.span)), Address::Unknown => Cell::UNKNOWN, _ => Cell::ABSENT });
    port: Type::Int, "the port; absent when it is no TCP address", |n| n.with(|b| match &b.address { Address::Tcp { port, .. } => at(port.map_or(Cell::UNKNOWN, |port| Cell::int(i64::from(port))), Some(b.port.as_ref().map_or(b.span, Traced::span))), Address::Unknown => Cell::UNKNOWN, _ => Cell::ABSENT });
    out_of_range: Type::Str, "the address, or the option for the port, when it names a port above 65535; absent otherwise", |n| n.with(|b| out_of_range(b).map_or(Cell::ABSENT, |text| traced(&text).at(if b.port.is_some() { text.span() } else { b.span })));
    is_loopback: Type::Bool, "an address that only this container reaches: `127.0.0.1`, `localhost`, `::1`", |n| n.with(|b| match &b.address { Address::Tcp { .. } => known_bool(b.is_loopback()), Address::Unknown => Cell::UNKNOWN, _ => Cell::bool(false) });
    is_default: Type::Bool, "nothing names it: the server's default", |n| n.with(|b| Cell::bool(b.is_default));
    is_http: Type::Bool, "HTTP is spoken there, not a protocol for proxies", |n| n.with(|b| Cell::bool(b.protocol == Protocol::Http));
}

/// An option of uWSGI.
#[derive(Debug, Clone)]
pub(crate) struct UwsgiOptionNode {
    p: Arc<Project>,
    i: usize,
}

impl UwsgiOptionNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &UwsgiOptionFact {
        &self.p.uwsgi_options[self.i]
    }

    fn known(&self) -> Option<&'static UwsgiOption> {
        tables::option(&self.fact().name)
    }

    fn mapped(&self, is_directory: bool) -> Cell {
        if self.fact().name != "static-map" {
            return Cell::ABSENT;
        }
        let Some(value) = &self.fact().value else {
            return Cell::UNKNOWN;
        };
        static_map::mapping(value).map_or(Cell::ABSENT, |(mount, directory)| {
            traced(if is_directory { &directory } else { &mount })
        })
    }

    fn virtualenv(&self) -> Cell {
        let fact = self.fact();
        if !matches!(
            fact.name.as_str(),
            "home" | "virtualenv" | "venv" | "pyhome"
        ) {
            return Cell::ABSENT;
        }
        let image = &self.p.images[fact.image];
        let Some(path) = fact
            .value
            .as_ref()
            .filter(|path| path.as_str().starts_with('/'))
        else {
            return Cell::UNKNOWN;
        };
        match origin::at_end(&self.p, image.stage, path.as_str()).origin {
            Origin::Missing => Cell::str("missing"),
            Origin::Unknown => Cell::UNKNOWN,
            _ => Cell::str("there"),
        }
    }

    fn value_span(&self) -> Option<Span> {
        self.fact()
            .value
            .as_ref()
            .map(Traced::span)
            .or(Some(self.fact().span))
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    pub(crate) fn label(&self) -> String {
        self.fact().written.clone()
    }
}

table! {
    UWSGI_OPTION = "uwsgi_option", "An option given to uWSGI.", for UwsgiOptionNode;
    name: Type::Str, "as uWSGI names it: `lazy-apps`", |n| Cell::str(&n.fact().name).at(n.fact().name_span);
    written: Type::Str, "as written: `UWSGI_LAZY_APPS`, `--lazy-apps`", |n| Cell::str(&n.fact().written).at(n.fact().name_span);
    value: Type::Str, "its value; empty for a flag without one", |n| at(known_str(n.fact().value.as_ref().map(Traced::as_str)), n.value_span());
    source: Type::Str, "`env`, `environment` (of a compose service), `command line` or `file`", |n| Cell::str(n.fact().source);
    path: Type::Str, "the configuration file it stands in; absent for other sources", |n| str_or_absent(n.fact().path.as_deref());
    is_known: Type::Bool, "uWSGI 2.0 has an option of that name", |n| Cell::bool(n.known().is_some());
    meant: Type::Str, "the option that was probably meant; absent when the name is known or nothing is near", |n| str_or_absent(n.fact().meant());
    is_abbreviation: Type::Bool, "the name is the beginning of an option, which command lines may give so", |n| Cell::bool(n.known().is_none() && tables::is_abbreviation(&n.fact().name));
    is_for_build: Type::Bool, "a variable that only the build of uWSGI reads: `UWSGI_PROFILE`", |n| Cell::bool(n.fact().env.is_some() && tables::from_env(&n.fact().written) == tables::EnvName::BuildOnly);
    is_overridden: Type::Bool, "a later source gives it again and wins", |n| Cell::bool(n.fact().overridden_by.is_some());
    overridden_by: Type::Link(&UWSGI_OPTION), "the later option that wins, under the same name or another name of the same thing; absent when this one holds, and for lists", |n| n.fact().overridden_by.map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(UwsgiOptionNode::new(&n.p, i))));
    is_on: Type::Bool, "for flags: its value turns it on, by uWSGI's rules", |n| n.known().map_or(Cell::UNKNOWN, |option| known_bool(n.fact().value.as_ref().map(|value| tables::is_on(option.kind, value.as_str()))));
    number: Type::Int, "its value as uWSGI reads a number: the leading digits, else 0", |n| n.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| Cell::int(tables::atoi(value.as_str())));
    is_flag: Type::Bool, "it takes no value", |n| n.known().map_or(Cell::UNKNOWN, |option| Cell::bool(matches!(option.kind, ValueKind::Flag | ValueKind::InvertedFlag)));
    is_number: Type::Bool, "it takes a whole number", |n| n.known().map_or(Cell::UNKNOWN, |option| Cell::bool(matches!(option.kind, ValueKind::Count | ValueKind::Unsigned | ValueKind::Short | ValueKind::Number)));
    is_list: Type::Bool, "it may be given several times and all count", |n| n.known().map_or(Cell::UNKNOWN, |option| Cell::bool(option.is_list()));
    needs_pcre: Type::Bool, "it exists only in a uWSGI built with PCRE", |n| n.known().map_or(Cell::UNKNOWN, |option| Cell::bool(option.needs_pcre()));
    fault: Type::Str, "what is wrong with the value, by the name of the fault in the tables: `no-colon`, ...; absent when it is fine", |n| match (&n.fact().value, n.known()) { (Some(value), Some(option)) => str_or_absent(option.fault(value.as_str()).map(tables::Fault::name)), (None, _) => Cell::UNKNOWN, (_, None) => Cell::ABSENT };
    port: Type::Int, "for addresses: the TCP port; absent when it is none", |n| n.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| answers::port(value.as_str()).map_or(Cell::ABSENT, |port| at(Cell::int(i64::from(port)), n.value_span())));
    map_mount: Type::Str, "for `static-map`, the mount point with a slash at both ends; absent for other options", |n| n.mapped(false);
    map_directory: Type::Str, "for `static-map`, the directory without a slash at its end; absent for other options and relative ones", |n| n.mapped(true);
    seconds: Type::Int, "for expiry rules, how long browsers may keep what matches; absent for other options", |n| if n.fact().name.starts_with("static-expires") { n.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| static_map::seconds(value.as_str()).map_or(Cell::ABSENT, Cell::int)) } else { Cell::ABSENT };
    asks_for_hash: Type::Bool, "for expiry rules, only names with a hash match", |n| n.fact().value.as_ref().map_or(Cell::UNKNOWN, |value| Cell::bool(static_map::asks_for_hash(value.as_str())));
    is_only_way: Type::Bool, "for a `static-map` of STATIC_URL to another directory than STATIC_ROOT: nothing fills that directory, and no other mapping, middleware, application or view answers for STATIC_URL; unknown where one may", |n| known_bool(n.fact().is_only_way);
    slot: Type::Fact(&super::uwsgi_slot::SLOT), "where another option is written behind this one", |n| { let server = ServerNode::new(&n.p, n.fact().image); Cell::fact(Arc::new(SlotNode::new(Slot::behind(&n.p, n.fact()), server.place()))) };
    virtualenv: Type::Str, "for the directory of a virtual environment: `there`, or `missing` where nothing of the image makes it; absent for other options, unknown where something may", |n| n.virtualenv();
    env: Type::Link(&super::variable::ENV), "the ENV that gives it; absent for other sources", |n| n.fact().env.map_or(Cell::ABSENT, |i| Cell::fact(std::sync::Arc::new(EnvNode::new(&n.p, i))));
    image: Type::Link(&super::image::IMAGE), "the image", |n| Cell::fact(std::sync::Arc::new(ImageNode::new(&n.p, n.fact().image)));
}

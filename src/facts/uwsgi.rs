//! The options of uWSGI in an image, from ENV and the command line, and what follows from them.

use crate::facts::effective;
use crate::facts::model::{Fate, ImageFact, Project, UwsgiOptionFact};
use crate::knowledge::images::Family;
use crate::knowledge::uwsgi::{self as tables, EnvName, Takes};
use crate::shell::ast::Arg;
use crate::span::Traced;

/// Options that bring a configuration file, in which anything may stand.
const FILES: [&str; 12] = [
    "ini", "yaml", "yml", "xml", "json", "config", "include", "inherit", "emperor", "legion",
    "sqlite", "ldap",
];

/// Collects the options of every image, in the order in which uWSGI reads them.
pub(crate) fn collect(p: &Project) -> Vec<UwsgiOptionFact> {
    let mut all = Vec::new();
    for (index, image) in p.images.iter().enumerate() {
        let start = all.len();
        from_env(p, index, image, &mut all);
        from_command(index, image, &mut all);
        mark_overridden(&mut all, start);
    }
    all
}

fn from_env(p: &Project, index: usize, image: &ImageFact, out: &mut Vec<UwsgiOptionFact>) {
    for env in effective::env_indices(p, image.stage) {
        let fact = &p.envs[env];
        let written = fact.name.as_str();
        let name = match tables::from_env(written) {
            EnvName::Option(option) => option.name.to_owned(),
            EnvName::Unknown(name) => name,
            EnvName::BuildOnly => tables::option_name(written),
            EnvName::Foreign | EnvName::Skipped => continue,
        };
        out.push(UwsgiOptionFact {
            image: index,
            name,
            written: written.to_owned(),
            name_span: fact.name.span(),
            span: fact.name.span().cover(fact.raw.span()),
            value: fact.value.clone(),
            source: "env",
            overridden_by: None,
            env: Some(env),
        });
    }
}

fn from_command(index: usize, image: &ImageFact, out: &mut Vec<UwsgiOptionFact>) {
    let Some(server) = image
        .server
        .as_ref()
        .filter(|server| server.name == "uwsgi")
    else {
        return;
    };
    let args = &server.command.args;
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        at += 1;
        let Some(text) = arg.as_str() else { continue };
        let rest_from = |at: usize| arg.text.as_ref().map(|whole| whole.slice(at..text.len()));
        let (name, inline) = if let Some(long) = text.strip_prefix("--") {
            match long.split_once('=') {
                Some((name, _)) => (name.to_owned(), rest_from(name.len() + 3)),
                None => (long.to_owned(), None),
            }
        } else if let Some(short) = text.strip_prefix('-') {
            let letter: String = short.chars().take(1).collect();
            let Some(option) = tables::by_short(&letter) else {
                continue;
            };
            let start = 1 + letter.len();
            (
                option.name.to_owned(),
                rest_from(start).filter(|rest| !rest.is_empty()),
            )
        } else {
            continue;
        };
        if name.is_empty() {
            continue;
        }
        let takes = tables::option(&name).map(|option| option.takes);
        let (value, span) = match (inline, takes) {
            (Some(value), _) => (Some(value), arg.span),
            (None, Some(Takes::Required)) => match args.get(at) {
                Some(next) => {
                    at += 1;
                    (next.text.clone(), arg.span.cover(next.span))
                }
                None => (Some(Traced::empty(arg.span)), arg.span),
            },
            (None, _) => (Some(Traced::empty(arg.span)), arg.span),
        };
        out.push(UwsgiOptionFact {
            image: index,
            written: format!("--{name}"),
            name,
            name_span: arg.span,
            span,
            value,
            source: "command line",
            overridden_by: None,
            env: None,
        });
    }
}

/// Scalars: the last one given wins, under any of the option's names.
fn mark_overridden(options: &mut [UwsgiOptionFact], start: usize) {
    for i in start..options.len() {
        let Some(known) = tables::option(&options[i].name) else {
            continue;
        };
        if !known.is_scalar() {
            continue;
        }
        options[i].overridden_by = (i + 1..options.len())
            .rev()
            .find(|later| is_name_of(known, &options[*later].name));
    }
}

fn is_name_of(option: &tables::UwsgiOption, name: &str) -> bool {
    option.name == name || option.aliases.contains(&name)
}

/// The options in force are all known: no configuration file, no unknown word, a known base image.
pub(crate) fn is_closed(p: &Project, image: usize) -> bool {
    let fact = &p.images[image];
    if !effective::is_closed(&p.stages, fact.stage) {
        return false;
    }
    let Some(server) = fact.server.as_ref().filter(|server| server.name == "uwsgi") else {
        return false;
    };
    let has_file = p
        .uwsgi_options
        .iter()
        .any(|option| option.image == image && FILES.contains(&option.name.as_str()));
    let positional = server
        .command
        .args
        .iter()
        .filter_map(Arg::as_str)
        .any(|text| !text.starts_with('-') && is_config_file(text));
    let complete = server.command.args.iter().all(|arg| arg.text.is_some());
    !has_file && !positional && complete
}

fn is_config_file(text: &str) -> bool {
    [".ini", ".xml", ".yaml", ".yml", ".json", ".js"]
        .iter()
        .any(|ending| text.ends_with(ending))
}

/// Parts of names of options that bring sockets or applications in ways of their own.
const OTHER_WAYS: [&str; 34] = [
    "socket",
    "emperor",
    "spooler",
    "mule",
    "cron",
    "zerg",
    "router",
    "subscri",
    "legion",
    "daemon",
    "exec",
    "plugin",
    "php",
    "psgi",
    "perl",
    "rack",
    "lua",
    "cgi",
    "jvm",
    "mono",
    "go",
    "eval",
    "import",
    "pyrun",
    "paste",
    "pecan",
    "pump",
    "web3",
    "mount",
    "symcall",
    "static",
    "route",
    "dynamic-apps",
    "protocol",
];

fn gives(p: &Project, image: usize, names: &[&str]) -> Option<bool> {
    let mut options = p
        .uwsgi_options
        .iter()
        .filter(|o| o.image == image)
        .peekable();
    // Without a single option all of them come from where the container is started.
    options.peek()?;
    let mut others = false;
    for option in options {
        if names.contains(&option.name.as_str()) {
            return Some(true);
        }
        others |= tables::option(&option.name).is_none()
            || OTHER_WAYS.iter().any(|part| option.name.contains(part));
    }
    let server = p.images[image].server.as_ref()?;
    let closed = is_closed(p, image) && !others && server.command.operands.is_empty();
    closed.then_some(false)
}

/// An option names an address to listen on; `None` where one may come another way.
pub(crate) fn listens(p: &Project, image: usize) -> Option<bool> {
    let names = [
        "http",
        "httprouter",
        "https",
        "https2",
        "http-socket",
        "http11-socket",
        "https-socket",
        "socket",
        "uwsgi-socket",
        "suwsgi-socket",
        "fastcgi-socket",
        "scgi-socket",
        "raw-socket",
        "shared-socket",
        "zeromq",
        "zmq",
        "mongrel2",
    ];
    gives(p, image, &names)
}

/// An option names an application; `None` where one may come another way.
pub(crate) fn loads_app(p: &Project, image: usize) -> Option<bool> {
    let names = [
        "wsgi-file",
        "file",
        "module",
        "wsgi",
        "mount",
        "worker-mount",
        "wsgi-lite",
        "mountpoint",
    ];
    gives(p, image, &names)
}

/// The effective option, by any of its names.
pub(crate) fn effective_option<'a>(
    p: &'a Project,
    image: usize,
    name: &str,
) -> Option<&'a UwsgiOptionFact> {
    let known = tables::option(name);
    p.uwsgi_options.iter().rev().find(|option| {
        option.image == image
            && (option.name == name
                || known.is_some_and(|known| known.aliases.contains(&option.name.as_str())))
    })
}

pub(crate) fn is_flag_on(p: &Project, image: usize, name: &str) -> Option<bool> {
    match effective_option(p, image, name) {
        Some(option) => option
            .value
            .as_ref()
            .map(|value| tables::is_on(tables::ValueKind::Flag, value.as_str())),
        None => Some(false),
    }
}

/// SIGTERM (or the image's stop signal) ends uWSGI.
pub(crate) fn handles_term(p: &Project, image: usize) -> Option<bool> {
    let fact = &p.images[image];
    let signal = fact
        .chain
        .iter()
        .find_map(|stage| p.stages[*stage].stop_signal.as_ref());
    if let Some(signal) = signal {
        if signal.is_empty() {
            return None;
        }
        if crate::facts::images::signal_name(signal) != "TERM" {
            return Some(true);
        }
    }
    for name in ["die-on-term", "exit-on-reload"] {
        if is_flag_on(p, image, name)? {
            return Some(true);
        }
    }
    let hooks = p.uwsgi_options.iter().any(|option| {
        option.image == image && (option.name.starts_with("hook-") || option.name == "master-fifo")
    });
    if hooks {
        return None;
    }
    let entrypoint = fact
        .entrypoint
        .and_then(|stage| p.stages[stage].entrypoint.as_ref());
    let rewrites = entrypoint.is_some_and(|entrypoint| {
        entrypoint
            .words
            .iter()
            .any(|word| word.as_str().contains("--rewrite") || word.as_str().contains("15:"))
    });
    if rewrites {
        return Some(true);
    }
    is_closed(p, image).then_some(false)
}

/// A master process runs.
pub(crate) fn has_master(p: &Project, image: usize) -> Option<bool> {
    if is_flag_on(p, image, "master")? {
        return Some(true);
    }
    let implied = p.uwsgi_options.iter().any(|option| {
        option.image == image
            && tables::option(&option.name).is_some_and(|known| known.implies_master())
    });
    if implied {
        return Some(true);
    }
    is_closed(p, image).then_some(false)
}

/// Headers that do not bring PCRE along.
const WITHOUT_PCRE: [&str; 14] = [
    "libc6-dev",
    "libpq-dev",
    "libffi-dev",
    "libssl-dev",
    "zlib1g-dev",
    "libjpeg-dev",
    "libjpeg62-turbo-dev",
    "libxml2-dev",
    "libxslt1-dev",
    "libxslt-dev",
    "default-libmysqlclient-dev",
    "musl-dev",
    "linux-headers",
    "python3-dev",
];

/// Built with PCRE. False only where the Dockerfile itself says `pip install uwsgi` on a slim or Alpine
/// python with a known list of packages, none of which brings PCRE's headers.
pub(crate) fn has_pcre(p: &Project, image: usize) -> Option<bool> {
    let fact = &p.images[image];
    let root = *fact.chain.last()?;
    let base = &p.stages[root].base;
    if base.knowledge.family != Family::Python || base.knowledge.has_compilers != Some(false) {
        return None;
    }
    let install = p.commands.iter().position(|command| {
        fact.chain.contains(&command.stage)
            && matches!(command.command.name.as_deref(), Some("pip" | "uv"))
            && command.command.operands.iter().any(|operand| {
                let name = operand
                    .prefix
                    .split(['=', '<', '>', '~', '!', ';', ' '])
                    .next();
                name.is_some_and(|name| name.eq_ignore_ascii_case("uwsgi"))
            })
    })?;
    let before = &p.commands[..install];
    let opaque = p.layers.iter().any(|layer| {
        fact.chain.contains(&layer.stage) && layer.is_opaque && layer.commands.start <= install
    });
    if opaque
        || before
            .iter()
            .any(|command| crate::facts::caches::may_clean(&command.command))
    {
        return None;
    }
    let mut incomplete = false;
    for command in before
        .iter()
        .filter(|command| fact.chain.contains(&command.stage))
    {
        let installs = matches!(
            crate::facts::run::package_action(&command.command),
            Some((_, crate::facts::run::Action::Install))
        );
        incomplete |= installs && !command.command.is_complete;
    }
    if incomplete {
        return None;
    }
    for package in &p.packages {
        if !fact.chain.contains(&package.stage) || package.command > install {
            continue;
        }
        if package.name.contains("pcre") || package.name.contains("uwsgi") {
            return Some(true);
        }
        let removed_before = matches!(package.fate, Fate::RemovedInLayer(_))
            && p.commands[package.command].layer != p.commands[install].layer;
        let headers = package.name.ends_with("-dev") || package.name.ends_with("-headers");
        if headers && !removed_before && !WITHOUT_PCRE.contains(&package.name.as_str()) {
            return None;
        }
    }
    Some(false)
}

/// The TCP port of an address: `:8000`, `0.0.0.0:8000`, `[::]:8000`, what follows a comma aside.
pub(crate) fn port(value: &str) -> Option<u16> {
    let address = value.split(',').next()?.trim();
    address.rsplit_once(':')?.1.parse().ok()
}

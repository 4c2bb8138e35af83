//! What follows from the options of uWSGI in an image. Where they come from is [`collect`]'s.

mod collect;

use crate::facts::effective;
use crate::facts::model::{Fate, Project, UwsgiOptionFact};
use crate::knowledge::images::Family;
use crate::knowledge::packages;
use crate::knowledge::uwsgi as tables;
use crate::server::UwsgiConfig;

pub(crate) use collect::collect;

/// The options in force are all known: every configuration file was read, no unknown word, a known
/// base image.
pub(crate) fn is_closed(p: &Project, image: usize) -> bool {
    config(p, image).is_some_and(|config| !config.is_open())
}

/// What uWSGI is told, when it is what the image starts.
fn config(p: &Project, image: usize) -> Option<&UwsgiConfig> {
    p.images[image].served.as_ref()?.uwsgi.as_ref()
}

fn gives(
    p: &Project,
    image: usize,
    names: &[&str],
    is_other_way: impl Fn(&str) -> bool,
) -> Option<bool> {
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
        others |= tables::option(&option.name).is_none() && option.source != "file"
            || is_other_way(&option.name);
    }
    (is_closed(p, image) && !others).then_some(false)
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
    gives(p, image, &names, tables::may_listen)
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
    // Beside Django's application uWSGI serves files, not instead of it.
    let is_django = effective::has_django(p, &p.images[image].chain);
    gives(p, image, &names, |name| {
        tables::is_other_way(name) && !(is_django && name.starts_with("static"))
    })
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

/// The command that installs uWSGI from a list of requirements, of the public index.
fn required_by(p: &Project, chain: &[usize]) -> Option<usize> {
    let install = p.installs.iter().find(|install| {
        chain.contains(&install.stage)
            && install.is_certain
            && install.set.requirements.iter().any(|requirement| {
                requirement.name == "uwsgi"
                    && crate::facts::libraries::is_compiled(p, install, requirement) == Some(true)
            })
    })?;
    Some(install.command)
}

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
    });
    let install = install.or_else(|| required_by(p, &fact.chain))?;
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
        let brings_none = || {
            let suite = base.knowledge.debian()?.codename;
            let pulled = packages::pulls(&package.name, suite)?;
            let mut all = pulled.always.iter().chain(pulled.recommended);
            Some(!all.any(|name| name.contains("pcre")))
        };
        if headers
            && !removed_before
            && !packages::lacks_pcre(&package.name)
            && brings_none() != Some(true)
        {
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

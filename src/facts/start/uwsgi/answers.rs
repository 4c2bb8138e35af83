//! What follows from the options of uWSGI in an image. Where they come from is [`super::options`]'s.

use crate::facts::build::application;
use crate::facts::model::{Fate, Project, ServiceFact, UwsgiOptionFact};
use crate::knowledge::images::Family;
use crate::knowledge::words::UwsgiWords;
use crate::knowledge::{packages, pypi, uwsgi as tables};
use crate::python::settings::verdicts;
use crate::server::UwsgiConfig;

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
    names: UwsgiWords,
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
        if names.contains(&option.name) {
            return Some(true);
        }
        others |= tables::option(&option.name).is_none() && option.source != "file"
            || is_other_way(&option.name);
    }
    (is_closed(p, image) && !others).then_some(false)
}

/// An option names an address to listen on; `None` where one may come another way.
pub(crate) fn listens(p: &Project, image: usize) -> Option<bool> {
    gives(p, image, UwsgiWords::Listens, tables::may_listen)
}

/// An option names an application; `None` where one may come another way.
pub(crate) fn loads_app(p: &Project, image: usize) -> Option<bool> {
    // Beside Django's application uWSGI serves files, not instead of it.
    let is_django = application::has_django(p, p.images[image].stage);
    gives(p, image, UwsgiWords::LoadsApplication, |name| {
        tables::is_other_way(name) && !(is_django && name.starts_with("static"))
    })
}

/// A file is mounted as an application: uWSGI ends where it cannot be loaded, with and without `need-app`.
pub(crate) fn mounts_file(p: &Project, image: usize) -> Option<bool> {
    let mut mounts = p
        .uwsgi_options
        .iter()
        .filter(|option| option.image == image && option.name == "mount");
    let is_file = mounts.any(|option| {
        let value = option.value.as_ref().map(|value| value.as_str());
        value.is_some_and(|value| value.ends_with(".py") || value.ends_with(".wsgi"))
    });
    Some(is_file)
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
                || known.is_some_and(|known| known.aliases.contains(option.name.as_str())))
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
        if crate::facts::start::image::signal_name(signal) != "TERM" {
            return Some(true);
        }
    }
    for name in ["die-on-term", "exit-on-reload"] {
        if is_flag_on(p, image, name)? {
            return Some(true);
        }
        if is_meant(p, image, name) {
            return None;
        }
    }
    let hooks = p.uwsgi_options.iter().any(|option| {
        option.image == image && (option.name.starts_with("hook-") || option.name == "master-fifo")
    });
    if hooks {
        return None;
    }
    // A service may name another signal.
    let mut of_compose = services(p, image).filter_map(|fact| fact.compose(p));
    if of_compose.any(|service| service.stop_signal.is_some()) {
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

/// A master process runs. Where `master` itself is given it decides, whatever other options imply.
pub(crate) fn has_master(p: &Project, image: usize) -> Option<bool> {
    if let Some(master) = effective_option(p, image, "master") {
        let value = master.value.as_ref()?;
        return if tables::is_on(tables::ValueKind::Flag, value.as_str()) {
            Some(true)
        } else {
            is_closed(p, image).then_some(false)
        };
    }
    let implied = p.uwsgi_options.iter().any(|option| {
        option.image == image
            && tables::option(&option.name).is_some_and(|known| known.implies_master())
    });
    if implied {
        return Some(true);
    }
    (is_closed(p, image) && !is_meant(p, image, "master")).then_some(false)
}

/// What runs the image.
fn services(p: &Project, image: usize) -> impl Iterator<Item = &ServiceFact> {
    let facts = p.services.iter();
    facts.filter(move |service| service.image == Some(image))
}

/// Something beside the Dockerfile says how the kernel treats its containers: `sysctls`, the network of the
/// host, a script that writes `net.core.somaxconn`.
pub(crate) fn has_sysctls(p: &Project, image: usize) -> bool {
    let mut of_compose = services(p, image).filter_map(|fact| fact.compose(p));
    let by_service = of_compose.any(|service| {
        service.network_mode.is_some() || service.keys.iter().any(|key| key.as_str() == "sysctls")
    });
    by_service
        || p.images[image].starts.iter().any(|start| {
            let mut args = start.command.args.iter();
            start.command.name.as_deref() == Some("sysctl")
                || args.any(|arg| arg.prefix.contains("somaxconn"))
        })
}

/// The image is for the machine it is built on: its services publish their ports there only, or its settings let
/// no other host through.
pub(crate) fn is_for_local_use(p: &Project, image: usize) -> bool {
    let is_own = |name: &str| {
        name == "localhost" || name.starts_with("127.") || matches!(name, "::1" | "[::1]")
    };
    let mut ports = services(p, image)
        .flat_map(|service| &service.deployed(p).ports)
        .peekable();
    if ports.peek().is_some()
        && ports.all(|port| port.host_ip.as_ref().is_some_and(|ip| is_own(ip.as_str())))
    {
        return true;
    }
    let mut settings = p.settings.iter();
    let settings = settings.find(|settings| settings.image == image);
    let hosts = settings.map(|settings| verdicts::texts(&settings.settings, "ALLOWED_HOSTS"));
    hosts
        .as_ref()
        .and_then(|hosts| hosts.known())
        .is_some_and(|hosts| {
            let mut names = hosts
                .entries
                .iter()
                .map(|(name, _)| name.trim_start_matches('.'));
            !hosts.is_open && !hosts.entries.is_empty() && names.all(is_own)
        })
}

/// A name that uWSGI does not know may have been meant for this option.
fn is_meant(p: &Project, image: usize, name: &str) -> bool {
    p.uwsgi_options
        .iter()
        .any(|option| option.image == image && option.meant() == Some(name))
}

/// The requirement that brings the uWSGI of an image, `uwsgi` or `pyuwsgi`, among its installs; `None`
/// where none does, or both do.
fn distribution(p: &Project, image: usize) -> Option<(usize, usize)> {
    let names =
        |(install, at): (usize, usize)| p.installs[install].set.requirements[at].name.as_str();
    let mut found = p.dependencies[image]
        .items
        .iter()
        .copied()
        .filter(|item| matches!(names(*item), "uwsgi" | "pyuwsgi"));
    let first = found.next()?;
    found
        .all(|item| names(item) == names(first))
        .then_some(first)
}

/// `uwsgi`, which is compiled, or `pyuwsgi`, which comes as a wheel.
pub(crate) fn distribution_name(p: &Project, image: usize) -> Option<&str> {
    let (install, at) = distribution(p, image)?;
    Some(&p.installs[install].set.requirements[at].name)
}

/// With `need-app` uWSGI ends only where the application cannot be loaded: before 2.0.26 it may also end where
/// workers load it themselves.
pub(crate) fn may_need_app(p: &Project, image: usize) -> Option<bool> {
    if is_closed(p, image) && is_flag_on(p, image, "lazy-apps") == Some(false) {
        return Some(true);
    }
    let (install, at) = distribution(p, image)?;
    let install = &p.installs[install];
    let versions =
        crate::facts::python::dependencies::versions(install, &install.set.requirements[at]);
    // Without an upper bound the newest is installed.
    let newest = pypi::distribution(distribution_name(p, image)?)?.version;
    Some(versions.start_at("2.0.26")? || versions.allow(newest)?)
}

/// The command that installs uWSGI from a list of requirements, of the public index.
fn required_by(p: &Project, chain: &[usize]) -> Option<usize> {
    let install = p.installs.iter().find(|install| {
        chain.contains(&install.stage)
            && install.is_certain
            && install.set.requirements.iter().any(|requirement| {
                requirement.name == "uwsgi"
                    && crate::facts::system::compiling::is_compiled(p, install, requirement)
                        == Some(true)
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
            .any(|command| crate::facts::build::opaque::may_clean(&command.command))
    {
        return None;
    }
    let mut incomplete = false;
    for command in before
        .iter()
        .filter(|command| fact.chain.contains(&command.stage))
    {
        let installs = matches!(
            crate::facts::build::manager::package_action(&command.command),
            Some((_, crate::facts::build::manager::Action::Install))
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

//! What is certainly wrong with where the nginx of a stack passes requests and looks for files.

use crate::compose::{Mount, MountKind, Service, Stack};
use crate::facts::build::at;
use crate::facts::deploy::names::{are_apart, is_local, leads_nowhere, shares_network};
use crate::facts::deploy::{databases, groups};
use crate::facts::model::{DeployPhase, Project, ProxyFact, ServiceFact};
use crate::knowledge::servers::Means;
use crate::knowledge::words::ValueWords;
use crate::nginx::{Dropped, Files, Pass, Spoken, To};
use crate::python::settings::verdicts::{self, Answer};
use crate::server::{Address, Protocol, Server};
use crate::source::{Entry, is_in, join};
use crate::span::{Span, Traced};

/// The variable by which gunicorn and uvicorn are told whose headers they believe.
const TRUSTED_PROXIES: &str = "FORWARDED_ALLOW_IPS";

/// What is wrong with an address.
#[derive(Debug, Clone)]
pub(crate) struct Astray {
    /// `host`, `itself`, `network`, `port`, `protocol` or `socket`.
    pub(crate) fault: &'static str,
    pub(crate) found: Traced,
    /// The service, port or protocol that is meant; `None` where several may be.
    pub(crate) expected: Option<Traced>,
}

/// A service of this Dockerfile that stands beside the nginx and serves, with all that it listens on.
pub(crate) struct Serving<'p> {
    fact: &'p ServiceFact,
    service: &'p Service,
    served: &'p Server,
}

fn serving<'p>(p: &'p Project, proxy: &ProxyFact) -> Vec<Serving<'p>> {
    let own = &p.services[proxy.service];
    let beside = groups::beside(p, own).services.iter();
    let facts = beside.map(|i| &p.services[*i]);
    facts
        .filter_map(|fact| {
            Some(Serving {
                fact,
                service: fact.compose(p)?,
                served: fact.served.as_deref()?,
            })
        })
        .collect()
}

/// Nothing but its server listens in the container of a service, and everything that it listens on is known.
fn is_all(p: &Project, fact: &ServiceFact) -> bool {
    let served = fact.served.as_deref();
    served.is_some_and(|served| served.binds_are_known && !served.is_open)
        && fact.is_known(p)
        && !fact.has_several(p)
        && databases::is_alone(p, fact)
}

/// What is wrong with an address that requests are passed to.
pub(crate) fn astray(p: &Project, proxy: &ProxyFact, pass: &Pass) -> Option<Astray> {
    // Where several servers are named, another one answers; a name that leads nowhere ends nginx all the same.
    let is_fatal = |it: &Astray| matches!(it.fault, "host" | "network");
    find_astray(p, proxy, pass).filter(|it| is_fatal(it) || !pass.is_one_of_several)
}

fn find_astray(p: &Project, proxy: &ProxyFact, pass: &Pass) -> Option<Astray> {
    let fact = &p.services[proxy.service];
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    if !stack.is_complete {
        return None;
    }
    let servers = serving(p, proxy);
    let (host, port, number) = match &pass.to {
        To::Socket(path) => return unshared(stack, own, path),
        To::Tcp { host, port, number } => (host, port, *number),
    };
    let only = match servers.as_slice() {
        [one] => Some(one.service.name.clone()),
        _ => None,
    };
    let name = host.as_str();
    if is_local(name) {
        let is_own = proxy.site.listens.contains(&number) || servers.is_empty();
        if is_own || !leads_nowhere(name, stack, own) {
            return None;
        }
        return Some(Astray {
            fault: "itself",
            found: host.clone(),
            expected: only,
        });
    }
    let named = |one: &&Service| one.host_names().contains(&name);
    let mut all = stack.services.iter().filter(named);
    let Some(service) = all.next() else {
        let is_elsewhere = !stack.is_whole && is_named_elsewhere(p, name);
        if is_elsewhere || !leads_nowhere(name, stack, own) {
            return None;
        }
        return Some(Astray {
            fault: "host",
            found: host.clone(),
            expected: only,
        });
    };
    if all.next().is_some() {
        return None;
    }
    if are_apart(stack, own, service) {
        return Some(Astray {
            fault: "network",
            found: host.clone(),
            expected: Some(service.name.clone()),
        });
    }
    let serves = servers
        .iter()
        .find(|it| it.service.name.span() == service.name.span())?;
    if !is_all(p, serves.fact) || shares_network(p, serves.fact) {
        return None;
    }
    let binds = &serves.served.binds;
    let Some(bind) = binds.iter().find(|bind| bind.tcp_port() == Some(number)) else {
        let is_known = |bind: &crate::server::Bind| match &bind.address {
            Address::Tcp { port, .. } => port.is_some(),
            Address::Unix(_) => true,
            Address::Fd | Address::Unknown => false,
        };
        if !binds.iter().all(is_known) || binds.is_empty() {
            return None;
        }
        let mut ports = binds.iter();
        let first = ports.find_map(|bind| Some((bind.tcp_port()?, bind.span)));
        return Some(Astray {
            fault: "port",
            found: port.clone().unwrap_or_else(|| host.clone()),
            expected: first.map(|(port, span)| Traced::new(port.to_string(), span)),
        });
    };
    let is_other = match (pass.spoken?, bind.protocol) {
        (Spoken::Http, Protocol::Binary) => "uwsgi",
        (Spoken::Uwsgi, Protocol::Http) => "HTTP",
        _ => return None,
    };
    Some(Astray {
        fault: "protocol",
        found: pass.directive.clone(),
        expected: Some(Traced::new(is_other, bind.span)),
    })
}

/// What nginx sends as `Host` to a server of this Dockerfile.
pub(crate) struct Asked<'a> {
    pub(crate) host: &'a Traced,
    /// The settings that the server certainly runs with.
    pub(crate) settings: usize,
    pub(crate) served: &'a Server,
}

/// The name that nginx makes of an address for the header `Host`, and the server of this Dockerfile that certainly gets
/// it.
pub(crate) fn asked_of<'a>(p: &'a Project, proxy: &ProxyFact, pass: &'a Pass) -> Option<Asked<'a>> {
    let sent = pass.sent_host.as_ref()?;
    let (settings, serves) = settings_of(p, proxy, pass)?;
    Some(Asked {
        host: sent,
        settings,
        served: serves.served,
    })
}

/// The one service of this Dockerfile that certainly gets what is passed to an address.
fn served_by<'p>(p: &'p Project, proxy: &ProxyFact, pass: &Pass) -> Option<Serving<'p>> {
    let To::Tcp { host, .. } = &pass.to else {
        return None;
    };
    let servers = serving(p, proxy).into_iter();
    let mut named = servers.filter(|it| it.service.host_names().contains(&host.as_str()));
    named.next().filter(|_| named.next().is_none())
}

/// The settings with which that service certainly runs.
pub(crate) fn settings_of<'p>(
    p: &'p Project,
    proxy: &ProxyFact,
    pass: &Pass,
) -> Option<(usize, Serving<'p>)> {
    let serves = served_by(p, proxy, pass)?;
    // It may choose other settings.
    let chooses = serves.service.env().get("DJANGO_SETTINGS_MODULE").is_some();
    let is_plain = !chooses && astray(p, proxy, pass).is_none() && is_all(p, serves.fact);
    let image = serves.fact.image;
    let mut settings = (0..p.settings.len()).filter(|i| Some(p.settings[*i].image) == image);
    let only = settings
        .next()
        .filter(|_| is_plain && settings.next().is_none())?;
    Some((only, serves))
}

/// The prefix of the location that the slash behind an address takes the place of, with the settings that answer.
pub(crate) fn dropped<'a>(
    p: &Project,
    proxy: &'a ProxyFact,
    pass: &Pass,
) -> Option<(&'a Dropped, usize)> {
    let To::Tcp { host, .. } = &pass.to else {
        return None;
    };
    let own = host.span();
    let holds = |it: Span| it.file == own.file && it.start <= own.start && own.end <= it.end;
    let found = proxy.site.dropped.iter().find(|it| holds(it.target))?;
    let (settings, _) = settings_of(p, proxy, pass)?;
    Some((found, settings))
}

/// Why Django takes each request for one of plain HTTP and sends it to the same address again, as SECURE_SSL_REDIRECT
/// says: nginx ends TLS and does not say so (`unsent`), or Django does not ask the header that says so (`unread`). With
/// the name of the header.
pub(crate) fn hidden_https(
    p: &Project,
    proxy: &ProxyFact,
    pass: &Pass,
) -> Option<(&'static str, String)> {
    let headers = pass.headers.as_ref().filter(|_| pass.ends_tls)?;
    if pass.spoken != Some(Spoken::Http) {
        return None;
    }
    let (settings, serves) = settings_of(p, proxy, pass)?;
    let settings = &p.settings[settings].settings;
    let redirects = verdicts::flag(settings, "SECURE_SSL_REDIRECT");
    let security = verdicts::middleware(settings);
    let has_security = security
        .known()
        .and_then(|known| known.contains("django.middleware.security.SecurityMiddleware"));
    let exempts = settings.get("SECURE_REDIRECT_EXEMPT").is_some();
    if redirects.known() != Some(&true) || has_security != Some(true) || exempts {
        return None;
    }
    const USUAL: &str = "x-forwarded-proto";
    match verdicts::texts(settings, "SECURE_PROXY_SSL_HEADER") {
        Answer::Known(known) => {
            let (name, _) = known.value.entries.first()?;
            let name = name
                .strip_prefix("HTTP_")?
                .replace('_', "-")
                .to_ascii_lowercase();
            (!headers.contains(&name)).then_some(("unsent", name))
        }
        // The server may take the header for itself, where it trusts the proxy.
        Answer::Unassigned => {
            let mut keys = serves.served.product.keys(Means::Proxies);
            keys.next()?;
            (!may_trust_proxies(p, proxy, &serves)).then(|| ("unread", USUAL.to_owned()))
        }
        _ => None,
    }
}

/// The server is told which proxies it believes, or may be.
fn may_trust_proxies(p: &Project, proxy: &ProxyFact, serves: &Serving<'_>) -> bool {
    let served = serves.served;
    let mut keys = served.product.keys(Means::Proxies);
    let stage = serves.fact.image.map(|image| p.images[image].stage);
    let beside = groups::beside(p, &p.services[proxy.service])
        .services
        .iter();
    let mut given = beside.flat_map(|i| &p.services[*i].deployed(p).env.vars);
    served.is_open
        || keys.any(|key| !served.setting(key).is_absent())
        || stage.is_none_or(|stage| at::sets_env(p, stage, TRUSTED_PROXIES))
        || given.any(|var| var.name.as_str() == TRUSTED_PROXIES)
}

/// The routes for WebSockets of the application that an address leads to, where nginx hands no `Upgrade` on and nothing
/// else leads there.
pub(crate) fn drops_upgrade(p: &Project, proxy: &ProxyFact, pass: &Pass) -> Option<Span> {
    let fact = &p.services[proxy.service];
    let stack = fact.stack(p).filter(|it| it.is_complete && it.is_whole)?;
    if proxy.site.may_upgrade || pass.spoken != Some(Spoken::Http) {
        return None;
    }
    let serves = served_by(p, proxy, pass)?;
    let group = fact.deployed(p).group;
    let is_other = p
        .proxies
        .iter()
        .any(|it| p.services[it.service].deployed(p).group == group && it.site.may_upgrade);
    let is_plain = serves.fact.run.is_none()
        && !serves.service.has_key(ValueWords::ReachedOtherwise)
        && !is_other
        && !stack.services.is_empty()
        && astray(p, proxy, pass).is_none();
    let image = serves.fact.image.filter(|_| is_plain)?;
    let mut applications = p.applications.iter().filter(|it| it.image == image);
    applications.find_map(|it| it.module.as_ref()?.websockets)
}

/// The port of the host by which browsers come, where nginx says a `Host` without it, and the settings of the Django
/// that certainly gets it.
pub(crate) fn lost_port(p: &Project, proxy: &ProxyFact, pass: &Pass) -> Option<(u16, usize)> {
    let given = pass.given_host.as_ref()?.as_str();
    // Whoever stands before it may come by another port, or by HTTPS.
    if given != "$host" || proxy.site.is_behind || proxy.site.is_open {
        return None;
    }
    let ports = &p.services[proxy.service].deployed(p).ports;
    let published = |port: &crate::compose::Port| {
        let (first, last) = port.target?;
        let is_own = first == last && (first == 80 || proxy.site.listens.contains(&first));
        let is_open = port.host_ip.is_none() && is_own;
        port.published
            .as_ref()?
            .as_str()
            .parse()
            .ok()
            .filter(|_| is_open)
    };
    let ports: Option<Vec<u16>> = ports.iter().map(published).collect();
    let ports = ports?;
    let port = *ports.first()?;
    let (i, _) = settings_of(p, proxy, pass)?;
    let is_plain = |port: &u16| matches!(port, 80 | 443);
    (!ports.iter().any(is_plain)).then_some((port, i))
}

/// A file of the project may be used together with those of the stack, and has a service of that name.
fn is_named_elsewhere(p: &Project, name: &str) -> bool {
    let compose = &p.around.deployed.compose;
    let mut services = compose.stacks.iter().flat_map(|stack| &stack.services);
    services.any(|service| service.host_names().contains(&name))
}

/// A socket in a directory that no other container has.
fn unshared(stack: &Stack, own: &Service, path: &Traced) -> Option<Astray> {
    let directory = path.as_str().rsplit_once('/')?.0;
    let covers = |mount: &&Mount| {
        let target = mount.target.as_ref().map(Traced::as_str);
        target.is_none_or(|target| is_in(directory, target) || target == path.as_str())
    };
    let is_shared = |mount: &Mount| match (mount.kind, &mount.source) {
        (MountKind::Named, Some(source)) => {
            let mut others = stack
                .services
                .iter()
                .filter(|it| it.name.span() != own.name.span());
            others.any(|other| {
                let mut mounts = other.volumes.iter();
                mounts.any(|it| it.source.as_ref().map(Traced::as_str) == Some(source.as_str()))
            })
        }
        (MountKind::Tmpfs | MountKind::Anonymous, _) => false,
        // A server of the host may listen there.
        _ => true,
    };
    let is_reached = own.volumes.iter().filter(covers).any(is_shared);
    let is_open = own.network_mode.is_some() || own.extends.is_some();
    (!is_reached && !is_open).then(|| Astray {
        fault: "socket",
        found: path.clone(),
        expected: None,
    })
}

/// What is wrong with a directory that files are looked for in.
#[derive(Debug, Clone)]
pub(crate) struct Lost {
    /// `slash`, `above`, `elsewhere` or `empty`.
    pub(crate) fault: &'static str,
    /// The directory to look in.
    pub(crate) expected: Option<String>,
}

/// What is wrong with where a location looks for its files.
pub(crate) fn lost(p: &Project, proxy: &ProxyFact, files: &Files) -> Option<Lost> {
    let prefix = files.prefix.as_str();
    let directory = files.directory.as_str();
    if files.is_alias && prefix.len() > 1 {
        match (prefix.ends_with('/'), directory.ends_with('/')) {
            (true, false) => {
                return Some(Lost {
                    fault: "slash",
                    expected: Some(format!("{directory}/")),
                });
            }
            (false, true) => {
                return has_files_above(p, proxy, directory).then(|| Lost {
                    fault: "above",
                    expected: Some(format!("{prefix}/")),
                });
            }
            _ => {}
        }
    }
    misplaced(p, proxy, files)
}

/// Whether the directory above one that nginx answers from certainly has files that it does not give to everybody
/// anyway: those of the image, or what a mount brings.
fn has_files_above(p: &Project, proxy: &ProxyFact, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let Some((above, _)) = directory.rsplit_once('/') else {
        return false;
    };
    if above.is_empty() || is_filled(above) {
        return true;
    }
    let Some(own) = p.services[proxy.service].compose(p) else {
        return false;
    };
    let is_given = |target: &str| {
        let mut given = proxy.site.files.iter();
        given.any(|files| is_in(target, &files.looks_in()))
    };
    own.volumes.iter().any(|mount| {
        let target = mount.target.as_ref().map(Traced::as_str);
        target
            .is_some_and(|target| is_in(above, target) || is_in(target, above) && !is_given(target))
    })
}

/// A location of STATIC_URL or MEDIA_URL looks where the files of the application are not.
fn misplaced(p: &Project, proxy: &ProxyFact, files: &Files) -> Option<Lost> {
    let fact = &p.services[proxy.service];
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let beside = groups::beside(p, fact).services.iter();
    let facts: Vec<&ServiceFact> = beside.map(|i| &p.services[*i]).collect();
    let url = format!("{}/", files.prefix.as_str().trim_end_matches('/'));
    let looks_in = files.looks_in();
    if !stack.is_complete || own.extends.is_some() {
        return None;
    }
    let kept = facts.iter().filter_map(|fact| kept_for(p, fact, &url));
    let mut kept: Vec<String> = kept.collect();
    kept.dedup();
    let [kept] = kept.as_slice() else {
        return None;
    };
    let targets = own.volumes.iter().map(|mount| mount.target.as_ref());
    let targets: Option<Vec<&str>> = targets.map(|it| it.map(Traced::as_str)).collect();
    let over = targets?
        .iter()
        .enumerate()
        .filter(|(_, target)| is_in(&looks_in, target))
        .max_by_key(|(_, target)| target.len())
        .map(|(i, _)| &own.volumes[i]);
    let Some(mount) = over else {
        let is_below = own.volumes.iter().any(|mount| {
            let target = mount.target.as_ref().map(Traced::as_str);
            target.is_none_or(|target| is_in(target, &looks_in))
        });
        let is_empty = proxy.is_plain && !is_below && !is_filled(&looks_in);
        return is_empty.then_some(Lost {
            fault: "empty",
            expected: None,
        });
    };
    shared(p, stack, own, mount, &facts, &looks_in, kept)
}

/// Whether an image of nginx has files in a directory by itself.
fn is_filled(directory: &str) -> bool {
    let filled = ["/usr", "/etc", "/var/www"];
    filled.iter().any(|it| is_in(directory, it))
}

/// The location of an nginx without media types from which browsers are sent stylesheets.
pub(crate) fn untyped<'a>(p: &Project, proxy: &'a ProxyFact) -> Option<&'a Traced> {
    proxy.site.untyped.as_ref()?;
    let beside = groups::beside(p, &p.services[proxy.service])
        .services
        .iter();
    let images = beside.filter_map(|i| p.services[*i].image);
    let urls = images.filter_map(|image| {
        let settings = p.settings.iter().find(|it| it.image == image)?;
        verdicts::static_url(&settings.settings).known().cloned()
    });
    let urls: Vec<String> = urls.collect();
    let is_of_styles = |place: &&Traced| {
        let path = format!("{}/", place.as_str().trim_end_matches('/'));
        place.as_str().contains("css") || urls.contains(&path)
    };
    proxy.site.served.iter().find(is_of_styles)
}

/// The directory in which a service keeps what a URL stands for: STATIC_ROOT for STATIC_URL, MEDIA_ROOT for MEDIA_URL.
fn kept_for(p: &DeployPhase, fact: &ServiceFact, url: &str) -> Option<String> {
    let image = fact.image?;
    let settings = p.settings.iter().find(|it| it.image == image)?;
    let settings = &settings.settings;
    let of = |address: &str, root: &str| {
        let found = verdicts::url_path(settings, address);
        let root = verdicts::directory(settings, root);
        let root = root.known().filter(|it| it.starts_with('/'))?;
        (found.known()? == url).then(|| root.trim_end_matches('/').to_owned())
    };
    of("STATIC_URL", "STATIC_ROOT").or_else(|| of("MEDIA_URL", "MEDIA_ROOT"))
}

/// The mount in which nginx looks lies in other containers, too; or in none.
fn shared(
    p: &Project,
    stack: &Stack,
    own: &Service,
    mount: &Mount,
    facts: &[&ServiceFact],
    looks_in: &str,
    kept: &str,
) -> Option<Lost> {
    let source = mount.source.as_ref()?;
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let is_same = |other: &&Mount| {
        other.kind == mount.kind
            && match mount.kind {
                MountKind::Named => {
                    other.source.as_ref().map(Traced::as_str) == Some(source.as_str())
                }
                _ => other.source_path.is_some() && other.source_path == mount.source_path,
            }
    };
    let others = || {
        stack
            .services
            .iter()
            .filter(|it| it.name.span() != own.name.span())
    };
    let is_open = |service: &Service| {
        service.extends.is_some()
            || service
                .volumes
                .iter()
                .any(|it| it.target.is_none() || it.kind == MountKind::Unknown)
    };
    if others().any(is_open) {
        return None;
    }
    if mount.kind == MountKind::Named
        && !others().any(|it| it.volumes.iter().any(|it| is_same(&it)))
    {
        let compose = &p.around.deployed.compose;
        let mut files = stack.files.iter().filter_map(|at| compose.files.get(*at));
        let is_plain = files.any(|file| file.plain_volumes.iter().any(|it| it == source.as_str()));
        // Another stack may fill a volume of a name of its own.
        let mut stacks = compose.stacks.iter().flat_map(|it| &it.services);
        let is_elsewhere = stacks.any(|service| {
            let is_it = service.name.as_str() == own.name.as_str();
            !is_it && service.volumes.iter().any(|it| is_same(&it))
        });
        return (is_plain && !is_elsewhere).then_some(Lost {
            fault: "empty",
            expected: None,
        });
    }
    if !matches!(mount.kind, MountKind::Named | MountKind::Bind) {
        return None;
    }
    // Where the files of the application lie in what both mount.
    let mut places = Vec::new();
    for fact in facts {
        let (Some(_), Some(service)) = (fact.image, fact.compose(p)) else {
            continue;
        };
        let over = |mount: &&Mount| {
            let target = mount.target.as_ref().map(Traced::as_str);
            target.is_some_and(|target| is_in(kept, target))
        };
        let nearest = service.volumes.iter().filter(over);
        let nearest = nearest.max_by_key(|it| it.target.as_ref().map_or(0, Traced::len));
        match nearest.filter(is_same).and_then(|it| it.target.as_ref()) {
            Some(there) => {
                let below = kept[there.as_str().trim_end_matches('/').len()..].trim_matches('/');
                places.push(below.to_owned());
            }
            None if service.volumes.iter().any(|it| is_same(&it)) => return None,
            None => {}
        }
    }
    places.dedup();
    let [below] = places.as_slice() else {
        return None;
    };
    let expected = join(target, below);
    let asked = looks_in[target.len()..].trim_matches('/');
    if expected == looks_in {
        return None;
    }
    // Files of the project may lie there.
    let is_there = mount.source_path.as_ref().is_some_and(|path| {
        !asked.is_empty() && p.around.root.entry(&join(path, asked)) != Entry::Missing
    });
    (!is_there).then_some(Lost {
        fault: "elsewhere",
        expected: Some(expected),
    })
}

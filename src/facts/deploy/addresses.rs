//! Addresses of services in variables, beside those of databases: a cache, a broker, and the host that the settings
//! hand to the database.

mod locals;
mod told;

use crate::compose::{Mount, Port, Service, Stack};
use crate::facts::build::at;
use crate::facts::deploy::addresses::locals::{Local, Server};
use crate::facts::deploy::databases::{self, Url};
use crate::facts::deploy::names::{self, Mismatch};
use crate::facts::model::{Celery, Project, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::brokers::{self, Broker};
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts::{self, Answer, Entry};
use crate::span::Traced;

fn is_run_by(server: &Broker, service: &Service) -> bool {
    service::image(service).is_some_and(|image| server.is_run_by(image.repository.as_str()))
}

/// The image of a service is that server's.
fn runs(server: &Server, service: &Service) -> bool {
    match server {
        Server::Broker(broker) => is_run_by(broker, service),
        Server::Database(engine) => databases::runs(service, *engine),
    }
}

/// Where the host of `scheme://user:password@host:port/...` begins, the colon before its port, and the end of both.
fn authority(raw: &str) -> Option<(usize, Option<usize>, usize)> {
    let (_, rest) = raw.split_once("://")?;
    let start = raw.len() - rest.len();
    let path = rest.find(['/', '?', '#']);
    let end = path.map_or(raw.len(), |at| start + at);
    let user = raw[start..end].rfind('@');
    let host = user.map_or(start, |at| start + at + 1);
    let colon = raw[host..end].rfind(':').map(|at| host + at);
    Some((host, colon, end))
}

/// A value of the settings is read from this variable.
fn is_read(answer: &Answer<String>, name: &str) -> bool {
    match answer {
        Answer::Env(env) => env.name == name,
        Answer::Known(known) => known.env.as_ref().is_some_and(|env| env.name == name),
        Answer::Unassigned | Answer::Unknown => false,
    }
}

/// The server and what of its address is wrong: a name that no service has, a port on which it does not listen.
pub(crate) fn mismatch(
    value: &Traced,
    stack: &Stack,
    own: &Service,
    is_alone: bool,
) -> Option<(&'static str, Mismatch)> {
    let raw = value.as_str();
    let (scheme, _) = raw.split_once("://")?;
    let server = brokers::of_scheme(scheme)?;
    if is_run_by(server, own) {
        return None;
    }
    let (host, colon, end) = authority(raw)?;
    if raw[host..end].contains([',', '[', '$', '{']) || host == end {
        return None;
    }
    let name = value.slice(host..colon.unwrap_or(end));
    let named = stack
        .services
        .iter()
        .find(|service| service.host_names().contains(&name.as_str()));
    let Some(service) = named else {
        let runs = |service: &Service| is_run_by(server, service);
        let found = names::wrong_host(&name, stack, own, is_alone, &runs)?;
        return Some((server.name, found));
    };
    let port = value.slice(colon? + 1..end);
    let is_plain = is_run_by(server, service)
        && is_as_made(service)
        && !service
            .env()
            .vars
            .iter()
            .any(|var| ValueWords::SetsPort.is_within(var.name.as_str()));
    let is_other = port
        .as_str()
        .parse::<u16>()
        .is_ok_and(|port| port != server.port);
    let expected = Traced::new(server.port.to_string(), service.name.span());
    (is_plain && is_other).then_some((
        server.name,
        Mismatch {
            part: "port",
            found: port,
            expected,
        },
    ))
}

/// The server of an address, with the account or the virtual host that it names and that the server is told not to
/// make.
pub(crate) fn wrong_login(value: &Traced, stack: &Stack) -> Option<(&'static str, Mismatch)> {
    let raw = value.as_str();
    let (scheme, _) = raw.split_once("://")?;
    let server = brokers::of_scheme(scheme)?;
    let (host, colon, end) = authority(raw)?;
    let name = raw.get(host..colon.unwrap_or(end))?;
    let mut named = stack
        .services
        .iter()
        .filter(|it| it.host_names().contains(&name));
    let service = named.next().filter(|_| named.next().is_none())?;
    if !is_run_by(server, service) || !is_as_made(service) {
        return None;
    }
    let env = service.env();
    let is_other = |name: &str| {
        let is_row = [server.user, server.place].contains(&Some(name));
        !is_row && ValueWords::SetsAccounts.is_within(name)
    };
    let is_usual = env.is_closed
        && !env.vars.iter().any(|var| is_other(var.name.as_str()))
        && !service.volumes.iter().any(|mount| keeps(server, mount))
        && !is_administered(server, stack, service);
    let made = |variable: Option<&str>, usual: Option<&str>| {
        let Some(var) = env.get(variable?) else {
            return Some(Traced::new(
                usual.filter(|_| is_usual)?,
                service.name.span(),
            ));
        };
        let value = var.value.clone().filter(|_| !var.may_vary)?;
        Some(value).filter(|value| !value.as_str().is_empty())
    };
    let found = |part: &'static str, found: Traced, expected: Traced| {
        (
            server.name,
            Mismatch {
                part,
                found,
                expected,
            },
        )
    };
    let start = scheme.len() + 3;
    if let Some(expected) = made(server.user, None)
        && let Some(at) = raw[start..end].find([':', '@']).filter(|_| host > start)
    {
        let user = value.slice(start..start + at);
        if is_plain_word(user.as_str()) && user.as_str() != expected.as_str() {
            return Some(found("user", user, expected));
        }
    }
    let expected = made(server.place, server.usual_place)?;
    let path = raw[end..].split(['?', '#']).next()?;
    let place = value.slice(end..end + path.len());
    let word = path.strip_prefix('/').unwrap_or(path);
    let is_usual = word.is_empty() || word == "/" || word.eq_ignore_ascii_case("%2F");
    let is_it = word == expected.as_str() || is_usual && expected.as_str() == "/";
    (!is_it && (is_usual || is_plain_word(word))).then(|| found("virtual host", place, expected))
}

/// A volume may keep accounts that somebody made there once.
fn keeps(server: &Broker, mount: &Mount) -> bool {
    let target = mount.target.as_ref().map(Traced::as_str);
    target.is_none_or(|target| target.contains(server.name))
}

/// Another service is run by the same image or its tools, and may make accounts.
fn is_administered(server: &Broker, stack: &Stack, service: &Service) -> bool {
    let name = service.name.as_str();
    let mut others = stack.services.iter().filter(|it| it.name.as_str() != name);
    others.any(|other| {
        let lines = [&other.command, &other.entrypoint];
        let mut words = lines.into_iter().flatten().filter_map(|it| it.words());
        let is_tool = |text: &Traced| text.as_str().contains(server.name);
        words.any(|words| words.iter().any(is_tool))
            || service::image(other).is_some_and(|image| image.repository.contains(server.name))
    })
}

/// A word that stands for itself in an address.
fn is_plain_word(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !word.is_empty() && word.chars().all(is_plain)
}

/// Nothing but its variables says how the server of a service is set up.
pub(super) fn is_as_made(service: &Service) -> bool {
    let configures = |target: &str| target.contains("conf") || target.contains("etc");
    service.command.is_none()
        && service.entrypoint.is_none()
        && service.build.is_none()
        && !service.volumes.iter().any(|mount| {
            let target = mount.target.as_ref();
            target.is_none_or(|target| configures(target.as_str()))
        })
        && !service.has_key(ValueWords::MountsMore)
}

/// An address in the settings that leads to the own container, where another one runs what is meant.
#[derive(Debug)]
pub(crate) struct Astray {
    pub(crate) found: Traced,
    /// The service that runs it.
    pub(crate) expected: Traced,
    /// The service to which nobody gives the variable, with its name, where others are given it.
    pub(crate) lacks: Option<(Traced, String)>,
    /// Django or celery asks there; otherwise whatever the project does with the setting.
    pub(crate) is_used: bool,
}

/// What is asked of an address for a service that runs with the settings.
type Ask<'a> = dyn FnMut(&'a ServiceFact, &'a Stack, &'a Service, &Local) + 'a;

/// Calls `ask` for each address that the settings certainly have in each service that runs with them.
fn each_address<'a>(p: &'a Project, i: usize, ask: &mut Ask<'a>) {
    let settings = &p.settings[i];
    let is_own = |fact: &&ServiceFact| fact.image == Some(settings.image);
    let stage = p.images[settings.image].stage;
    let mut locals = None;
    for fact in p.services.iter().filter(is_own) {
        let (Some(stack), Some(own)) = (fact.stack(p), fact.compose(p)) else {
            continue;
        };
        let env = own.env();
        let is_other = env.get("DJANGO_SETTINGS_MODULE").is_some_and(|var| {
            var.may_vary
                || var
                    .value
                    .as_ref()
                    .is_none_or(|value| value.as_str() != settings.module.as_str())
        });
        let is_whole = stack.is_complete && stack.is_whole;
        if is_other
            || !is_whole
            || !databases::is_alone(p, fact)
            || told::are_replaced(p, fact, settings, own)
        {
            continue;
        }
        let sets_variables = told::sets_variables(p, fact, settings);
        for local in locals.get_or_insert_with(|| locals::of(&settings.settings)) {
            if local.is_default && (!env.is_closed || sets_variables) {
                continue;
            }
            let is_given =
                |name: &String| env.get(name).is_some() || at::env(p, stage, name).is_some();
            if local.variable.as_ref().is_some_and(is_given)
                || local.is_of_celery && told::may_lead_celery(p, settings, &env)
            {
                continue;
            }
            ask(fact, stack, own, local);
        }
    }
}

/// The addresses in settings that lead to the own container, where another service of a stack runs what is meant.
pub(crate) fn astray(p: &Project, i: usize) -> Vec<Astray> {
    let settings = &p.settings[i];
    let mut out: Vec<Astray> = Vec::new();
    each_address(p, i, &mut |fact, stack, own, local| {
        let runs = |service: &Service| runs(&local.server, service);
        let is_told = out
            .iter()
            .any(|told| told.found.span() == local.host.span());
        if is_told || !names::is_local(local.host.as_str()) {
            return;
        }
        let Some(wrong) = names::wrong_host(&local.host, stack, own, true, &runs) else {
            return;
        };
        let asks = match local.variable {
            // Others are told where it is: of celery only a worker surely needs it.
            Some(_) => told::works(p, fact),
            None => told::asks(p, fact),
        };
        out.push(Astray {
            found: wrong.found,
            expected: wrong.expected,
            lacks: local.variable.clone().map(|name| (own.name.clone(), name)),
            is_used: local.is_used
                && asks
                && (!local.is_of_celery
                    || matches!(settings.celery, Celery::AsSettings | Celery::Prefixed)),
        });
    });
    out
}

/// The hosts in settings that are databases, caches or brokers with which a service that runs with them shares no
/// network, and that service.
pub(crate) fn apart_in_settings(p: &Project, i: usize) -> Vec<(Apart, Traced)> {
    let mut out: Vec<(Apart, Traced)> = Vec::new();
    each_address(p, i, &mut |fact, stack, own, local| {
        let name = local.host.as_str();
        let serves = |service: &&Service| {
            runs(&local.server, service) && service.host_names().contains(&name)
        };
        let mut all = stack.services.iter().filter(serves);
        let Some(service) = all.next().filter(|_| all.next().is_none()) else {
            return;
        };
        let is_told = out
            .iter()
            .any(|(it, _)| it.host.span() == local.host.span());
        let is_meant = local.is_used && told::works(p, fact) && !databases::is_database(own);
        let outside = names::outside(own).filter(|_| service.network_mode.is_none());
        if is_meant && !is_told && (outside.is_some() || names::are_apart(stack, own, service)) {
            let apart = Apart {
                host: local.host.clone(),
                service: service.name.clone(),
                outside,
            };
            out.push((apart, own.name.clone()));
        }
    });
    out
}

/// The port that a variable of a service names beside the host, another service of the stack, where that publishes it
/// for another port on which it listens.
pub(crate) fn published(
    p: &Project,
    fact: &ServiceFact,
    name: &str,
    value: &Traced,
) -> Option<Mismatch> {
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let env = own.env();
    let host = env.get(&format!("{}HOST", name.strip_suffix("PORT")?))?;
    let host = host.value.as_ref().filter(|_| !host.may_vary)?;
    let mut named = stack
        .services
        .iter()
        .filter(|it| it.host_names().contains(&host.as_str()));
    let service = named.next().filter(|_| named.next().is_none())?;
    let port: u16 = value.as_str().parse().ok()?;
    let is_plain = |it: &Service| {
        let is_own = it.network_mode.is_none() && it.extends.is_none();
        is_own && !it.has_key(ValueWords::ResolvesNames)
    };
    let is_lent = || stack.services.iter().any(|it| names::joins(it, service));
    // It may be told to listen there.
    let is_told = || {
        let lines = [&service.command, &service.entrypoint]
            .into_iter()
            .flatten();
        let mut words = lines.flat_map(|line| line.words().unwrap_or_default());
        let in_words = words.any(|it| it.as_str().contains(value.as_str()));
        let env = service.env();
        let mut vars = env.vars.iter();
        in_words
            || vars.any(|it| {
                it.value
                    .as_ref()
                    .is_none_or(|it| it.as_str() == value.as_str())
            })
    };
    let listens = |it: &Port| {
        it.target
            .is_none_or(|(first, last)| (first..=last).contains(&port))
    };
    let published = |it: &&Port| {
        let on_host = it
            .published
            .as_ref()
            .and_then(|it| it.as_str().parse().ok());
        on_host == Some(port) && it.protocol == "tcp"
    };
    let is_exposed = service.keys.iter().any(|key| key.as_str() == "expose");
    let is_read = fact.settings(p).is_some_and(|settings| {
        let mut texts = settings.texts.iter();
        texts.any(|(_, source)| source.text.contains(name))
    });
    if !is_read
        || !is_plain(own)
        || !is_plain(service)
        || is_lent()
        || is_told()
        || service.name.span() == own.name.span()
        || service.ports.iter().any(listens)
        || is_exposed
    {
        return None;
    }
    let target = service.ports.iter().find(published)?;
    let (first, _) = target.target.filter(|(first, last)| first == last)?;
    Some(Mismatch {
        part: "port",
        found: value.clone(),
        expected: Traced::new(first.to_string(), target.target_span),
    })
}

/// The own container, where the settings hand the value of the variable to a database that runs in another service.
pub(crate) fn own_host(
    p: &Project,
    fact: &ServiceFact,
    name: &str,
    value: &Traced,
) -> Option<Mismatch> {
    if !names::is_local(value.as_str()) || !databases::is_alone(p, fact) {
        return None;
    }
    let settings = fact.settings(p)?;
    let (entries, _) = verdicts::databases(&settings.settings)?;
    let engine = entries.iter().find_map(|entry| {
        let engine = entry.text("ENGINE");
        let is_meant = is_read(&entry.text("HOST"), name);
        locals::engine(engine.known().filter(|_| is_meant)?)
    })?;
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let runs = |service: &Service| databases::runs(service, engine);
    names::wrong_host(value, stack, own, true, &runs)
}

/// The own container, where the settings look there for the store of objects that another service runs.
pub(crate) fn own_store(
    p: &Project,
    fact: &ServiceFact,
    name: &str,
    value: &Traced,
) -> Option<(&'static str, Mismatch)> {
    let (host, colon, end) = authority(value.as_str())?;
    let found = value.slice(host..colon.unwrap_or(end));
    if !names::is_local(found.as_str()) || !databases::is_alone(p, fact) {
        return None;
    }
    let settings = &fact.settings(p)?.settings;
    let is_read = is_read(&verdicts::text(settings, "AWS_S3_ENDPOINT_URL"), name);
    // A worker may keep no files.
    let keeps = fact.server(p).is_some() && locals::keeps_in_s3(settings);
    if !is_read || !keeps {
        return None;
    }
    let server = locals::object_store()?;
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let runs = |service: &Service| is_run_by(server, service) && service.network_mode.is_none();
    let wrong = names::wrong_host(&found, stack, own, true, &runs)?;
    Some((server.name, wrong))
}

/// The account or the name of the database, where the settings hand the value of the variable to a database beside the
/// service that makes another one.
pub(crate) fn wrong_account(
    p: &Project,
    fact: &ServiceFact,
    name: &str,
    value: &Traced,
) -> Option<Mismatch> {
    let settings = fact.settings(p)?;
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let (entries, _) = verdicts::databases(&settings.settings)?;
    let env = own.env();
    // What the service gives, or what the settings have where they read nothing.
    let given = |entry: &Entry, key: &str| -> Option<Traced> {
        let variable = match entry.text(key) {
            Answer::Env(env) => env.name,
            Answer::Known(known) => match known.env {
                Some(given) => given.name,
                None => return Some(Traced::new(known.value, known.span)),
            },
            Answer::Unassigned | Answer::Unknown => return None,
        };
        let var = env.get(&variable)?;
        var.value.clone().filter(|_| !var.may_vary)
    };
    entries.iter().find_map(|entry| {
        let keys = ["USER", "PASSWORD", "NAME"];
        let key = *keys.iter().find(|key| is_read(&entry.text(key), name))?;
        let host = given(entry, "HOST")?;
        let engine = locals::engine(entry.text("ENGINE").known()?)?;
        let runs = |service: &&Service| {
            service.host_names().contains(&host.as_str()) && databases::runs(service, engine)
        };
        let service = stack.services.iter().find(runs)?;
        let only = |wanted: &str| Some(value.clone()).filter(|_| key == wanted);
        let url = Url {
            engine,
            user: only("USER").or_else(|| given(entry, "USER")),
            password: only("PASSWORD"),
            host,
            port: None,
            name: only("NAME"),
        };
        let found = databases::account(&url, service)?;
        (found.found.span() == value.span()).then_some(found)
    })
}

/// The service that an address names and that no network leads to.
#[derive(Debug)]
pub(crate) struct Apart {
    pub(crate) host: Traced,
    pub(crate) service: Traced,
    /// The network in which the one that asks is, and where names of services lead nowhere: that of the host, or
    /// Docker's own.
    pub(crate) outside: Option<&'static str>,
}

/// A database, cache or broker that a variable of a service gives the address of, in whose networks the service is not.
pub(crate) fn apart(fact: &ServiceFact, p: &Project, name: &str, value: &Traced) -> Option<Apart> {
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    if databases::is_database(own) {
        return None;
    }
    let raw = value.as_str();
    let host = match authority(raw) {
        Some((host, colon, end)) => value.slice(host..colon.unwrap_or(end)),
        None if name.ends_with("HOST") => value.clone(),
        None => return None,
    };
    let serves = |service: &&Service| {
        let image = service::image(service);
        let is_broker = image.is_some_and(|image| brokers::is_image(&image.repository));
        service.host_names().contains(&host.as_str())
            && (is_broker || service::engine(service).is_some())
    };
    let service = stack.services.iter().find(serves)?;
    let outside = names::outside(own).filter(|_| service.network_mode.is_none());
    (outside.is_some() || names::are_apart(stack, own, service)).then(|| Apart {
        host,
        service: service.name.clone(),
        outside,
    })
}

//! Servers of a stack that another service asks by name and that answer at the loopback address only, or send their
//! clients there.

use crate::compose::{EnvVar, Mount, MountKind, Service, Stack};
use crate::facts::deploy::groups;
use crate::facts::deploy::names::{are_apart, is_local};
use crate::facts::model::{DjangoPhase, OwnAddress, Project, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::listen_options::{self, Listens};
use crate::knowledge::words::{ValueWords, VariableWords};
use crate::source::{Sources, is_in, join};
use crate::span::{FileId, Span, Traced};

/// Every server of a stack that certainly listens at the loopback address only.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<OwnAddress> {
    let found = groups::others(p, services).filter_map(|(i, fact)| {
        let found = own_address(p, fact.compose(p)?, sources)?;
        Some(OwnAddress { service: i, found })
    });
    found.collect()
}

fn own_address(p: &DjangoPhase, service: &Service, sources: &Sources) -> Option<Traced> {
    let image = service::image(service)?;
    let is_changed = service.entrypoint.is_some() || service.extends.is_some();
    if image.registry.is_some() || is_changed || service.network_mode.is_some() {
        return None;
    }
    let words = service.command.as_ref()?.words()?;
    let row = listen_options::of(image.repository.trim_start_matches("library/"))?;
    let addresses = match row.program {
        "redis-server" | "valkey-server" => of_redis(p, service, &words, row, sources)?,
        "postgres" => assigned(&words, row)?,
        _ => of_option(&words, row)?,
    };
    let is_own = |text: &Traced| {
        let mut all = text.as_str().split(|c: char| c == ',' || c.is_whitespace());
        all.all(|one| {
            let one = one.trim_matches(['"', '\'']).trim_start_matches('-');
            is_local(one) || one == "::1" || one.is_empty()
        })
    };
    let first = addresses.first()?.clone();
    (!first.is_empty() && addresses.iter().all(is_own)).then_some(first)
}

/// The words start that server.
fn starts(words: &[Traced], row: &Listens) -> bool {
    let first = words.first().map_or("", |word| word.as_str());
    first == row.program || first.starts_with('-')
}

/// The value of the last assignment to a setting.
fn assigned(words: &[Traced], row: &Listens) -> Option<Vec<Traced>> {
    let setting = row.options.first()?;
    let mut last = words.iter().rev();
    let found = last.find_map(|word| {
        let text = word.as_str();
        let at = text.find(setting)? + setting.len();
        Some(word.slice(at..text.len()).trim())
    })?;
    starts(words, row).then(|| vec![found])
}

/// The value of the last of some options.
fn of_option(words: &[Traced], row: &Listens) -> Option<Vec<Traced>> {
    if !starts(words, row) {
        return None;
    }
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let text = word.as_str();
        for option in row.options {
            if text == *option {
                found = words.get(at + 1).cloned();
            } else if let Some(rest) = text.strip_prefix(option) {
                let rest = rest.strip_prefix('=').unwrap_or(rest);
                found = Some(word.slice(text.len() - rest.len()..text.len()));
            }
        }
    }
    Some(vec![found?])
}

/// What `bind` says, on the command line or in the file that the server is given.
fn of_redis(
    p: &DjangoPhase,
    service: &Service,
    words: &[Traced],
    row: &Listens,
    sources: &Sources,
) -> Option<Vec<Traced>> {
    let first = words.first()?.as_str();
    let is_server = first == row.program;
    let bind = row.options.first()?;
    if !is_server && !first.starts_with('-') && !first.ends_with(".conf") {
        return None;
    }
    let mut rest = words.iter().skip_while(|word| word.as_str() != *bind);
    if rest.next().is_some() {
        let values = rest.take_while(|word| !word.as_str().starts_with("--"));
        return Some(values.cloned().collect());
    }
    let file = words[usize::from(is_server)..].first()?;
    let path = file.as_str();
    if !path.starts_with('/') || service.has_key(ValueWords::MountsMore) {
        return None;
    }
    let over = |mount: &&Mount| {
        let target = mount.target.as_ref();
        target.is_some_and(|target| is_in(path, target.as_str().trim_end_matches('/')))
    };
    let mut mounts = service.volumes.iter().filter(over);
    let mount = mounts
        .next()
        .filter(|mount| mount.kind == MountKind::Bind)?;
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let source = mount.source_path.as_deref()?;
    let below = path.strip_prefix(target)?.trim_start_matches('/');
    let source = match below.is_empty() {
        true => source.to_owned(),
        false => join(source, below),
    };
    if mounts.next().is_some() {
        return None;
    }
    let file = p.around.root.read(sources, &source).ok()?;
    let source = sources.get(file);
    let text = source.text.as_str();
    let mut found = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let (name, value) = trimmed
            .split_once(char::is_whitespace)
            .unwrap_or((trimmed, ""));
        match name.to_ascii_lowercase().as_str() {
            "include" => return None,
            "bind" => {
                let value = value.trim();
                let at = start + (value.as_ptr() as usize - line.as_ptr() as usize);
                found = Some(Traced::new(value, span_at(file, at, value.len())));
            }
            _ => {}
        }
        start += line.len();
    }
    Some(vec![found?])
}

fn span_at(file: FileId, at: usize, length: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, offset(at), offset(at + length))
}

/// The address that a server of a stack listens on alone, and the service that asks it by its name.
pub(crate) fn listens_alone(p: &Project, service: usize) -> Option<(Traced, String)> {
    let found = p.own_addresses.iter().find(|one| one.service == service)?;
    let fact = &p.services[service];
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let client = clients(p, fact, stack, own).find(|(_, text)| {
        let names = own.host_names();
        let mut names = names.iter();
        names.any(|name| text == name || is_host(text, name) || ports(text, name).next().is_some())
    })?;
    Some((found.found.clone(), client.0.to_owned()))
}

/// The address that a broker of Kafka sends its clients to, where that is their own container, and the client.
pub(crate) fn sends_back(p: &Project, service: usize) -> Option<(Traced, String)> {
    let fact = &p.services[service];
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let image = service::image(own)?;
    let name = image.repository.rsplit('/').next().unwrap_or_default();
    if !ValueWords::Kafka.contains(name) || own.network_mode.is_some() {
        return None;
    }
    let env = &fact.deployed(p).env;
    let given = |names: VariableWords| names.iter().find_map(|name| env.get(name));
    let known = |var: &EnvVar| var.value.clone().filter(|_| !var.may_vary);
    let told = known(given(VariableWords::KafkaAdvertises)?)?;
    let listens = match given(VariableWords::KafkaListens) {
        Some(var) => listeners(&known(var)?),
        None => listeners(&told),
    };
    let told = listeners(&told);
    let names = own.host_names();
    clients(p, fact, stack, own).find_map(|(client, text)| {
        let mut asked = names.iter().flat_map(|name| ports(text, name));
        let found = asked.find_map(|port| {
            let listener = listens.iter().find(|one| one.port == Some(port))?;
            let told = told.iter().find(|one| one.name == listener.name)?;
            is_local(&told.host).then(|| told.address.clone())
        });
        Some((found?, client.to_owned()))
    })
}

struct Listener {
    name: String,
    host: String,
    port: Option<u16>,
    /// Host and port.
    address: Traced,
}

/// `PLAINTEXT://kafka:9092,HOST://localhost:29092`
fn listeners(text: &Traced) -> Vec<Listener> {
    let raw = text.as_str();
    let mut out = Vec::new();
    let mut start = 0;
    for part in raw.split(',') {
        if let Some((name, address)) = part.split_once("://") {
            let at = start + part.len() - address.len();
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            out.push(Listener {
                name: name.trim().to_owned(),
                host: host.to_owned(),
                port: port.trim().parse().ok(),
                address: text.slice(at..at + address.len()),
            });
        }
        start += part.len() + 1;
    }
    out
}

/// What the other services of a stack that reach a server have in their variables, and what the settings say that run
/// in them, each with the name of the service.
fn clients<'p>(
    p: &'p Project,
    fact: &'p ServiceFact,
    stack: &'p Stack,
    own: &'p Service,
) -> impl Iterator<Item = (&'p str, &'p str)> + 'p {
    let beside = groups::beside(p, fact).services.iter();
    let others = beside.map(|i| &p.services[*i]).filter(move |other| {
        let service = other.compose(p);
        other.deployed != fact.deployed
            && service.is_some_and(|service| {
                service.network_mode.is_none() && !are_apart(stack, service, own)
            })
    });
    others.flat_map(move |other| {
        let deployed = other.deployed(p);
        let vars = deployed.env.vars.iter();
        let values = vars.filter_map(|var| Some(var.value.as_ref()?.as_str()));
        let of_image = p.settings.iter();
        let of_image = of_image.filter(move |it| other.image == Some(it.image));
        let texts = of_image.flat_map(|it| &it.texts);
        let texts = texts.map(|(_, source)| source.text.as_str());
        let name = deployed.name.as_str();
        values.chain(texts).map(move |text| (name, text))
    })
}

/// An address in a text has the name as its host: `postgres://shop@db/shop`.
fn is_host(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let begins = before.ends_with("//") || before.ends_with('@');
        begins && (after.is_empty() || after.starts_with(['/', ':', '?']))
    })
}

/// The ports behind a name in a text: `redis://cache:6379/0`, `kafka:9092`.
fn ports<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = u16> + 'a {
    text.match_indices(name).filter_map(move |(at, _)| {
        let is_part =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '$' | '{');
        let rest = text[at + name.len()..].strip_prefix(':')?;
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let port = rest[..end].parse().ok()?;
        (!text[..at].ends_with(is_part)).then_some(port)
    })
}

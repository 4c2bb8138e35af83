//! Names that containers of a stack reach each other by: which lead to a service, which certainly lead nowhere.

use crate::compose::{Service, Stack};
use crate::facts::model::{Project, ServiceFact};
use crate::knowledge::words::ValueWords;
use crate::span::Traced;

/// Where a URL and the database that it means say different things.
#[derive(Debug)]
pub(crate) struct Mismatch {
    /// `host`, `port`, `user`, `password` or `name`.
    pub(crate) part: &'static str,
    /// In the URL.
    pub(crate) found: Traced,
    /// What it would have to be, with its place; without one for the defaults of the image.
    pub(crate) expected: Traced,
}

/// A name that no service has, although the stack has such a server.
pub(crate) fn wrong_host(
    found: &Traced,
    stack: &Stack,
    own: &Service,
    is_known: bool,
    runs: &dyn Fn(&Service) -> bool,
) -> Option<Mismatch> {
    let host = found.as_str();
    let is_local = is_local(host);
    if is_local && !is_known || !leads_nowhere(host, stack, own) {
        return None;
    }
    let mut servers = stack.services.iter().filter(|service| runs(service));
    let server = servers.next()?;
    // One that is only there when asked for is not the one that is meant otherwise.
    if servers.next().is_some() || !server.profiles.is_empty() {
        return None;
    }
    Some(Mismatch {
        part: "host",
        found: found.clone(),
        expected: server.name.clone(),
    })
}

/// The container itself.
pub(crate) fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1")
}

/// No service answers to a name of one label in the networks of a service; or, for the name of the container itself,
/// none answers there in its place.
pub(crate) fn leads_nowhere(host: &str, stack: &Stack, own: &Service) -> bool {
    let services = &stack.services;
    let is_local = is_local(host);
    let is_plain = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_local && (!is_plain || host == "host") {
        return false;
    }
    let has_alias = own.links.iter().any(|link| {
        link.as_str()
            .is_none_or(|text| text.ends_with(&format!(":{host}")))
    });
    if !is_local && stack.joins_others(own) {
        return false;
    }
    if has_alias || finds_others(own) || services.iter().any(finds_others) && !is_local {
        return false;
    }
    let leads_there = |service: &Service| match is_local {
        true => joins(service, own),
        false => may_be_called(service, host),
    };
    !services.iter().any(leads_there)
}

/// Its names are not those of its networks alone.
fn finds_others(service: &Service) -> bool {
    service.network_mode.is_some() || service.has_key(ValueWords::ResolvesNames)
}

/// The network outside of the stack's in which a service certainly is: `host`, or Docker's `bridge`, where no names of
/// services resolve. Nothing tells it of other names.
pub(crate) fn outside(service: &Service) -> Option<&'static str> {
    let mode = service
        .network_mode
        .as_ref()
        .and_then(|mode| mode.as_str())?;
    let name = ["host", "bridge"].into_iter().find(|it| *it == mode)?;
    let is_told = service.extends.is_some()
        || service.has_key(ValueWords::ResolvesNames)
        || name == "bridge" && !service.links.is_empty();
    (!is_told).then_some(name)
}

/// A service has its network from something else, or another container is in its network: what listens at its ports is
/// not its own server alone.
pub(crate) fn shares_network(p: &Project, fact: &ServiceFact) -> bool {
    let Some((stack, own)) = fact.stack(p).zip(fact.compose(p)) else {
        return false;
    };
    own.network_mode.is_some() || stack.services.iter().any(|other| joins(other, own))
}

/// Two services of a stack certainly are in no network together: neither reaches the other by a name.
pub(crate) fn are_apart(stack: &Stack, one: &Service, other: &Service) -> bool {
    const DEFAULT: &str = "default";
    let is_linked = |from: &Service, to: &Service| {
        !from.links.is_empty() && {
            let name = to.name.as_str();
            let mut links = from.links.iter();
            links.any(|link| {
                link.as_str()
                    .is_none_or(|text| text.split(':').next() == Some(name))
            })
        }
    };
    let names = |service: &Service| {
        let names = service
            .networks
            .iter()
            .map(|it| it.name.as_str().to_owned());
        let mut names: Vec<String> = names.collect();
        if names.is_empty() {
            names.push(DEFAULT.to_owned());
        }
        names
    };
    let (own, others) = (names(one), names(other));
    let is_plain = |service: &Service| !finds_others(service) && service.extends.is_none();
    is_plain(one)
        && is_plain(other)
        && !is_linked(one, other)
        && !is_linked(other, one)
        && !stack.joins_others(one)
        && !stack.joins_others(other)
        && !own.iter().any(|name| others.contains(name))
}

/// A service may use the network of another one, where it then answers at `localhost`.
pub(crate) fn joins(service: &Service, own: &Service) -> bool {
    let mode = service.network_mode.as_ref();
    mode.is_some_and(|mode| {
        mode.as_str().is_none_or(|mode| {
            mode.starts_with("container:")
                || mode.strip_prefix("service:") == Some(own.name.as_str())
        })
    })
}

/// A host may be a service by another name than those the file gives it: that of its container (`shop-db-1`), of a
/// swarm (`shop_db`), or its own in capitals.
fn may_be_called(service: &Service, host: &str) -> bool {
    let name = service.name.as_str();
    let host = host.to_ascii_lowercase();
    let unnumbered = host.trim_end_matches(|c: char| c.is_ascii_digit());
    let container = match unnumbered.len() < host.len() {
        true => unnumbered.strip_suffix(['-', '_']),
        false => None,
    };
    let ends = |text: &str, with: &[char]| {
        let before = text.strip_suffix(name);
        before.is_some_and(|before| before.ends_with(with))
    };
    host == name.to_ascii_lowercase()
        || ends(&host, &['_'])
        || container.is_some_and(|text| ends(text, &['-', '_']))
        || service
            .container_name
            .as_ref()
            .is_some_and(|name| name.as_str().is_none())
}

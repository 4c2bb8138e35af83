//! Databases of a stack that speak no TLS, where who asks them insists on it.

use crate::compose::{EnvVar, Service, skeleton};
use crate::facts::deploy::addresses;
use crate::facts::deploy::databases;
use crate::facts::django::loaded;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::words::ValueWords;
use crate::span::{Span, Traced};

/// A server of PostgreSQL as its image makes it: nobody gives it a certificate.
fn is_plain(service: &Service) -> bool {
    let image = service::image(service);
    let is_official = image.is_some_and(|image| {
        image.official() == Some("postgres") || image.repository == "postgis/postgis"
    });
    is_official && addresses::is_as_made(service) && !databases::initializes(service)
}

/// The text of a variable, as far as it is written.
fn written(var: &EnvVar) -> Option<Traced> {
    let known = var.value.clone().filter(|_| !var.may_vary);
    let address = || {
        let scalar = var.scalar.as_ref();
        scalar
            .filter(|it| it.as_str().contains("://"))
            .map(skeleton)
    };
    known.or_else(address)
}

/// The variable leads to a service: its host, or an address with it.
fn leads_to(var: &EnvVar, service: &Service) -> bool {
    let Some(text) = written(var) else {
        return false;
    };
    let text = text.as_str();
    let names = service.host_names();
    match text.rsplit_once('@') {
        Some((before, after)) if before.starts_with("postg") => {
            let host = after.split([':', '/', '?']).next().unwrap_or(after);
            names.contains(&host)
        }
        _ => var.name.as_str().ends_with("HOST") && names.contains(&text),
    }
}

/// The only PostgreSQL of the stack of a service, where it speaks no TLS.
fn only_plain<'p>(p: &'p Project, fact: &'p ServiceFact) -> Option<&'p Service> {
    let stack = fact.stack(p)?;
    let is_known = stack.is_whole && stack.is_complete;
    let mut all = stack
        .services
        .iter()
        .filter(|it| service::engine(it).is_some() || databases::is_database(it));
    let first = all.next().filter(|_| is_known && all.next().is_none());
    first.filter(|it| is_plain(it))
}

/// Where settings ask for TLS, and the database without it that a service which runs with them is led to.
pub(crate) fn of_settings(p: &Project, i: usize) -> Option<(Span, Traced)> {
    let settings = &p.settings[i];
    let span = loaded::asks_tls(settings)?;
    p.services.iter().find_map(|fact| {
        let is_own = fact.image == Some(settings.image) && databases::is_alone(p, fact);
        let is_other = || {
            let named = fact.settings(p).map(|it| it.module.as_str().to_owned());
            named.as_deref() != Some(settings.module.as_str())
        };
        let service = only_plain(p, fact).filter(|_| is_own && !is_other())?;
        let env = &fact.deployed(p).env;
        let is_led = env.vars.iter().any(|var| leads_to(var, service));
        is_led.then(|| (span, service.name.clone()))
    })
}

/// What a variable of a service asks of a database without TLS, `sslmode=require` in its address, and that database.
pub(crate) fn of_variable(p: &Project, fact: &ServiceFact, i: usize) -> Option<(Traced, Traced)> {
    let var = fact.deployed(p).env.vars.get(i)?;
    let value = written(var)?;
    let text = value.as_str();
    let (before, _) = text.split_once("sslmode=")?;
    let start = before.len();
    let end = text[start..].find('&').map_or(text.len(), |at| start + at);
    let mode = text.get(start + "sslmode=".len()..end)?;
    let is_sure = before.ends_with(['?', '&']) && ValueWords::AsksTls.contains(mode);
    let service = only_plain(p, fact).filter(|_| is_sure && databases::is_alone(p, fact))?;
    (leads_to(var, service)).then(|| (value.slice(start..end), service.name.clone()))
}

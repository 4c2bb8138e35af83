//! One password in several places of a compose stack: the database and its clients hold it together.

use crate::compose::{EnvVar, Service};
use crate::facts::deploy::databases;
use crate::facts::deploy::purpose::is_stack_for_development;
use crate::facts::model::{DeployPhase, Holder, Holders, Project, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::databases::Engine;
use crate::knowledge::secret;
use crate::span::Traced;

/// The password that a variable holds, by itself or in a URL; `None` when it is not known.
pub(crate) fn password(var: &EnvVar) -> Option<&str> {
    let value = var.value.as_ref().filter(|_| !var.may_vary)?.as_str();
    match secret::url_password(value) {
        Some(password) => Some(password),
        None => secret::is_secret_name(var.name.as_str()).then_some(value),
    }
}

/// The variables of what is started together that hold the password of one of them, in the order of the services.
pub(crate) fn holders<'p>(p: &'p Project, group: usize, of: &EnvVar) -> &'p [Holder] {
    let all = p.passwords.get_or_init(|| {
        let mut all = Holders::default();
        for (i, fact) in p.services.iter().enumerate() {
            let deployed = fact.deployed(p);
            for var in &deployed.env.vars {
                if let Some(password) = password(var) {
                    let key = key(deployed.group, var, password);
                    let var = var.clone();
                    all.entry(key).or_default().push(Holder { service: i, var });
                }
            }
        }
        all
    });
    let wanted = password(of).map(|wanted| key(group, of, wanted));
    let found = wanted.and_then(|wanted| all.get(&wanted));
    found.map_or(&[], Vec::as_slice)
}

fn key(group: usize, var: &EnvVar, password: &str) -> (usize, String, String) {
    let value = var.value.as_ref().map_or(password, Traced::as_str);
    let name = secret::apart_by(var.name.as_str(), value);
    (group, password.to_owned(), name.to_owned())
}

/// Whether a password only opens a server inside the stack's own network: one of an image that is not built here, which
/// publishes no port.
pub(crate) fn is_internal(p: &Project, holders: &[Holder]) -> bool {
    let of = |holder: &Holder| p.services[holder.service].compose(p);
    let is_server = |service: &&Service| {
        service.build.is_none() && service.image.is_some() && service.extends.is_none()
    };
    let mut servers = holders.iter().filter_map(of).filter(is_server).peekable();
    servers.peek().is_some() && servers.all(is_closed) && !are_for_people(holders)
}

/// It publishes no port.
fn is_closed(service: &Service) -> bool {
    let host = service.network_mode.as_ref();
    service.ports.is_empty() && host.is_none_or(|mode| mode.as_str() != Some("host"))
}

/// One of them is what somebody types into a form.
fn are_for_people(holders: &[Holder]) -> bool {
    let is_word = |name: &str| ["ADMIN", "SUPERUSER"].iter().any(|it| name.contains(it));
    let mut names = holders.iter().map(|it| it.var.name.as_str());
    names.any(is_word)
}

/// How the image of PostgreSQL is told to let everybody in.
const TRUSTS: (&str, &str) = ("POSTGRES_HOST_AUTH_METHOD", "trust");

/// Every database that it opens asks nobody for it, and publishes no port.
pub(crate) fn is_unasked(p: &Project, holders: &[Holder]) -> bool {
    let of = |holder: &Holder| Some((holder.service, p.services[holder.service].compose(p)?));
    let databases = holders.iter().filter_map(of);
    let mut databases = databases
        .filter(|(_, service)| service::engine(service).is_some())
        .peekable();
    let trusts = |(i, _): (usize, &Service)| {
        let given = p.services[i].deployed(p).env.get(TRUSTS.0);
        let value = given.filter(|var| !var.may_vary)?.value.as_ref()?;
        Some(value.as_str() == TRUSTS.1)
    };
    databases.peek().is_some()
        && databases.all(|it| is_closed(it.1) && trusts(it) == Some(true))
        && !are_for_people(holders)
}

/// The database that made its account with the password and keeps it in a volume.
pub(crate) fn kept_by(p: &Project, holders: &[Holder]) -> Option<Engine> {
    holders.iter().find_map(|holder| {
        let service = p.services[holder.service].compose(p)?;
        let engine = service::engine(service).filter(|_| databases::keeps_data(service))?;
        // A file of variables may give it secrets of others.
        let row = engine.row()?;
        let name = holder.var.name.as_str();
        let makes_account = row.password == name || row.passwords.contains(name);
        makes_account.then_some(engine)
    })
}

/// Whether all of these secrets stand in compose files as well, where services of development stacks get them.
pub(crate) fn are_secrets_of_development(p: &DeployPhase, secrets: &[String]) -> bool {
    let has = |fact: &ServiceFact, secret: &String| {
        let mut values = fact.deployed(p).env.vars.iter();
        values.any(|var| var.value.as_ref().is_some_and(|it| it.as_str() == secret))
    };
    let is_known = |secret: &String| {
        let mut services = p.services.iter();
        services.any(|fact| has(fact, secret) && is_stack_for_development(p, fact))
    };
    !secrets.is_empty() && secrets.iter().all(is_known)
}

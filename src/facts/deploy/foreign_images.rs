//! Services that run an image of others: capabilities that it needs and does not get, addresses by plain HTTP to what
//! answers by TLS only.

use crate::compose::{EnvVar, Service, Text};
use crate::dockerfile::image::ImageRef;
use crate::facts::build::users;
use crate::facts::deploy::groups;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::{healthcheck, service};
use crate::knowledge::Series;
use crate::knowledge::foreign_images::{self, StepDownImage, TlsServer};
use crate::knowledge::frontend_tools::{self, BrowserVariable};
use crate::knowledge::words::ValueWords;
use crate::source::is_in;
use crate::span::{Span, Traced};

/// The repository of an image with its owner, where it comes from the registry of its makers or from Docker Hub.
fn repository(image: &ImageRef) -> Option<String> {
    let registry = image.registry.as_deref();
    let is_usual = registry.is_none_or(|name| ValueWords::PublicRegistry.contains(name));
    let name = image.repository.as_str();
    let name = name.strip_prefix("docker/").unwrap_or(name);
    is_usual.then(|| match name.contains('/') {
        true => name.to_owned(),
        false => format!("library/{name}"),
    })
}

/// A service that starts as its image does, where all that its files say of it is known.
fn as_its_image<'a>(p: &'a Project, fact: &ServiceFact) -> Option<(&'a Service, ImageRef)> {
    let stack = fact.stack(p)?;
    let own = fact.compose(p).filter(|_| stack.is_whole)?;
    let is_plain = own.entrypoint.is_none() && own.extends.is_none() && own.build.is_none();
    let image = service::image(own).filter(|_| is_plain)?;
    Some((own, image))
}

/// The capabilities that the entrypoint of a service needs to go on as an account of its own and that `cap_drop` takes
/// away, each where it does.
pub(crate) fn dropped(
    p: &Project,
    fact: &ServiceFact,
) -> Option<(&'static StepDownImage, Vec<(&'static str, Span)>)> {
    let (own, image) = as_its_image(p, fact)?;
    let row = foreign_images::steps_down(&repository(&image)?)?;
    let is_root = own.user.as_ref().is_none_or(|user| {
        user.as_str()
            .is_some_and(|name| users::is_root_name(name.split(':').next().unwrap_or(name)))
    });
    let is_privileged = own
        .privileged
        .as_ref()
        .is_some_and(|text| text.as_str() != Some("false"));
    // Another program than the server may start as root.
    let starts_otherwise = own.command.as_ref().is_some_and(|command| {
        let first = command.texts().first().and_then(|text| text.as_str());
        first.is_none_or(|first| !first.starts_with('-') && !row.programs.contains(&first))
    });
    let names = |texts: &[Text]| -> Option<Vec<String>> {
        let name = |text: &Text| {
            let name = text.as_str()?.to_ascii_uppercase();
            Some(name.strip_prefix("CAP_").unwrap_or(&name).to_owned())
        };
        texts.iter().map(name).collect()
    };
    let (taken, given) = (names(&own.cap_drop)?, names(&own.cap_add)?);
    let find = |all: &[String], name: &str| all.iter().position(|it| it == name || it == "ALL");
    let lost = row.needed.iter().filter_map(|name| {
        let taken = find(&taken, name).filter(|_| find(&given, name).is_none())?;
        Some((*name, own.cap_drop[taken].span()))
    });
    let lost: Vec<(&str, Span)> = lost.collect();
    (is_root && !is_privileged && !starts_otherwise && !lost.is_empty()).then_some((row, lost))
}

/// An address by plain HTTP of a service that answers by TLS only: in its own health check, or in a variable of a
/// service beside it.
pub(crate) fn plain_address(
    p: &Project,
    fact: &ServiceFact,
) -> Option<(&'static TlsServer, Traced)> {
    let (own, image) = as_its_image(p, fact)?;
    let row = foreign_images::tls_server(&repository(&image)?)?;
    let tag = image.tag.as_ref()?.as_str();
    let series = Series::parse(tag.split('-').next()?).filter(|series| *series >= row.from)?;
    let env = own.env();
    let is_switch = |var: &&EnvVar| {
        row.switches
            .iter()
            .any(|part| var.name.as_str().contains(part))
    };
    let is_configured = own.volumes.iter().any(|mount| {
        mount.target.as_ref().is_none_or(|target| {
            target.as_str().contains("config") || is_in(row.home, target.as_str())
        })
    });
    let is_single = env
        .get("discovery.type")
        .and_then(|var| var.value.as_ref())
        .is_some_and(|value| value.as_str() == "single-node");
    let is_open = !env.is_closed
        || env.vars.iter().any(|var| is_switch(&var))
        || is_configured
        || own.command.is_some()
        || own.has_key(ValueWords::MountsMore);
    if is_open || !is_single || series.0 == 0 {
        return None;
    }
    own_address(p, fact, row)
        .or_else(|| address_beside(p, fact, own, row))
        .map(|found| (row, found))
}

fn own_address(p: &Project, fact: &ServiceFact, row: &TlsServer) -> Option<Traced> {
    let check = healthcheck::of_service(p, fact.deployed(p))?;
    let hosts = ["localhost", "127.0.0.1", fact.deployed(p).name.as_str()];
    // Any failure of the only command that matters.
    let mut commands = check.needed();
    commands.find_map(|(command, name)| {
        let is_client = matches!(name, "curl" | "wget");
        let mut args = command.args.iter().filter_map(|arg| arg.text.as_ref());
        args.find(|arg| is_client && hosts.iter().any(|host| leads_to(arg.as_str(), host, row)))
            .cloned()
    })
}

fn address_beside(
    p: &Project,
    fact: &ServiceFact,
    own: &Service,
    row: &TlsServer,
) -> Option<Traced> {
    let names = own.host_names();
    let beside = groups::beside(p, fact).services.iter();
    let users = beside
        .map(|i| &p.services[*i])
        .filter(|user| user.image.is_some());
    users
        .flat_map(|user| &user.deployed(p).env.vars)
        .filter(|var| !var.may_vary)
        .filter_map(|var| var.value.as_ref())
        .find(|value| names.iter().any(|name| leads_to(value.as_str(), name, row)))
        .cloned()
}

/// It is an address by plain HTTP at the port of the server.
fn leads_to(address: &str, host: &str, row: &TlsServer) -> bool {
    let rest = address.strip_prefix("http://");
    let rest = rest.map(|rest| rest.rsplit_once('@').map_or(rest, |(_, host)| host));
    let end = format!("{host}:{}", row.port);
    rest.and_then(|rest| rest.strip_prefix(end.as_str()))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// What a build argument of a service writes into scripts for browsers: an address with the name of a service, which
/// only containers of the stack know.
pub(crate) fn for_browsers(
    p: &Project,
    fact: &ServiceFact,
) -> Option<(&'static BrowserVariable, Traced)> {
    let stack = fact.stack(p).filter(|it| it.is_complete)?;
    let own = fact.compose(p)?;
    let build = own.build.as_ref().filter(|_| own.network_mode.is_none())?;
    build.args.iter().find_map(|pair| {
        let row = frontend_tools::for_browsers(pair.key.as_str())?;
        let value = pair.value.as_ref()?.value.as_ref()?;
        let rest = value.as_str().strip_prefix("http://")?;
        let end = rest.find([':', '/', '?']).unwrap_or(rest.len());
        let host = &rest[..end];
        let mut services = stack.services.iter();
        let is_other =
            services.any(|it| it.name.as_str() == host && it.name.span() != own.name.span());
        let is_plain = !host.contains('.') && host != "localhost";
        (is_other && is_plain).then(|| (row, value.slice(7..7 + end)))
    })
}

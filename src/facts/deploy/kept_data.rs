//! Where servers beside databases keep what lasts, and volumes that lie elsewhere.

use crate::compose::{Mount, MountKind, Service};
use crate::facts::deploy::together;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::service::image;
use crate::knowledge::brokers;
use crate::knowledge::databases;
use crate::knowledge::words::ValueWords;
use crate::source::is_in;
use crate::span::Traced;

/// A named volume is mounted where packages of distributions keep the data of the server, and its image none: gives
/// where the image does. `None` where something else may be mounted there, or the server may be told to keep them here.
pub(crate) fn kept_elsewhere(service: &Service, mount: &Mount) -> Option<&'static str> {
    let row = brokers::of_image(&image(service)?.repository)?;
    let (data, elsewhere) = (row.data?, row.elsewhere?);
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let is_meant =
        mount.kind == MountKind::Named && !mount.is_read_only && is_in(target, elsewhere);
    let is_over = |mount: &Mount| {
        mount.target.as_ref().is_none_or(|target| {
            let target = target.as_str();
            is_in(target, data) || is_in(data, target) || target.ends_with(".conf")
        })
    };
    let is_told = service.command.as_ref().is_some_and(|command| {
        let text = command.joined();
        text.is_none_or(|text| text.contains("--dir") || text.contains(".conf"))
    });
    let env = service.env();
    let is_open = service.build.is_some()
        || service.entrypoint.is_some()
        || !env.is_closed
        || env
            .vars
            .iter()
            .any(|var| var.name.as_str().ends_with("ARGS"));
    let is_silent = !is_open
        && !is_told
        && !service.has_key(ValueWords::MountsMore)
        && !service.volumes.iter().any(is_over);
    (is_meant && is_silent).then_some(data)
}

/// The service before it in its stack whose database certainly keeps its data in the same volume, or directory of the
/// host, as the one of a service does by a mount.
pub(crate) fn shared_with<'p>(
    p: &'p Project,
    fact: &'p ServiceFact,
    mount: &Mount,
) -> Option<&'p Traced> {
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let place = kept_in(own, mount)?;
    let is_same = |other: &Service| {
        let mut mounts = other.volumes.iter();
        mounts.any(|mount| kept_in(other, mount).as_ref() == Some(&place))
    };
    let before = stack.services.iter();
    let mut before = before.take_while(|other| other.name.span() != own.name.span());
    let first = before.find(|other| is_same(other))?;
    let is_after =
        together::waits_for_end(stack, own, first) || together::waits_for_end(stack, first, own);
    (stack.is_complete && !is_after).then_some(&first.name)
}

/// What a database that is certainly started with its stack keeps its data in: the volume, or the directory of the
/// host.
fn kept_in(service: &Service, mount: &Mount) -> Option<(bool, String)> {
    let engine = databases::engine(&image(service)?.repository)?;
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let env = service.env();
    // It may keep them in a directory of its own there.
    let is_open = env.get("PGDATA").is_some() || !env.is_closed;
    let runs_server = service.entrypoint.is_none()
        && service.command.as_ref().is_none_or(|command| {
            let words = command.words().unwrap_or_default();
            let first = words.first().map_or("", |word| word.as_str());
            first.starts_with('-') || matches!(first, "postgres" | "mysqld" | "mariadbd")
        });
    let is_data = engine.row()?.keeps_data_in(target) && !mount.is_read_only;
    let place = match mount.kind {
        MountKind::Named => (false, mount.source.as_ref()?.as_str().to_owned()),
        MountKind::Bind => (true, directory_of_host(mount)?),
        _ => return None,
    };
    (is_data && runs_server && !is_open && together::starts_once(service)).then_some(place)
}

/// A directory of the project by its path in it, another one by its own.
fn directory_of_host(mount: &Mount) -> Option<String> {
    let absolute = || {
        let source = mount.source.as_ref()?.as_str();
        let is_plain = source.starts_with(['/', '~']) && !source.contains(['$', '{']);
        is_plain.then(|| source.trim_end_matches('/').to_owned())
    };
    mount.source_path.clone().or_else(absolute)
}

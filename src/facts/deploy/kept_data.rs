//! Where servers beside databases keep what lasts, and volumes that lie elsewhere.

use crate::compose::{Mount, MountKind, Service};
use crate::facts::start::service::image;
use crate::knowledge::brokers;
use crate::knowledge::words::ValueWords;
use crate::source::is_in;

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

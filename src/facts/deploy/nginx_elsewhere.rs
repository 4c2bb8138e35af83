//! Whether a configuration of nginx that looks in the wrong place in one stack is run by something else as well, where
//! it may be right, and the mount that makes it right without a change of it.

use crate::compose::MountKind;
use crate::facts::deploy::proxied::{self, Lost};
use crate::facts::model::{Project, ProxyFact};
use crate::nginx::Files;
use crate::source::{is_in, join};
use crate::span::Traced;

/// The file that runs the same configuration with mounts of its own: a manifest or another compose file.
pub(crate) fn also_run_by<'p>(
    p: &'p Project,
    proxy: &ProxyFact,
    files: &Files,
    lost: &Lost,
) -> Option<&'p str> {
    let own = p.services[proxy.service].compose(p)?;
    let built = own.build.as_ref();
    let dockerfile = built.and_then(|build| build.dockerfile_path.as_deref());
    let mut others = p
        .around
        .deployed
        .all
        .iter()
        .filter(|it| it.service.is_none());
    let found = others.find(|other| {
        let built = other.build.as_ref();
        dockerfile.is_some() && built.and_then(|it| it.dockerfile.as_deref()) == dockerfile
    });
    found.map(|it| it.path.as_str()).or_else(|| {
        let others = p.proxies.iter().filter(|it| it.service != proxy.service);
        others.into_iter().find_map(|other| {
            let mut read = other.site.files.iter();
            let same = read.find(|it| it.directory.span() == files.directory.span())?;
            let is_alike = proxied::lost(p, other, same)
                .is_some_and(|it| it.fault == lost.fault && it.expected == lost.expected);
            (!is_alike).then(|| p.services[other.service].deployed(p).path.as_str())
        })
    })
}

/// The entry of `volumes` by which the files lie where nginx looks, `static:/vol/static`; `None` where a part of a
/// volume would have to be mounted.
pub(crate) fn entry(p: &Project, proxy: &ProxyFact, files: &Files, lost: &Lost) -> Option<String> {
    let own = p.services[proxy.service].compose(p)?;
    let expected = lost
        .expected
        .as_deref()
        .filter(|_| lost.fault == "elsewhere")?;
    let target = |it: &Traced| it.as_str().trim_end_matches('/').to_owned();
    let over = own.volumes.iter().filter_map(|mount| {
        let target = mount.target.as_ref().map(target)?;
        is_in(expected, &target).then_some((mount, target))
    });
    let (mount, target) = over.max_by_key(|(_, target)| target.len())?;
    let source = mount.source.as_ref()?.as_str();
    let below = expected.get(target.len()..)?.trim_matches('/');
    let source = match mount.kind {
        _ if below.is_empty() => source.to_owned(),
        MountKind::Bind => join(source.trim_end_matches('/'), below),
        _ => return None,
    };
    Some(format!("{source}:{}", files.looks_in()))
}

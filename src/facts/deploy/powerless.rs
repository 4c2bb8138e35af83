//! Services that run an image of others as a user who may not write where the program in it has to.

use crate::compose::{Mount, Text};
use crate::facts::build::users;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::words::ValueWords;
use crate::shell::ast::Runs;
use crate::source::is_in;
use crate::span::{Span, Traced};

/// Where nginx makes directories as it starts, in the image of its makers; root's.
const CACHES: &str = "/var/cache/nginx";

/// Programs that become root by their set-user-id bit.
const BECOME_ROOT: [&str; 2] = ["sudo", "doas"];

/// The command that becomes root as a service starts, where it certainly begins as another user and its containers may
/// gain no privileges; and the option that says so.
pub(crate) fn refused_sudo(p: &Project, i: usize) -> Option<(&'static str, Span, Span)> {
    let fact = &p.services[i];
    let own = fact.compose(p)?;
    let mut options = own.security_opt.iter();
    let option = options.find(|it| {
        let text = it.as_str().unwrap_or_default().replace('=', ":");
        matches!(text.trim(), "no-new-privileges" | "no-new-privileges:true")
    })?;
    let is_other = match &own.user {
        Some(user) => !users::is_root_name(user.as_str()?.split(':').next()?.trim()),
        None => !users::is_root(&users::current(&p.stages, p.images[fact.image?].stage)?),
    };
    let starts = fact.starts(p).iter();
    let mut starts = starts.filter(|it| it.stops && it.command.runs == Runs::Always);
    let found = starts.find_map(|it| {
        let wrappers = it.command.wrappers.iter().map(String::as_str);
        let mut names = wrappers.chain(it.command.name.as_deref());
        let name = BECOME_ROOT
            .iter()
            .find(|one| names.any(|name| name == **one))?;
        Some((*name, it.command.span))
    });
    let (name, span) = found.filter(|_| is_other)?;
    Some((name, span, option.span()))
}

/// A `tmpfs` that leaves the directory for nginx to root: over a directory of the image Docker gives it the owner and
/// the mode of that one, where no option says otherwise. Elsewhere it changes nothing.
fn keeps_owner(tmpfs: &Text) -> bool {
    let Some(text) = tmpfs.as_str() else {
        return false;
    };
    let (path, options) = text.split_once(':').unwrap_or((text, ""));
    let says = |it: &str| {
        ["mode=", "uid=", "gid="]
            .iter()
            .any(|name| it.starts_with(name))
    };
    let path = path.trim_end_matches('/');
    match path == CACHES {
        true => !options.split(',').any(says),
        false => !is_in(CACHES, path) && !is_in(path, CACHES),
    }
}

/// The user of a service that certainly runs nginx in the image of its makers, where that is not root and nothing gives
/// it another place for the directories that nginx makes.
pub(crate) fn nginx_user(p: &Project, i: usize) -> Option<&Traced> {
    let fact: &ServiceFact = &p.services[i];
    let own = fact.compose(p)?;
    let user = own.user.as_ref()?.value.as_ref()?;
    let name = user.as_str().split(':').next()?.trim();
    let proxy = p.proxies.iter().find(|it| it.service == i && it.is_plain)?;
    let is_official = service::image(own)?.official() == Some("nginx");
    let is_whole = own.command.is_none()
        && own.entrypoint.is_none()
        && own.extends.is_none()
        && !own.mounts_unread()
        && own.tmpfs.iter().all(keeps_owner);
    let is_other = |mount: &Mount| {
        mount.target.as_ref().is_none_or(|target| {
            let target = target.as_str().trim_end_matches('/');
            is_in(CACHES, target)
                || is_in(target, CACHES)
                || matches!(target, "/etc/nginx" | "/etc/nginx/nginx.conf")
        })
    };
    let is_refused = is_official
        && is_whole
        && !proxy.site.moves_caches
        && !own.volumes.iter().any(is_other)
        && !users::is_root_name(name);
    (is_refused && !name.is_empty()).then_some(user)
}

/// The image of nginx that runs it as an account which may write next to nothing.
const UNPRIVILEGED: &str = "nginxinc/nginx-unprivileged";

/// Where only root may make files in that image.
const OF_ROOT: [&str; 2] = ["/run", "/var/run"];

/// Where nginx that certainly runs in the unprivileged image of its makers shall keep the number of its process and may
/// not: the path, or the mounted configuration that names none, for which nginx takes its own.
pub(crate) fn closed_pid(p: &Project, i: usize) -> Option<Traced> {
    let fact: &ServiceFact = &p.services[i];
    let own = fact.compose(p)?;
    let proxy = p.proxies.iter().find(|it| it.service == i && it.is_plain)?;
    let image = service::image(own)?;
    let is_whole = own.command.is_none()
        && own.entrypoint.is_none()
        && own.extends.is_none()
        && own.user.is_none()
        && !own.has_key(ValueWords::MountsMore);
    if image.repository != UNPRIVILEGED || !is_whole {
        return None;
    }
    let at = |mount: &Mount, wanted: &str| {
        let target = mount.target.as_ref();
        target.is_none_or(|target| target.as_str().trim_end_matches('/') == wanted)
    };
    let path = match &proxy.site.pid {
        Some(path) => path.clone(),
        None => {
            let mut mounts = own.volumes.iter();
            let main = mounts.find(|mount| at(mount, "/etc/nginx/nginx.conf"))?;
            Traced::new("/run/nginx.pid", main.target.as_ref()?.span())
        }
    };
    let (directory, _) = path.as_str().rsplit_once('/')?;
    let is_mounted = own
        .volumes
        .iter()
        .any(|mount| OF_ROOT.iter().any(|it| at(mount, it)));
    (OF_ROOT.contains(&directory) && !is_mounted).then_some(path)
}

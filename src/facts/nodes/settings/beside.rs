//! What the containers beside those of an image may have of its files.

use crate::compose::{Mount, MountKind};
use crate::context::Presence;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::words::FileWords;
use crate::knowledge::{brokers, databases};
use crate::source::is_in;
use crate::span::Traced;

/// Every container that may have the uploads of an image is one of its own, and its own are published: MEDIA_ROOT lies
/// in the container, or in a volume that no other container has.
pub(super) fn keeps_uploads(p: &Project, image: usize, root: &str) -> bool {
    let own = || p.services.iter().filter(|it| it.image == Some(image));
    let publishes = own().any(|it| !it.deployed(p).ports.is_empty());
    let is_kept = |service: &ServiceFact| {
        let Some(stack) = service.stack(p) else {
            return false;
        };
        let mounts = service.deployed(p).mounts.iter();
        let over = mounts.filter(|mount| {
            let target = mount.target.as_ref().map(Traced::as_str);
            target.is_none_or(|target| is_in(root, target.trim_end_matches('/')))
        });
        let is_named = |mount: &Mount| {
            let name = mount.source.as_ref().map(Traced::as_str);
            let others = stack.services.iter().filter(|it| {
                it.build.as_ref().map(|build| &build.dockerfile_path)
                    != service
                        .compose(p)
                        .and_then(|it| it.build.as_ref())
                        .map(|build| &build.dockerfile_path)
            });
            let mut used = others.flat_map(|it| &it.volumes);
            mount.kind == MountKind::Named
                && name.is_some()
                && !used.any(|it| it.source.as_ref().map(Traced::as_str) == name)
        };
        stack.is_complete && over.into_iter().all(is_named)
    };
    publishes && own().all(is_kept) && others_are_stores(p, image)
}

/// Every other container of the stacks that the image runs in is one of its own, a database or a broker; `None` where
/// there may be others.
pub(super) fn lack_files(p: &Project, image: usize) -> Option<bool> {
    let own = || p.services.iter().filter(|it| it.image == Some(image));
    // Where nothing is said of other containers, none is known to have them.
    let publishes = own().next().is_none() || own().any(|it| !it.deployed(p).ports.is_empty());
    let mounts = own().any(|it| !it.deployed(p).mounts.is_empty());
    if !publishes || mounts {
        return None;
    }
    others_are_stores(p, image).then_some(true)
}

/// A service of compose that runs the image publishes a port, and nothing in the project tells a web server before it.
pub(super) fn is_published(p: &Project, image: usize) -> bool {
    let context = &p.around.context;
    let is_missing = |path: &str| matches!(context.presence(path), Presence::Missing);
    let mut own = p.services.iter().filter(|it| it.image == Some(image));
    let publishes = own.any(|it| it.compose(p).is_some_and(|own| !own.ports.is_empty()));
    publishes && FileWords::WebServer.iter().all(is_missing)
}

fn others_are_stores(p: &Project, image: usize) -> bool {
    let mut own = p.services.iter().filter(|it| it.image == Some(image));
    own.all(|it| {
        let stack = it.stack(p).map_or(&[][..], |stack| &stack.services);
        stack.iter().all(|other| {
            let name = service::image(other).map(|image| image.repository);
            let is_store =
                |name: String| databases::engine(&name).is_some() || brokers::is_image(&name);
            match &other.build {
                Some(build) => {
                    build.dockerfile_path
                        == it
                            .deployed(p)
                            .build
                            .as_ref()
                            .and_then(|own| own.dockerfile.clone())
                }
                None => name.is_some_and(is_store),
            }
        })
    })
}

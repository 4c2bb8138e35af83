//! Code of the project that a mount puts over that of an image.

use crate::compose::{Mount, MountKind};
use crate::context::Presence;
use crate::facts::build::at;
use crate::facts::model::{CopyFrom, Project};
use crate::source::{Entry, is_in};

/// A directory of the project is mounted over the working directory of the image of a service and the code that COPY
/// put there; `None` where that is not known.
pub(crate) fn hides_code(p: &Project, service: usize, mount: &Mount) -> Option<bool> {
    if matches!(
        mount.kind,
        MountKind::Named | MountKind::Anonymous | MountKind::Tmpfs
    ) {
        return Some(false);
    }
    let (target, source) = (mount.target.as_ref()?, mount.source_path.as_ref()?);
    let image = p.services[service].image?;
    if !matches!(p.around.root.entry(source), Entry::Directory) {
        return Some(false);
    }
    let target = target.as_str().trim_end_matches('/');
    let below = |path: &str| is_in(path, target);
    let chain = &p.images[image].chain;
    let works_there = at::workdir(&p.stages, p.images[image].stage)
        .is_some_and(|directory| below(directory.trim_end_matches('/')));
    let copied = p.copies.iter().any(|copy| {
        copy.from == CopyFrom::Context
            && chain.contains(&copy.stage)
            && copy
                .target
                .as_deref()
                .is_some_and(|path| below(path.trim_end_matches('/')))
            && copy.sources.iter().any(|(_, text)| {
                text.as_ref().is_some_and(|text| {
                    p.around.context.presence(text.as_str()) == Presence::Directory
                })
            })
    });
    Some(works_there && copied)
}

/// Every service that runs an image runs code of the project that is mounted: what it writes beside the code is still
/// there for the next container. False where no service runs it.
pub(crate) fn runs_mounted(p: &Project, image: usize) -> bool {
    p.runs_mounted.get_or_init(|| all(p))[image]
}

fn all(p: &Project) -> Vec<bool> {
    let mut mounted: Vec<Option<bool>> = vec![None; p.images.len()];
    for (service, fact) in p.services.iter().enumerate() {
        if let Some(image) = fact.image
            && mounted[image] != Some(false)
        {
            let mut mounts = fact.deployed(p).mounts.iter();
            let own = mounts.any(|mount| hides_code(p, service, mount) == Some(true));
            mounted[image] = Some(own);
        }
    }
    mounted.into_iter().map(|it| it == Some(true)).collect()
}

//! Who starts images, and how: what the files of compose and of platforms say, in one shape.
//!
//! A [`model::Source`] finds its files, reads them, and says of each thing that they start which Dockerfile and stage
//! it runs and what it changes. A platform is one file here and one line in `SOURCES`. Nothing here knows what is in
//! an image.

mod beanstalk;
mod build_lines;
mod builders;
mod built;
mod by_hand;
mod compose;
mod contexts;
mod dokku;
mod ecs;
mod fly;
mod heroku;
mod kubernetes;
mod manifests;
mod model;
mod names;
mod render;
mod task;

use crate::compose::rank;
use crate::source::{Root, Sources};
use std::sync::OnceLock;

pub(crate) use builders::builders;
pub(crate) use built::BuildArg;
pub(crate) use contexts::contexts;
pub(crate) use model::{Deployed, Deployments};
use model::{Look, Source};

/// Every source.
const SOURCES: &[&dyn Source] = &[
    &compose::Compose,
    &heroku::Heroku,
    &fly::Fly,
    &render::Render,
    &kubernetes::Kubernetes,
    &ecs::Ecs,
    &beanstalk::Beanstalk,
    &dokku::Dokku,
    &by_hand::ByHand,
];

/// Whether a file of that name may say who starts images.
#[must_use]
pub(crate) fn is_file(name: &str) -> bool {
    SOURCES.iter().any(|source| source.is_file(name))
}

/// Whether a file of that name is one that the source of such a name reads.
#[must_use]
pub(crate) fn is_of(source: &str, name: &str) -> bool {
    let mut sources = SOURCES.iter();
    sources.any(|one| one.name() == source && one.is_file(name))
}

/// The names of files that say who starts images.
pub(crate) fn files() -> impl Iterator<Item = &'static str> {
    SOURCES
        .iter()
        .flat_map(|source| source.files().iter().copied())
}

impl Deployments {
    /// Looks around a Dockerfile.
    #[must_use]
    pub fn find(root: &Root, sources: &Sources, dockerfile: Option<&str>) -> Self {
        let look = Look {
            root,
            sources,
            dockerfile,
            names: OnceLock::new(),
        };
        let mut found = Self::default();
        for source in SOURCES {
            source.read(&look, &mut found);
        }
        let builds = |deployed: &Deployed| {
            let build = deployed.build.as_ref();
            dockerfile.is_some()
                && build.and_then(|build| build.dockerfile.as_deref()) == dockerfile
        };
        let all = found.all.iter().enumerate();
        found.building = all.filter(|(_, it)| builds(it)).map(|(i, _)| i).collect();
        let all = &found.all;
        found.building.sort_by_key(|i| rank(all[*i].purpose));
        found
    }
}

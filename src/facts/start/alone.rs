//! Whether anything beside the server of an image may listen in its container.

use crate::facts::build::{at, base};
use crate::facts::model::{Project, RunFact};
use crate::knowledge::packages;

/// Nothing beside the server of an image listens; `None` where something that is not read may.
pub(crate) fn serves(p: &Project, image: usize) -> Option<bool> {
    let fact = &p.images[image];
    let base = at::root(&p.stages, fact.stage).base.image.as_ref();
    let of_base = base.is_some_and(|image| packages::listens(base::short_name(image)));
    let mut starts = p.starts_in(image);
    let starts_service = starts.any(|start| start.command.starts_service().is_some());
    let of_services = p.runs_of(image).flat_map(RunFact::servers);
    let shares = fact.servers().chain(of_services).any(|it| it.shares);
    let mut installed = p
        .packages
        .iter()
        .filter(|it| fact.chain.contains(&it.stage));
    if of_base || starts_service || shares || installed.any(|it| packages::listens(&it.name)) {
        return Some(false);
    }
    let mut layers = p.layers.iter().filter(|it| fact.chain.contains(&it.stage));
    (!layers.any(|layer| layer.is_opaque)).then_some(true)
}

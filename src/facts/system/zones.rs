//! Time zones that an image has.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{LayerFact, PackageFact, Project};
use crate::facts::python::closure;
use crate::facts::system::installed::{There, system};
use crate::knowledge::images::Family;
use crate::knowledge::words::{PackageWords, ValueWords};

const PACKAGE: &str = "tzdata-legacy";

/// The image of a stage certainly has no time zones at all: Alpine's own image has none, and neither a package, a COPY
/// nor PyPI's `tzdata` brings them.
pub(crate) fn are_missing(p: &Project, image: usize) -> bool {
    let stage = p.images[image].stage;
    let base = &at::root(&p.stages, stage).base.knowledge;
    let is_copied = !matches!(
        origin::at_end(p, stage, "/usr/share/zoneinfo/UTC").origin,
        Origin::Missing | Origin::Unknown
    );
    let is_own = |layer: &&LayerFact| at::is_part(&p.stages, layer.stage, stage);
    let mut layers = p.layers.iter().filter(is_own);
    let is_open = layers.any(|layer| layer.is_opaque || layer.is_onbuild);
    // Others may bring them along.
    let is_plain = |name: &str| {
        let brings = name.contains("tzdata");
        let is_one = name.ends_with("-dev")
            || name.starts_with("lib")
            || PackageWords::StartsNothing.contains(name)
            || PackageWords::WithoutZones.contains(name);
        is_one && !brings
    };
    let own = |one: &&PackageFact| at::is_part(&p.stages, one.stage, stage);
    let mut packages = p.packages.iter().filter(own);
    base.family == Family::Alpine
        && !is_copied
        && !is_open
        && packages.all(|one| {
            is_plain(
                one.name
                    .split(['=', '~', '<', '>'])
                    .next()
                    .unwrap_or_default(),
            )
        })
        && closure::lacks_on_linux(p, image, &["tzdata"], *PackageWords::ZonesOnWindows)
            == Some(true)
}

/// The zone is one that Debian has in a package of its own, which the image of this stage lacks; `None` when its
/// packages are not known.
pub(crate) fn is_lacking(p: &Project, stage: usize, zone: &str) -> Option<bool> {
    if !ValueWords::LegacyZone.contains(zone) {
        return Some(false);
    }
    let system = system(p, stage, None)?;
    if !crate::knowledge::packages::presence(PACKAGE, system.suite)?.can_be_installed() {
        return Some(false);
    }
    match (system.has("tzdata"), system.has(PACKAGE)) {
        (There::Yes, There::No) => Some(true),
        (There::No, _) | (_, There::Yes) => Some(false),
        _ => None,
    }
}

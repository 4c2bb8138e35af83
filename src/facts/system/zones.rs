//! Time zones that an image has.

use crate::facts::model::Project;
use crate::facts::system::installed::{There, system};
use crate::knowledge::words::ValueWords;

const PACKAGE: &str = "tzdata-legacy";

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

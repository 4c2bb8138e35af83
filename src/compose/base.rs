//! What the image of a service is based on, where the Dockerfile that it builds has one stage.

use crate::dockerfile::beside;
use crate::source::{Root, Sources};
use crate::span::Traced;

/// The image that the one FROM of a Dockerfile names, without variables; `None` where there is another, or none.
pub(super) fn of(root: &Root, sources: &Sources, dockerfile: &str) -> Option<Traced> {
    let tree = beside::read(root, sources, dockerfile)?;
    let mut stages = tree.stages();
    let only = stages.next().filter(|_| stages.next().is_none())?;
    tree.instructions[only].written_base().cloned()
}

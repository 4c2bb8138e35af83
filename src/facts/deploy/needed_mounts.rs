//! Mounts without which a service does not start.

use crate::compose::Mount;
use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{FilesPhase, Project, ServiceFact};
use crate::source::is_in;
use crate::span::Traced;

/// `command` or `entrypoint` of a service name a file below a mount that the image certainly lacks.
pub(crate) fn is_needed(p: &Project, fact: &ServiceFact, mount: &Mount) -> bool {
    let target = mount.target.as_ref();
    let (Some(target), Some(compose), Some(image)) = (target, fact.compose(p), fact.image) else {
        return false;
    };
    let target = target.as_str().trim_end_matches('/');
    let stage = p.images[image].stage;
    let files: &FilesPhase = p;
    let is_missing = |path: &str| {
        let found = origin::made(files, stage, path, None);
        path.len() > target.len() && is_in(path, target) && matches!(found.origin, Origin::Missing)
    };
    let lines = compose.command.iter().chain(&compose.entrypoint);
    let texts: Vec<Traced> = lines.filter_map(|line| line.words()).flatten().collect();
    let mut words = texts
        .iter()
        .flat_map(|text| text.as_str().split([' ', ';', '"', '\'']));
    words.any(is_missing)
}

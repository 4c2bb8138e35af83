//! Which stages are shown to serve anybody. What bloats an image costs where the image is shipped; an image in which
//! only a development server or nothing at all is known to start, and which nothing publishes, is none of those.

use crate::facts::build::application;
use crate::facts::deploy::purpose::{
    image_starts_development, is_developed_stack, is_development_server,
};
use crate::facts::model::{DeployPhase, ServiceFact};
use crate::facts::{ci, intent};
use crate::knowledge::intent_words::Intent;
use crate::source::Sources;

/// For each stage whether nothing shows that an image with it serves anybody. Unknown starts may.
pub(crate) fn serves_nobody(p: &DeployPhase, sources: &Sources) -> Vec<bool> {
    // For each image whether services start it, and whether one of them shows that it serves.
    let mut started = vec![(false, false); p.images.len()];
    for fact in &p.services {
        if let Some(image) = fact.image {
            let (is_started, is_shown) = &mut started[image];
            *is_started = true;
            *is_shown = *is_shown || shows(p, fact);
        }
    }
    let mut idle = vec![None; p.stages.len()];
    for (i, image) in p.images.iter().enumerate() {
        let (is_started, is_shown) = started[i];
        let is_idle = !is_shown && is_idle(p, i, is_started);
        for stage in &image.chain {
            idle[*stage] = Some(idle[*stage].unwrap_or(true) && is_idle);
        }
    }
    let is_idle = |idle: &Option<bool>| *idle == Some(true);
    if !idle.iter().any(is_idle) || is_shipped(p, sources) {
        return vec![false; p.stages.len()];
    }
    idle.iter().map(is_idle).collect()
}

/// Whether all that is known to start in an image is a development server in a stack, or nothing. What one starts
/// without a stack is what it serves with.
fn is_idle(p: &DeployPhase, i: usize, is_in_stack: bool) -> bool {
    let image = &p.images[i];
    if let Some(server) = &image.server {
        return is_in_stack && is_development_server(&server.command);
    }
    let is_bare = image.cmd.is_none() && image.entrypoint.is_none();
    is_bare && application::is_python(p, image.stage)
        || is_in_stack && image_starts_development(p, image)
}

/// Whether a service shows that its image serves: it starts something in it, in a stack that is not for development.
fn shows(p: &DeployPhase, fact: &ServiceFact) -> bool {
    if is_developed_stack(p, fact) {
        return false;
    }
    match fact.server(p) {
        Some(server) => !is_development_server(&server.command),
        None => fact.deployed(p).changes_start(),
    }
}

/// Whether something ships what the Dockerfile builds, or says that it is for production. What comes from standard
/// input may be shipped by anybody.
fn is_shipped(p: &DeployPhase, sources: &Sources) -> bool {
    let Some(path) = p.around.dockerfile.as_deref() else {
        return true;
    };
    let is_production = |name: &str| intent::by_name(name) == Some(Intent::Production);
    let mut names = p.stages.iter().filter_map(|stage| stage.name.as_ref());
    intent::by_path(path) == Some(Intent::Production)
        || names.any(|name| is_production(name.as_str()))
        || application::has_platform(p)
        || p.around.has_production()
        || ci::is_published(&p.around.root, sources, path)
}

//! Which stages are shown to serve anybody. What bloats an image costs where the image is shipped; an image in which
//! only a development server or nothing at all is known to start, and which nothing publishes, is none of those.

use crate::context::Presence;
use crate::facts::ci;
use crate::facts::deploy::purpose::{is_developed_stack, is_development_server, starts_to_develop};
use crate::facts::model::{DeployPhase, ServiceFact};
use crate::facts::{build::application, intent};
use crate::knowledge::intent_words::Intent;
use crate::knowledge::words::FileWords;
use crate::source::Sources;

/// For each stage whether nothing shows that an image with it serves anybody. Unknown starts may.
pub(crate) fn serves_nobody(p: &DeployPhase, sources: &Sources) -> Vec<bool> {
    let mut idle = vec![None; p.stages.len()];
    for (i, image) in p.images.iter().enumerate() {
        let is_idle = is_idle(p, i) && !p.services.iter().any(|fact| shows(p, fact, i));
        for stage in &image.chain {
            idle[*stage] = Some(idle[*stage].unwrap_or(true) && is_idle);
        }
    }
    let is_shown = |idle: &Option<bool>| *idle != Some(true);
    if idle.iter().all(is_shown) || is_shipped(p, sources) {
        return vec![false; p.stages.len()];
    }
    idle.iter().map(|idle| !is_shown(idle)).collect()
}

/// Whether all that is known to start in an image is a development server in a stack, or nothing. What one starts
/// without a stack is what it serves with.
fn is_idle(p: &DeployPhase, i: usize) -> bool {
    let image = &p.images[i];
    let is_in_stack = || p.services.iter().any(|fact| fact.image == Some(i));
    if let Some(server) = &image.server {
        return is_development_server(&server.command) && is_in_stack();
    }
    let of = |stage: Option<usize>| stage.map(|stage| &p.stages[stage]);
    let cmd = of(image.cmd).and_then(|stage| stage.cmd.as_ref());
    let entrypoint = of(image.entrypoint).and_then(|stage| stage.entrypoint.as_ref());
    let mut words = cmd.iter().chain(&entrypoint).flat_map(|it| &it.words);
    let is_bare = image.cmd.is_none() && image.entrypoint.is_none();
    is_bare && application::is_python(p, image.stage)
        || is_in_stack() && words.any(|word| starts_to_develop(word.as_str()))
}

/// Whether a service shows that an image serves: it starts something in it, in a stack that is not to develop with.
fn shows(p: &DeployPhase, fact: &ServiceFact, image: usize) -> bool {
    if fact.image != Some(image) {
        return false;
    }
    if is_developed_stack(p, fact) {
        return false;
    }
    match fact.server(p) {
        Some(server) => !is_development_server(&server.command),
        None => fact.deployed(p).changes_start(),
    }
}

/// Whether something ships what the Dockerfile builds, or says that it is for production.
fn is_shipped(p: &DeployPhase, sources: &Sources) -> bool {
    let Some(path) = p.around.dockerfile.as_deref() else {
        return true;
    };
    let is_production = |name: &str| intent::by_name(name) == Some(Intent::Production);
    let mut names = p.stages.iter().filter_map(|stage| stage.name.as_ref());
    let mut platforms = FileWords::PlatformCommand.into_iter();
    intent::by_path(path) == Some(Intent::Production)
        || names.any(|name| is_production(name.as_str()))
        || p.around.has_production()
        || platforms.any(|name| matches!(p.around.context.presence(name), Presence::File { .. }))
        || ci::is_published(&p.around.root, sources, path)
}

//! What the image will be: facts computed from the syntax trees, asked by rules.
//!
//! [`build`] walks a Dockerfile once; [`Facts`] offers the result to rules and to `seatrial facts`
//! through the tables of [`table`]. Nothing here judges: what is good or bad is in `rules/`.

pub mod build;
pub mod ci;
pub mod deploy;
pub mod django;
pub mod files;
pub mod inputs;
pub mod intent;
mod json;
mod limits;
pub mod model;
mod nodes;
pub mod python;
pub mod start;
pub mod surroundings;
pub mod system;
pub mod table;

use std::sync::Arc;

use crate::dockerfile::ast::Dockerfile;
use crate::facts::build::{lost_variables, reach, walk};
use crate::facts::deploy::{compose_callers, purpose, services};
use crate::facts::django::{settings, statics};
use crate::facts::files::{carried_along, effects, origin};
use crate::facts::python::{dependencies, downloads, installs};
use crate::facts::start::uwsgi::options;
use crate::facts::start::{follow, server};
use crate::facts::system::{apt, caches, fate};
use crate::facts::table::Intent;

pub use inputs::Inputs;
pub use model::Project;
pub use nodes::{Facts, SCHEMA};

/// Computes the facts of a Dockerfile. Never fails: what cannot be known is unknown.
#[must_use]
pub fn build(dockerfile: Dockerfile, inputs: &Inputs<'_>) -> Facts {
    let mut arena = walk::read(&dockerfile, inputs);
    caches::settle(&mut arena);
    fate::settle(&mut arena);
    let intent = inputs.intent.unwrap_or(Intent::Production);
    let shipped = reach::settle_reach(&mut arena, inputs.target, intent);
    let images = shipped
        .iter()
        .map(|stage| reach::image(&arena, *stage))
        .collect();
    let apt_marks = apt::apt_marks(arena.stages.len(), &arena.commands);
    let mut project = Project {
        dockerfile,
        text: Arc::clone(&inputs.text),
        intent,
        global_args: arena.global_args,
        stages: arena.stages,
        layers: arena.layers,
        commands: arena.commands,
        packages: arena.packages,
        envs: arena.envs,
        copies: arena.copies,
        accounts: arena.accounts,
        references: arena.references,
        images,
        uwsgi_options: Vec::new(),
        today: inputs.today,
        around: inputs.around.clone(),
        files: Vec::new(),
        sources: Vec::new(),
        unwanted: Vec::new(),
        installs: Vec::new(),
        applications: Vec::new(),
        settings: Vec::new(),
        collects: Vec::new(),
        dependencies: Vec::new(),
        lost_variables: Vec::new(),
        services: Vec::new(),
        uncommitted: Vec::new(),
        texts: Vec::new(),
        version_is_read: false,
        mentioned: std::sync::OnceLock::new(),
        recommends: std::sync::OnceLock::new(),
        succession: model::Succession::default(),
        passwords: std::sync::OnceLock::new(),
        is_for_openshift: std::sync::OnceLock::new(),
        apt_marks,
    };
    origin::confirm(&mut project);
    project.files = effects::build(&project);
    project.sources = origin::sources(&project, inputs.sources);
    project.lost_variables = lost_variables::variables(&project);
    follow::settle(&mut project, inputs.sources);
    server::settle(&mut project, inputs.sources);
    project.unwanted = carried_along::collect(&project, inputs.sources);
    project.installs = installs::collect(&project, inputs.sources);
    downloads::settle(&mut project);
    project.dependencies = dependencies::collect(&project);
    project.services = services::collect(&project, inputs.sources);
    settings::settle(&mut project, inputs.sources);
    project.texts = services::texts(&project, inputs.sources);
    project.version_is_read = compose_callers::read_version(&project, inputs.sources);
    project.uncommitted = services::uncommitted(&project);
    project.uwsgi_options = options::collect(&project, inputs.sources);
    statics::settle(&mut project, inputs.sources);
    if inputs.intent.is_none() {
        project.intent = purpose::judge(&project, inputs.sources);
        reach::spread_intent(&mut project.stages, project.intent);
    }
    Facts(Arc::new(project))
}

//! What the image will be: facts computed from the syntax trees, asked by rules.
//!
//! [`build()`] walks a Dockerfile once; [`Facts`] offers the result to rules and to `seatrial facts`
//! through the tables of [`table`]. Nothing here judges: what is good or bad is in `rules/`.

pub(crate) mod build;
pub(crate) mod ci;
pub(crate) mod deploy;
pub(crate) mod django;
pub(crate) mod files;
pub(crate) mod inputs;
pub(crate) mod intent;
mod json;
mod limits;
pub(crate) mod model;
mod nodes;
pub(crate) mod python;
pub(crate) mod schema;
pub(crate) mod shown;
pub(crate) mod start;
pub(crate) mod surroundings;
pub(crate) mod system;
pub(crate) mod table;

use std::sync::{Arc, OnceLock};

use crate::dockerfile::ast::Dockerfile;
use crate::facts::build::{copied, lost_variables, reach, walk};
use crate::facts::deploy::{
    askers, cluster, code_names, compose_callers, daemonized, early_queries, hosts, local_files,
    log_directories, missing_mounts, proxies, purpose, python_processes, services, shipped,
    substituted, supervised, unreachable,
};
use crate::facts::django::{
    before_setup, cache_tables, celery_applications, collectstatic, cron_environment, finders,
    given, management, routes, settings, statics, unloaded_celery,
};
use crate::facts::files::{carried_along, effects, frontends, origin};
use crate::facts::model::{
    BuildPhase, DeployPhase, DjangoPhase, FilesPhase, ImageFact, Index, InstallPhase, Maybe,
    PythonPhase, ShippedImage, StartPhase,
};
use crate::facts::python::{dependencies, downloads, installs, marks};
use crate::facts::start::uwsgi::options;
use crate::facts::start::{called_programs, follow, server};
use crate::facts::system::{caches, fate, libraries};
use crate::knowledge::intent_words::Intent;
use crate::source::Sources;

pub(crate) use inputs::Inputs;
pub(crate) use model::Project;
pub(crate) use nodes::{Facts, SCHEMA};

/// Computes the facts of a Dockerfile. Never fails: what cannot be known is unknown.
#[must_use]
pub(crate) fn build(dockerfile: Dockerfile, inputs: &Inputs<'_>) -> Facts {
    let sources = inputs.sources;
    let build = read(dockerfile, inputs);
    let files = lay_out(build, sources);
    let python = install(files, sources);
    let start = start(python, sources);
    let django = tell_django(start, sources);
    let mut deploy = deploy(django, sources);
    let intent = match inputs.intent {
        Some(intent) => intent,
        None => {
            let intent = purpose::judge(&deploy, sources);
            reach::spread_intent(deploy.stages_mut(), intent);
            intent
        }
    };
    let serves_nobody = shipped::serves_nobody(&deploy, sources);
    let mut p = Project::new(deploy, intent, serves_nobody);
    p.code_names = code_names::collect(&p, sources, &|install, at| {
        let library = libraries::missing_libraries(&p, install, at);
        matches!(library, Maybe::Known(_)) || called_programs::missing(&p, install, at).is_some()
    });
    Facts(Arc::new(p))
}

fn read(dockerfile: Dockerfile, inputs: &Inputs<'_>) -> BuildPhase {
    let mut arena = walk::read(&dockerfile, inputs);
    fate::decide(&mut arena);
    let intent = inputs.intent.unwrap_or(Intent::Production);
    let shipped = reach::decide_reach(&mut arena, inputs.target, intent, |stage| {
        let around = &inputs.around;
        let path = around.dockerfile.as_deref();
        path.is_none_or(|path| ci::names_stage(&around.root, inputs.sources, path, stage))
    });
    let images = shipped.iter().map(|stage| reach::image(&arena, *stage));
    let images: Vec<ShippedImage> = images.collect();
    let mut around = inputs.around.clone();
    origin::confirm(&mut around.context, &arena.copies);
    BuildPhase {
        dockerfile,
        text: Arc::clone(&inputs.text),
        images,
        apt_marks: OnceLock::new(),
        package_lists: OnceLock::new(),
        applications: OnceLock::new(),
        index: Index::new(&arena.envs, &arena.commands, &arena.references),
        is_cut: arena.is_cut,
        is_too_deep: arena.is_too_deep,
        global_args: arena.global_args,
        stages: arena.stages,
        names: arena.names,
        layers: arena.layers,
        commands: arena.commands,
        packages: arena.packages,
        envs: arena.envs,
        copies: arena.copies,
        accounts: arena.accounts,
        references: arena.references,
        today: inputs.today,
        around,
    }
}

fn lay_out(p: BuildPhase, sources: &Sources) -> FilesPhase {
    FilesPhase {
        files: effects::build(&p),
        sources: origin::sources(&p, sources),
        mounted: origin::mounted(&p),
        frontends: frontends::collect(&p, sources),
        first_whole: copied::first_whole(&p),
        unwanted: carried_along::collect(&p, sources),
        lost_variables: lost_variables::variables(&p),
        before: p,
    }
}

fn install(p: FilesPhase, sources: &Sources) -> PythonPhase {
    let own_cache = caches::verdicts(&p);
    let (installs, has_too_many_requirements) = installs::collect(&p, sources);
    let mut p = InstallPhase {
        installs,
        has_too_many_requirements,
        marks: marks::of(&p),
        before: p,
    };
    for i in 0..p.installs.len() {
        let python = dependencies::python_for(&p, &p.installs[i]);
        p.installs[i].is_for(python);
    }
    PythonPhase {
        dependencies: dependencies::collect(&p),
        leaves_cache: downloads::leaves_cache(&p, &own_cache),
        before: p,
    }
}

fn start(mut p: PythonPhase, sources: &Sources) -> StartPhase {
    let mut images = follow::images(&p, sources);
    let leaves =
        |image: &ImageFact| reach::says_nothing(&p.stages, image) || image.started_by.is_some();
    p.before.before.before.around.leaves_start = images.iter().all(leaves);
    server::told(&p, &mut images, sources);
    StartPhase { images, before: p }
}

fn tell_django(p: StartPhase, sources: &Sources) -> DjangoPhase {
    let (applications, settings, imports) = settings::read(&p, sources);
    let commands = 0..p.commands.len();
    let managed = commands.filter_map(|command| collectstatic::collect(&p, sources, command));
    let (collects, managed) = managed.partition(|fact| {
        let command = &p.commands[fact.command].command;
        command.management_name() == Some("collectstatic")
    });
    let mut p = DjangoPhase {
        uwsgi_options: options::collect(&p, sources),
        applications,
        settings,
        imports,
        collects,
        managed,
        before: p,
    };
    for (option, is_only_way) in statics::only_ways(&p, sources) {
        p.uwsgi_options[option].is_only_way = is_only_way;
    }
    let serves = statics::applications_serve(&p, sources);
    for (settings, serves) in p.settings.iter_mut().zip(serves) {
        settings.application_serves = serves;
    }
    let uploads = statics::uploads_in_debug(&p, sources);
    for (settings, place) in p.settings.iter_mut().zip(uploads) {
        settings.uploads_in_debug = place;
    }
    let packs = finders::lacking_packs(&p, sources);
    for (settings, pack) in p.settings.iter_mut().zip(packs) {
        settings.lacks_pack = pack;
    }
    let routes = routes::collect(&p, sources);
    for (settings, routes) in p.settings.iter_mut().zip(routes) {
        settings.routes = routes;
    }
    let early = before_setup::collect(&p, sources);
    for (application, found) in p.applications.iter_mut().zip(early) {
        application.early_models = found;
    }
    let unloaded = unloaded_celery::collect(&p, sources);
    for (settings, found) in p.settings.iter_mut().zip(unloaded) {
        settings.unloaded_celery = found;
    }
    p
}

fn deploy(p: DjangoPhase, sources: &Sources) -> DeployPhase {
    let mut services = services::collect(&p, sources);
    hosts::find(&p, &mut services, &|fact, setting, given| {
        given::texts_with(&p, sources, fact, setting, given)
    });
    let proxies = proxies::collect(&p, &services, sources);
    DeployPhase {
        askers: askers::collect(&p, &services, sources),
        only_proxies: proxies::only_proxies(&p, &services, sources),
        supervisors: supervised::collect(&p, &services, sources),
        celery_lacks: celery_applications::collect(&p, &services, sources),
        early_queries: early_queries::collect(&p, &services, sources),
        log_lacks: log_directories::collect(&p, &services, sources),
        missing_mounts: missing_mounts::collect(&p, &services, sources),
        missing_env_files: missing_mounts::env_files(&p, &services, sources),
        daemonized: daemonized::collect(&p, &services, sources),
        cron_lacks: cron_environment::collect(&p, &services, sources),
        emptied: substituted::collect(&p, &services, sources),
        python_processes: python_processes::collect(&p, &services, sources, &|image, name| {
            management::module_of(&p, image, name, sources)
        }),
        named_files: finders::collect(&p, sources),
        local_files: local_files::collect(&p, &services, &proxies, sources),
        own_addresses: unreachable::collect(&p, &services, sources),
        proxies,
        services,
        uncommitted: services::uncommitted(&p),
        is_unprivileged_in_cluster: cluster::is_unprivileged(&p, sources),
        texts: services::texts(&p, sources),
        version_is_read: compose_callers::read_version(&p, sources),
        collects_by_hand: compose_callers::collect_by_hand(&p, sources),
        makes_migrations_by_hand: compose_callers::make_migrations(&p, sources),
        makes_cache_tables: cache_tables::are_made(&p, sources),
        hosts_are_told: compose_callers::tell_hosts(&p, sources),
        groups: OnceLock::new(),
        before: p,
    }
}

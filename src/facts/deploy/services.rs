//! What the files around a Dockerfile start in its images.

use crate::knowledge::intent_words::Intent;
use crate::maps::HashSet;
use std::sync::Arc;

use crate::compose::Environment;
use crate::deployed::Deployed;
use crate::facts::model::{DjangoPhase, ServiceFact};
use crate::facts::start::{follow, given, server};
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Traced};

/// Everything that is started, in its order.
pub(crate) fn collect(p: &DjangoPhase, sources: &Sources) -> Vec<ServiceFact> {
    let all = || p.around.deployed.all.iter();
    let built: HashSet<&str> = all()
        .filter(|it| it.build.is_some())
        .filter_map(image_name)
        .collect();
    let facts = all().enumerate().map(|(i, deployed)| ServiceFact {
        is_built_beside: image_name(deployed).is_some_and(|name| built.contains(name)),
        ..started(p, sources, i, deployed)
    });
    facts.collect()
}

fn image_name(deployed: &Deployed) -> Option<&str> {
    deployed.image.as_ref()?.value.as_ref().map(Traced::as_str)
}

fn started(p: &DjangoPhase, sources: &Sources, i: usize, deployed: &Deployed) -> ServiceFact {
    let builds_this = p.around.deployed.builds(i);
    let image = if builds_this {
        given::image_of(p, deployed)
    } else {
        None
    };
    let run = image
        .filter(|image| deployed.changes_start() && p.images[*image].started_by != Some(i))
        .map(|image| follow::of_service(p, sources, image, deployed));
    let served = image.and_then(|image| {
        let server = match &run {
            Some(run) => run.server.as_ref()?,
            None => p.images[image].server.as_ref()?,
        };
        server::read(p, image, server, &variables(&deployed.env), sources)
    });
    ServiceFact {
        deployed: i,
        builds_this,
        is_built_beside: false,
        image,
        misfits: Vec::new(),
        run,
        served: served.map(Arc::new),
    }
}

fn variables(env: &Environment) -> Vec<server::Given> {
    let vars = env.vars.iter();
    vars.map(|var| {
        let value = var.value.clone().filter(|_| !var.may_vary);
        (var.name.as_str().to_owned(), var.name.span(), value)
    })
    .collect()
}

/// The texts of the files that start something, and of env files.
pub(crate) fn texts(p: &DjangoPhase, sources: &Sources) -> Vec<(FileId, Arc<SourceFile>)> {
    let files = files(p).into_iter();
    files.map(|(file, _)| (file, sources.get(file))).collect()
}

/// The files that start something, and env files, with their paths.
fn files(p: &DjangoPhase) -> Vec<(FileId, &str)> {
    let compose = &p.around.deployed.compose;
    let mut files: Vec<(FileId, &str)> = compose
        .files
        .iter()
        .map(|file| (file.file, file.path.as_str()))
        .collect();
    let services = compose.stacks.iter().flat_map(|stack| &stack.services);
    for env_file in services.flat_map(|service| &service.env_files) {
        let first = env_file.pairs.iter().flat_map(|all| all.iter()).next();
        if let (Some(pair), Some(path)) = (first, &env_file.resolved) {
            files.push((pair.key.span().file, path));
        }
    }
    let all = p.around.deployed.all.iter();
    let named = all.filter(|it| !it.path.is_empty());
    files.extend(named.map(|it| (it.place().file, it.path.as_str())));
    files.sort_unstable();
    files.dedup_by_key(|(file, _)| *file);
    files
}

/// Those of them that git ignores.
pub(crate) fn uncommitted(p: &DjangoPhase) -> Vec<FileId> {
    files(p)
        .into_iter()
        .filter(|(_, path)| p.around.root.is_git_ignored(path))
        .map(|(file, _)| file)
        .collect()
}

/// What a service is for: what its files are. Files whose names do not say so may be for production.
pub(crate) fn intent(purpose: Option<Intent>) -> Intent {
    match purpose {
        Some(Intent::Production) | None => Intent::Production,
        Some(Intent::Development) => Intent::Development,
        Some(Intent::Ci) => Intent::Ci,
    }
}

//! The services of the compose files around a Dockerfile, and what those that build it start.

use std::sync::Arc;

use crate::compose::{Environment, Purpose, Service};
use crate::facts::model::{DjangoPhase, ServiceFact, stage_named};
use crate::facts::start::{follow, server};
use crate::facts::table::Intent;
use crate::source::{SourceFile, Sources};
use crate::span::FileId;

/// Every service of every stack.
pub(crate) fn collect(p: &DjangoPhase, sources: &Sources) -> Vec<ServiceFact> {
    let compose = &p.around.compose;
    let dockerfile = p.around.dockerfile.as_deref();
    let mut out = Vec::new();
    for (stack, files) in compose.stacks.iter().enumerate() {
        for (index, service) in files.services.iter().enumerate() {
            let build = service.build.as_ref();
            let builds_this = dockerfile.is_some()
                && build.and_then(|build| build.dockerfile_path.as_deref()) == dockerfile;
            let image = if builds_this { image(p, service) } else { None };
            let changes = service.command.is_some() || service.entrypoint.is_some();
            let env = service.env();
            let run = image
                .filter(|_| changes)
                .map(|image| follow::of_service(p, sources, image, service, &env));
            let served = image.and_then(|image| {
                let server = match &run {
                    Some(run) => run.server.as_ref()?,
                    None => p.images[image].server.as_ref()?,
                };
                server::read(p, image, server, &given(&env), sources)
            });
            out.push(ServiceFact {
                stack,
                service: index,
                builds_this,
                image,
                run,
                served: served.map(Arc::new),
            });
        }
    }
    out
}

fn given(env: &Environment) -> Vec<server::Given> {
    let vars = env.vars.iter();
    vars.map(|var| {
        let value = var.value.clone().filter(|_| !var.may_vary);
        (var.name.as_str().to_owned(), var.name.span(), value)
    })
    .collect()
}

/// The texts of the compose and env files.
pub(crate) fn texts(p: &DjangoPhase, sources: &Sources) -> Vec<(FileId, Arc<SourceFile>)> {
    let files = files(p).into_iter();
    files.map(|(file, _)| (file, sources.get(file))).collect()
}

/// The compose and env files, with their paths.
fn files(p: &DjangoPhase) -> Vec<(FileId, &str)> {
    let compose = &p.around.compose;
    let mut files: Vec<(FileId, &str)> = compose
        .files
        .iter()
        .map(|file| (file.file, file.path.as_str()))
        .collect();
    let services = compose.stacks.iter().flat_map(|stack| &stack.services);
    for env_file in services.flat_map(|service| &service.env_files) {
        let first = env_file.pairs.iter().flatten().next();
        if let (Some(pair), Some(path)) = (first, &env_file.resolved) {
            files.push((pair.key.span().file, path));
        }
    }
    files.sort_unstable();
    files.dedup();
    files
}

/// The compose and env files that git ignores.
pub(crate) fn uncommitted(p: &DjangoPhase) -> Vec<FileId> {
    files(p)
        .into_iter()
        .filter(|(_, path)| p.around.root.is_git_ignored(path))
        .map(|(file, _)| file)
        .collect()
}

/// The shipped image that a service of this Dockerfile runs.
pub(crate) fn image(p: &DjangoPhase, service: &Service) -> Option<usize> {
    let target = service.build.as_ref()?.target.as_ref();
    let stage = match target {
        None => p.stages.len().checked_sub(1)?,
        Some(text) => stage_named(&p.stages, text.as_str()?)?,
    };
    p.images.iter().position(|image| image.stage == stage)
}

/// What a service is for: what its files are. Files whose names do not say so may be for production.
pub(crate) fn intent(purpose: Purpose) -> Intent {
    match purpose {
        Purpose::Production | Purpose::Unspoken => Intent::Production,
        Purpose::Development => Intent::Development,
        Purpose::Test => Intent::Ci,
    }
}

//! Services of compose files: beside the Dockerfile, in the directories above it, and in directories of the project
//! that are there for them.

use crate::knowledge::intent_words::Intent;
use std::sync::Arc;

use super::built::{BuildArg, Built};
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::{Build, Pair, Project, Service, Text, discover};
use crate::knowledge::compose_directories;
use crate::source::{Entry, is_in};

pub(super) struct Compose;

impl Source for Compose {
    fn name(&self) -> &'static str {
        "compose"
    }

    fn files(&self) -> &'static [&'static str] {
        &[
            "compose.yaml",
            "compose.yml",
            "docker-compose.yaml",
            "docker-compose.yml",
        ]
    }

    fn is_file(&self, name: &str) -> bool {
        name.contains("compose")
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let mut paths = discover(look.root, look.sources, look.directories());
        if let Some(path) = look.dockerfile {
            paths.extend(building_from_aside(look, path));
        }
        if paths.is_empty() {
            return;
        }
        let project = Project::load(look.root, look.sources, &paths);
        let run = |service: &Service| {
            let image = service.image.as_ref().and_then(Text::as_str);
            let image = image.filter(|_| service.build.is_none())?;
            look.names(&project).run(image)
        };
        for (group, stack) in project.stacks.iter().enumerate() {
            let services = stack.services.iter().enumerate();
            found.all.extend(services.map(|(i, service)| {
                let mut files = project.files.iter();
                let file = files.find(|file| file.file == service.name.span().file);
                let path = file.map_or("", |file| &file.path);
                Deployed {
                    group,
                    service: Some(i),
                    build: built(service).or_else(|| run(service)),
                    ..deployed(self.name(), path, stack.purpose, service)
                }
            }));
        }
        found.compose = Arc::new(project);
    }
}

fn deployed(
    source: &'static str,
    path: &str,
    purpose: Option<Intent>,
    service: &Service,
) -> Deployed {
    let mut env_files = service.env_files.iter();
    Deployed {
        purpose,
        image: service.image.clone(),
        command: service.command.clone(),
        entrypoint: service.entrypoint.clone(),
        env: service.env(),
        has_unread_env_file: env_files.any(|file| file.pairs.is_none()),
        user: service.user.clone(),
        read_only: service
            .read_only
            .as_ref()
            .filter(|text| text.as_str() == Some("true"))
            .map(Text::span),
        workdir: service.working_dir.clone(),
        mounts: service.volumes.clone(),
        ports: service.ports.clone(),
        probe: service.healthcheck.clone(),
        ..Deployed::new(source, service.name.clone(), path)
    }
}

/// What its `build` says.
fn built(service: &Service) -> Option<Built> {
    service.build.as_ref().map(|build| Built {
        context: build.context_path.clone(),
        dockerfile: build.dockerfile_path.clone(),
        target: build.target.clone(),
        args: args(build),
        is_named: false,
    })
}

fn args(build: &Build) -> Vec<BuildArg> {
    let arg = |pair: &Pair| BuildArg {
        name: pair.key.as_str().to_owned(),
        value: pair
            .value
            .as_ref()
            .and_then(|it| it.as_str().map(str::to_owned)),
        may_vary: pair.value.as_ref().is_none_or(|it| it.may_vary),
    };
    build.args.iter().map(arg).collect()
}

/// The compose files in directories of the project that are there for them, where they build a Dockerfile that lies
/// elsewhere: `docker/compose.yaml` with `context: ..`.
fn building_from_aside(look: &Look<'_>, dockerfile: &str) -> Vec<String> {
    let (root, sources) = (look.root, look.sources);
    let aside = compose_directories::all()
        .filter(|name| !is_in(dockerfile, name) && root.entry(name) == Entry::Directory);
    let paths = discover(root, sources, aside);
    if paths.is_empty() {
        return paths;
    }
    let project = Project::load(root, sources, &paths);
    let builds = |service: &Service| {
        let build = service.build.as_ref();
        build.and_then(|build| build.dockerfile_path.as_deref()) == Some(dockerfile)
    };
    let stacks = project.stacks.iter();
    let building = stacks.filter(|stack| stack.services.iter().any(builds));
    let files = building.flat_map(|stack| &stack.files);
    files
        .map(|file| project.files[*file].path.clone())
        .collect()
}

//! What lies around a Dockerfile: the project's root, the build context, the compose files.

use std::sync::Arc;

use crate::compose;
use crate::context::{Context, Search};
use crate::facts::table::Intent;
use crate::knowledge::compose_directories;
use crate::source::{Root, SourceError, Sources};
use crate::span::{Span, Traced};

/// The files that a Dockerfile may lead to. Everything is read below `root`.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub root: Root,
    pub context: Context,
    /// Compose files beside the Dockerfile and in the directories above it.
    pub compose: Arc<compose::Project>,
    /// The Dockerfile, relative to the root; `None` for standard input.
    pub dockerfile: Option<String>,
    /// An ignore file of the context that is there and could not be read.
    pub problems: Vec<SourceError>,
}

impl Surroundings {
    /// Looks around a Dockerfile. `explicit` is the context the user named, relative to the root; `is_named`
    /// says that the user named the root itself.
    #[must_use]
    pub fn find(
        root: &Root,
        sources: &Sources,
        dockerfile: Option<&str>,
        explicit: Option<&str>,
        is_named: bool,
    ) -> Self {
        let mut directories = vec![""];
        if let Some(path) = dockerfile {
            let ends = path.match_indices('/').map(|(at, _)| at);
            directories.extend(ends.map(|end| &path[..end]));
        }
        let mut paths = compose::discover(root, sources, directories);
        if let Some(path) = dockerfile {
            paths.extend(building_from_aside(root, sources, path));
        }
        let compose = if paths.is_empty() {
            compose::Project::default()
        } else {
            compose::Project::load(root, sources, &paths)
        };
        let contexts = dockerfile.map(|path| {
            let mut contexts: Vec<String> = compose
                .services_building(path)
                .iter()
                .filter_map(|building| building.build.context_path.clone())
                .collect();
            contexts.dedup();
            contexts
        });
        let search = Search {
            dockerfile,
            explicit,
            compose: contexts.unwrap_or_default(),
            is_named,
        };
        let (context, error) = Context::find(root, sources, &search);
        Self {
            root: root.clone(),
            context,
            compose: Arc::new(compose),
            dockerfile: dockerfile.map(str::to_owned),
            problems: error.into_iter().collect(),
        }
    }

    /// Nothing is known of a project: standard input, an example without files.
    #[must_use]
    pub fn unknown(root: &Root) -> Self {
        Self {
            root: root.clone(),
            context: Context::unknown(root),
            compose: Arc::new(compose::Project::default()),
            dockerfile: None,
            problems: Vec::new(),
        }
    }

    /// The services that start what the Dockerfile says, as it says it: those of compose files for
    /// production, else of files whose name does not say what they are for.
    #[must_use]
    pub fn plain_services(&self) -> Vec<&compose::Service> {
        let Some(path) = self.dockerfile.as_deref() else {
            return Vec::new();
        };
        let building = self.compose.services_building(path);
        let of = |purpose: compose::Purpose| {
            building
                .iter()
                .filter(|found| found.stack.purpose == purpose)
                .map(|found| found.service)
                .filter(|service| service.command.is_none() && service.entrypoint.is_none())
                .collect::<Vec<_>>()
        };
        let production = of(compose::Purpose::Production);
        if production.is_empty() {
            of(compose::Purpose::Unspoken)
        } else {
            production
        }
    }

    /// The variables that compose sets for what the Dockerfile starts: name, its place, and the value
    /// where all those services agree and the shell cannot say otherwise. What a file that is not
    /// certainly for production sets may be set in production too, or not: its values are not known.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, Span, Option<Traced>)> {
        let services: Vec<compose::Environment> = self
            .plain_services()
            .iter()
            .map(|service| service.env())
            .collect();
        let is_production = self.has_production();
        let mut out: Vec<(String, Span, Option<Traced>)> = Vec::new();
        for var in services.iter().flat_map(|env| &env.vars) {
            if out.iter().any(|(name, ..)| name == var.name.as_str()) {
                continue;
            }
            let known = |var: &compose::EnvVar| var.value.clone().filter(|_| !var.may_vary);
            let agree = services.iter().all(|env| {
                let other = env.get(var.name.as_str()).and_then(known);
                other.as_ref().map(Traced::as_str) == known(var).as_ref().map(Traced::as_str)
            });
            let value = known(var).filter(|_| agree && is_production);
            out.push((var.name.as_str().to_owned(), var.name.span(), value));
        }
        out
    }

    /// The names of all variables that a service which builds the Dockerfile is given, also one that runs another
    /// command than the image's own; and those of services with an image of somebody, which may be what continuous
    /// integration made of this Dockerfile. An image without an owner (`postgres`) is none of the project's.
    #[must_use]
    pub fn service_variables(&self) -> Vec<String> {
        let path = self.dockerfile.as_deref().unwrap_or_default();
        let building = self.compose.services_building(path);
        let is_owned = |service: &&compose::Service| {
            let image = service.image.as_ref().and_then(compose::Text::as_str);
            service.build.is_none() && image.is_none_or(|image| image.contains('/'))
        };
        let stacks = self.compose.stacks.iter();
        let pulled = stacks.flat_map(|stack| &stack.services).filter(is_owned);
        building
            .iter()
            .map(|found| found.service)
            .chain(pulled)
            .flat_map(|service| service.env().vars)
            .map(|var| var.name.as_str().to_owned())
            .collect()
    }

    /// A service that builds the Dockerfile is given variables by a file that is not here.
    #[must_use]
    pub fn has_unread_env_file(&self) -> bool {
        let path = self.dockerfile.as_deref().unwrap_or_default();
        let building = self.compose.services_building(path);
        let mut files = building.iter().flat_map(|found| &found.service.env_files);
        files.any(|file| file.pairs.is_none())
    }

    /// Compose files build the Dockerfile, all of them to develop or test with.
    #[must_use]
    pub fn is_built_for_development_only(&self) -> bool {
        let path = self.dockerfile.as_deref().unwrap_or_default();
        let building = self.compose.services_building(path);
        let is_development = |found: &compose::Building<'_>| {
            matches!(
                found.stack.purpose,
                compose::Purpose::Development | compose::Purpose::Test
            )
        };
        !building.is_empty() && building.iter().all(is_development)
    }

    /// A compose file for production builds the Dockerfile.
    #[must_use]
    pub fn has_production(&self) -> bool {
        let path = self.dockerfile.as_deref().unwrap_or_default();
        let building = self.compose.services_building(path);
        building
            .iter()
            .any(|found| found.stack.purpose == compose::Purpose::Production)
    }

    /// The target and build arguments that compose gives, when all services that build the
    /// Dockerfile (those for production, if there are any) agree.
    #[must_use]
    pub fn compose_target(&self) -> Option<String> {
        let path = self.dockerfile.as_deref()?;
        let building = self.compose.services_building(path);
        let production = building
            .iter()
            .filter(|building| building.stack.purpose == compose::Purpose::Production)
            .count();
        let relevant = if production > 0 {
            &building[..production]
        } else {
            &building[..]
        };
        let mut targets = relevant.iter().map(|building| {
            building
                .build
                .target
                .as_ref()
                .and_then(|text| text.as_str())
        });
        let first = targets.next()??;
        let agree = targets.all(|target| target == Some(first));
        // A compose file for development builds a stage for development; that does not make it the product.
        let is_product =
            crate::facts::intent::by_name(first).is_none_or(|intent| intent == Intent::Production);
        (agree && is_product).then(|| first.to_owned())
    }
}

/// The compose files in directories of the project that are there for them, where they build a Dockerfile that lies
/// elsewhere: `docker/compose.yaml` with `context: ..`.
fn building_from_aside(root: &Root, sources: &Sources, dockerfile: &str) -> Vec<String> {
    let aside = compose_directories::all().filter(|name| {
        !is_below(dockerfile, name) && root.entry(name) == crate::source::Entry::Directory
    });
    let paths = compose::discover(root, sources, aside);
    if paths.is_empty() {
        return paths;
    }
    let project = compose::Project::load(root, sources, &paths);
    let builds = |service: &compose::Service| {
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

fn is_below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

//! What lies around a Dockerfile: the project's root, the build context, what starts its images.

use crate::maps::HashSet;
use std::sync::{Arc, OnceLock};

use crate::compose::{CommandLine, EnvVar, Environment, Mount, MountKind, Text};
use crate::context::{Context, Search};
use crate::deployed::{BuildArg, Deployed, Deployments};
use crate::facts::intent::{by_path, starts_development};
use crate::knowledge::intent_words::Intent;
use crate::knowledge::words::FileWords;
use crate::source::{Entry, Root, SourceError, Sources, is_in};
use crate::span::{Span, Traced};

/// The files that a Dockerfile may lead to. Everything is read below `root`.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub root: Root,
    pub context: Context,
    /// What files beside the Dockerfile and in the directories above it start.
    pub deployed: Arc<Deployments>,
    /// The Dockerfile, relative to the root; for a template what is made of it; `None` for standard input.
    pub dockerfile: Option<String>,
    /// An ignore file of the context that is there and could not be read.
    pub problems: Vec<SourceError>,
    /// The images of the Dockerfile leave it to what lies around it what they start.
    pub(crate) leaves_start: bool,
    /// See [`Self::environment`].
    given: OnceLock<Vec<Given>>,
    /// See [`Self::service_variables`].
    names: OnceLock<HashSet<String>>,
}

/// The path of what is made of a template: `web/Dockerfile` of `web/Dockerfile.example`.
fn filled_in(path: &str) -> Option<&str> {
    let (filled, ending) = path.rsplit_once('.')?;
    let is_named = !filled.is_empty() && !filled.ends_with('/');
    (is_named && FileWords::Sample.contains(ending)).then_some(filled)
}

/// A variable that is set for what starts: its name, the name's place, and the value where it is known.
pub(crate) type Given = (String, Span, Option<Traced>);

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
        let mut dockerfile = dockerfile;
        let mut deployed = Deployments::find(root, sources, dockerfile);
        // A template is what is made of it: `Dockerfile.dist`, unless somebody builds it as it is.
        if let Some(filled) = dockerfile.and_then(filled_in)
            && deployed.building().next().is_none()
        {
            let other = Deployments::find(root, sources, Some(filled));
            if other.building().next().is_some() || root.is_file(filled) {
                dockerfile = Some(filled);
                deployed = other;
            }
        }
        let contexts = deployed
            .building()
            .filter_map(|it| it.build.as_ref()?.context.clone());
        let mut contexts: Vec<String> = contexts.collect();
        contexts.dedup();
        // The usual context of one at the top needs no word.
        if let Some(path) = dockerfile.filter(|path| path.contains('/') && contexts.is_empty()) {
            contexts = crate::deployed::contexts(root, sources, path);
        }
        let search = Search {
            dockerfile,
            explicit,
            compose: contexts,
            is_named,
        };
        let (context, error) = Context::find(root, sources, &search);
        Self {
            root: root.clone(),
            context,
            deployed: Arc::new(deployed),
            dockerfile: dockerfile.map(str::to_owned),
            problems: error.into_iter().collect(),
            leaves_start: false,
            given: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// Nothing is known of a project: standard input, an example without files.
    #[must_use]
    pub fn unknown(root: &Root) -> Self {
        Self {
            root: root.clone(),
            context: Context::unknown(root),
            deployed: Arc::default(),
            dockerfile: None,
            problems: Vec::new(),
            leaves_start: false,
            given: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// What starts what the Dockerfile says, as it says it, or gives an image a start that says none: for production,
    /// else by files whose name does not say what they are for.
    #[must_use]
    pub fn plain(&self) -> Vec<&Deployed> {
        let of = |purpose: Option<Intent>| {
            let building = self.deployed.building();
            building
                .filter(|found| {
                    found.purpose == purpose && (self.leaves_start || !found.changes_start())
                })
                .collect::<Vec<_>>()
        };
        let production = of(Some(Intent::Production));
        if production.is_empty() {
            of(None)
        } else {
            production
        }
    }

    /// The variables that are set for what the Dockerfile starts: name, its place, and the value where all that start
    /// it agree and the shell cannot say otherwise. What a file that is not certainly for production sets may be set in
    /// production too, or not: its values are not known.
    #[must_use]
    pub fn environment(&self) -> &[Given] {
        self.given.get_or_init(|| self.find_environment())
    }

    fn find_environment(&self) -> Vec<Given> {
        let plain: Vec<&Environment> = self.plain().iter().map(|it| &it.env).collect();
        let is_production = self.has_production();
        let mut out: Vec<Given> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::default();
        for var in plain.iter().flat_map(|env| &env.vars) {
            if !seen.insert(var.name.as_str()) {
                continue;
            }
            let known = |var: &EnvVar| var.value.clone().filter(|_| !var.may_vary);
            let agree = plain.iter().all(|env| {
                let other = env.get(var.name.as_str()).and_then(known);
                other.as_ref().map(Traced::as_str) == known(var).as_ref().map(Traced::as_str)
            });
            let value = known(var).filter(|_| agree && is_production);
            out.push((var.name.as_str().to_owned(), var.name.span(), value));
        }
        out
    }

    /// The names of all variables that what builds the Dockerfile is given, also where it runs another command than the
    /// image's own; and those of services with an image of somebody, which may be what continuous integration made of
    /// this Dockerfile. An image without an owner (`postgres`) is none of the project's, unless something builds it.
    #[must_use]
    pub fn service_variables(&self) -> &HashSet<String> {
        self.names.get_or_init(|| self.find_service_variables())
    }

    fn find_service_variables(&self) -> HashSet<String> {
        let is_owned = |it: &&Deployed| {
            let image = it.image.as_ref().and_then(Text::as_str);
            match &it.build {
                Some(build) => build.is_named && build.dockerfile.is_none(),
                None => image.is_none_or(|image| image.contains('/')),
            }
        };
        let pulled = self.deployed.all.iter().filter(is_owned);
        self.deployed
            .building()
            .chain(pulled)
            .flat_map(|it| &it.env.vars)
            .map(|var| var.name.as_str().to_owned())
            .collect()
    }

    /// What builds the Dockerfile is given variables by a file that is not here.
    #[must_use]
    pub fn has_unread_env_file(&self) -> bool {
        self.deployed.building().any(|it| it.has_unread_env_file)
    }

    /// Something that is started is given a variable, or what builds the Dockerfile may be given it by what is not
    /// here.
    #[must_use]
    pub fn may_give(&self, name: &str) -> bool {
        let is_open = |it: &Deployed| it.has_unread_env_file || !it.env.is_closed;
        let mut all = self.deployed.all.iter();
        self.deployed.building().any(is_open) || all.any(|it| it.env.get(name).is_some())
    }

    /// What those that build the Dockerfile give a build argument, those for production where there are any: a value
    /// that they agree on, `Some(None)` where it is not known; `None` where the default stays.
    #[must_use]
    pub fn build_argument(&self, name: &str, default: Option<&str>) -> Option<Option<&str>> {
        let has_production = self.has_production();
        let is_meant = |it: &&Deployed| !has_production || it.purpose == Some(Intent::Production);
        let building = self.deployed.building().filter(is_meant);
        let mut given = building.filter_map(|it| {
            let build = it.build.as_ref().filter(|build| !build.is_named)?;
            let arg = build.args.iter().rev().find(|arg| arg.name == name);
            // Where the shell may say otherwise, so may whoever builds by hand.
            let arg = arg.filter(|arg| arg.value.is_none() || arg.value.as_deref() != default);
            let is_open = |arg: &BuildArg| arg.may_vary || self.is_for_development(it);
            Some(arg.map(|arg| arg.value.as_deref().filter(|_| !is_open(arg))))
        });
        let first = given.next()?;
        let is_one = given.all(|other| other == first);
        if is_one { first } else { Some(None) }
    }

    /// What it builds may be another image than the one that ships: by its files, the words that it starts, or the code
    /// of the host that lies over that of the image; unless the Dockerfile itself is called so.
    fn is_for_development(&self, it: &Deployed) -> bool {
        let context = it.build.as_ref().and_then(|build| build.context.as_deref());
        let is_code = |mount: &Mount| {
            let source = mount.source_path.as_deref();
            let source = source.filter(|_| mount.kind == MountKind::Bind);
            source.is_some_and(|source| {
                let is_directory = self.root.entry(source) == Entry::Directory;
                is_directory && context.is_none_or(|context| is_in(source, context))
            })
        };
        let lines = [&it.entrypoint, &it.command];
        let words = lines.into_iter().flatten().filter_map(CommandLine::words);
        let starts = || {
            words
                .flatten()
                .any(|word| starts_development(word.as_str()))
        };
        let own = self.dockerfile.as_deref().and_then(by_path);
        let is_own = own.is_some_and(|intent| intent != Intent::Production);
        let is_called = matches!(it.purpose, Some(Intent::Development | Intent::Ci));
        !is_own && (is_called || it.mounts.iter().any(is_code) || starts())
    }

    /// The Dockerfile is built, and only for development or tests.
    #[must_use]
    pub fn is_built_for_development_only(&self) -> bool {
        let building = self.deployed.building();
        // Who runs it by its name need not be all who do.
        let is_one = |it: &&Deployed| {
            let is_named = it.build.as_ref().is_some_and(|build| build.is_named);
            !is_named || it.purpose == Some(Intent::Production)
        };
        let mut building = building.filter(is_one).peekable();
        let is_development =
            |it: &Deployed| matches!(it.purpose, Some(Intent::Development | Intent::Ci));
        building.peek().is_some() && building.all(is_development)
    }

    /// Something for production builds the Dockerfile.
    #[must_use]
    pub fn has_production(&self) -> bool {
        let mut building = self.deployed.building();
        building.any(|it| it.purpose == Some(Intent::Production))
    }

    /// The stage that is built, when all that build the Dockerfile (those for production, if there are any) agree.
    #[must_use]
    pub fn built_target(&self) -> Option<String> {
        let has_production = self.has_production();
        let building = self.deployed.building();
        let relevant =
            building.filter(|it| !has_production || it.purpose == Some(Intent::Production));
        let mut targets = relevant.map(|it| it.build.as_ref()?.target.as_ref()?.as_str());
        let first = targets.next()??;
        let agree = targets.all(|target| target == Some(first));
        // What is built for development is a stage for development; that does not make it the product.
        let is_product =
            crate::facts::intent::by_name(first).is_none_or(|intent| intent == Intent::Production);
        (agree && is_product).then(|| first.to_owned())
    }
}

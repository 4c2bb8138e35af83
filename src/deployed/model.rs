//! What is started, whichever file says so; what a kind of such files answers.

use super::built::Built;
use super::manifests::Manifests;
use super::names::Names;
use crate::knowledge::intent_words::Intent;
use std::sync::{Arc, OnceLock};

use crate::compose::{
    CommandLine, Documents, Environment, Healthcheck, Mount, Parsed, Port, Project, Service, Stack,
    Text, documents, parsed,
};
use crate::source::{Root, SourceFile, Sources};
use crate::span::{FileId, Span, Traced};

/// What a file starts: a service of compose, a process of a platform.
#[derive(Debug, Clone)]
pub struct Deployed {
    /// The source that says so, see [`Source::name`].
    pub source: &'static str,
    pub name: Traced,
    /// The file that names it, below the root.
    pub path: String,
    /// What is started together has one number: for compose, its stack.
    pub group: usize,
    /// For compose, the service among those of its stack.
    pub service: Option<usize>,
    pub purpose: Option<Intent>,
    /// What it builds.
    pub build: Option<Built>,
    /// The image that it runs or gives its name to.
    pub image: Option<Text>,
    pub command: Option<CommandLine>,
    pub entrypoint: Option<CommandLine>,
    pub env: Environment,
    /// Variables come from a file that is not here.
    pub has_unread_env_file: bool,
    /// Variables whose values keep the quotes that a file of variables has around them, each at its value.
    pub(crate) quoted: Vec<Traced>,
    pub user: Option<Text>,
    /// Whatever the image says, it does not run as root.
    pub is_unprivileged: bool,
    pub workdir: Option<Text>,
    pub mounts: Vec<Mount>,
    pub ports: Vec<Port>,
    pub probe: Option<Healthcheck>,
    /// What a platform asks of it from outside, to see whether it is well.
    pub asked: Vec<Asked>,
    /// Nothing can be written but what is mounted; where that is said.
    pub read_only: Option<Span>,
    /// Where it is said that it must not be root, and as which user it runs is left to the image.
    pub refuses_root: Option<Span>,
}

/// A request from outside by which a platform sees whether a container is well.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `livenessProbe`
    pub name: Traced,
    /// It speaks HTTP; else it only connects.
    pub is_http: bool,
    pub is_secure: bool,
    pub port: Option<u16>,
    /// Where the port is written.
    pub span: Span,
    /// With the slash in front.
    pub path: Option<Traced>,
    /// The host that it names; `None` where that is the address of the container.
    pub host: Option<Text>,
}

impl Deployed {
    /// Something that a source starts, of which nothing else is known.
    pub(crate) fn new(source: &'static str, name: Traced, path: &str) -> Self {
        Self {
            source,
            name,
            path: path.to_owned(),
            group: 0,
            service: None,
            purpose: None,
            build: None,
            image: None,
            command: None,
            entrypoint: None,
            env: Environment::default(),
            has_unread_env_file: false,
            quoted: Vec::new(),
            user: None,
            is_unprivileged: false,
            workdir: None,
            mounts: Vec::new(),
            ports: Vec::new(),
            probe: None,
            asked: Vec::new(),
            read_only: None,
            refuses_root: None,
        }
    }

    /// Where it is named.
    #[must_use]
    pub fn place(&self) -> Span {
        self.name.span()
    }

    /// It starts something else than its image does by itself.
    #[must_use]
    pub fn changes_start(&self) -> bool {
        self.command.is_some() || self.entrypoint.is_some()
    }
}

/// Where sources look.
pub(crate) struct Look<'a> {
    pub(crate) root: &'a Root,
    pub(crate) sources: &'a Sources,
    /// The Dockerfile, below the root; `None` for standard input.
    pub(crate) dockerfile: Option<&'a str>,
    /// See [`Self::names`].
    pub(super) names: OnceLock<Names>,
}

impl<'a> Look<'a> {
    /// Under which names the images of the project are built.
    pub(super) fn names(&self, compose: &Project) -> &Names {
        let collect = || Names::collect(self.root, self.sources, compose);
        self.names.get_or_init(collect)
    }

    /// The text of a file, when it is there and can be read.
    pub(super) fn read(&self, path: &str) -> Option<FileId> {
        let is_there = self.root.is_file(path);
        is_there.then(|| self.root.read(self.sources, path).ok())?
    }

    /// A file as YAML, when it is there and nothing is wrong with it.
    pub(super) fn yaml(&self, path: &str) -> Option<Arc<Parsed>> {
        let parsed = parsed(self.sources, self.read(path)?);
        parsed.errors.is_empty().then_some(parsed)
    }

    /// All documents of a file of YAML or JSON, when it is there.
    pub(super) fn documents(&self, path: &str) -> Option<Arc<Documents>> {
        Some(documents(self.sources, self.read(path)?))
    }

    /// The text of a file, when it is there.
    pub(super) fn text(&self, path: &str) -> Option<Arc<SourceFile>> {
        Some(self.sources.get(self.read(path)?))
    }

    /// The root and the directories on the way to the Dockerfile.
    pub(super) fn directories(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let path = self.dockerfile.unwrap_or_default();
        let below = path.match_indices('/').map(|(at, _)| &path[..at]);
        std::iter::once("").chain(below)
    }
}

/// One kind of files that say who starts images.
pub(crate) trait Source: Sync {
    /// What it is called: `compose`.
    fn name(&self) -> &'static str;

    /// The names of its files, or the usual ones of many.
    fn files(&self) -> &'static [&'static str];

    /// Whether a file of that name is one of them.
    fn is_file(&self, name: &str) -> bool {
        self.files().contains(&name)
    }

    /// Reads its files and adds all that they start.
    fn read(&self, look: &Look<'_>, found: &mut Deployments);
}

/// All that is started around a Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    /// In the order of the sources, and of their files.
    pub all: Vec<Deployed>,
    /// Positions in `all` of those that build the Dockerfile, those of production first.
    pub(crate) building: Vec<usize>,
    /// What may say what a cluster starts.
    pub(crate) manifests: Arc<Manifests>,
    /// Something that was not read may start images as well: a chart, a playbook, a manifest that is a template.
    pub(crate) is_open: bool,
    /// The compose files, for what only they say. Their services are the first of `all`, stack by stack.
    pub compose: Arc<Project>,
}

impl Deployments {
    /// A number for what is started together, which nothing has yet.
    pub(super) fn next_group(&self) -> usize {
        self.all.iter().map(|it| it.group + 1).max().unwrap_or(0)
    }

    /// Those that build the Dockerfile, those of production first.
    pub fn building(&self) -> impl ExactSizeIterator<Item = &Deployed> + Clone {
        self.building.iter().map(|i| &self.all[*i])
    }

    /// The stack of a service of compose.
    pub(crate) fn stack(&self, deployed: &Deployed) -> Option<&Stack> {
        deployed.service?;
        self.compose.stacks.get(deployed.group)
    }

    /// The service of compose that it is.
    pub(crate) fn service(&self, deployed: &Deployed) -> Option<&Service> {
        self.stack(deployed)?.services.get(deployed.service?)
    }

    /// Whether the one at a position builds the Dockerfile.
    pub(crate) fn builds(&self, i: usize) -> bool {
        self.building.contains(&i)
    }
}

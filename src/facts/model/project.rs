//! Everything known of one Dockerfile and its project.

use std::sync::Arc;

use crate::compose::{Purpose, Service};
use crate::dockerfile::ast::Dockerfile;
use crate::facts::model::{
    AccountFact, ApplicationFact, AptHabit, AptMarks, ArgFact, CollectFact, CommandFact, CopyFact,
    EnvFact, Holders, ImageFact, InstallFact, LayerFact, Listed, LostVariable, PackageFact,
    Reference, ServerFact, ServiceFact, SettingsFact, SourceFact, StageFact, StageFiles,
    Succession, UnwantedFact, UwsgiOptionFact,
};
use crate::facts::surroundings::Surroundings;
use crate::facts::table::Intent;

/// Everything known of one Dockerfile and its project.
#[derive(Debug)]
pub struct Project {
    pub dockerfile: Dockerfile,
    /// The Dockerfile's text.
    pub text: Arc<crate::source::SourceFile>,
    /// What the Dockerfile is for; see [`crate::facts::intent`].
    pub intent: Intent,
    /// ARGs before the first FROM.
    pub global_args: Vec<ArgFact>,
    pub stages: Vec<StageFact>,
    pub layers: Vec<LayerFact>,
    pub commands: Vec<CommandFact>,
    pub packages: Vec<PackageFact>,
    pub envs: Vec<EnvFact>,
    pub copies: Vec<CopyFact>,
    pub accounts: Vec<AccountFact>,
    pub references: Vec<Reference>,
    /// One for each shipped stage, in file order.
    pub images: Vec<ImageFact>,
    /// One for each option given to uWSGI in a shipped image.
    pub uwsgi_options: Vec<UwsgiOptionFact>,
    pub today: jiff::civil::Date,
    pub around: Surroundings,
    /// The file system of each stage, by its index.
    pub files: Vec<StageFiles>,
    /// Every source of a COPY or ADD from the context.
    pub sources: Vec<SourceFact>,
    /// What copies of whole directories take along.
    pub unwanted: Vec<UnwantedFact>,
    /// Every command that installs Python packages.
    pub installs: Vec<InstallFact>,
    /// The applications that the servers of images are told to load.
    pub applications: Vec<ApplicationFact>,
    /// The settings of the images that have any.
    pub settings: Vec<SettingsFact>,
    /// Every `collectstatic` of a RUN.
    pub collects: Vec<CollectFact>,
    /// The Python packages of each image.
    pub dependencies: Vec<Listed>,
    pub lost_variables: Vec<LostVariable>,
    /// The services of the compose files around it, stack by stack.
    pub services: Vec<ServiceFact>,
    /// Compose and env files that git ignores.
    pub uncommitted: Vec<crate::span::FileId>,
    /// The compose and env files, as written.
    pub(crate) texts: Vec<(crate::span::FileId, Arc<crate::source::SourceFile>)>,
    /// See [`crate::facts::deploy::compose_callers::read_version`].
    pub(crate) version_is_read: bool,
    /// The words of the Dockerfile, see [`crate::facts::build::env_text`]; made when first asked for.
    pub(crate) mentioned: std::sync::OnceLock<std::collections::HashSet<String>>,
    /// What base images can be moved to, found out when first asked for.
    pub(crate) succession: Succession,
    /// The Dockerfile is for OpenShift; found when first asked for.
    pub is_for_openshift: std::sync::OnceLock<bool>,
    /// Who holds each password of each stack, see [`crate::facts::deploy::passwords`]; made when first asked for.
    pub(crate) passwords: std::sync::OnceLock<Holders>,
    /// See [`crate::facts::system::recommends`]; found when first asked for.
    pub(crate) recommends: std::sync::OnceLock<AptHabit>,
    /// Where each stage first touches what apt reads, by its index.
    pub(crate) apt_marks: Vec<AptMarks>,
}

impl ServiceFact {
    /// The service as its stack puts it together.
    pub(crate) fn service<'a>(&self, p: &'a Project) -> &'a Service {
        &p.around.compose.stacks[self.stack].services[self.service]
    }

    /// What its files are for.
    pub(crate) fn purpose(&self, p: &Project) -> Purpose {
        p.around.compose.stacks[self.stack].purpose
    }

    /// The server that it starts in an image of this Dockerfile.
    pub(crate) fn server<'a>(&'a self, p: &'a Project) -> Option<&'a ServerFact> {
        match &self.run {
            Some(run) => run.server.as_ref(),
            None => p.images[self.image?].server.as_ref(),
        }
    }

    /// Several servers start, none of which is *the* server.
    pub(crate) fn has_several(&self, p: &Project) -> bool {
        match &self.run {
            Some(run) => !run.beside.is_empty(),
            None => self
                .image
                .is_some_and(|image| !p.images[image].beside.is_empty()),
        }
    }

    /// Everything that starts could be read.
    pub(crate) fn is_known(&self, p: &Project) -> bool {
        match &self.run {
            Some(run) => run.is_known,
            None => self
                .image
                .is_some_and(|image| p.images[image].process_is_known),
        }
    }
}

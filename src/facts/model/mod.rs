//! The facts as plain data: flat arenas that point at each other by index.
//!
//! `None` in an `Option` that says so means unknown; [`Maybe`] tells unknown from absent.

use std::sync::Arc;

use crate::dockerfile::ast::{Dockerfile, Keyword};
use crate::dockerfile::image::ImageRef;
use crate::facts::files::effects::StageFiles;
use crate::facts::surroundings::Surroundings;
use crate::facts::table::{Intent, Reach};
use crate::knowledge::images::Base;
use crate::shell::ast::Command;
use crate::span::{Span, Traced};

mod start;

pub use start::{BesideFact, Kept, RunFact, ScriptFact, ServerFact, StartFact};

/// Known, known to be absent, or unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Maybe<T> {
    Known(T),
    Absent,
    Unknown,
}

impl<T> Maybe<T> {
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

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
    pub unwanted: Vec<crate::facts::files::carried_along::UnwantedFact>,
    /// Every command that installs Python packages.
    pub installs: Vec<InstallFact>,
    /// The applications that the servers of images are told to load.
    pub applications: Vec<crate::facts::django::settings::ApplicationFact>,
    /// The settings of the images that have any.
    pub settings: Vec<crate::facts::django::settings::SettingsFact>,
    /// Every `collectstatic` of a RUN.
    pub collects: Vec<crate::facts::django::collectstatic::CollectFact>,
    /// The Python packages of each image.
    pub dependencies: Vec<crate::facts::python::dependencies::Listed>,
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
    pub(crate) succession: crate::facts::system::succession::Known,
    /// The Dockerfile is for OpenShift; found when first asked for.
    pub is_for_openshift: std::sync::OnceLock<bool>,
    /// Who holds each password of each stack, see [`crate::facts::deploy::passwords`]; made when first asked for.
    pub(crate) passwords: std::sync::OnceLock<crate::facts::deploy::passwords::Holders>,
    /// See [`crate::facts::system::recommends`]; found when first asked for.
    pub(crate) recommends: std::sync::OnceLock<crate::facts::system::recommends::Habit>,
    /// Where each stage first touches what apt reads, by its index.
    pub(crate) apt_marks: Vec<crate::facts::system::apt::AptMarks>,
}

/// A stage.
#[derive(Debug)]
pub struct StageFact {
    pub index: usize,
    /// As written after AS.
    pub name: Option<Traced>,
    /// The FROM instruction.
    pub from: usize,
    pub base: BaseFact,
    /// Positions of its instructions in the Dockerfile, FROM first.
    pub instructions: std::ops::Range<usize>,
    pub reach: Reach,
    pub intent: Intent,
    /// Indices into `envs`, in order.
    pub envs: Vec<usize>,
    pub args: Vec<ArgFact>,
    /// USER instructions.
    pub users: Vec<UserFact>,
    pub workdirs: Vec<WorkdirFact>,
    pub layers: Vec<usize>,
    pub copies: Vec<usize>,
    pub ports: Vec<PortFact>,
    pub entrypoint: Option<ProcessFact>,
    pub cmd: Option<ProcessFact>,
    /// `None`: not given in this stage.
    pub stop_signal: Option<Traced>,
    pub healthcheck: Option<usize>,
    pub labels: Vec<(Traced, Option<Traced>)>,
}

/// The stage of that name, in any case, as BuildKit looks it up after `stages`: of several the last.
pub(crate) fn stage_called(stages: &[StageFact], name: &str) -> Option<usize> {
    stages.iter().rposition(|stage| {
        let own = stage.name.as_ref();
        own.is_some_and(|own| own.as_str().eq_ignore_ascii_case(name))
    })
}

/// The stage that a target or `--from` names: by its name, else by its number. FROM takes names only.
pub(crate) fn stage_named(stages: &[StageFact], name: &str) -> Option<usize> {
    let by_number = || name.parse().ok().filter(|number| *number < stages.len());
    stage_called(stages, name).or_else(by_number)
}

/// What a stage starts from.
#[derive(Debug)]
pub struct BaseFact {
    pub kind: BaseKind,
    /// The image word of FROM as written.
    pub written: Traced,
    /// Expanded, `None` when an ARG in it is not known.
    pub text: Option<Traced>,
    /// Parsed reference; with an unknown part, what is known of it. `None` for stages and scratch.
    pub image: Option<ImageRef>,
    /// The tag is known (perhaps absent).
    pub tag_is_known: bool,
    /// What the tables know of the image; for a stage that of the image it goes back to.
    pub knowledge: Base,
    pub platform: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseKind {
    Stage(usize),
    Scratch,
    Image,
    Unknown,
}

/// ARG.
#[derive(Debug, Clone)]
pub struct ArgFact {
    pub name: Traced,
    /// As it will be seen: from the command line, the default, the global ARG of the name.
    pub value: Maybe<Traced>,
    /// It has a default of its own.
    pub has_default: bool,
    pub instruction: usize,
}

/// One `KEY=value` of ENV.
#[derive(Debug)]
pub struct EnvFact {
    pub stage: usize,
    pub instruction: usize,
    pub name: Traced,
    /// As written.
    pub raw: Traced,
    /// Expanded and unquoted; `None` when not known.
    pub value: Option<Traced>,
    pub is_legacy: bool,
    /// Set again later in the same stage, by the `envs` index.
    pub replaced_by: Option<usize>,
}

/// USER.
#[derive(Debug, Clone)]
pub struct UserFact {
    pub instruction: usize,
    /// Expanded, before the colon; `None` when not known.
    pub name: Option<String>,
    pub group: Maybe<String>,
    pub span: Span,
    /// It is written with a variable.
    pub is_expanded: bool,
}

#[derive(Debug, Clone)]
pub struct WorkdirFact {
    pub instruction: usize,
    /// Absolute, joined with the one before; `None` when not known.
    pub path: Option<String>,
    pub span: Span,
    /// As written it was absolute; `None` when not known.
    pub is_absolute: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct PortFact {
    pub instruction: usize,
    /// As written.
    pub written: Traced,
    /// `None` when not known or no number.
    pub port: Option<u16>,
    /// `tcp` unless written otherwise.
    pub protocol: String,
    /// Expanded text; `None` when not known.
    pub text: Option<String>,
}

/// CMD or ENTRYPOINT.
#[derive(Debug, Clone)]
pub struct ProcessFact {
    pub instruction: usize,
    pub is_json: bool,
    /// Elements of the JSON form; the one text of the shell form.
    pub words: Vec<Traced>,
    /// The commands it stands for by itself.
    pub commands: Vec<Command>,
}

/// A RUN, COPY or ADD.
#[derive(Debug)]
pub struct LayerFact {
    pub stage: usize,
    pub instruction: usize,
    pub keyword: Keyword,
    /// Under ONBUILD: runs in images built from this one.
    pub is_onbuild: bool,
    pub mounts: Vec<Mount>,
    /// Range in `commands`.
    pub commands: std::ops::Range<usize>,
    /// Range in `packages`.
    pub packages: std::ops::Range<usize>,
    /// Not all of what it runs could be read: another language, a shell error.
    pub is_opaque: bool,
    /// The first failure ends it, by `set -e`, SHELL or heredoc options.
    pub has_errexit: bool,
    pub shell_errors: Vec<crate::shell::ShellError>,
}

/// `--mount=` of RUN.
#[derive(Debug, Clone)]
pub struct Mount {
    /// `bind`, `cache`, `tmpfs`, `secret`, `ssh`.
    pub kind: String,
    /// Absolute where it could be made so; empty when not given or not known.
    pub target: String,
    pub source: String,
    pub env: Option<String>,
    /// The stage that `from=` names.
    pub from_stage: Option<usize>,
    /// `from=` names something that is no stage.
    pub is_external: bool,
    pub span: Span,
}

/// A shell command of a layer.
#[derive(Debug)]
pub struct CommandFact {
    pub stage: usize,
    pub layer: usize,
    pub command: Command,
    /// Position among the commands of its layer.
    pub position: usize,
    /// It leaves its download cache in the image; `None` when not known or not a package manager.
    pub leaves_cache: Maybe<bool>,
    /// Packages that commands before it installed and that it removes, and whether there are no others.
    pub removes: (Vec<usize>, bool),
    /// Effective user as far as known.
    pub runs_as_root: Option<bool>,
}

/// A system package that a layer installs.
#[derive(Debug)]
pub struct PackageFact {
    pub stage: usize,
    pub layer: usize,
    pub command: usize,
    /// `apt`, `apk`, `dnf`.
    pub manager: &'static str,
    pub name: String,
    /// After `=`.
    pub version: Option<String>,
    pub span: Span,
    /// The word of the install command.
    pub word: Span,
    pub fate: Fate,
    /// Group of `apk add --virtual`.
    pub group: Option<String>,
    /// An earlier layer of its stages brought it and left it.
    pub is_repeated: bool,
}

/// What becomes of an installed package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Left,
    RemovedInLayer(Span),
    /// A later layer hides it; the bytes stay.
    RemovedLater(Span),
    Unknown,
}

/// COPY or ADD.
#[derive(Debug)]
pub struct CopyFact {
    pub stage: usize,
    pub layer: usize,
    pub instruction: usize,
    pub keyword: Keyword,
    /// Expanded; `None` where not known.
    pub sources: Vec<(Span, Option<Traced>)>,
    pub destination: (Span, Option<Traced>),
    /// Absolute destination; `None` when not known.
    pub target: Option<String>,
    pub from: CopyFrom,
    pub chown: Option<Option<String>>,
    pub chmod: Option<Option<String>>,
    pub has_heredocs: bool,
    /// `--parents`
    pub has_parents: bool,
    /// `--exclude`
    pub excludes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyFrom {
    Context,
    Stage(usize),
    /// Another image or a named context.
    Other(Option<String>),
}

/// A shell variable used in another RUN than the one that sets it.
#[derive(Debug)]
pub struct LostVariable {
    /// The layer that uses it.
    pub layer: usize,
    pub name: String,
    /// `$NAME`
    pub span: Span,
    /// `NAME=value` in the earlier RUN, or the name in the ARG.
    pub assigned: Span,
    /// An ARG before the first FROM.
    pub is_global: bool,
}

/// A source of COPY or ADD in the build context.
#[derive(Debug)]
pub struct SourceFact {
    pub copy: usize,
    /// As written, expanded.
    pub path: Traced,
    pub presence: SourcePresence,
}

/// What the context has for a source.
#[derive(Debug, Clone)]
pub enum SourcePresence {
    There,
    Missing,
    /// It is there, and this pattern of the ignore file keeps it out.
    Ignored(Span, String),
    Unknown,
}

/// A command that installs Python packages, or writes or builds what is installed.
#[derive(Debug)]
pub struct InstallFact {
    pub command: usize,
    pub stage: usize,
    /// `pip`, `pip-sync`, `uv`, `poetry`, `pdm`, `pipenv`.
    pub tool: &'static str,
    /// It runs whenever the stage is built.
    pub is_certain: bool,
    /// Every word, file and directory it is given was known and found.
    pub is_followed: bool,
    /// It writes a list or builds wheels; something else installs them.
    pub is_export: bool,
    /// Packages may come from elsewhere than the public index.
    pub is_private: bool,
    /// A constraints file bounds versions too.
    pub is_constrained: bool,
    /// The lock file that the context has beside the project and that is not there when it runs.
    pub lock_left_out: Option<&'static str>,
    /// The files it is given and those that they include.
    pub targets: Vec<TargetFact>,
    /// Extras and groups as the command names them.
    pub groups: crate::python::requirements::Groups,
    /// Commands that wrote a list or built wheels for it.
    pub takes: Vec<Taken>,
    pub set: crate::python::requirements::RequirementSet,
    /// What the only file of the project with the name says, for a requirements file that is not in the context: it is
    /// put there before the build. `None`: everything was found, or there is no such file.
    pub likely: Option<crate::python::requirements::RequirementSet>,
}

/// What an install takes of the output of another command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The command that wrote the list or built the wheels.
    pub command: usize,
    /// All of it; otherwise only what the install asks for itself (`--find-links`).
    pub takes_all: bool,
    /// It is that very file or directory, and nothing took lines out of it.
    pub is_certain: bool,
}

/// A requirements or constraints file that an install names.
#[derive(Debug, Clone)]
pub struct TargetFact {
    pub command: usize,
    /// As written, in the command or in the file that includes it.
    pub written: Traced,
    /// `None` when the working directory is not known.
    pub image_path: Option<String>,
    pub origin: crate::context::Origin,
    /// Below the root; `None` when there is no file to read.
    pub root_path: Option<String>,
    /// That file.
    pub file: Option<crate::span::FileId>,
    pub is_constraint: bool,
    /// The file that includes it; `None` for one on the command line.
    pub included_by: Option<crate::span::FileId>,
}

/// A user or group that a command creates.
#[derive(Debug)]
pub struct AccountFact {
    pub stage: usize,
    pub command: usize,
    pub is_group: bool,
    /// `None` when not known.
    pub name: Option<String>,
    /// `-u`; `None` when not given or not known.
    pub id: Option<String>,
    pub span: Span,
}

/// A use of a variable in an instruction.
#[derive(Debug)]
pub struct Reference {
    pub instruction: usize,
    pub name: String,
    pub span: Span,
    /// What it expands to there; absent when the variable is not set.
    pub value: Maybe<String>,
}

/// A shipped image.
#[derive(Debug)]
pub struct ImageFact {
    pub stage: usize,
    /// The stages that make it up, itself first, then the stages it starts from.
    pub chain: Vec<usize>,
    /// The stage whose ENTRYPOINT holds.
    pub entrypoint: Option<usize>,
    /// The stage whose CMD holds: an ENTRYPOINT in a later stage resets it.
    pub cmd: Option<usize>,
    /// The command that starts the server, or the last one known to run; `None` when not known.
    pub server: Option<ServerFact>,
    /// That server with all that it is told; `None` for servers that are only known by name.
    pub served: Option<Arc<crate::server::Server>>,
    /// The servers of an image that starts several processes, of which none is *the* server; `server` is then
    /// `None`.
    pub beside: Vec<BesideFact>,
    /// Everything that starts is known: no script, word or base image leaves it open.
    pub process_is_known: bool,
    /// The scripts that ENTRYPOINT and CMD lead to, callers first.
    pub scripts: Vec<ScriptFact>,
    /// The commands that run when the container starts, in order, scripts followed.
    pub starts: Vec<StartFact>,
}

/// A service of a compose stack.
#[derive(Debug)]
pub struct ServiceFact {
    /// Among the stacks of the compose project.
    pub stack: usize,
    /// Among the services of the stack.
    pub service: usize,
    /// It builds this Dockerfile.
    pub builds_this: bool,
    /// The shipped image that it runs, among `images`; `None` when it is another one.
    pub image: Option<usize>,
    /// What it starts in that image, when that is not the image's own.
    pub run: Option<RunFact>,
    /// The server that it runs, with its own variables.
    pub served: Option<Arc<crate::server::Server>>,
}

/// An option of uWSGI, wherever it was given.
#[derive(Debug, Clone)]
pub struct UwsgiOptionFact {
    pub image: usize,
    /// As uWSGI names it: `lazy-apps`.
    pub name: String,
    /// As written: `UWSGI_LAZY_APPS`, `--lazy-apps`.
    pub written: String,
    pub name_span: Span,
    /// Whole assignment or flag.
    pub span: Span,
    /// `None` when not known; empty for a flag without value.
    pub value: Option<Traced>,
    /// `env`, `environment`, `command line` or `file`.
    pub source: &'static str,
    /// The configuration file, when from one.
    pub path: Option<String>,
    /// The `uwsgi_options` index of the later one that wins, under any name of the option; never for lists.
    pub overridden_by: Option<usize>,
    /// `envs` index when from ENV.
    pub env: Option<usize>,
    /// In an ini file, what stands before the name on its line, and between name and value.
    pub(crate) style: Option<(String, String)>,
    /// For `static-map`, see [`crate::facts::start::uwsgi::answers`]: nothing else answers for STATIC_URL.
    pub(crate) is_only_way: Option<bool>,
    /// See [`Self::meant`]: looking through all names is dear, and several rules ask.
    pub(crate) meant: std::sync::OnceLock<Option<&'static str>>,
}

impl UwsgiOptionFact {
    /// The option that was probably meant by a name uWSGI does not know; `None` when it is known, or
    /// nothing is near.
    pub(crate) fn meant(&self) -> Option<&'static str> {
        use crate::knowledge::uwsgi::{EnvName, from_env, option, suggest};
        let find = || {
            let is_judged =
                option(&self.name).is_none() && from_env(&self.written) != EnvName::BuildOnly;
            is_judged.then(|| suggest(&self.name)).flatten()
        };
        *self.meant.get_or_init(find)
    }
}

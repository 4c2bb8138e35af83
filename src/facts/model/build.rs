//! What the Dockerfile says, step by step: stages, layers, commands, variables, copies.

use crate::maps::HashMap;
use std::ops::Deref;
use std::sync::OnceLock;

use crate::dockerfile::ast::Keyword;
use crate::dockerfile::image::ImageRef;
use crate::facts::model::PackageFact;
use crate::facts::table::Reach;
use crate::knowledge::images::Base;
use crate::knowledge::intent_words::Intent;
use crate::shell::ast::Command;
use crate::span::{Span, Traced};

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
    /// How many stages it stands on.
    pub(crate) depth: usize,
    /// The last of these, whose FROM names the image; itself when there is none.
    pub(crate) root: usize,
    /// The nearest of these with a USER, else the last.
    pub(crate) user_from: usize,
    /// The nearest of these with a WORKDIR, else the last.
    pub(crate) workdir_from: usize,
    /// Indices into `envs`, in order.
    pub envs: Vec<usize>,
    pub args: Vec<ArgFact>,
    /// Where each variable is set in it.
    pub(crate) set: Set,
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

/// Where the variables of a stage are set, by name and in order.
#[derive(Debug, Default)]
pub(crate) struct Set {
    /// Indices into `envs` of the Dockerfile.
    pub(crate) envs: HashMap<String, Vec<usize>>,
    /// Indices into `args` of the stage.
    pub(crate) args: HashMap<String, Vec<usize>>,
}

impl StageFact {
    /// The last ENV of the name before an instruction.
    pub(crate) fn env_before<'a>(
        &self,
        envs: &'a [EnvFact],
        name: &str,
        before: usize,
    ) -> Option<&'a EnvFact> {
        let all = self.set.envs.get(name)?;
        let end = all.partition_point(|env| envs[*env].instruction < before);
        Some(&envs[*all[..end].last()?])
    }

    /// The last ARG of the name before an instruction.
    pub(crate) fn arg_before(&self, name: &str, before: usize) -> Option<&ArgFact> {
        let all = self.set.args.get(name)?;
        let end = all.partition_point(|arg| self.args[*arg].instruction < before);
        Some(&self.args[*all[..end].last()?])
    }

    pub(crate) fn add_arg(&mut self, arg: ArgFact) {
        let all = self.set.args.entry(arg.name.as_str().to_owned());
        all.or_default().push(self.args.len());
        self.args.push(arg);
    }
}

/// The stages by their names, which are the same in any case.
#[derive(Debug, Default)]
pub(crate) struct StageNames(HashMap<String, Vec<usize>>);

impl StageNames {
    pub(crate) fn add(&mut self, name: &str, stage: usize) {
        let all = self.0.entry(name.to_ascii_lowercase());
        all.or_default().push(stage);
    }

    /// The stage of that name, as BuildKit looks it up where there are `count` stages: of several the last.
    pub(crate) fn called(&self, name: &str, count: usize) -> Option<usize> {
        let all = self.0.get(&name.to_ascii_lowercase())?;
        all[..all.partition_point(|stage| *stage < count)]
            .last()
            .copied()
    }

    /// The stage that a target or `--from` names: by its name, else by its number. FROM takes names only.
    pub(crate) fn named(&self, name: &str, count: usize) -> Option<usize> {
        let by_number = || name.parse().ok().filter(|number| *number < count);
        self.called(name, count).or_else(by_number)
    }
}

/// ARGs before the first FROM.
#[derive(Debug, Default)]
pub(crate) struct GlobalArgs {
    all: Vec<ArgFact>,
    by_name: HashMap<String, Vec<usize>>,
}

impl GlobalArgs {
    pub(crate) fn push(&mut self, arg: ArgFact) {
        let all = self.by_name.entry(arg.name.as_str().to_owned());
        all.or_default().push(self.all.len());
        self.all.push(arg);
    }

    /// The positions of those of a name.
    fn of(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn first(&self, name: &str) -> Option<usize> {
        self.of(name).first().copied()
    }

    /// The one that holds.
    pub(crate) fn last(&self, name: &str) -> Option<&ArgFact> {
        self.of(name).last().map(|at| &self.all[*at])
    }
}

impl Deref for GlobalArgs {
    type Target = [ArgFact];

    fn deref(&self) -> &[ArgFact] {
        &self.all
    }
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
    /// The variable that a misspelt name probably means, and what reads that one. Several rules ask, and looking
    /// through all names is dear.
    pub meant: OnceLock<Option<(String, &'static str)>>,
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

impl ProcessFact {
    /// What is started in the place of the image's own, whose commands are found from the words.
    pub(crate) fn of_words(instruction: usize, is_json: bool, words: Vec<Traced>) -> Self {
        Self {
            instruction,
            is_json,
            words,
            commands: Vec::new(),
        }
    }
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
    /// What it names then.
    pub from_image: Option<String>,
    /// `uid=` and `mode=` of a cache; `None` where not given: root's, and only root may write it.
    pub uid: Option<String>,
    pub mode: Option<String>,
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
    /// Packages that commands before it installed and that it removes, and whether there are no others.
    pub removes: (Vec<usize>, bool),
    /// Effective user as far as known.
    pub runs_as_root: Option<bool>,
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

/// The arenas while they grow.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    pub(crate) global_args: GlobalArgs,
    pub(crate) stages: Vec<StageFact>,
    pub(crate) names: StageNames,
    pub(crate) layers: Vec<LayerFact>,
    pub(crate) commands: Vec<CommandFact>,
    pub(crate) packages: Vec<PackageFact>,
    pub(crate) envs: Vec<EnvFact>,
    pub(crate) copies: Vec<CopyFact>,
    pub(crate) accounts: Vec<AccountFact>,
    pub(crate) references: Vec<Reference>,
    /// The values of variables take too many bytes: later ones are unknown.
    pub(crate) is_cut: bool,
    /// Too many stages stand on each other: what the last of them stands on is unknown.
    pub(crate) is_too_deep: bool,
}

/// A shipped image: the stages that make it up.
#[derive(Debug, Clone)]
pub struct ShippedImage {
    pub stage: usize,
    /// The stages that make it up, itself first, then the stages it starts from.
    pub chain: Vec<usize>,
    /// The stage whose ENTRYPOINT holds.
    pub entrypoint: Option<usize>,
    /// The stage whose CMD holds: an ENTRYPOINT in a later stage resets it.
    pub cmd: Option<usize>,
    /// The stage whose CMD such an ENTRYPOINT resets.
    pub reset_cmd: Option<usize>,
}

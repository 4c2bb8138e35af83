//! What is known when the Dockerfile was read, and where things of it stand, so that no question goes through all of
//! it.

use crate::maps::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::dockerfile::ast::Dockerfile;
use crate::facts::model::{
    AccountFact, AptMarks, BaseKind, CommandFact, CopyFact, EnvFact, GlobalArgs, LayerFact,
    PackageFact, PackageLists, Reference, ShippedImage, StageFact, StageNames,
};
use crate::facts::surroundings::Surroundings;
use crate::knowledge::words::VariableWords;
use crate::source::SourceFile;

/// What is known when the Dockerfile was read.
#[derive(Debug)]
pub struct BuildPhase {
    pub dockerfile: Dockerfile,
    /// The Dockerfile's text.
    pub text: Arc<SourceFile>,
    /// ARGs before the first FROM.
    pub(crate) global_args: GlobalArgs,
    pub stages: Vec<StageFact>,
    pub(crate) names: StageNames,
    pub layers: Vec<LayerFact>,
    pub commands: Vec<CommandFact>,
    pub packages: Vec<PackageFact>,
    pub envs: Vec<EnvFact>,
    pub copies: Vec<CopyFact>,
    pub accounts: Vec<AccountFact>,
    pub references: Vec<Reference>,
    /// One for each shipped stage, in file order.
    pub images: Vec<ShippedImage>,
    pub today: jiff::civil::Date,
    pub around: Surroundings,
    /// See [`Arena::is_cut`](crate::facts::model::Arena::is_cut).
    pub(crate) is_cut: bool,
    /// See [`Arena::is_too_deep`](crate::facts::model::Arena::is_too_deep).
    pub(crate) is_too_deep: bool,
    pub(crate) index: Index,
    /// See [`crate::facts::build::application`].
    pub(crate) applications: OnceLock<ApplicationMarks>,
    /// Where each stage first touches what apt reads, by its index; see [`crate::facts::system::apt`].
    pub(crate) apt_marks: OnceLock<Vec<AptMarks>>,
    /// The package lists before each command, by its index; see [`crate::facts::system::apt_lists`].
    pub(crate) package_lists: OnceLock<Vec<PackageLists>>,
}

/// What is known of each stage as part of an application.
#[derive(Debug)]
pub(crate) struct ApplicationMarks {
    pub(crate) has_django: Vec<bool>,
    pub(crate) installs: Vec<bool>,
    pub(crate) is_python: Vec<bool>,
    /// For all images that the stage is part of; `None` where it is part of none.
    pub(crate) is_workbench: Vec<Option<bool>>,
    /// As above.
    pub(crate) is_silent: Vec<Option<bool>>,
}

/// Where things stand; made once, when all is read.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The ENVs that set each variable.
    envs: HashMap<String, Vec<usize>>,
    /// The uses of each variable.
    references: HashMap<String, Vec<usize>>,
    /// The commands that export a variable, by its name.
    exports: HashMap<String, Vec<usize>>,
    /// The lines that give a shell variable a value, by its name.
    assignments: HashMap<String, Vec<usize>>,
    /// The commands that may set any variable: `.`, `source`, `eval`, what is not known.
    sourcing: Vec<usize>,
    /// Virtual environments are activated, which sets a few variables.
    activations: Vec<usize>,
    /// `set -a` and `set -o`, by which assignments may be exported.
    setting: Vec<usize>,
}

/// What the commands before one do to a variable of the shell, the last of each kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShellMarks {
    pub(crate) export: Option<usize>,
    pub(crate) assignment: Option<usize>,
    pub(crate) sourcing: Option<usize>,
    pub(crate) setting: Option<usize>,
}

impl Index {
    pub(crate) fn new(
        envs: &[EnvFact],
        commands: &[CommandFact],
        references: &[Reference],
    ) -> Self {
        let mut index = Self::default();
        for (at, env) in envs.iter().enumerate() {
            let all = index.envs.entry(env.name.as_str().to_owned());
            all.or_default().push(at);
        }
        for (at, reference) in references.iter().enumerate() {
            let uses = index.references.entry(reference.name.clone());
            uses.or_default().push(at);
        }
        for (at, fact) in commands.iter().enumerate() {
            let command = &fact.command;
            match command.name.as_deref() {
                Some("export") => {
                    for arg in &command.args {
                        let name = arg.prefix.split('=').next().unwrap_or_default();
                        index.exports.entry(name.to_owned()).or_default().push(at);
                    }
                }
                Some("") => {
                    for own in &command.assignments {
                        let lines = index.assignments.entry(own.name.clone());
                        lines.or_default().push(at);
                    }
                }
                Some("set") => {
                    let mut words = command.args.iter().filter_map(|arg| arg.as_str());
                    if words.any(|word| matches!(word, "-a" | "-o")) {
                        index.setting.push(at);
                    }
                }
                Some(_) if command.activates_virtualenv() => index.activations.push(at),
                // What a variable names may be one of these.
                Some("." | "source" | "eval") | None => index.sourcing.push(at),
                Some(_) => {}
            }
        }
        index
    }

    /// The uses of a variable, in order.
    pub(crate) fn references(&self, name: &str) -> &[usize] {
        self.references.get(name).map_or(&[], Vec::as_slice)
    }

    /// What commands of a range do to a variable.
    pub(crate) fn shell_marks(&self, range: &Range<usize>, name: &str) -> ShellMarks {
        let last = |all: &[usize]| {
            let end = all.partition_point(|at| *at < range.end);
            all[..end].last().copied().filter(|at| *at >= range.start)
        };
        let of = |all: &HashMap<String, Vec<usize>>| last(all.get(name)?);
        ShellMarks {
            export: of(&self.exports),
            assignment: of(&self.assignments),
            sourcing: match VariableWords::SetByActivation.contains(name) {
                true => last(&self.sourcing).max(last(&self.activations)),
                false => last(&self.sourcing),
            },
            setting: last(&self.setting),
        }
    }
}

impl BuildPhase {
    /// The stage of an instruction.
    pub(crate) fn stage_of(&self, instruction: usize) -> Option<usize> {
        let after = self
            .stages
            .partition_point(|stage| stage.from <= instruction);
        let stage = after.checked_sub(1)?;
        self.stages[stage]
            .instructions
            .contains(&instruction)
            .then_some(stage)
    }

    /// The stage that a target or `--from` names.
    pub(crate) fn stage_named(&self, name: &str) -> Option<usize> {
        self.names.named(name, self.stages.len())
    }

    /// An ENV of any stage between two instructions sets the variable.
    pub(crate) fn env_between(&self, name: &str, from: usize, to: usize) -> bool {
        let all = self.index.envs.get(name).map_or(&[][..], Vec::as_slice);
        let first = all.partition_point(|env| self.envs[*env].instruction <= from);
        let first = all.get(first).map(|env| self.envs[*env].instruction);
        first.is_some_and(|instruction| instruction < to)
    }

    /// The pairs of an ENV that set a variable, by their index.
    pub(crate) fn envs_named(
        &self,
        name: &str,
        instruction: usize,
    ) -> impl Iterator<Item = usize> + use<'_> {
        let all = self.index.envs.get(name).map_or(&[][..], Vec::as_slice);
        let first = all.partition_point(|env| self.envs[*env].instruction < instruction);
        let own = move |env: &usize| self.envs[*env].instruction == instruction;
        all[first..].iter().copied().take_while(own)
    }

    /// The pairs of an ENV, by their index.
    pub(crate) fn envs_of(&self, instruction: usize) -> Range<usize> {
        let start = self
            .envs
            .partition_point(|env| env.instruction < instruction);
        let is_own = |env: &EnvFact| env.instruction == instruction;
        start..start + self.envs[start..].partition_point(is_own)
    }
}

/// The first command of each stage of which something holds, or the first layer.
#[derive(Debug, Default)]
pub(crate) struct Firsts {
    own: Vec<Option<usize>>,
    /// It holds of one in the stages that the stage stands on.
    is_inherited: Vec<bool>,
}

impl Firsts {
    pub(crate) fn new(
        stages: &[StageFact],
        commands: &[CommandFact],
        is_one: impl Fn(&CommandFact) -> bool,
    ) -> Self {
        let mut own = vec![None; stages.len()];
        for (index, fact) in commands.iter().enumerate() {
            if own[fact.stage].is_none() && is_one(fact) {
                own[fact.stage] = Some(index);
            }
        }
        Self::inherited(stages, own)
    }

    /// The first of each stage, of pairs of a stage and an index.
    pub(crate) fn of(stages: &[StageFact], all: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut own = vec![None; stages.len()];
        for (stage, index) in all {
            own[stage] = Some(own[stage].map_or(index, |first: usize| first.min(index)));
        }
        Self::inherited(stages, own)
    }

    fn inherited(stages: &[StageFact], own: Vec<Option<usize>>) -> Self {
        let mut is_inherited: Vec<bool> = Vec::with_capacity(stages.len());
        for stage in stages {
            is_inherited.push(match stage.base.kind {
                BaseKind::Stage(parent) => own[parent].is_some() || is_inherited[parent],
                _ => false,
            });
        }
        Self { own, is_inherited }
    }

    /// It holds of a command before this one, in its stage or those that this stands on.
    pub(crate) fn is_before(&self, stage: usize, command: usize) -> bool {
        self.is_inherited[stage] || self.own[stage].is_some_and(|first| first < command)
    }

    /// It holds of a command of the stage itself.
    pub(crate) fn is_own(&self, stage: usize) -> bool {
        self.own[stage].is_some()
    }

    /// It holds of a command of the stage or of those that it stands on.
    pub(crate) fn is_in(&self, stage: usize) -> bool {
        self.is_before(stage, usize::MAX)
    }
}

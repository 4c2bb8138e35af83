//! Which value a variable has at a point: ENV, ARG, the stages and the base image before it, for a command also what
//! its own RUN sets; and the environment that a container starts with.

use std::cell::Cell;

use crate::compose::Environment;
use crate::dockerfile::expand::{Lookup, Var};
use crate::facts::model::{ArgFact, BaseKind, BuildPhase, EnvFact, GlobalArgs, Maybe, StageFact};
use crate::knowledge::undeclared::{self, Giver};
use crate::knowledge::words::ValueWords;
use crate::shell;
use crate::span::Traced;

/// The variables at a point of the Dockerfile: what has been declared up to it.
pub(crate) struct Variables<'a> {
    pub(crate) stages: &'a [StageFact],
    pub(crate) envs: &'a [EnvFact],
    pub(crate) global_args: &'a GlobalArgs,
    /// The stage that asks; `None` before the first FROM and in FROM itself.
    pub(crate) stage: Option<usize>,
    /// The instruction that asks; of its stage only what stands before counts.
    pub(crate) before: usize,
    /// How much was put in the place of variables; past a bound values are unknown.
    pub(crate) spent: Option<&'a Spent>,
}

/// Bytes that values of variables take in all the places that use them.
#[derive(Debug, Default)]
pub(crate) struct Spent(Cell<usize>);

/// Most of these bytes in a Dockerfile.
const MAX_SPENT: usize = 1 << 20;

impl Spent {
    /// Takes the bytes of a value; false when there are too many.
    fn take(&self, value: &Traced) -> bool {
        self.0.set(self.0.get().saturating_add(value.len()));
        !self.is_over()
    }

    /// Values are unknown from here on.
    pub(crate) fn is_over(&self) -> bool {
        self.0.get() > MAX_SPENT
    }
}

impl<'a> Variables<'a> {
    /// What holds in a stage before one of its instructions.
    pub(crate) fn before(p: &'a BuildPhase, stage: usize, before: usize) -> Self {
        Self {
            stages: &p.stages,
            envs: &p.envs,
            global_args: &p.global_args,
            stage: Some(stage),
            before,
            spent: None,
        }
    }

    /// What holds at the end of a stage.
    pub(crate) fn at_end(p: &'a BuildPhase, stage: usize) -> Self {
        Self::before(p, stage, usize::MAX)
    }

    /// Something beside the Dockerfile gives the variable: BuildKit, or the shell itself.
    pub(crate) fn is_given(name: &str) -> bool {
        matches!(undeclared::giver(name), Some(Giver::Proxy | Giver::Shell))
    }

    /// Whether BuildKit knows the name without a declaration.
    pub(crate) fn is_predefined(name: &str) -> bool {
        undeclared::giver(name) == Some(Giver::Proxy)
    }

    /// The value may be put in one more place.
    fn may_take(&self, value: &Traced) -> bool {
        self.spent.is_none_or(|spent| spent.take(value))
    }

    /// The stage that asks, and those that it stands on, nearest first.
    fn chain(&self) -> impl Iterator<Item = &StageFact> {
        let parent = |stage: &&StageFact| match stage.base.kind {
            BaseKind::Stage(parent) => self.stages.get(parent),
            BaseKind::Scratch | BaseKind::Image | BaseKind::Unknown => None,
        };
        let own = self.stage.and_then(|stage| self.stages.get(stage));
        std::iter::successors(own, move |stage| parent(stage))
    }

    /// The ENV that holds.
    pub(crate) fn env(&self, name: &str) -> Option<&EnvFact> {
        self.chain()
            .find_map(|stage| stage.env_before(self.envs, name, self.before))
    }

    /// The ARG that is in force.
    fn arg(&self, name: &str) -> Option<&ArgFact> {
        self.chain()
            .find_map(|stage| stage.arg_before(name, self.before))
    }

    /// The base image sets the variable, or nobody knows.
    fn base_may_set(&self, name: &str) -> bool {
        self.chain()
            .last()
            .is_some_and(|stage| match stage.base.kind {
                BaseKind::Image | BaseKind::Unknown => {
                    stage.base.knowledge.sets_env(name) != Some(false)
                }
                BaseKind::Scratch | BaseKind::Stage(_) => false,
            })
    }

    fn find(&self, name: &str) -> Var<'_> {
        if self.stage.is_none() {
            return self.find_global(name);
        }
        if let Some(env) = self.env(name) {
            return env.value.as_ref().map_or(Var::Unknown, Var::Known);
        }
        if let Some(arg) = self.arg(name) {
            return match &arg.value {
                Maybe::Known(value) => Var::Known(value),
                // An ARG without a value leaves what the base image may have set.
                Maybe::Absent | Maybe::Unknown => Var::Unknown,
            };
        }
        if self.base_may_set(name) || Self::is_predefined(name) {
            Var::Unknown
        } else {
            Var::Unset
        }
    }

    fn find_global(&self, name: &str) -> Var<'_> {
        let arg = self.global_args.last(name);
        match arg.map(|arg| &arg.value) {
            Some(Maybe::Known(value)) => Var::Known(value),
            Some(Maybe::Absent | Maybe::Unknown) => Var::Unknown,
            None if matches!(
                undeclared::giver(name),
                Some(Giver::Platform | Giver::Proxy)
            ) =>
            {
                Var::Unknown
            }
            None => Var::Unset,
        }
    }
}

impl Lookup for Variables<'_> {
    fn get(&self, name: &str) -> Var<'_> {
        match self.find(name) {
            // PATH is set in every image that can run anything.
            Var::Unset if name == "PATH" => Var::Unknown,
            Var::Known(value) if !self.may_take(value) => Var::Unknown,
            found => found,
        }
    }
}

impl shell::Variables for Variables<'_> {
    fn get(&self, name: &str) -> shell::Var {
        match self.find(name) {
            Var::Known(value) if self.may_take(value) => shell::Var::Known(value.clone()),
            Var::Known(_) => shell::Var::Unknown,
            Var::Unset if undeclared::giver(name) != Some(Giver::Shell) => shell::Var::Unset,
            Var::Unset | Var::Unknown => shell::Var::Unknown,
        }
    }
}

/// The environment that a container starts with: ENV only, and what is not set may be given at start.
pub(crate) struct AtStart<'a> {
    pub(crate) variables: Variables<'a>,
    /// What a service gives: what it switches by a variable is switched all the same.
    pub(crate) service: Option<&'a Environment>,
}

impl shell::Variables for AtStart<'_> {
    fn get(&self, name: &str) -> shell::Var {
        let is_given = |service: &&Environment| service.get(name).is_some();
        if self.service.filter(is_given).is_some() {
            return shell::Var::Unknown;
        }
        let value = self.variables.env(name).and_then(|env| env.value.clone());
        value.map_or(shell::Var::Unknown, shell::Var::Known)
    }
}

/// The value of a variable for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Set(Traced),
    /// Set to something that is not known.
    SetUnknown,
    Unset,
    /// The base image or the shell may set it.
    Unknown,
}

/// What a command of a RUN finds in the environment.
pub(crate) fn seen(p: &BuildPhase, command: usize, name: &str) -> Seen {
    let fact = &p.commands[command];
    let known = |value: Option<&Traced>| value.cloned().map_or(Seen::SetUnknown, Seen::Set);
    if let Some(own) = fact
        .command
        .assignments
        .iter()
        .rev()
        .find(|a| a.name == name)
        && fact.command.name.as_deref() != Some("")
    {
        return known(own.value.as_ref());
    }
    let layer = &p.layers[fact.layer];
    let marks = p.index.shell_marks(&(layer.commands.start..command), name);
    let of_command = |at: usize| &p.commands[at].command;
    let export = marks.export.filter(|at| Some(*at) > marks.sourcing);
    let start = export.or(marks.sourcing);
    // A shell variable: in the environment only if something exports it.
    let assignment = marks.assignment.filter(|at| Some(*at) > start);
    let setting = marks.setting.filter(|at| Some(*at) > start);
    let assigned = match assignment {
        Some(at) if assignment > setting => {
            let mut lines = of_command(at).assignments.iter().rev();
            let own = lines.find(|own| own.name == name);
            own.map(|own| known(own.value.as_ref()))
        }
        _ => setting.map(|_| Seen::Unknown),
    };
    if let Some(at) = export {
        let args = of_command(at).args.iter().rev();
        let mut texts = args.filter_map(|arg| {
            let rest = arg.prefix.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with('=')).then_some(&arg.text)
        });
        return match texts.next() {
            Some(Some(text)) if text.len() > name.len() => {
                Seen::Set(text.slice(name.len() + 1..text.len()))
            }
            _ => assigned.unwrap_or(Seen::SetUnknown),
        };
    }
    if marks.sourcing.is_some() {
        return Seen::Unknown;
    }
    if assigned == Some(Seen::Unknown) {
        return Seen::Unknown;
    }
    if layer
        .mounts
        .iter()
        .any(|mount| mount.env.as_deref() == Some(name))
    {
        return Seen::SetUnknown;
    }
    let variables = Variables::before(p, fact.stage, layer.instruction);
    if let Some(env) = variables.env(name) {
        // An exported shell variable of the name takes the new value along.
        return assigned.unwrap_or_else(|| known(env.value.as_ref()));
    }
    match variables.arg(name).map(|arg| &arg.value) {
        Some(Maybe::Known(value)) => assigned.unwrap_or_else(|| Seen::Set(value.clone())),
        // Whoever builds may give it.
        Some(Maybe::Absent | Maybe::Unknown) => Seen::Unknown,
        None if variables.base_may_set(name) => Seen::Unknown,
        None => Seen::Unset,
    }
}

/// Something switches it on by the variable, or could: `0`, `false`, `no` and `off` do not.
pub(crate) fn may_be_on(p: &BuildPhase, command: usize, name: &str) -> bool {
    let is_off = |value: &str| ValueWords::No.contains(&value.to_ascii_lowercase());
    match seen(p, command, name) {
        Seen::Set(value) => !value.is_empty() && !is_off(value.as_str()),
        _ => may_be_set(p, command, name),
    }
}

/// Something sets the variable, or could.
pub(crate) fn may_be_set(p: &BuildPhase, command: usize, name: &str) -> bool {
    let fact = &p.commands[command];
    match seen(p, command, name) {
        Seen::Set(value) => !value.is_empty(),
        Seen::SetUnknown => true,
        Seen::Unset => false,
        // Of a base image that is not known nothing is assumed; an ARG without value is a wish.
        Seen::Unknown => {
            let variables = Variables::at_end(p, fact.stage);
            variables
                .chain()
                .any(|stage| stage.set.args.contains_key(name))
        }
    }
}

//! Which value a variable has at an instruction: ENV, ARG, the stages and the base image before it.
//!
//! Lookups run while the stages are read, and afterwards for an instruction that is named.

use std::cell::Cell;

use crate::dockerfile::expand::{Lookup, Var};
use crate::facts::model::{ArgFact, BaseKind, EnvFact, Maybe, StageFact};
use crate::knowledge::undeclared::{self, Giver};
use crate::shell::{self, Variables};
use crate::span::Traced;

/// What has been declared up to now.
pub(crate) struct Scope<'a> {
    pub(crate) stages: &'a [StageFact],
    pub(crate) envs: &'a [EnvFact],
    pub(crate) global_args: &'a [ArgFact],
    /// The stage that asks; `None` before the first FROM and in FROM itself.
    pub(crate) stage: Option<usize>,
    /// The instruction that asks; of its stage only what stands before counts.
    pub(crate) before: usize,
    /// How much was put in the place of variables; past a bound values are unknown.
    pub(crate) spent: &'a Spent,
}

/// Bytes that values of variables take in all the places that use them.
#[derive(Debug, Default)]
pub(crate) struct Spent(Cell<usize>);

/// Most of these bytes in a Dockerfile.
const MAX_SPENT: usize = 8 << 20;

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

impl Scope<'_> {
    /// Something beside the Dockerfile gives the variable: BuildKit, or the shell itself.
    pub(crate) fn is_given(name: &str) -> bool {
        matches!(undeclared::giver(name), Some(Giver::Proxy | Giver::Shell))
    }

    /// Whether BuildKit knows the name without a declaration.
    pub(crate) fn is_predefined(name: &str) -> bool {
        undeclared::giver(name) == Some(Giver::Proxy)
    }

    /// The last ENV of the name in a stage.
    fn env(&self, stage: usize, name: &str) -> Option<&EnvFact> {
        self.stages[stage].env_before(self.envs, name, self.before)
    }

    fn find(&self, name: &str) -> Var<'_> {
        let Some(start) = self.stage else {
            return self.find_global(name);
        };
        let mut open = false;
        let mut at = Some(start);
        while let Some(index) = at {
            let stage = &self.stages[index];
            if let Some(env) = self.env(index, name) {
                return env.value.as_ref().map_or(Var::Unknown, Var::Known);
            }
            at = match stage.base.kind {
                BaseKind::Stage(parent) => Some(parent),
                BaseKind::Scratch => None,
                BaseKind::Image | BaseKind::Unknown => {
                    open = stage.base.knowledge.sets_env(name) != Some(false);
                    None
                }
            };
        }
        if let Some(arg) = self.find_arg(start, name) {
            return match &arg.value {
                Maybe::Known(value) => Var::Known(value),
                // An ARG without a value leaves what the base image may have set.
                Maybe::Absent | Maybe::Unknown => Var::Unknown,
            };
        }
        if open || Self::is_predefined(name) {
            Var::Unknown
        } else {
            Var::Unset
        }
    }

    fn find_arg(&self, start: usize, name: &str) -> Option<&ArgFact> {
        let mut at = Some(start);
        while let Some(index) = at {
            let stage = &self.stages[index];
            let arg = stage.arg_before(name, self.before);
            if arg.is_some() {
                return arg;
            }
            at = match stage.base.kind {
                BaseKind::Stage(parent) => Some(parent),
                BaseKind::Scratch | BaseKind::Image | BaseKind::Unknown => None,
            };
        }
        None
    }

    fn find_global(&self, name: &str) -> Var<'_> {
        let arg = self
            .global_args
            .iter()
            .rev()
            .find(|a| a.name.as_str() == name);
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

impl Lookup for Scope<'_> {
    fn get(&self, name: &str) -> Var<'_> {
        match self.find(name) {
            // PATH is set in every image that can run anything.
            Var::Unset if name == "PATH" => Var::Unknown,
            Var::Known(value) if !self.spent.take(value) => Var::Unknown,
            found => found,
        }
    }
}

impl Variables for Scope<'_> {
    fn get(&self, name: &str) -> shell::Var {
        match self.find(name) {
            Var::Known(value) if self.spent.take(value) => shell::Var::Known(value.clone()),
            Var::Known(_) => shell::Var::Unknown,
            Var::Unset if undeclared::giver(name) != Some(Giver::Shell) => shell::Var::Unset,
            Var::Unset | Var::Unknown => shell::Var::Unknown,
        }
    }
}

/// The environment as the container sees it: ENV only, and what is not set may be given at start.
pub(crate) struct RuntimeScope<'a>(pub(crate) Scope<'a>);

impl Variables for RuntimeScope<'_> {
    fn get(&self, name: &str) -> shell::Var {
        let mut at = self.0.stage;
        while let Some(index) = at {
            let stage = &self.0.stages[index];
            if let Some(env) = self.0.env(index, name) {
                return env
                    .value
                    .clone()
                    .map_or(shell::Var::Unknown, shell::Var::Known);
            }
            at = match stage.base.kind {
                BaseKind::Stage(parent) => Some(parent),
                BaseKind::Scratch | BaseKind::Image | BaseKind::Unknown => None,
            };
        }
        shell::Var::Unknown
    }
}

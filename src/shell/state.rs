//! The state of a shell while a script is walked, and where a statement stands.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shuck_ast::Stmt;

use crate::shell::ast::{Arg, Command, Connector, OnFailure, Runs};
use crate::shell::environment::{Changes, Environment, Value};
use crate::shell::positional::Positional;
use crate::shell::{Options, Script, Variables};
use crate::span::{Span, Traced};

/// Most commands a script is resolved to: what commands do to each other is looked at in pairs.
const MAX_COMMANDS: usize = 1_000;

/// Statements walked and fields made, all together: bounds loops over known lists and calls.
const MAX_STEPS: u32 = 400_000;

/// State of the shell beside its variables.
#[derive(Clone, Debug)]
pub(super) struct Mode {
    pub(super) errexit: bool,
    pub(super) pipefail: bool,
    /// See [`Command::cd`].
    pub(super) cd: Option<Rc<str>>,
    pub(super) args: Positional,
    pub(super) has_own_separators: bool,
    /// `exit`, `exec` or `return` was run: what follows does not run.
    pub(super) is_ended: bool,
    /// It was `return`: only the function has ended.
    pub(super) is_returned: bool,
}

/// Where a statement stands.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// Its failing makes the script fail because its status is the status of the script.
    pub(super) status: bool,
    /// Ending the shell it runs in with failure makes the script fail.
    pub(super) abort: bool,
    /// `set -e` does not look at it.
    pub(super) ignores_errexit: bool,
    pub(super) runs: Runs,
    /// See [`Command::is_passed_over`].
    pub(super) is_passed_over: bool,
    pub(super) connector: Connector,
    pub(super) is_condition: bool,
    /// See [`Command::guard`].
    pub(super) guard: Option<Span>,
    pub(super) is_substitution: bool,
    pub(super) is_background: bool,
    pub(super) in_backticks: bool,
    pub(super) loop_depth: u32,
    pub(super) function: Option<Rc<str>>,
    pub(super) pipeline: (u32, u32),
    /// Of the `sh -c` around it.
    pub(super) wrappers: Rc<[String]>,
    pub(super) runners: Rc<[Traced]>,
    pub(super) run_as: Option<Arg>,
    pub(super) depth: u32,
}

/// What is shared by the walks over a script and the strings it gives to other shells.
pub(super) struct Shared<'v> {
    pub(super) environment: Environment<'v>,
    pub(super) mode: Mode,
    pub(super) commands: Vec<Command>,
    steps: u32,
    /// The script may have ended with success before: nothing is certain to run any more.
    pub(super) may_be_over: bool,
    /// The same of the function that is walked.
    pub(super) may_have_returned: bool,
    /// Values that `local` hides, to be put back.
    pub(super) hidden: Vec<(String, Value)>,
}

impl Shared<'_> {
    /// Counts `count` steps; `false` when the bound is reached.
    pub(super) fn step(&mut self, count: usize) -> bool {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_sub(count);
        self.may_step()
    }

    pub(super) fn may_step(&self) -> bool {
        self.steps > 0 && self.commands.len() < MAX_COMMANDS
    }
}

/// A function of the script.
pub(super) struct Function<'s> {
    pub(super) body: &'s Stmt,
    pub(super) is_active: bool,
}

pub(super) struct Walk<'s, 'w, 'v> {
    pub(super) script: &'s Script,
    pub(super) shared: &'w mut Shared<'v>,
    pub(super) functions: BTreeMap<String, Function<'s>>,
    /// Those of them that nobody has called yet.
    pub(super) uncalled: BTreeSet<String>,
}

impl<'v> Shared<'v> {
    pub(super) fn new(variables: &'v dyn Variables, options: &Options) -> Self {
        Self {
            environment: Environment::new(variables),
            mode: Mode {
                errexit: options.errexit,
                pipefail: options.pipefail,
                cd: Some("".into()),
                args: Positional::new(options.args.as_deref()),
                has_own_separators: false,
                is_ended: false,
                is_returned: false,
            },
            commands: Vec::new(),
            steps: MAX_STEPS,
            may_be_over: false,
            may_have_returned: false,
            hidden: Vec::new(),
        }
    }
}

impl Context {
    pub(super) fn top() -> Self {
        Self {
            status: true,
            abort: true,
            ignores_errexit: false,
            runs: Runs::Always,
            is_passed_over: false,
            connector: Connector::Sequence,
            is_condition: false,
            guard: None,
            is_substitution: false,
            is_background: false,
            in_backticks: false,
            loop_depth: 0,
            function: None,
            pipeline: (0, 1),
            wrappers: Rc::from([]),
            runners: Rc::from([]),
            run_as: None,
            depth: 0,
        }
    }

    /// Whether failing here makes the script fail.
    pub(super) fn stops(&self, mode: &Mode) -> bool {
        self.status || (mode.errexit && !self.ignores_errexit && self.abort)
    }

    pub(super) fn on_failure(&self, mode: &Mode) -> OnFailure {
        if self.stops(mode) {
            OnFailure::Stops
        } else {
            OnFailure::Continues
        }
    }

    /// For the inside of a subshell.
    pub(super) fn subshell(&self, mode: &Mode) -> Self {
        let stops = self.stops(mode);
        Self {
            status: stops,
            abort: stops,
            ..self.clone()
        }
    }

    /// For a statement whose status nobody acts upon by ending the script.
    pub(super) fn tested(&self) -> Self {
        Self {
            status: false,
            ignores_errexit: true,
            ..self.clone()
        }
    }

    pub(super) fn perhaps(mut self) -> Self {
        self.runs = Runs::Perhaps;
        self
    }
}

impl<'s, 'w, 'v> Walk<'s, 'w, 'v> {
    pub(super) fn new(script: &'s Script, shared: &'w mut Shared<'v>) -> Self {
        Self {
            script,
            shared,
            functions: BTreeMap::new(),
            uncalled: BTreeSet::new(),
        }
    }

    /// Walks without any effect on what follows.
    pub(super) fn apart(&mut self, body: impl FnOnce(&mut Self)) {
        let mode = self.shared.mode.clone();
        let may_be_over = self.shared.may_be_over;
        let mark = self.shared.environment.enter();
        body(self);
        self.shared.environment.leave(mark);
        self.shared.mode = mode;
        self.shared.may_be_over = may_be_over;
    }

    /// Walks one of several ways; goes on with [`Walk::join`].
    pub(super) fn way(&mut self, body: impl FnOnce(&mut Self)) -> (Changes, Mode) {
        let before = self.shared.mode.clone();
        let mark = self.shared.environment.enter();
        body(self);
        let changes = self.shared.environment.leave(mark);
        (changes, std::mem::replace(&mut self.shared.mode, before))
    }

    /// Goes on after one of the `ways`, or none of them when `may_skip`.
    pub(super) fn join(&mut self, ways: Vec<(Changes, Mode)>, may_skip: bool) {
        let mut changes = Vec::new();
        let mut modes = Vec::new();
        for (change, mode) in ways {
            if !mode.is_ended {
                changes.push(change);
                modes.push(mode);
            }
        }
        if modes.is_empty() {
            self.shared.mode.is_ended |= !may_skip;
            return;
        }
        self.shared.environment.join(&changes, may_skip);
        if may_skip {
            modes.push(self.shared.mode.clone());
        }
        let Some(mut mode) = modes.pop() else {
            return;
        };
        for other in modes {
            mode.errexit |= other.errexit;
            mode.pipefail |= other.pipefail;
            mode.has_own_separators |= other.has_own_separators;
            if mode.cd != other.cd {
                mode.cd = None;
            }
            mode.args = mode.args.join(&other.args);
        }
        self.shared.mode = mode;
    }
}

//! The walk over a parsed script: statements, lists, pipelines and what failing in them does.
//!
//! Keeps the state of the shell (variables, directory, `set -e`) in order. Compound commands are in
//! `compound`, simple ones in `simple`.

use std::collections::BTreeMap;
use std::rc::Rc;

use shuck_ast::{
    BackgroundOperator, BinaryOp, BuiltinCommand, Command as Node, CompoundCommand, Stmt, StmtSeq,
    StmtTerminator,
};

use super::ast::{Arg, Command, Connector, OnFailure, Runs};
use super::environment::{Changes, Environment, Value};
use super::positional::Positional;
use super::{Options, Script, Variables};
use crate::span::Span;

/// Most commands a script is resolved to: what commands do to each other is looked at in pairs.
const MAX_COMMANDS: usize = 1_000;
/// Statements walked and fields made, all together: bounds loops over known lists and calls.
const MAX_STEPS: u32 = 400_000;
/// Deepest nesting of statements that is walked, those of `sh -c` strings and functions included.
const MAX_DEPTH: u32 = 110;

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

    fn may_step(&self) -> bool {
        self.steps > 0 && self.commands.len() < MAX_COMMANDS
    }
}

/// A function of the script.
pub(super) struct Function<'s> {
    pub(super) body: &'s Stmt,
    pub(super) is_called: bool,
    pub(super) is_active: bool,
}

pub(super) struct Walk<'s, 'w, 'v> {
    pub(super) script: &'s Script,
    pub(super) shared: &'w mut Shared<'v>,
    pub(super) functions: BTreeMap<String, Function<'s>>,
}

pub(super) fn commands(
    script: &Script,
    variables: &dyn Variables,
    options: &Options,
) -> Vec<Command> {
    let mut shared = Shared::new(variables, options);
    Walk::new(script, &mut shared).top(&Context::top());
    let rest = shared.commands.last().filter(|_| !shared.may_step());
    let rest = rest.map(unknown_rest);
    shared.commands.extend(rest);
    shared.commands
}

/// What stands for the commands behind the last that was looked at: it may do anything.
fn unknown_rest(last: &Command) -> Command {
    Command {
        name: None,
        program: None,
        run_as: None,
        runs_arguments: false,
        assignments: Vec::new(),
        args: Vec::new(),
        subcommand: None,
        flags: Vec::new(),
        operands: Vec::new(),
        management: None,
        is_complete: false,
        on_failure: OnFailure::Continues,
        runs: Runs::Perhaps,
        redirects: Vec::new(),
        cd: None,
        ..last.clone()
    }
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
    fn subshell(&self, mode: &Mode) -> Self {
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
        }
    }

    /// The whole script, then the functions nobody called.
    pub(super) fn top(&mut self, context: &Context) {
        let script = self.script;
        self.sequence(&script.file.body, context);
        let context = Context {
            status: false,
            connector: Connector::Sequence,
            ..context.clone()
        }
        .perhaps();
        // Walking one may define or call others.
        while let Some(name) = self
            .functions
            .iter()
            .find(|(_, function)| !function.is_called)
            .map(|(name, _)| name.clone())
        {
            self.apart(|walk| {
                walk.call(&name, Positional::unknown(), &context);
            });
        }
    }

    pub(super) fn sequence(&mut self, sequence: &'s StmtSeq, context: &Context) {
        let statements = &sequence.stmts;
        for (i, statement) in statements.iter().enumerate() {
            let mut inner = context.clone();
            if i > 0 {
                inner.connector = Connector::Sequence;
            }
            match statements.get(i + 1) {
                Some(next) if passes_status(next, self.script.text.as_str()) => {
                    inner.status = context.abort;
                }
                Some(_) => inner.status = false,
                None => {}
            }
            self.statement(statement, &inner);
        }
    }

    pub(super) fn statement(&mut self, statement: &'s Stmt, context: &Context) {
        if !self.shared.step(1) || context.depth > MAX_DEPTH {
            return;
        }
        let mut inner = context.clone();
        inner.depth += 1;
        if statement.negated {
            inner.status = false;
            inner.ignores_errexit = true;
        }
        if let Some(StmtTerminator::Background(BackgroundOperator::Plain)) = statement.terminator {
            inner.status = false;
            inner.abort = false;
            inner.is_background = true;
            self.apart(|walk| walk.command(statement, &inner));
            return;
        }
        self.command(statement, &inner);
    }

    fn command(&mut self, statement: &'s Stmt, context: &Context) {
        match &statement.command {
            Node::Simple(_) | Node::Builtin(_) | Node::Decl(_) => {
                self.simple(statement, context);
            }
            Node::Binary(binary) => match binary.op {
                BinaryOp::And | BinaryOp::Or => self.list(statement, context),
                BinaryOp::Pipe | BinaryOp::PipeAll => self.pipeline(statement, context),
            },
            Node::Compound(compound) => {
                self.redirect_substitutions(&statement.redirects, context);
                self.compound(compound, context);
            }
            Node::Function(function) => self.define(function),
            Node::AnonymousFunction(function) => self.statement(&function.body, context),
        }
    }

    /// `a && b || c`
    fn list(&mut self, statement: &'s Stmt, context: &Context) {
        let mut items: Vec<(Option<BinaryOp>, &'s Stmt)> = Vec::new();
        let mut left = statement;
        loop {
            match &left.command {
                Node::Binary(binary)
                    if matches!(binary.op, BinaryOp::And | BinaryOp::Or)
                        && (std::ptr::eq(left, statement) || !left.negated) =>
                {
                    items.push((Some(binary.op), &binary.right));
                    left = &binary.left;
                }
                _ => {
                    items.push((None, left));
                    break;
                }
            }
        }
        items.reverse();
        let last = items.len() - 1;
        let mut before_stops = true;
        // Of a first item that is a test of known words.
        let mut before_holds: Option<bool> = None;
        for (i, (operator, item)) in items.iter().enumerate() {
            let rescue = items[i + 1..]
                .iter()
                .find(|(operator, _)| *operator == Some(BinaryOp::Or));
            let mut inner = context.clone();
            if i < last {
                inner.ignores_errexit = true;
                inner.status = match rescue {
                    Some((_, rescue)) => {
                        context.abort && gives_up(rescue, self.script.text.as_str(), 0)
                    }
                    None => context.status,
                };
            }
            let is_certain = match operator {
                None => true,
                Some(BinaryOp::And) => {
                    inner.connector = Connector::And;
                    before_stops
                }
                Some(_) => {
                    inner.connector = Connector::Or;
                    false
                }
            };
            before_stops = inner.status || cannot_fail(item, self.script.text.as_str());
            let goes_on = before_holds.take().map(|holds| match operator {
                Some(BinaryOp::And) => holds,
                _ => !holds,
            });
            if is_certain || goes_on == Some(true) {
                let listed = self.shared.commands.len();
                if goes_on == Some(true) {
                    inner.guard = self.shared.commands.last().map(|test| test.span);
                }
                self.statement(item, &inner);
                if i == 0 {
                    before_holds = self.outcome(item, listed);
                }
                continue;
            }
            let inner = inner.perhaps();
            if goes_on == Some(false) {
                self.apart(|walk| walk.statement(item, &inner));
            } else {
                let way = self.way(|walk| walk.statement(item, &inner));
                self.join(vec![way], true);
            }
        }
    }

    /// `a | b`
    fn pipeline(&mut self, statement: &'s Stmt, context: &Context) {
        let mut items: Vec<&'s Stmt> = Vec::new();
        let mut left = statement;
        loop {
            match &left.command {
                Node::Binary(binary)
                    if matches!(binary.op, BinaryOp::Pipe | BinaryOp::PipeAll)
                        && (std::ptr::eq(left, statement) || !left.negated) =>
                {
                    items.push(&binary.right);
                    left = &binary.left;
                }
                _ => {
                    items.push(left);
                    break;
                }
            }
        }
        items.reverse();
        let last = items.len() - 1;
        let length = u32::try_from(items.len()).unwrap_or(u32::MAX);
        for (i, item) in items.iter().enumerate() {
            let mut inner = context.subshell(&self.shared.mode);
            if i < last && !self.shared.mode.pipefail {
                inner.status = false;
                inner.abort = false;
            }
            if i > 0 {
                inner.connector = Connector::Pipe;
            }
            inner.pipeline = (u32::try_from(i).unwrap_or(u32::MAX), length);
            self.apart(|walk| walk.statement(item, &inner));
        }
    }

    /// `( ... )` and what else runs in a shell of its own.
    pub(super) fn subshell(&mut self, body: &'s StmtSeq, context: &Context) {
        let inner = context.subshell(&self.shared.mode);
        self.apart(|walk| walk.sequence(body, &inner));
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

/// `exit` or `exit $?`: the status of the statement before it becomes that of the script.
fn passes_status(next: &Stmt, text: &str) -> bool {
    match &next.command {
        Node::Builtin(BuiltinCommand::Exit(exit)) => exit
            .code
            .as_ref()
            .is_none_or(|code| matches!(code.span.slice(text), "$?" | "\"$?\"")),
        _ => false,
    }
}

/// Whether a statement behind `||` ends the shell with failure: `exit 1`, `{ echo no; exit 1; }`.
fn gives_up(statement: &Stmt, text: &str, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let fails = |code: &Option<shuck_ast::Word>| match code {
        Some(code) => code.span.slice(text) != "0",
        None => true,
    };
    match &statement.command {
        Node::Builtin(BuiltinCommand::Exit(exit)) => fails(&exit.code),
        Node::Builtin(BuiltinCommand::Return(exit)) => fails(&exit.code),
        Node::Compound(CompoundCommand::BraceGroup(body)) => {
            let mut statements = body.stmts.iter();
            statements.any(|statement| gives_up(statement, text, depth + 1))
        }
        Node::Binary(binary) if binary.op == BinaryOp::And => {
            gives_up(&binary.right, text, depth + 1)
        }
        _ => false,
    }
}

/// Builtins that succeed whatever they are given, as far as a build is concerned.
fn cannot_fail(statement: &Stmt, text: &str) -> bool {
    const SURE: [&str; 6] = [":", "true", "set", "echo", "printf", "unset"];
    match &statement.command {
        Node::Simple(simple) => !statement.negated && SURE.contains(&simple.name.span.slice(text)),
        Node::Decl(_) => !statement.negated,
        _ => false,
    }
}

//! The walk over a parsed script: statements, lists, pipelines and what failing in them does.
//!
//! Keeps the state of the shell (variables, directory, `set -e`) in order. Compound commands are in
//! `compound`, simple ones in `simple`.

use shuck_ast::{
    BackgroundOperator, BinaryOp, BuiltinCommand, Command as Node, CompoundCommand, Stmt, StmtSeq,
    StmtTerminator,
};

use super::ast::{Command, Connector, OnFailure, Runs};
use super::positional::Positional;
use super::state::{Context, Shared, Walk};
use super::{Options, Script, Variables};

/// Deepest nesting of statements that is walked, those of `sh -c` strings and functions included.
const MAX_DEPTH: u32 = 110;

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

impl<'s, 'w, 'v> Walk<'s, 'w, 'v> {
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
        while let Some(name) = self.uncalled.first().cloned() {
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
                BinaryOp::Pipe | BinaryOp::PipeAll => self.piped(statement, context),
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
    fn piped(&mut self, statement: &'s Stmt, context: &Context) {
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

impl Script {
    /// All simple commands, in the order they run; functions where they are called, those never
    /// called at the end.
    ///
    /// The number of commands is bounded (a loop over a known list counts each round): what would
    /// go beyond is left out.
    #[must_use]
    pub(crate) fn commands(&self, variables: &dyn Variables, options: &Options) -> Vec<Command> {
        commands(self, variables, options)
    }
}

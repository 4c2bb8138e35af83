//! What ends the import of settings: exceptions that nobody catches, `assert`, `sys.exit`; and the
//! variables that decide whether it comes to that.

use ruff_python_ast::{BoolOp, ExceptHandler, Expr, ExprBoolOp, Stmt, UnaryOp};

use crate::span::Span;

use super::interpreter::{Exception, Interpreter};
use super::value::{EnvState, Kind, Value};
use super::ways::Hint;

/// Ends remembered, at most.
const MAX_STOPS: usize = 500;
/// Variables remembered of one condition, at most.
const MAX_NAMES: usize = 40;
/// Values looked at for them.
const MAX_DEPTH: u8 = 8;

/// A place where the import may end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The statement that ends it.
    pub span: Span,
    /// It ends there whatever else is given.
    pub is_certain: bool,
    /// Variables that the conditions around it ask.
    pub names: Vec<String>,
    /// A condition around it asks something that is not known.
    pub is_vague: bool,
    pub(super) exception: Exception,
}

/// What conditions ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    names: Vec<String>,
    is_vague: bool,
    /// The condition is decided while one variable is not set.
    pub(super) hint: Option<Hint>,
}

impl Guard {
    pub(super) fn vague() -> Self {
        Self {
            is_vague: true,
            ..Self::default()
        }
    }

    /// The variables that decide what a value is.
    pub(super) fn add(&mut self, value: &Value) {
        self.walk(value, 0);
    }

    pub(super) fn name(&mut self, name: &str) {
        if self.names.len() >= MAX_NAMES {
            self.is_vague = true;
        } else if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn walk(&mut self, value: &Value, depth: u8) {
        if depth > MAX_DEPTH {
            self.is_vague = true;
            return;
        }
        match &value.kind {
            Kind::Env(env) => {
                if env.state != EnvState::Set {
                    self.name(&env.name);
                }
                for part in env.default.iter().chain(&env.resolved) {
                    self.walk(part, depth + 1);
                }
            }
            Kind::Either(values) => values.iter().for_each(|one| self.walk(one, depth + 1)),
            // What is known of it and does not decide may still depend on what was left out.
            _ => self.is_vague |= value.truth().is_none(),
        }
    }
}

impl Interpreter<'_> {
    /// The import may end here.
    pub(super) fn stop(&mut self, exception: Exception, span: Span) {
        if self.stops.len() >= MAX_STOPS {
            return;
        }
        let mut all = Guard::default();
        for guard in &self.guards {
            all.is_vague |= guard.is_vague;
            guard.names.iter().for_each(|name| all.name(name));
        }
        self.stops.push(Stop {
            span,
            is_certain: self.undecided == 0,
            names: all.names,
            is_vague: all.is_vague,
            exception,
        });
    }

    /// As [`Interpreter::stop`] where it is not known whether it comes to that.
    pub(super) fn perhaps_stop(&mut self, exception: Exception, guard: Guard, span: Span) {
        self.undecided += 1;
        self.guards.push(guard);
        self.stop(exception, span);
        self.guards.pop();
        self.undecided -= 1;
    }

    /// Code that is not followed may end the import.
    pub(super) fn hidden_stop(&mut self, span: Span) {
        if self.hidden_stops.len() < MAX_STOPS && !self.hidden_stops.contains(&span) {
            self.hidden_stops.push(span);
        }
    }

    /// Takes back the ends since `from` that one of these handlers catches.
    pub(super) fn caught(&mut self, from: usize, handlers: &[ExceptHandler]) {
        let late = self.stops.split_off(from.min(self.stops.len()));
        let kept = late.into_iter().filter(|stop| {
            let catches = |handler| super::attempts::catches(handler, &stop.exception);
            !handlers.iter().any(catches)
        });
        self.stops.extend(kept);
    }

    /// Whether a condition holds. What is known of one side may decide for both; what cannot be
    /// decided is in the guard.
    pub(super) fn holds(&mut self, test: &Expr) -> (Option<bool>, Guard) {
        match test {
            Expr::BoolOp(operation) => self.all_hold(operation),
            Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => {
                let (truth, mut guard) = self.deeper(|this| this.holds(&operation.operand));
                guard.hint = guard.hint.map(Hint::negated);
                (truth.map(|truth| !truth), guard)
            }
            _ => {
                let value = self.eval(test);
                let truth = value.truth();
                let mut guard = Guard::default();
                if truth.is_none() {
                    guard.add(&value);
                    guard.hint = Hint::of(&value);
                }
                (truth, guard)
            }
        }
    }

    /// `a and b`, `a or b`.
    fn all_hold(&mut self, operation: &ExprBoolOp) -> (Option<bool>, Guard) {
        let decisive = operation.op == BoolOp::Or;
        let (undecided, depth) = (self.undecided, self.guards.len());
        let mut result = Some(!decisive);
        let mut all = Guard::default();
        for one in &operation.values {
            let (truth, guard) = self.deeper(|this| this.holds(one));
            match truth {
                Some(truth) if truth == decisive => {
                    result = Some(decisive);
                    break;
                }
                Some(_) => {}
                // Whether the next is asked is not known.
                None => {
                    result = None;
                    all.is_vague |= guard.is_vague;
                    guard.names.iter().for_each(|name| all.name(name));
                    // Without the variable this one decides for all.
                    if guard
                        .hint
                        .as_ref()
                        .is_some_and(|hint| hint.truth == decisive)
                    {
                        all.hint = all.hint.or(guard.hint.clone());
                    }
                    self.undecided += 1;
                    self.guards.push(guard);
                }
            }
            if self.raised.is_some() {
                break;
            }
        }
        self.undecided = undecided;
        self.guards.truncate(depth);
        if result.is_some() {
            all = Guard::default();
        }
        (result, all)
    }

    /// Evaluates what is perhaps not evaluated: what it raises is no more than possible.
    pub(super) fn perhaps<T>(&mut self, guard: Guard, f: impl FnOnce(&mut Self) -> T) -> T {
        let raised = self.raised.take();
        self.guards.push(guard);
        self.undecided += 1;
        let result = f(self);
        self.undecided -= 1;
        self.guards.pop();
        if std::mem::replace(&mut self.raised, raised).is_some() {
            self.may_raise = true;
        }
        result
    }
}

/// Whether a body holds something that ends the import when it runs.
pub(super) fn can_stop(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Raise(_) | Stmt::Assert(_) => true,
        Stmt::Expr(statement) => is_exit(&statement.value),
        Stmt::If(statement) => {
            can_stop(&statement.body)
                || statement
                    .elif_else_clauses
                    .iter()
                    .any(|clause| can_stop(&clause.body))
        }
        Stmt::For(statement) => can_stop(&statement.body) || can_stop(&statement.orelse),
        Stmt::While(statement) => can_stop(&statement.body) || can_stop(&statement.orelse),
        Stmt::With(statement) => can_stop(&statement.body),
        Stmt::Match(statement) => statement.cases.iter().any(|case| can_stop(&case.body)),
        Stmt::Try(statement) => {
            can_stop(&statement.body)
                || can_stop(&statement.orelse)
                || can_stop(&statement.finalbody)
                || statement.handlers.iter().any(|handler| {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    can_stop(&handler.body)
                })
        }
        _ => false,
    })
}

/// `sys.exit(...)` and its like.
fn is_exit(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else {
        return false;
    };
    match call.func.as_ref() {
        Expr::Attribute(attribute) => matches!(attribute.attr.as_str(), "exit" | "_exit" | "abort"),
        Expr::Name(name) => matches!(name.id.as_str(), "exit" | "quit"),
        _ => false,
    }
}

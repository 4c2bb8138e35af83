//! What ends the import of settings: exceptions that nobody catches, `assert`, `sys.exit`; and the
//! variables that decide whether it comes to that.

use ruff_python_ast::{ExceptHandler, Expr, Stmt};

use crate::python::settings::exception::{Exception, catches};
use crate::python::settings::machine::{Guard, Interpreter};
use crate::python::settings::outcome::Stop;
use crate::span::Span;

/// Ends remembered, at most.
const MAX_STOPS: usize = 500;

impl Interpreter<'_> {
    /// The import may end here.
    pub(crate) fn stop(&mut self, exception: Exception, span: Span) {
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
    pub(crate) fn perhaps_stop(&mut self, exception: Exception, guard: Guard, span: Span) {
        self.undecided += 1;
        self.guards.push(guard);
        self.stop(exception, span);
        self.guards.pop();
        self.undecided -= 1;
    }

    /// Code that is not followed may end the import.
    pub(crate) fn hidden_stop(&mut self, span: Span) {
        if self.hidden_stops.len() < MAX_STOPS && !self.hidden_stops.contains(&span) {
            self.hidden_stops.push(span);
        }
    }

    /// Remembers a directory that is made for sure: under no condition, or under the one that it is not there.
    pub(crate) fn makes_directory(&mut self, path: &str, span: Span) {
        let is_asked = || {
            let is_only = self.undecided == 1;
            let mut names = self.guards.iter().flat_map(|guard| &guard.names);
            is_only && names.next().is_none() && self.asked_for.as_deref() == Some(path)
        };
        let is_certain = self.tries == 0 && (self.undecided == 0 || is_asked());
        if is_certain && path.starts_with('/') && self.made.len() < MAX_STOPS {
            self.made.push((path.to_owned(), span));
        }
    }

    /// Takes back the ends since `from` that one of these handlers catches.
    pub(crate) fn caught(&mut self, from: usize, handlers: &[ExceptHandler]) {
        let late = self.stops.split_off(from.min(self.stops.len()));
        let kept = late.into_iter().filter(|stop| {
            let catches = |handler| catches(handler, &stop.exception);
            !handlers.iter().any(catches)
        });
        self.stops.extend(kept);
    }

    /// Evaluates what is perhaps not evaluated: what it raises is no more than possible.
    pub(crate) fn perhaps<T>(&mut self, guard: Guard, f: impl FnOnce(&mut Self) -> T) -> T {
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
pub(crate) fn can_stop(body: &[Stmt]) -> bool {
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

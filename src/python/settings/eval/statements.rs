//! Statements: conditions, loops, `try`, `with`; what runs for sure and what may run.

use ruff_python_ast::{ExceptHandler, Expr, Pattern, Stmt, StmtFor, StmtIf, StmtMatch, StmtWith};

use crate::python::settings::exception::{exception, exception_name};
use crate::python::settings::library::iterate;
use crate::python::settings::machine::{Flow, Interpreter, can_stop};
use crate::python::settings::outcome::ProblemKind;
use crate::python::settings::value::{Kind, Object, Thing, Value};
use crate::span::Span;

impl Interpreter<'_> {
    pub(crate) fn block(&mut self, body: &[Stmt]) -> Flow {
        for statement in body {
            if !self.spend(1) {
                return Flow::Next;
            }
            let flow = self.statement(statement);
            if flow != Flow::Next {
                return flow;
            }
            if let Some(exception) = self.raised.take() {
                return Flow::Raise(exception);
            }
        }
        Flow::Next
    }

    fn statement(&mut self, statement: &Stmt) -> Flow {
        match statement {
            Stmt::Assign(assign) => {
                let value = self.value_to_bind(&assign.value);
                if self.raised.is_none() {
                    for target in &assign.targets {
                        self.assign(target, value.clone());
                    }
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.value_to_bind(value);
                    if self.raised.is_none() {
                        self.assign(&assign.target, value);
                    }
                }
            }
            Stmt::AugAssign(assign) => self.augmented(assign),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.delete(target);
                }
            }
            Stmt::Expr(expression) => self.expression_statement(&expression.value),
            Stmt::If(statement) => return self.deeper(|this| this.conditional(statement)),
            Stmt::For(statement) => return self.deeper(|this| this.for_loop(statement)),
            Stmt::While(statement) => {
                self.not_followed(&statement.body, &[], self.span(statement));
                self.havoc(&statement.body);
            }
            Stmt::Try(statement) => return self.deeper(|this| this.try_block(statement)),
            Stmt::With(statement) => {
                if self.is_suppressing(statement) {
                    return self.deeper(|this| this.suppressed(&statement.body));
                }
                let prefixes = self.variables.prefixes.len();
                for item in &statement.items {
                    self.enter(&item.context_expr, item.optional_vars.as_deref());
                }
                let flow = self.deeper(|this| this.block(&statement.body));
                self.variables.prefixes.truncate(prefixes);
                return flow;
            }
            Stmt::Match(statement) => return self.deeper(|this| this.matching(statement)),
            Stmt::Import(import) => self.import_statement(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::FunctionDef(function) => self.define_function(function),
            Stmt::ClassDef(class) => self.define_class(class),
            Stmt::Return(statement) => {
                let value = match &statement.value {
                    Some(value) => self.eval(value),
                    None => Value::new(Kind::None, self.span(statement)),
                };
                if self.raised.is_some() {
                    return Flow::Next;
                }
                self.returns(value);
                return Flow::Return;
            }
            Stmt::Raise(statement) => {
                let name = statement.exc.as_deref().map_or("", exception_name);
                if self.undecided == 0 && self.tries == 0 {
                    let span = self.outer_span(self.span(statement));
                    let what = if name.is_empty() {
                        "an exception"
                    } else {
                        name
                    };
                    self.problem(
                        ProblemKind::Raises,
                        Some(span),
                        format!("the import raises `{what}`"),
                    );
                }
                let span = self.span(statement);
                self.stop(exception(name), span);
                return Flow::Raise(exception(name));
            }
            Stmt::Assert(statement) => {
                let (truth, guard) = self.holds(&statement.test);
                let span = self.span(statement);
                match truth {
                    Some(true) => {}
                    Some(false) => {
                        self.stop(exception("AssertionError"), span);
                        return Flow::Raise(exception("AssertionError"));
                    }
                    None => {
                        self.may_raise = true;
                        self.perhaps_stop(exception("AssertionError"), guard, span);
                    }
                }
            }
            Stmt::Pass(_)
            | Stmt::Break(_)
            | Stmt::Continue(_)
            | Stmt::Global(_)
            | Stmt::Nonlocal(_)
            | Stmt::TypeAlias(_)
            | Stmt::IpyEscapeCommand(_) => {}
        }
        Flow::Next
    }

    fn conditional(&mut self, statement: &StmtIf) -> Flow {
        if self.is_too_deep() {
            self.havoc(&statement.body);
            for clause in &statement.elif_else_clauses {
                self.havoc(&clause.body);
            }
            return Flow::Next;
        }
        let mut arms: Vec<(Option<&Expr>, &[Stmt])> =
            vec![(Some(&statement.test), &statement.body)];
        for clause in &statement.elif_else_clauses {
            arms.push((clause.test.as_ref(), &clause.body));
        }
        self.arms(&arms)
    }

    /// The first arm whose test holds; undecided tests lead to both ways.
    fn arms(&mut self, arms: &[(Option<&Expr>, &[Stmt])]) -> Flow {
        let Some(((test, body), rest)) = arms.split_first() else {
            return Flow::Next;
        };
        let Some(test) = test else {
            return self.block(body);
        };
        if is_type_checking(test) {
            return self.arms(rest);
        }
        let (truth, guard) = self.holds(test);
        if self.raised.is_some() {
            return Flow::Next;
        }
        match truth {
            Some(true) => self.block(body),
            Some(false) => self.arms(rest),
            None => self.deeper(|this| {
                let hint = guard.hint.clone();
                this.guards.push(guard);
                let flow = this.both(hint.as_ref(), &mut |this| this.block(body), &mut |this| {
                    this.arms(rest)
                });
                this.guards.pop();
                flow
            }),
        }
    }

    fn for_loop(&mut self, statement: &StmtFor) -> Flow {
        let items = self.eval(&statement.iter);
        let items = iterate(self, &items);
        let is_plain = !has_jump(&statement.body);
        match items {
            Some(items) if is_plain && items.len() <= 200 && !self.is_too_deep() => {
                for item in items {
                    self.assign(&statement.target, item);
                    let flow = self.block(&statement.body);
                    if flow != Flow::Next {
                        return flow;
                    }
                }
                self.block(&statement.orelse)
            }
            items => {
                let span = self.span(statement);
                self.not_followed(&statement.body, &items.unwrap_or_default(), span);
                self.havoc_target(&statement.target);
                self.havoc(&statement.body);
                Flow::Next
            }
        }
    }

    /// A body that is not run through, and what it is run for.
    fn not_followed(&mut self, body: &[Stmt], items: &[Value], span: Span) {
        if can_stop(body) {
            self.hidden_stop(span);
            for item in items.iter().take(100) {
                self.hidden_stop(item.span);
            }
        }
    }

    /// `with contextlib.suppress(...)`.
    fn is_suppressing(&mut self, statement: &StmtWith) -> bool {
        let [item] = statement.items.as_slice() else {
            return false;
        };
        let Expr::Call(call) = &item.context_expr else {
            return false;
        };
        let callee = self.eval(&call.func);
        matches!(&callee.kind, Kind::Object(Object(Thing::External(name)))
            if &**name == "contextlib.suppress")
    }

    fn enter(&mut self, context: &Expr, target: Option<&Expr>) {
        if let Expr::Call(call) = context
            && let Expr::Attribute(attribute) = call.func.as_ref()
            && attribute.attr.as_str() == "prefixed"
            && matches!(
                self.eval(&attribute.value).kind,
                Kind::Object(Object(Thing::Environs))
            )
        {
            let prefix = call.arguments.args.first().map(|prefix| self.eval(prefix));
            let text = prefix.as_ref().and_then(|prefix| prefix.as_str());
            self.variables
                .prefixes
                .push(text.unwrap_or("\0").to_owned());
            return;
        }
        let value = self.eval(context);
        if let Some(target) = target {
            self.assign(target, value);
        }
    }

    fn matching(&mut self, statement: &StmtMatch) -> Flow {
        let subject = self.eval(&statement.subject);
        let is_plain = statement.cases.iter().all(|case| case.guard.is_none());
        let known = subject.settled().clone();
        let is_known = matches!(
            known.kind,
            Kind::Str(_) | Kind::Int(_) | Kind::Bool(_) | Kind::None
        );
        if is_known && is_plain {
            for case in &statement.cases {
                match self.pattern(&case.pattern, &known) {
                    Some(true) => return self.block(&case.body),
                    Some(false) => {}
                    None => break,
                }
            }
        }
        let span = self.span(statement);
        for case in &statement.cases {
            self.not_followed(&case.body, &[], span);
            self.havoc(&case.body);
        }
        Flow::Next
    }

    fn pattern(&mut self, pattern: &Pattern, value: &Value) -> Option<bool> {
        match pattern {
            Pattern::MatchValue(pattern) => {
                let wanted = self.eval(&pattern.value);
                let wanted = wanted.settled();
                let is_plain = matches!(wanted.kind, Kind::Str(_) | Kind::Int(_));
                is_plain.then(|| wanted.is_same(value))
            }
            Pattern::MatchOr(pattern) => {
                let mut result = Some(false);
                for one in &pattern.patterns {
                    match self.pattern(one, value) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => result = None,
                    }
                }
                result
            }
            Pattern::MatchAs(pattern) if pattern.pattern.is_none() => {
                if let Some(name) = &pattern.name {
                    let span = self.span(name);
                    self.bind(name.as_str(), value.clone(), span);
                }
                Some(true)
            }
            _ => None,
        }
    }
}

fn is_type_checking(test: &Expr) -> bool {
    exception_name(test) == "TYPE_CHECKING"
}

/// `break` or `continue` that belongs to this loop, or might.
fn has_jump(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Break(_) | Stmt::Continue(_) => true,
        Stmt::If(statement) => {
            has_jump(&statement.body)
                || statement
                    .elif_else_clauses
                    .iter()
                    .any(|clause| has_jump(&clause.body))
        }
        Stmt::Try(statement) => {
            has_jump(&statement.body)
                || has_jump(&statement.orelse)
                || has_jump(&statement.finalbody)
                || statement.handlers.iter().any(|handler| {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    has_jump(&handler.body)
                })
        }
        Stmt::With(statement) => has_jump(&statement.body),
        _ => false,
    })
}

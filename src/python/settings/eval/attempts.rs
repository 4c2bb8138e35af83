//! `try` and what stands for it: which exceptions are sure, which are possible, and what a handler
//! makes of a variable that is not set.

use ruff_python_ast::{ExceptHandler, Stmt, StmtTry};

use crate::python::settings::exception::catches;
use crate::python::settings::machine::{Branch, Flow, Guard, Interpreter};
use crate::python::settings::value::{Changes, Env, EnvState, Kind, Reason, Value};

impl Interpreter<'_> {
    pub(crate) fn try_block(&mut self, statement: &StmtTry) -> Flow {
        if self.is_too_deep() {
            self.havoc(&statement.body);
            return Flow::Next;
        }
        let required = self.variables.required.len();
        let stops = self.stops.len();
        let outer_may_raise = std::mem::replace(&mut self.may_raise, false);
        self.tries += 1;
        let (after, flow) = self.try_body(&statement.body, &statement.orelse);
        self.tries -= 1;
        let may_raise = std::mem::replace(&mut self.may_raise, outer_may_raise);
        let result = match flow {
            Flow::Raise(exception) => {
                self.apply(after);
                let mut handlers = statement.handlers.iter();
                match handlers.find(|handler| catches(handler, &exception)) {
                    Some(ExceptHandler::ExceptHandler(handler)) => {
                        self.variables.required.truncate(required);
                        self.caught(stops, &statement.handlers);
                        if let Some(name) = &handler.name {
                            let span = self.span(name);
                            let value = Value::unknown(Reason::Unsupported, span);
                            self.bind(name.as_str(), value, span);
                        }
                        self.block(&handler.body)
                    }
                    None => {
                        self.may_raise = true;
                        Flow::Raise(exception)
                    }
                }
            }
            flow if may_raise && !statement.handlers.is_empty() => {
                self.may_raise = true;
                self.caught(stops, &statement.handlers);
                self.run_handlers(statement, after, flow, required)
            }
            flow => {
                self.apply(after);
                self.may_raise |= may_raise;
                flow
            }
        };
        let last = self.block(&statement.finalbody);
        if last == Flow::Next { result } else { last }
    }

    /// The body runs for sure, if perhaps not to its end.
    fn try_body(&mut self, body: &[Stmt], orelse: &[Stmt]) -> (Branch, Flow) {
        let undecided = self.undecided;
        self.branch(&mut |this| {
            this.undecided = undecided;
            let mut flow = this.block(body);
            if flow == Flow::Next && this.raised.is_none() {
                flow = this.block(orelse);
            }
            this.undecided = undecided + 1;
            flow
        })
    }

    /// The body may raise: it ran to its end, or a handler ran from where it began.
    fn run_handlers(
        &mut self,
        statement: &StmtTry,
        mut after: Branch,
        flow: Flow,
        required: usize,
    ) -> Flow {
        let read = self.variables.required.len();
        let returned = self.frames.last().map_or(0, |frame| frame.returns.len());
        let mut ways: Vec<Branch> = Vec::new();
        let mut is_caught = false;
        // A handler runs for a variable that is not set, or for what nobody knows.
        self.guards.push(Guard::vague());
        for ExceptHandler::ExceptHandler(handler) in &statement.handlers {
            let (branch, flow) = self.branch(&mut |this| this.block(&handler.body));
            is_caught |= !matches!(flow, Flow::Raise(_));
            if flow == Flow::Next {
                ways.push(branch);
            }
        }
        self.guards.pop();
        if is_caught {
            // Without the variable a handler goes on, so nothing fails.
            self.variables.required.drain(required..read);
        }
        self.default_from_handler(returned);
        if flow != Flow::Next {
            // The body returned; what follows runs after a handler only.
            let Some(way) = ways.into_iter().next() else {
                self.apply(after);
                return flow;
            };
            self.apply(way);
            return Flow::Next;
        }
        for mut way in ways {
            fill_defaults(&mut after.module, &mut way.module);
            fill_defaults(&mut after.locals, &mut way.locals);
            let (joined, _) = self.branch(&mut |this| {
                this.join(std::mem::take(&mut after), std::mem::take(&mut way), None);
                Flow::Next
            });
            after = joined;
        }
        self.apply(after);
        Flow::Next
    }

    /// `try: return env[X]`, `except KeyError: return d`: a variable with a default.
    fn default_from_handler(&mut self, returned: usize) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if frame.returns.len() == returned + 1
            && let Some(index) = returned.checked_sub(1)
            && let Some(value) =
                with_default(&frame.returns[index].value, &frame.returns[returned].value)
        {
            frame.returns[index].value = value;
            frame.returns.truncate(returned);
        }
    }

    /// The body ends where it raises, and nothing more happens.
    pub(crate) fn suppressed(&mut self, body: &[Stmt]) -> Flow {
        let required = self.variables.required.len();
        let stops = self.stops.len();
        let outer_may_raise = std::mem::replace(&mut self.may_raise, false);
        self.tries += 1;
        let (after, flow) = self.try_body(body, &[]);
        self.tries -= 1;
        let may_raise = std::mem::replace(&mut self.may_raise, outer_may_raise);
        self.variables.required.truncate(required);
        self.stops.truncate(stops);
        match flow {
            Flow::Next if may_raise => self.join(after, Branch::default(), None),
            _ => self.apply(after),
        }
        match flow {
            Flow::Return => Flow::Return,
            _ => Flow::Next,
        }
    }
}

/// A variable read without a default in the body gets what the handler assigns to the same name.
fn fill_defaults(body: &mut Changes, handler: &mut Changes) {
    for (name, binding) in body.iter_mut() {
        if let (Some(binding), Some(Some(other))) = (binding, handler.get_mut(name))
            && let Some(value) = with_default(&binding.value, &other.value)
        {
            binding.value = value.clone();
            other.value = value;
        }
    }
}

fn with_default(value: &Value, default: &Value) -> Option<Value> {
    let Kind::Env(env) = &value.kind else {
        return None;
    };
    if env.default.is_some() || env.state == EnvState::Set {
        return None;
    }
    let env = Env {
        default: Some(default.clone()),
        ..(**env).clone()
    };
    Some(Value::env(env, value.span))
}

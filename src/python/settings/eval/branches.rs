//! Branches of which it is not known whether they run: each on its own, then joined.

use crate::python::settings::machine::{Branch, Flow, Hint, Interpreter, Way, unless_set};
use crate::python::settings::value::{Names, Value};

impl Interpreter<'_> {
    /// Runs two ways of which one is taken, the first when the condition holds, and joins what they
    /// leave.
    pub(crate) fn both(
        &mut self,
        hint: Option<&Hint>,
        first: &mut dyn FnMut(&mut Self) -> Flow,
        second: &mut dyn FnMut(&mut Self) -> Flow,
    ) -> Flow {
        let (a, first_flow) = self.branch_as(Hint::way(hint, true), first);
        let (b, second_flow) = self.branch_as(Hint::way(hint, false), second);
        match (&first_flow, &second_flow) {
            (Flow::Next, Flow::Next) => {
                self.join(a, b, hint);
                Flow::Next
            }
            (Flow::Next, _) => {
                self.apply(a);
                Flow::Next
            }
            (_, Flow::Next) => {
                self.apply(b);
                Flow::Next
            }
            // Both end here. A returned value is on the frame; an exception of the other way may
            // be caught further out.
            (Flow::Raise(_), Flow::Return) => {
                self.apply(b);
                Flow::Return
            }
            (Flow::Return, _) => {
                self.apply(a);
                Flow::Return
            }
            (Flow::Raise(_), Flow::Raise(_)) => first_flow,
        }
    }

    /// Runs something and takes its changes back.
    pub(crate) fn branch(&mut self, run: &mut dyn FnMut(&mut Self) -> Flow) -> (Branch, Flow) {
        self.branch_as(Way::Maybe, run)
    }

    fn branch_as(&mut self, way: Way, run: &mut dyn FnMut(&mut Self) -> Flow) -> (Branch, Flow) {
        let module = self.module();
        let given = self.variables.given.len();
        if let Way::Set(env) = &way {
            self.variables.given.push(env.name.clone());
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.ways.push(way);
        }
        self.modules[module].names.begin();
        self.variables.overlay.begin();
        if let Some(locals) = self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
            locals.begin();
        }
        self.undecided += 1;
        let mut flow = run(self);
        if let Some(exception) = self.raised.take() {
            flow = Flow::Raise(exception);
        }
        if matches!(flow, Flow::Raise(_)) {
            self.may_raise = true;
        }
        self.undecided -= 1;
        self.variables.given.truncate(given);
        if let Some(frame) = self.frames.last_mut() {
            frame.ways.pop();
        }
        let locals = self.frames.last_mut().and_then(|f| f.locals.as_mut());
        let branch = Branch {
            locals: locals.map(Names::rollback).unwrap_or_default(),
            overlay: self.variables.overlay.rollback(),
            module: self.modules[module].names.rollback(),
        };
        (branch, flow)
    }

    pub(crate) fn apply(&mut self, branch: Branch) {
        let module = self.module();
        self.modules[module].names.apply(branch.module);
        self.variables.overlay.apply(branch.overlay);
        if let Some(locals) = self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
            locals.apply(branch.locals);
        }
    }

    /// Two branches of which one was taken, the first when the condition holds.
    pub(crate) fn join(&mut self, a: Branch, b: Branch, hint: Option<&Hint>) {
        let changed = a.module.values().chain(a.locals.values());
        let changed = changed.chain(b.module.values()).chain(b.locals.values());
        let size: usize = changed.flatten().map(|binding| binding.value.size()).sum();
        // Alternatives are compared with each other.
        self.spend(size.saturating_mul(4));
        let module = self.module();
        let merge = |a: Value, b: Value| {
            let place = a.span;
            let known = hint.and_then(|hint| match hint.truth {
                true => unless_set(&hint.env, &a, &[&b]),
                false => unless_set(&hint.env, &b, &[&a]),
            });
            known.unwrap_or_else(|| Value::either(vec![a, b], place))
        };
        self.modules[module].names.join(a.module, b.module, &merge);
        self.variables.overlay.join(a.overlay, b.overlay, &merge);
        if let Some(locals) = self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
            locals.join(a.locals, b.locals, &merge);
        }
    }
}

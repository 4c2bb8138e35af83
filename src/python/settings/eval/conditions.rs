//! Conditions: whether they hold, and what decides it where that is not known.

use ruff_python_ast::{BoolOp, Expr, ExprBoolOp, UnaryOp};

use crate::python::settings::machine::{Guard, Hint, Interpreter};

impl Interpreter<'_> {
    /// Whether a condition holds. What is known of one side may decide for both; what cannot be
    /// decided is in the guard.
    pub(crate) fn holds(&mut self, test: &Expr) -> (Option<bool>, Guard) {
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
}

//! What settings ask of the command line that loads them: `"test" in sys.argv`. A server, and what builds and starts
//! it, is no run of tests.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprBoolOp, ExprCompare};

use crate::knowledge::words::ValueWords;
use crate::python::settings::machine::Interpreter;
use crate::python::settings::value::{Kind, Object, Thing};

impl Interpreter<'_> {
    /// The answer to a comparison of the command line, or of the modules that are loaded, with a word that only a run
    /// of tests has: `"test" in sys.argv`, `sys.argv[1:2] == ["test"]`, `"pytest" not in sys.modules`; `None` for
    /// others.
    pub(super) fn asks_for_tests(&mut self, compare: &ExprCompare) -> Option<bool> {
        let ([op], [right]) = (&*compare.ops, &*compare.comparators) else {
            return None;
        };
        let left = &*compare.left;
        let (line, word) = match op {
            CmpOp::In | CmpOp::NotIn => (right, left),
            CmpOp::Eq | CmpOp::NotEq if is_word(right) => (left, right),
            CmpOp::Eq | CmpOp::NotEq => (right, left),
            _ => return None,
        };
        let is_asked = is_word(word) && self.is_command_line(line);
        is_asked.then_some(matches!(op, CmpOp::NotIn | CmpOp::NotEq))
    }

    /// `len(sys.argv) > 1 and sys.argv[1] == "test"`: comparisons, one of which only holds for a run of tests.
    pub(super) fn all_ask_for_tests(&mut self, operation: &ExprBoolOp) -> bool {
        let compared = |value: &Expr| matches!(value, Expr::Compare(_));
        operation.op == BoolOp::And
            && operation.values.iter().all(compared)
            && operation.values.iter().any(|value| {
                let Expr::Compare(compare) = value else {
                    return false;
                };
                self.asks_for_tests(compare) == Some(false)
            })
    }

    /// `sys.argv`, a part of it, or `sys.modules`.
    fn is_command_line(&mut self, expression: &Expr) -> bool {
        let whole = match expression {
            Expr::Subscript(part) => &*part.value,
            _ => expression,
        };
        let Expr::Attribute(attribute) = whole else {
            return false;
        };
        if !matches!(attribute.attr.as_str(), "argv" | "modules") {
            return false;
        }
        let base = self.eval(&attribute.value);
        matches!(&base.kind, Kind::Object(Object(Thing::External(name))) if &**name == "sys")
    }
}

/// A word of a run of tests, or a list of one.
fn is_word(expression: &Expr) -> bool {
    let word = match expression {
        Expr::List(list) => match &*list.elts {
            [one] => one,
            _ => return false,
        },
        _ => expression,
    };
    match word {
        Expr::StringLiteral(text) => ValueWords::TestRun.contains(text.value.to_str()),
        _ => false,
    }
}

//! Operators: arithmetic on known numbers, joining of texts, lists and paths, comparison.

use ruff_python_ast::{CmpOp, Operator};

use crate::python::settings::library::{
    is_in_environment, join_path, lift2, method_change, percent,
};
use crate::python::settings::machine::Interpreter;
use crate::python::settings::value::{
    Cast, Kind, MakeItems, Object, Reason, Thing, Value, equals, integer, number, ordered, path,
};
use crate::span::Span;

impl Interpreter<'_> {
    pub(crate) fn binary(&mut self, op: Operator, a: &Value, b: &Value, span: Span) -> Value {
        if op == Operator::Add
            && let Some(value) = self.concatenate_open(a, b, span)
        {
            return value;
        }
        let cast = match op {
            Operator::Div => Some(Cast::Path),
            _ => None,
        };
        if let Kind::Unknown(_) = b.kind {
            self.may_raise = true;
            return Value::unknown(Reason::Unsupported, span);
        }
        lift2(self, a, b, cast, span, &mut |this, a, b| {
            let value = this.binary_known(op, a, b, span);
            if matches!(value.kind, Kind::Unknown(_)) {
                this.may_raise = true;
            }
            value
        })
    }

    /// Known elements beside an unknown list stay known.
    fn concatenate_open(&mut self, a: &Value, b: &Value, span: Span) -> Option<Value> {
        let (list, make): (&Value, MakeItems) = match (&a.settled().kind, &b.settled().kind) {
            (Kind::List(_), Kind::Unknown(_) | Kind::Object(_)) => (a, Value::list),
            (Kind::Unknown(_) | Kind::Object(_), Kind::List(_)) => (b, Value::list),
            (Kind::Tuple(_), Kind::Unknown(_) | Kind::Object(_)) => (a, Value::tuple),
            (Kind::Unknown(_) | Kind::Object(_), Kind::Tuple(_)) => (b, Value::tuple),
            _ => return None,
        };
        self.may_raise = true;
        let items = list.as_items()?.items.clone();
        self.spend(items.len());
        Some(make(items, true, span))
    }

    fn binary_known(&mut self, op: Operator, a: &Value, b: &Value, span: Span) -> Value {
        let unknown = || Value::unknown(Reason::Unsupported, span);
        match (op, &a.kind, &b.kind) {
            (Operator::Add, Kind::Str(x), Kind::Str(y)) => {
                self.spend((x.len() + y.len()) / 64);
                Value::str(format!("{x}{y}"), span)
            }
            (Operator::Add, Kind::List(x), Kind::List(y)) => {
                self.spend(x.items.len() + y.items.len());
                let items = [x.items.as_slice(), &y.items].concat();
                Value::list(items, x.is_open || y.is_open, span)
            }
            (Operator::Add, Kind::Tuple(x), Kind::Tuple(y)) => {
                self.spend(x.items.len() + y.items.len());
                let items = [x.items.as_slice(), &y.items].concat();
                Value::tuple(items, x.is_open || y.is_open, span)
            }
            (Operator::BitOr, Kind::Dict(_), Kind::Dict(_)) => {
                method_change(self, a, "update", std::slice::from_ref(b), span)
                    .unwrap_or_else(unknown)
            }
            (Operator::Div, Kind::Path(_), _) => {
                join_path(self, &a.clone(), std::slice::from_ref(b), true, span)
            }
            (Operator::Mod, Kind::Str(format), _) => percent(self, format, b, span),
            (Operator::Sub, Kind::Object(Object(Thing::EnvironPath(path))), Kind::Int(up)) => {
                let path = path::ancestor(path, *up);
                Value::new(Kind::Object(Object(Thing::EnvironPath(path.into()))), span)
            }
            (Operator::Add, Kind::Object(Object(Thing::EnvironPath(path))), Kind::Str(text)) => {
                let path = path::join(path, text);
                Value::new(Kind::Object(Object(Thing::EnvironPath(path.into()))), span)
            }
            (Operator::Mult, Kind::Str(text), Kind::Int(times))
            | (Operator::Mult, Kind::Int(times), Kind::Str(text)) => {
                match usize::try_from(*times) {
                    Ok(times) if times.saturating_mul(text.len()) <= 4096 => {
                        Value::str(text.repeat(times), span)
                    }
                    _ => unknown(),
                }
            }
            // Sets are kept as tuples; their difference and union are not evaluated.
            (
                _,
                Kind::Int(_) | Kind::Float(_) | Kind::Bool(_),
                Kind::Int(_) | Kind::Float(_) | Kind::Bool(_),
            ) => arithmetic(op, a, b, span),
            _ => unknown(),
        }
    }

    pub(crate) fn compare(&mut self, op: CmpOp, a: &Value, b: &Value, span: Span) -> Value {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            return self.contains(op, a, b, span);
        }
        // A variable without default is never `None`; one with `None` as default may be.
        if matches!(a.kind, Kind::Unknown(_)) || matches!(b.kind, Kind::Unknown(_)) {
            return Value::unknown(Reason::Unsupported, span);
        }
        lift2(self, a, b, Some(Cast::Bool), span, &mut |_, a, b| {
            let truth = match op {
                CmpOp::Eq | CmpOp::Is => equals(a, b),
                CmpOp::NotEq | CmpOp::IsNot => equals(a, b).map(|same| !same),
                CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => ordered(op, a, b),
                CmpOp::In | CmpOp::NotIn => None,
            };
            match truth {
                Some(truth) => Value::bool(truth, span),
                None => Value::unknown(Reason::Unsupported, span),
            }
        })
    }

    fn contains(&mut self, op: CmpOp, needle: &Value, hay: &Value, span: Span) -> Value {
        let answer = |truth: Option<bool>| match truth {
            Some(truth) => Value::bool(truth == (op == CmpOp::In), span),
            None => Value::unknown(Reason::Unsupported, span),
        };
        if let Kind::Object(Object(Thing::External(name))) = &hay.kind {
            return match needle.as_str() {
                Some(variable) if &**name == "os.environ" => {
                    is_in_environment(self, variable, op == CmpOp::In, span)
                }
                _ => answer(None),
            };
        }
        if matches!(needle.kind, Kind::Unknown(_)) || matches!(hay.kind, Kind::Unknown(_)) {
            return answer(None);
        }
        lift2(
            self,
            needle,
            hay,
            Some(Cast::Bool),
            span,
            &mut |_, needle, hay| {
                let truth = match (&needle.kind, &hay.kind) {
                    (Kind::Str(part), Kind::Str(text)) => Some(text.contains(&**part)),
                    (_, Kind::List(items) | Kind::Tuple(items)) => {
                        let mut all = Some(items.is_open).filter(|open| !open);
                        let mut found = false;
                        for item in &items.items {
                            match equals(needle, item) {
                                Some(true) => found = true,
                                Some(false) => {}
                                None => all = None,
                            }
                        }
                        if found { Some(true) } else { all }
                    }
                    (_, Kind::Dict(dict)) => {
                        let found = dict
                            .entries
                            .iter()
                            .any(|(key, _)| equals(needle, key) == Some(true));
                        if found {
                            Some(true)
                        } else {
                            (!dict.is_open).then_some(false)
                        }
                    }
                    _ => None,
                };
                answer(truth)
            },
        )
    }
}

fn arithmetic(op: Operator, a: &Value, b: &Value, span: Span) -> Value {
    let unknown = Value::unknown(Reason::Unsupported, span);
    if let (Some(x), Some(y)) = (integer(a), integer(b)) {
        let result = match op {
            Operator::Add => x.checked_add(y),
            Operator::Sub => x.checked_sub(y),
            Operator::Mult => x.checked_mul(y),
            Operator::FloorDiv if y > 0 => Some(x.div_euclid(y)),
            Operator::Mod if y > 0 => Some(x.rem_euclid(y)),
            Operator::Pow => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
            Operator::LShift if (0..62).contains(&y) => x.checked_mul(1 << y),
            _ => None,
        };
        if let Some(result) = result {
            return Value::new(Kind::Int(result), span);
        }
        if op != Operator::Div {
            return unknown;
        }
    }
    let (Some(x), Some(y)) = (number(a), number(b)) else {
        return unknown;
    };
    let result = match op {
        Operator::Add => x + y,
        Operator::Sub => x - y,
        Operator::Mult => x * y,
        Operator::Div if y != 0.0 => x / y,
        _ => return unknown,
    };
    Value::new(Kind::Float(result), span)
}

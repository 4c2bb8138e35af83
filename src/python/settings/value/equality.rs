//! Equality and order of known values.

use ruff_python_ast::CmpOp;

use crate::python::settings::value::{Kind, Value};

/// Whether two known values are equal; `None` where that is not sure.
pub(crate) fn equals(a: &Value, b: &Value) -> Option<bool> {
    let (a, b) = (a.settled(), b.settled());
    match (&a.kind, &b.kind) {
        (Kind::Str(x), Kind::Str(y)) => Some(x == y),
        (Kind::Path(x), Kind::Path(y)) => Some(x == y),
        (Kind::None, Kind::None) => Some(true),
        (
            Kind::Int(_) | Kind::Float(_) | Kind::Bool(_),
            Kind::Int(_) | Kind::Float(_) | Kind::Bool(_),
        ) => Some(number(a)?.total_cmp(&number(b)?).is_eq()),
        (Kind::List(x), Kind::List(y)) | (Kind::Tuple(x), Kind::Tuple(y)) => {
            if x.is_open || y.is_open {
                return None;
            }
            if x.items.len() != y.items.len() {
                return Some(false);
            }
            let mut all = Some(true);
            for (a, b) in x.items.iter().zip(&y.items) {
                match equals(a, b) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => all = None,
                }
            }
            all
        }
        (Kind::Dict(x), Kind::Dict(y)) => {
            let is_known = !x.is_open && !y.is_open;
            (is_known && (x.entries.is_empty() || y.entries.is_empty()))
                .then(|| x.entries.is_empty() && y.entries.is_empty())
        }
        (Kind::Object(a), Kind::Object(b)) if a == b => Some(true),
        (
            Kind::Env(_)
            | Kind::FromFile(_)
            | Kind::Either(_)
            | Kind::Unset
            | Kind::Unknown(_)
            | Kind::Object(_),
            _,
        )
        | (
            _,
            Kind::Env(_)
            | Kind::FromFile(_)
            | Kind::Either(_)
            | Kind::Unset
            | Kind::Unknown(_)
            | Kind::Object(_),
        ) => None,
        // Different types.
        _ => Some(false),
    }
}

pub(crate) fn ordered(op: CmpOp, a: &Value, b: &Value) -> Option<bool> {
    let order = match (&a.kind, &b.kind) {
        (Kind::Str(x), Kind::Str(y)) => x.cmp(y),
        _ => number(a)?.partial_cmp(&number(b)?)?,
    };
    Some(match op {
        CmpOp::Lt => order.is_lt(),
        CmpOp::LtE => order.is_le(),
        CmpOp::Gt => order.is_gt(),
        CmpOp::GtE => order.is_ge(),
        _ => return None,
    })
}

pub(crate) fn number(value: &Value) -> Option<f64> {
    match value.settled().kind {
        // Settings hold small numbers; beyond 2^53 nothing is said.
        Kind::Int(int) if int.unsigned_abs() < (1 << 53) => i32::try_from(int)
            .map(f64::from)
            .ok()
            .or_else(|| int.to_string().parse().ok()),
        Kind::Float(float) => Some(float),
        Kind::Bool(truth) => Some(f64::from(u8::from(truth))),
        _ => None,
    }
}

pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value.kind {
        Kind::Int(int) => Some(int),
        Kind::Bool(truth) => Some(i64::from(truth)),
        _ => None,
    }
}

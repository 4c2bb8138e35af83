//! Entries, indices and names: small questions of values that several parts ask.

use crate::python::settings::value::{Kind, Object, Reason, Thing, Value};
use crate::span::Span;

/// Adds an entry or replaces the one of the same key.
pub(crate) fn put(entries: &mut Vec<(Value, Value)>, key: Value, value: Value) {
    let same = entries
        .iter_mut()
        .find(|(known, _)| known.settled().is_same(key.settled()));
    match same {
        Some(entry) => entry.1 = value,
        None => entries.push((key, value)),
    }
}

pub(crate) fn unknown_reason(value: &Value) -> Reason {
    match &value.kind {
        Kind::Unknown(reason) => reason.clone(),
        _ => Reason::Unsupported,
    }
}

/// A key that can be compared.
pub(crate) fn is_plain(key: &Value) -> bool {
    matches!(
        key.settled().kind,
        Kind::Str(_) | Kind::Int(_) | Kind::Bool(_) | Kind::None
    )
}

/// A Python index as a position.
pub(crate) fn position(at: i64, length: usize) -> Option<usize> {
    let length_i = i64::try_from(length).ok()?;
    let at = if at < 0 { at + length_i } else { at };
    usize::try_from(at).ok().filter(|at| *at < length)
}

pub(crate) fn external(dotted: &str, span: Span) -> Value {
    Value::new(Kind::Object(Object(Thing::External(dotted.into()))), span)
}

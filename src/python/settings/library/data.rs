//! Data in texts: JSON and literals.

use ruff_python_ast::Expr;

use crate::python::settings::library::{Host, lift};
use crate::python::settings::value::{Cast, Kind, Reason, Value};
use crate::span::Span;

/// Text that holds data.
pub(crate) fn parsed<H: Host>(
    host: &mut H,
    value: &Value,
    span: Span,
    parse: fn(&str, Span) -> Option<Value>,
) -> Value {
    if let Kind::FromFile(_) = value.kind {
        return value.clone();
    }
    host.may_raise();
    lift(host, value, Some(Cast::Data), span, &mut |this, value| {
        let text = value.as_str();
        this.spend(text.map_or(0, str::len) / 8);
        text.and_then(|text| parse(text, value.span))
            .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
    })
}

/// A literal in a text.
pub(crate) fn literal<H: Host>(host: &mut H, text: &str, span: Span) -> Option<Value> {
    let parsed = crate::python::syntax::parse(text.trim()).ok()?;
    let [ruff_python_ast::Stmt::Expr(statement)] = parsed.syntax().body.as_slice() else {
        return None;
    };
    let is_literal = matches!(
        statement.value.as_ref(),
        Expr::StringLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::List(_)
            | Expr::Tuple(_)
            | Expr::Dict(_)
            | Expr::UnaryOp(_)
    );
    is_literal.then(|| place_all(host.evaluate(&statement.value), span))
}

pub(crate) fn json(text: &str, span: Span) -> Option<Value> {
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    from_json(&parsed, span)
}

fn from_json(json: &serde_json::Value, span: Span) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => Value::new(Kind::None, span),
        serde_json::Value::Bool(truth) => Value::bool(*truth, span),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::new(Kind::Int(int), span),
            None => Value::new(Kind::Float(number.as_f64()?), span),
        },
        serde_json::Value::String(text) => Value::str(text, span),
        serde_json::Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| from_json(item, span))
                .collect::<Option<_>>()?;
            Value::list(items, false, span)
        }
        serde_json::Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Some((Value::str(key, span), from_json(value, span)?)))
                .collect::<Option<_>>()?;
            Value::dict(entries, false, span)
        }
    })
}

/// A value made of text that stands at one place.
fn place_all(value: Value, span: Span) -> Value {
    let kind = match value.kind {
        Kind::List(items) => {
            let list = items.items.iter().map(|item| place_all(item.clone(), span));
            return Value::list(list.collect(), items.is_open, span);
        }
        Kind::Tuple(items) => {
            let list = items.items.iter().map(|item| place_all(item.clone(), span));
            return Value::tuple(list.collect(), items.is_open, span);
        }
        Kind::Dict(dict) => {
            let entry = |(key, value): &(Value, Value)| {
                (place_all(key.clone(), span), place_all(value.clone(), span))
            };
            let entries = dict.entries.iter().map(entry).collect();
            return Value::dict(entries, dict.is_open, span);
        }
        kind => kind,
    };
    Value::new(kind, span)
}

//! Applying a function to a value of which several things may be known.

use crate::python::settings::library::Host;
use crate::python::settings::value::{Cast, Env, Kind, Reason, Value};
use crate::span::Span;

/// Applies `f` to each value this may be: to alternatives, and to the default and the known
/// value of an environment variable. `f` never sees those, nor what is unknown.
///
/// `cast` says what the variable's text becomes; `None` leaves it.
pub(crate) fn lift<H: Host>(
    host: &mut H,
    value: &Value,
    cast: Option<Cast>,
    span: Span,
    f: &mut dyn FnMut(&mut H, &Value) -> Value,
) -> Value {
    if !host.spend(1) || host.is_too_deep() {
        return Value::unknown(Reason::Bounded, span);
    }
    match &value.kind {
        Kind::Either(values) => {
            let results = values
                .iter()
                .map(|one| host.deeper(|this| lift(this, one, cast, span, f)))
                .collect();
            Value::either(results, span)
        }
        Kind::Env(env) => {
            let mut part = |this: &mut H, part: &Option<Value>| {
                part.as_ref()
                    .map(|one| this.deeper(|this| lift(this, one, cast, span, f)))
            };
            let default = part(host, &env.default);
            let resolved = part(host, &env.resolved);
            let written = env.default.as_ref().and_then(Value::as_str);
            let written = written.filter(|_| cast == Some(Cast::Truthy));
            let env = Env {
                default_text: written.map_or(env.default_text.clone(), |text| Some(text.into())),
                name: env.name.clone(),
                cast: cast.unwrap_or(env.cast),
                default,
                resolved,
                ..(**env).clone()
            };
            Value::env(env, span)
        }
        Kind::Unset => Value::unknown(Reason::Undefined(String::new()), span),
        Kind::Unknown(_) => value.clone(),
        _ => f(host, value),
    }
}

/// Applies `f` to each pair of values.
pub(crate) fn lift2<H: Host>(
    host: &mut H,
    a: &Value,
    b: &Value,
    cast: Option<Cast>,
    span: Span,
    f: &mut dyn FnMut(&mut H, &Value, &Value) -> Value,
) -> Value {
    lift(host, a, cast, span, &mut |this, a| {
        lift(this, b, cast, span, &mut |this, b| f(this, a, b))
    })
}

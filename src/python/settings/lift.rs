//! Applying a function to a value of which several things may be known.

use crate::span::Span;

use super::interpreter::Interpreter;
use super::value::{Cast, Env, Kind, Reason, Value};

impl Interpreter<'_> {
    /// Applies `f` to each value this may be: to alternatives, and to the default and the known
    /// value of an environment variable. `f` never sees those, nor what is unknown.
    ///
    /// `cast` says what the variable's text becomes; `None` leaves it.
    pub(super) fn lift(
        &mut self,
        value: &Value,
        cast: Option<Cast>,
        span: Span,
        f: &mut dyn FnMut(&mut Self, &Value) -> Value,
    ) -> Value {
        if !self.spend(1) || self.is_too_deep() {
            return Value::unknown(Reason::Bounded, span);
        }
        match &value.kind {
            Kind::Either(values) => {
                let results = values
                    .iter()
                    .map(|one| self.deeper(|this| this.lift(one, cast, span, f)))
                    .collect();
                Value::either(results, span)
            }
            Kind::Env(env) => {
                let mut part = |this: &mut Self, part: &Option<Value>| {
                    part.as_ref()
                        .map(|one| this.deeper(|this| this.lift(one, cast, span, f)))
                };
                let default = part(self, &env.default);
                let resolved = part(self, &env.resolved);
                let env = Env {
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
            _ => f(self, value),
        }
    }

    /// Applies `f` to each pair of values.
    pub(super) fn lift2(
        &mut self,
        a: &Value,
        b: &Value,
        cast: Option<Cast>,
        span: Span,
        f: &mut dyn FnMut(&mut Self, &Value, &Value) -> Value,
    ) -> Value {
        self.lift(a, cast, span, &mut |this, a| {
            this.lift(b, cast, span, &mut |this, b| f(this, a, b))
        })
    }
}

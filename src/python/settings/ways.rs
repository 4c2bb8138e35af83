//! Conditions that ask a variable which nothing sets: the way that is taken without it gives the
//! default, the other one what the variable makes of it.

use std::sync::Arc;

use super::interpreter::Interpreter;
use super::value::{Cast, Env, EnvState, Kind, Value, Weight};
use crate::span::Span;

/// A condition that is decided while the variable is not set.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    pub(super) env: Arc<Env>,
    /// What it is then.
    pub(super) truth: bool,
}

impl Hint {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match &value.kind {
            Kind::Env(env) if env.state == EnvState::Unset => Some(Self {
                truth: env.default.as_ref()?.truth()?,
                env: Arc::clone(env),
            }),
            _ => None,
        }
    }

    pub(super) fn negated(self) -> Self {
        Self {
            truth: !self.truth,
            ..self
        }
    }

    /// The way of an arm that is taken when the condition is `truth`.
    pub(super) fn way(hint: Option<&Hint>, truth: bool) -> Way {
        match hint {
            None => Way::Maybe,
            Some(hint) if hint.truth == truth => Way::Unset(Arc::clone(&hint.env)),
            Some(hint) => Way::Set(Arc::clone(&hint.env)),
        }
    }
}

/// When a branch runs.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Maybe,
    /// Without the variable, and perhaps with it.
    Unset(Arc<Env>),
    /// With the variable only.
    Set(Arc<Env>),
}

/// A value that a function returns, and when.
#[derive(Clone, Debug)]
pub(super) struct Returned {
    pub(super) value: Value,
    /// `None`: whenever it comes so far.
    way: Option<Way>,
}

impl Interpreter<'_> {
    /// Notes what the running function returns.
    pub(super) fn returns(&mut self, value: Value) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let set = frame.ways.iter().find(|way| matches!(way, Way::Set(_)));
        let way = match (set, frame.ways.as_slice()) {
            (Some(set), _) => Some(set.clone()),
            (None, []) => None,
            (None, [Way::Unset(first), rest @ ..]) => {
                let same = |way: &Way| matches!(way, Way::Unset(env) if env.name == first.name);
                Some(match rest.iter().all(same) {
                    true => Way::Unset(Arc::clone(first)),
                    false => Way::Maybe,
                })
            }
            (None, _) => Some(Way::Maybe),
        };
        frame.returns.push(Returned { value, way });
    }
}

/// What a call gives of all that the function may return.
pub(super) fn result(returned: Vec<Returned>, span: Span) -> Value {
    if let Some(value) = by_variable(&returned) {
        return value;
    }
    Value::either(returned.into_iter().map(|one| one.value).collect(), span)
}

fn by_variable(returned: &[Returned]) -> Option<Value> {
    let env = returned.iter().find_map(|one| match &one.way {
        Some(Way::Set(env) | Way::Unset(env)) => Some(env),
        _ => None,
    })?;
    let mut default = None;
    let mut others = Vec::new();
    for one in returned {
        match &one.way {
            Some(Way::Set(other) | Way::Unset(other)) if other.name != env.name => return None,
            Some(Way::Set(_)) => others.push(&one.value),
            _ if default.is_some() => others.push(&one.value),
            Some(Way::Unset(_)) | None => default = Some(&one.value),
            Some(Way::Maybe) => return None,
        }
    }
    unless_set(env, default?, &others)
}

/// A value that holds while the variable is not set; `None` where alternatives say more.
pub(super) fn unless_set(env: &Env, default: &Value, others: &[&Value]) -> Option<Value> {
    let of_it = |value: &Value| match &value.kind {
        Kind::Env(one) if one.name == env.name && one.state == EnvState::Unset => {
            Some(Arc::clone(one))
        }
        _ => None,
    };
    if others.iter().all(|other| other.is_same(default)) {
        return None;
    }
    let is_scalar = matches!(
        default.kind,
        Kind::None | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Str(_) | Kind::Path(_)
    );
    let own = of_it(default);
    if !is_scalar && own.is_none() && !others.iter().any(|other| of_it(other).is_some()) {
        return None;
    }
    if matches!(default.kind, Kind::Unset) {
        return None;
    }
    let mut casts = others
        .iter()
        .copied()
        .chain(own.is_some().then_some(default))
        .filter_map(|value| match &value.kind {
            Kind::Env(one) if one.name == env.name => Some(one.cast),
            Kind::Bool(_) => Some(Cast::Bool),
            Kind::List(_) | Kind::Tuple(_) => Some(Cast::List),
            Kind::None => None,
            _ => Some(Cast::Other),
        });
    let first = casts.next().unwrap_or(Cast::Other);
    let cast = match casts.all(|cast| cast == first) {
        true => first,
        false => Cast::Other,
    };
    let made = Env {
        name: env.name.clone(),
        cast,
        default: match own {
            Some(own) => own.default.clone(),
            None => Some(default.clone()),
        },
        state: EnvState::Unset,
        resolved: None,
        span: env.span,
        reader: env.reader,
        weight: Weight::default(),
    };
    Some(Value::env(made, default.span))
}

//! Conditions that ask a variable which nothing sets: the way that is taken without it gives the
//! default, the other one what the variable makes of it.

use std::sync::Arc;

use crate::python::settings::value::{Cast, Env, EnvState, Kind, Value, Weight};
use crate::span::Span;

/// A condition that is decided while the variable is not set.
#[derive(Clone, Debug)]
pub(crate) struct Hint {
    pub(crate) env: Arc<Env>,
    /// What it is then.
    pub(crate) truth: bool,
}

impl Hint {
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match &value.kind {
            Kind::Env(env) if env.state == EnvState::Unset => Some(Self {
                truth: env.default.as_ref()?.truth()?,
                env: Arc::clone(env),
            }),
            _ => None,
        }
    }

    pub(crate) fn negated(self) -> Self {
        Self {
            truth: !self.truth,
            ..self
        }
    }

    /// The way of an arm that is taken when the condition is `truth`.
    pub(crate) fn way(hint: Option<&Hint>, truth: bool) -> Way {
        match hint {
            None => Way::Maybe,
            Some(hint) if hint.truth == truth => Way::Unset(Arc::clone(&hint.env)),
            Some(hint) => Way::Set(Arc::clone(&hint.env)),
        }
    }
}

/// When a branch runs.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Maybe,
    /// Without the variable, and perhaps with it.
    Unset(Arc<Env>),
    /// With the variable only.
    Set(Arc<Env>),
}

/// A value that a function returns, and when.
#[derive(Clone, Debug)]
pub(crate) struct Returned {
    pub(crate) value: Value,
    /// `None`: whenever it comes so far.
    pub(crate) way: Option<Way>,
}

/// What a call gives of all that the function may return.
pub(crate) fn of_all(returned: Vec<Returned>, span: Span) -> Value {
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
pub(crate) fn unless_set(env: &Env, default: &Value, others: &[&Value]) -> Option<Value> {
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
        default_text: None,
        weight: Weight::default(),
    };
    Some(Value::env(made, default.span))
}

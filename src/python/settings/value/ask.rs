//! What a value, its elements and its entries are asked.

use std::sync::Arc;

use crate::python::settings::value::{Cast, Entries, EnvState, Items, Kind, Value};
use crate::span::Span;

impl Value {
    /// The value that the known environment gives, else the value itself.
    #[must_use]
    pub fn settled(&self) -> &Value {
        let mut value = self;
        while let Kind::Env(env) = &value.kind
            && let (EnvState::Set, Some(resolved)) = (env.state, &env.resolved)
        {
            value = resolved;
        }
        value
    }

    /// Text of a string or a path.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.settled().kind {
            Kind::Str(text) | Kind::Path(text) => Some(text),
            _ => None,
        }
    }

    /// Elements of a list or tuple.
    #[must_use]
    pub fn as_items(&self) -> Option<&Items> {
        match &self.settled().kind {
            Kind::List(items) | Kind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// Entries of a dictionary.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Entries> {
        match &self.settled().kind {
            Kind::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether Python takes the value as true; `None` when that is not known.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match &self.settled().kind {
            Kind::None => Some(false),
            Kind::Bool(value) => Some(*value),
            Kind::Int(value) => Some(*value != 0),
            Kind::Float(value) => Some(*value != 0.0),
            Kind::Str(text) => Some(!text.is_empty()),
            Kind::Path(_) => Some(true),
            Kind::List(items) | Kind::Tuple(items) => match items.items.is_empty() {
                false => Some(true),
                true => (!items.is_open).then_some(false),
            },
            Kind::Dict(entries) => match entries.entries.is_empty() {
                false => Some(true),
                true => (!entries.is_open).then_some(false),
            },
            Kind::Either(values) => {
                let first = values.first()?.truth()?;
                let agree = values.iter().all(|value| value.truth() == Some(first));
                agree.then_some(first)
            }
            Kind::Env(_) | Kind::FromFile(_) | Kind::Unset | Kind::Object(_) | Kind::Unknown(_) => {
                None
            }
        }
    }

    /// Whether two values are known to be the same, wherever they were written.
    #[must_use]
    pub fn is_same(&self, other: &Value) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::None, Kind::None) | (Kind::Unset, Kind::Unset) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Int(a), Kind::Int(b)) => a == b,
            (Kind::Float(a), Kind::Float(b)) => a.to_bits() == b.to_bits(),
            (Kind::Str(a), Kind::Str(b)) | (Kind::Path(a), Kind::Path(b)) => a == b,
            (Kind::List(a), Kind::List(b)) | (Kind::Tuple(a), Kind::Tuple(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.is_open == b.is_open
                        && a.size == b.size
                        && a.items.len() == b.items.len()
                        && a.items.iter().zip(&b.items).all(|(a, b)| a.is_same(b)))
            }
            (Kind::Dict(a), Kind::Dict(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.is_open == b.is_open
                        && a.size == b.size
                        && a.entries.len() == b.entries.len()
                        && a.entries
                            .iter()
                            .zip(&b.entries)
                            .all(|(a, b)| a.0.is_same(&b.0) && a.1.is_same(&b.1)))
            }
            (Kind::Env(a), Kind::Env(b)) => {
                let same = |a: &Option<Value>, b: &Option<Value>| match (a, b) {
                    (Some(a), Some(b)) => a.is_same(b),
                    (None, None) => true,
                    _ => false,
                };
                Arc::ptr_eq(a, b)
                    || (a.name == b.name
                        && a.cast == b.cast
                        && same(&a.default, &b.default)
                        && same(&a.resolved, &b.resolved))
            }
            (Kind::FromFile(a), Kind::FromFile(b)) => a == b,
            (Kind::Unknown(a), Kind::Unknown(b)) => a == b,
            (Kind::Either(a), Kind::Either(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.is_same(b))
            }
            (Kind::Object(a), Kind::Object(b)) => a == b,
            _ => false,
        }
    }

    pub(crate) fn at(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// The address of a container that two names can share.
    pub(crate) fn identity(&self) -> Option<usize> {
        match &self.kind {
            Kind::List(items) => Some(Arc::as_ptr(items).addr()),
            Kind::Dict(entries) => Some(Arc::as_ptr(entries).addr()),
            _ => None,
        }
    }
}

impl Entries {
    /// The value of a text key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries
            .iter()
            .rev()
            .find(|(known, _)| known.as_str() == Some(key))
            .map(|(_, value)| value)
    }

    /// Whether every key is known, so that a missing one is not there.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.is_open
    }
}

impl Items {
    /// The texts among the elements, with their places.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Span)> {
        self.items
            .iter()
            .filter_map(|item| Some((item.as_str()?, item.span)))
    }

    /// Every element is known and is text.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.is_open && self.items.iter().all(|item| item.as_str().is_some())
    }
}

impl Value {
    /// The same value of a variable whose text is read otherwise.
    pub(crate) fn recast(self, cast: Cast) -> Value {
        match self.kind {
            Kind::Env(env) => {
                let mut env = (*env).clone();
                env.cast = cast;
                Value::env(env, self.span)
            }
            kind => Value::new(kind, self.span),
        }
    }
}

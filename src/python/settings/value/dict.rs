//! Entries, indices and names: small questions of values that several parts ask.

use crate::maps::HashMap;
use std::sync::Arc;

use crate::python::settings::value::{Kind, Object, Reason, Thing, Value};
use crate::span::Span;

/// So many entries are gone through one by one.
const FEW: usize = 16;

/// Entries of a dictionary to which others are added.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    entries: Vec<(Value, Value)>,
    /// Where texts and numbers stand, when there are more than a few.
    places: HashMap<Key, usize>,
}

/// A key that most dictionaries have.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Text(Arc<str>),
    Number(i64),
}

impl Key {
    fn of(value: &Value) -> Option<Self> {
        match &value.settled().kind {
            Kind::Str(text) => Some(Self::Text(Arc::clone(text))),
            Kind::Int(number) => Some(Self::Number(*number)),
            _ => None,
        }
    }
}

impl From<Vec<(Value, Value)>> for Growing {
    fn from(entries: Vec<(Value, Value)>) -> Self {
        let mut growing = Self {
            entries,
            places: HashMap::default(),
        };
        growing.index();
        growing
    }
}

impl Growing {
    /// Adds an entry or replaces the one of the same key.
    pub(crate) fn put(&mut self, key: Value, value: Value) {
        let place = match Key::of(&key) {
            Some(key) if self.entries.len() > FEW => self.places.get(&key).copied(),
            _ => {
                let mut keys = self.entries.iter().map(|(known, _)| known.settled());
                keys.position(|known| known.is_same(key.settled()))
            }
        };
        if let Some(place) = place {
            self.entries[place].1 = value;
            return;
        }
        if self.entries.len() > FEW
            && let Some(key) = Key::of(&key)
        {
            self.places.insert(key, self.entries.len());
        }
        self.entries.push((key, value));
        if self.entries.len() == FEW + 1 {
            self.index();
        }
    }

    fn index(&mut self) {
        if self.entries.len() > FEW {
            let keys = self.entries.iter().enumerate();
            let keys = keys
                .rev()
                .filter_map(|(at, (key, _))| Some((Key::of(key)?, at)));
            self.places = keys.collect();
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn into_entries(self) -> Vec<(Value, Value)> {
        self.entries
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

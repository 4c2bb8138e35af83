//! Names of a module, function or class, with a journal so that a branch can be undone.

use crate::maps::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::python::settings::value::{Kind, Value};
use crate::span::Span;

/// Places remembered of one name, at most.
const MAX_HISTORY: usize = 200;

/// What a name is bound to.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) value: Value,
    /// The name in the last assignment.
    pub(crate) span: Span,
    /// Every assignment and change, in order.
    pub(crate) history: Arc<Vec<Span>>,
}

/// Names and what they are bound to.
#[derive(Debug, Default)]
pub(crate) struct Names {
    map: HashMap<String, Binding>,
    journal: Vec<Vec<(String, Option<Binding>)>>,
}

/// What a branch did: names with their bindings after it (`None`: gone).
pub(crate) type Changes = BTreeMap<String, Option<Binding>>;

impl Names {
    pub(crate) fn get(&self, name: &str) -> Option<&Binding> {
        self.map
            .get(name)
            .filter(|binding| !matches!(binding.value.kind, Kind::Unset))
    }

    /// Binds a name and remembers the place.
    pub(crate) fn assign(&mut self, name: &str, value: Value, span: Span) {
        let mut history = self
            .map
            .get(name)
            .map(|binding| Arc::clone(&binding.history))
            .unwrap_or_default();
        if is_setting(name) && history.len() < MAX_HISTORY {
            Arc::make_mut(&mut history).push(span);
        }
        let binding = Binding {
            value,
            span,
            history,
        };
        self.put(name.to_owned(), Some(binding));
    }

    /// Changes the value without a new place: an alias, a name looked up late.
    pub(crate) fn refresh(&mut self, name: &str, value: Value) {
        if let Some(binding) = self.map.get(name) {
            let binding = Binding {
                value,
                ..binding.clone()
            };
            self.put(name.to_owned(), Some(binding));
        }
    }

    pub(crate) fn put(&mut self, name: String, binding: Option<Binding>) {
        let is_logged = !self.journal.is_empty();
        let logged_name = is_logged.then(|| name.clone());
        let old = match binding {
            Some(binding) => self.map.insert(name, binding),
            None => self.map.remove(&name),
        };
        if let (Some(log), Some(name)) = (self.journal.last_mut(), logged_name) {
            log.push((name, old));
        }
    }

    /// Names and bindings, sorted: what is made of them must not depend on chance.
    pub(crate) fn sorted(&self) -> Vec<(String, Binding)> {
        let mut all: Vec<(String, Binding)> = self
            .map
            .iter()
            .map(|(name, binding)| (name.clone(), binding.clone()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Binding)> {
        self.map.iter()
    }

    /// From here on changes can be taken back.
    pub(crate) fn begin(&mut self) {
        self.journal.push(Vec::new());
    }

    /// Takes back what was done since the last [`Names::begin`] and says what it was.
    pub(crate) fn rollback(&mut self) -> Changes {
        let log = self.journal.pop().unwrap_or_default();
        let mut changes = Changes::new();
        for (name, _) in &log {
            if !changes.contains_key(name) {
                changes.insert(name.clone(), self.map.get(name).cloned());
            }
        }
        for (name, old) in log.into_iter().rev() {
            match old {
                Some(binding) => self.map.insert(name, binding),
                None => self.map.remove(&name),
            };
        }
        changes
    }

    /// Does what a branch did.
    pub(crate) fn apply(&mut self, changes: Changes) {
        for (name, binding) in changes {
            self.put(name, binding);
        }
    }

    /// Two branches of which one was taken.
    pub(crate) fn join(
        &mut self,
        mut first: Changes,
        second: Changes,
        merge: &dyn Fn(Value, Value) -> Value,
    ) {
        let mut names: Vec<String> = first.keys().chain(second.keys()).cloned().collect();
        names.sort();
        names.dedup();
        let mut second = second;
        for name in names {
            let before = self.map.get(&name).cloned();
            let a = first.remove(&name).unwrap_or_else(|| before.clone());
            let b = second.remove(&name).unwrap_or_else(|| before.clone());
            self.put(name, join(a, b, merge));
        }
    }
}

fn join(
    a: Option<Binding>,
    b: Option<Binding>,
    merge: &dyn Fn(Value, Value) -> Value,
) -> Option<Binding> {
    let absent = |one: &Binding| Binding {
        value: Value::new(Kind::Unset, one.span),
        span: one.span,
        history: Arc::default(),
    };
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (Some(one), None) => (one.clone(), absent(&one)),
        (None, Some(one)) => (absent(&one), one),
        (None, None) => return None,
    };
    let span = if b.history.len() > a.history.len() {
        b.span
    } else {
        a.span
    };
    // Both begin with what was there before the ways parted.
    let mut history = a.history;
    let shared = history
        .iter()
        .zip(b.history.iter())
        .take_while(|(a, b)| a == b)
        .count();
    if shared < b.history.len() && history.len() < MAX_HISTORY {
        let rest = &b.history[shared..];
        Arc::make_mut(&mut history).extend_from_slice(rest);
    }
    Some(Binding {
        value: merge(a.value, b.value),
        span,
        history,
    })
}

/// Django takes names in capitals as settings.
pub(crate) fn is_setting(name: &str) -> bool {
    name.bytes().any(|b| b.is_ascii_uppercase()) && !name.bytes().any(|b| b.is_ascii_lowercase())
}

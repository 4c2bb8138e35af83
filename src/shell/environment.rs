//! Variables while a script is walked: values, branches, subshells.
//!
//! Every assignment is journalled, so that a branch or a subshell can be left again at the cost of
//! what it changed. What is assigned differently on two ways is unknown afterwards.

use crate::maps::HashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Var, Variables};
use crate::span::Traced;

/// The value of a variable.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Known(Rc<Traced>),
    /// An array all of whose elements are known.
    List(Rc<Vec<Traced>>),
    Unset,
    Unknown,
}

impl Value {
    fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Known(a), Value::Known(b)) => a.as_str() == b.as_str(),
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|(a, b)| a.as_str() == b.as_str())
            }
            (Value::Unset, Value::Unset) => true,
            _ => false,
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    value: Value,
    is_exported: bool,
}

/// What a branch changed: the last value of each variable it touched.
pub(super) type Changes = BTreeMap<String, Value>;

/// Variables a shell sets or changes by itself: not set by anybody does not mean empty.
const SET_BY_SHELL: [&str; 24] = [
    "BASH",
    "BASHPID",
    "BASH_SOURCE",
    "BASH_VERSION",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "LINENO",
    "MACHTYPE",
    "OLDPWD",
    "OPTARG",
    "OPTIND",
    "OSTYPE",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHLVL",
    "UID",
    "_",
];

pub(super) struct Environment<'a> {
    outer: &'a dyn Variables,
    entries: HashMap<String, Entry>,
    journal: Vec<(String, Option<Entry>)>,
    /// A sourced file or an unknown `eval` may have assigned anything.
    is_opaque: bool,
}

impl<'a> Environment<'a> {
    pub(super) fn new(outer: &'a dyn Variables) -> Self {
        Self {
            outer,
            entries: HashMap::default(),
            journal: Vec::new(),
            is_opaque: false,
        }
    }

    pub(super) fn get(&mut self, name: &str) -> Value {
        if let Some(entry) = self.entries.get(name) {
            return entry.value.clone();
        }
        if self.is_opaque {
            return Value::Unknown;
        }
        let value = match self.outer.get(name) {
            Var::Known(text) => Value::Known(Rc::new(text)),
            Var::Unset if SET_BY_SHELL.contains(&name) => Value::Unknown,
            Var::Unset => return Value::Unset,
            Var::Unknown => Value::Unknown,
        };
        // Only a cache: not journalled, since no branch changes the outer environment.
        let entry = Entry {
            value: value.clone(),
            is_exported: true,
        };
        self.entries.insert(name.to_owned(), entry);
        value
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        let is_exported = match self.entries.get(name) {
            Some(entry) => entry.is_exported,
            None => !matches!(self.outer.get(name), Var::Unset),
        };
        self.put(name, Some(Entry { value, is_exported }));
    }

    pub(super) fn export(&mut self, name: &str) {
        let value = self.get(name);
        let is_exported = true;
        self.put(name, Some(Entry { value, is_exported }));
    }

    /// Anything may have been assigned: nothing is known any more.
    pub(super) fn forget_all(&mut self) {
        let mut names: Vec<String> = self.entries.keys().cloned().collect();
        names.sort_unstable();
        for name in names {
            self.set(&name, Value::Unknown);
        }
        self.is_opaque = true;
    }

    /// A point to return to with [`Environment::leave`].
    pub(super) fn enter(&self) -> usize {
        self.journal.len()
    }

    /// Takes back everything since `mark` and says what it was.
    pub(super) fn leave(&mut self, mark: usize) -> Changes {
        let mut changes = Changes::new();
        while self.journal.len() > mark {
            let Some((name, before)) = self.journal.pop() else {
                break;
            };
            let after = match before {
                Some(entry) => self.entries.insert(name.clone(), entry),
                None => self.entries.remove(&name),
            };
            let after = after.map_or(Value::Unset, |entry| entry.value);
            changes.entry(name).or_insert(after);
        }
        changes
    }

    /// Goes on after one of several ways was taken. `may_skip`: perhaps none of them was.
    pub(super) fn join(&mut self, ways: &[Changes], may_skip: bool) {
        if let ([only], false) = (ways, may_skip) {
            for (name, value) in only {
                self.set(name, value.clone());
            }
            return;
        }
        let mut names: Vec<&String> = ways.iter().flat_map(Changes::keys).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let base = self.get(name);
            let mut values = ways.iter().map(|way| way.get(name).unwrap_or(&base));
            let first = if may_skip {
                base.clone()
            } else {
                values.next().cloned().unwrap_or(Value::Unknown)
            };
            let is_same = values.all(|value| value.is_same(&first));
            self.set(name, if is_same { first } else { Value::Unknown });
        }
    }

    /// For a program that is started: only what is exported reaches it.
    pub(super) fn hide_unexported(&mut self) {
        let entries = self.entries.iter();
        let mut hidden: Vec<String> = entries
            .filter(|(_, entry)| !entry.is_exported)
            .map(|(name, _)| name.clone())
            .collect();
        hidden.sort_unstable();
        for name in hidden {
            self.set(&name, Value::Unset);
        }
    }

    fn put(&mut self, name: &str, entry: Option<Entry>) {
        let before = match entry {
            Some(entry) => self.entries.insert(name.to_owned(), entry),
            None => self.entries.remove(name),
        };
        self.journal.push((name.to_owned(), before));
    }
}

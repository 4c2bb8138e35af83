//! What the interpreter knows of a value, and where it was written.
//!
//! Containers are shared and copied on writing; their depth and size are bounded when they are
//! built, so that comparing, copying and dropping them stays cheap whatever the code did.

use std::sync::Arc;

use crate::span::Span;

use super::object::Object;

/// Containers inside containers, at most.
const MAX_DEPTH: u8 = 48;
/// Values in one container and the containers in it, at most.
const MAX_SIZE: u32 = 20_000;
/// Alternatives kept apart; more become what they share.
const MAX_ALTERNATIVES: usize = 8;

/// A value and the place where it is written.
#[derive(Clone, Debug)]
pub struct Value {
    pub kind: Kind,
    /// The expression that made it: for a name, the expression that was assigned to it.
    pub span: Span,
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub enum Kind {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Text; `bytes` count as text.
    Str(Arc<str>),
    /// A `pathlib.Path`, normalised; absolute ones are paths of the container.
    Path(Arc<str>),
    List(Arc<Items>),
    /// Also sets and frozen sets: what is asked of them is the same.
    Tuple(Arc<Items>),
    Dict(Arc<Entries>),
    /// Depends on an environment variable.
    Env(Arc<Env>),
    /// The content of a file; the path where it is known.
    FromFile(Option<Arc<str>>),
    /// One of these, and it is not known which.
    Either(Arc<Vec<Value>>),
    /// No assignment on this way: what Django has by default.
    Unset,
    /// A module, function, class or reader: nothing that a setting holds.
    Object(Object),
    Unknown(Reason),
}

/// Elements in order.
#[derive(Clone, Debug, Default)]
pub struct Items {
    pub items: Vec<Value>,
    /// There may be more, anywhere between these.
    pub is_open: bool,
    depth: u8,
    size: u32,
}

/// Entries in order of insertion.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    pub entries: Vec<(Value, Value)>,
    /// There may be more under other keys; these are there, with these values.
    pub is_open: bool,
    depth: u8,
    size: u32,
}

/// A value computed from an environment variable.
#[derive(Clone, Debug)]
pub struct Env {
    pub name: String,
    /// What a value set from outside becomes.
    pub cast: Cast,
    /// The value when the variable is not set; `None`: the import fails without it.
    pub default: Option<Value>,
    pub state: EnvState,
    /// The value that the known environment gives, cast.
    pub resolved: Option<Value>,
    /// The expression that reads the variable.
    pub span: Span,
    pub reader: Reader,
    pub(crate) weight: Weight,
}

/// Makes a list or a tuple of elements; true: there may be more.
pub(super) type MakeItems = fn(Vec<Value>, bool, Span) -> Value;

/// Depth and size of what hangs below a value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    depth: u8,
    size: u32,
}

/// What the environment says of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvState {
    /// It has a value.
    Set,
    /// Nothing that is known sets it; whoever starts the container may.
    Unset,
    /// Not known.
    Unknown,
}

/// What becomes of the text of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// It stays text: any text that is not empty is true, `False` too.
    Str,
    /// Read as true or false by its meaning, or compared with something.
    Bool,
    /// `bool(text)`: true for every text that is not empty.
    Truthy,
    Int,
    Float,
    List,
    /// JSON, a dictionary, a literal.
    Data,
    /// An address of a database, cache, mail or search server, as a dictionary.
    Url,
    Path,
    Other,
}

/// The library that reads the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    Stdlib,
    DjangoEnviron,
    Decouple,
    Environs,
    DjDatabaseUrl,
    Pydantic,
    Configurations,
    Other,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It comes from a module that is not part of the project.
    External(String),
    /// The module is missing or cannot be read.
    NotRead(String),
    /// The name is not assigned before.
    Undefined(String),
    /// The result of a call that is not evaluated.
    Call(String),
    /// `exec`, `globals()`, a loader of settings.
    Dynamic(String),
    /// A form that is not evaluated.
    Unsupported,
    /// It differs between two ways and there are too many of them.
    Alternatives,
    /// The work was bounded.
    Bounded,
}

impl Value {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    pub(crate) fn unknown(reason: Reason, span: Span) -> Self {
        Self::new(Kind::Unknown(reason), span)
    }

    pub(crate) fn str(text: impl AsRef<str>, span: Span) -> Self {
        const LIMIT: usize = 256 * 1024;
        let text = text.as_ref();
        if text.len() > LIMIT {
            return Self::unknown(Reason::Bounded, span);
        }
        Self::new(Kind::Str(text.into()), span)
    }

    pub(crate) fn path(text: impl AsRef<str>, span: Span) -> Self {
        match Self::str(text, span).kind {
            Kind::Str(text) => Self::new(Kind::Path(text), span),
            kind => Self::new(kind, span),
        }
    }

    pub(crate) fn bool(value: bool, span: Span) -> Self {
        Self::new(Kind::Bool(value), span)
    }

    pub(crate) fn list(items: Vec<Value>, is_open: bool, span: Span) -> Self {
        Self::items(items, is_open, span, Kind::List)
    }

    pub(crate) fn tuple(items: Vec<Value>, is_open: bool, span: Span) -> Self {
        Self::items(items, is_open, span, Kind::Tuple)
    }

    pub(crate) fn items(
        items: Vec<Value>,
        is_open: bool,
        span: Span,
        kind: fn(Arc<Items>) -> Kind,
    ) -> Self {
        let (depth, size) = measure(items.iter());
        if depth > MAX_DEPTH || size > MAX_SIZE {
            return Self::unknown(Reason::Bounded, span);
        }
        let items = Items {
            items,
            is_open,
            depth,
            size,
        };
        Self::new(kind(Arc::new(items)), span)
    }

    pub(crate) fn dict(entries: Vec<(Value, Value)>, is_open: bool, span: Span) -> Self {
        let (depth, size) = measure(entries.iter().flat_map(|(key, value)| [key, value]));
        if depth > MAX_DEPTH || size > MAX_SIZE {
            return Self::unknown(Reason::Bounded, span);
        }
        let entries = Entries {
            entries,
            is_open,
            depth,
            size,
        };
        Self::new(Kind::Dict(Arc::new(entries)), span)
    }

    pub(crate) fn env(mut env: Env, span: Span) -> Self {
        let (depth, size) = measure(env.default.iter().chain(&env.resolved));
        if depth > MAX_DEPTH || size > MAX_SIZE {
            return Self::unknown(Reason::Bounded, span);
        }
        env.weight = Weight { depth, size };
        Self::new(Kind::Env(Arc::new(env)), span)
    }

    /// One of several values: equal ones count once, too many become what they share.
    pub(crate) fn either(values: Vec<Value>, span: Span) -> Self {
        let mut kept: Vec<Value> = Vec::new();
        for value in values {
            let parts = match &value.kind {
                Kind::Either(parts) => parts.to_vec(),
                _ => vec![value],
            };
            for part in parts {
                if !kept.iter().any(|known| known.is_same(&part)) {
                    kept.push(part);
                }
            }
        }
        if let [_] = kept.as_slice()
            && let Some(only) = kept.pop()
        {
            return only;
        }
        let (depth, size) = measure(kept.iter());
        if kept.is_empty() || depth > MAX_DEPTH || size > MAX_SIZE {
            return Self::unknown(Reason::Bounded, span);
        }
        if kept.len() > MAX_ALTERNATIVES {
            return common(&kept, span);
        }
        Self::new(Kind::Either(Arc::new(kept)), span)
    }

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

    /// How many values it holds; what is done to all of them costs as much.
    pub(crate) fn size(&self) -> usize {
        self.weight().1 as usize
    }

    fn weight(&self) -> (u8, u32) {
        match &self.kind {
            Kind::List(items) | Kind::Tuple(items) => (items.depth, items.size),
            Kind::Dict(entries) => (entries.depth, entries.size),
            Kind::Env(env) => (env.weight.depth, env.weight.size),
            Kind::Either(values) => measure(values.iter()),
            Kind::Object(object) => (object.depth(), 1),
            _ => (0, 1),
        }
    }

    /// The depth of something that holds these values; `None` when it would be too deep.
    pub(crate) fn depth_over<'a>(parts: impl Iterator<Item = &'a Value>) -> Option<u8> {
        let (depth, _) = measure(parts);
        (depth <= MAX_DEPTH).then_some(depth)
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

/// Depth and size of a container with these parts.
fn measure<'a>(parts: impl Iterator<Item = &'a Value>) -> (u8, u32) {
    parts.fold((1, 1), |(depth, size), part| {
        let (part_depth, part_size) = part.weight();
        (
            depth.max(part_depth.saturating_add(1)),
            size.saturating_add(part_size),
        )
    })
}

/// What many alternatives share: the elements of all lists, the entries of all dictionaries.
fn common(values: &[Value], span: Span) -> Value {
    let lists: Vec<&Items> = values.iter().filter_map(Value::as_items).collect();
    let is_short = lists.iter().all(|list| list.items.len() <= 500);
    if lists.len() == values.len()
        && is_short
        && let Some((first, rest)) = lists.split_first()
    {
        let in_all = |item: &&Value| {
            rest.iter()
                .all(|list| list.items.iter().any(|other| other.is_same(item)))
        };
        let items = first.items.iter().filter(in_all).cloned().collect();
        return Value::list(items, true, span);
    }
    let dicts: Vec<&Entries> = values.iter().filter_map(Value::as_dict).collect();
    let is_short = dicts.iter().all(|dict| dict.entries.len() <= 500);
    if dicts.len() == values.len()
        && is_short
        && let Some((first, rest)) = dicts.split_first()
    {
        let in_all = |entry: &&(Value, Value)| {
            rest.iter().all(|dict| {
                let mut others = dict.entries.iter();
                others.any(|other| other.0.is_same(&entry.0) && other.1.is_same(&entry.1))
            })
        };
        let entries = first.entries.iter().filter(in_all).cloned().collect();
        return Value::dict(entries, true, span);
    }
    Value::unknown(Reason::Alternatives, span)
}

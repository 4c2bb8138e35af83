//! Making values: depth and size are bounded here, so that comparing, copying and dropping them
//! stays cheap whatever the code did.

use std::sync::Arc;

use crate::python::settings::value::{Entries, Env, Items, Kind, Reason, Value, Weight};
use crate::span::Span;

/// Containers inside containers, at most.
const MAX_DEPTH: u8 = 48;

/// Values in one container and the containers in it, at most.
const MAX_SIZE: u32 = 20_000;

/// Alternatives kept apart; more become what they share.
const MAX_ALTERNATIVES: usize = 8;

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

    /// The depth of something that holds these values; `None` when it would be too deep.
    pub(crate) fn depth_over<'a>(parts: impl Iterator<Item = &'a Value>) -> Option<u8> {
        let (depth, _) = measure(parts);
        (depth <= MAX_DEPTH).then_some(depth)
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

    /// How many values it holds; what is done to all of them costs as much.
    pub(crate) fn size(&self) -> usize {
        self.weight().1 as usize
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

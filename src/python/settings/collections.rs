//! Lists, tuples and dictionaries: items, iteration, methods that read and methods that change.

use ruff_python_ast::{Expr, ExprCall, ExprSubscript};

use crate::span::Span;

use super::expressions::{put, unknown_reason};
use super::interpreter::Interpreter;
use super::object::{Object, Thing};
use super::operators::equals;
use super::value::{Cast, Kind, Reason, Value};

impl Interpreter<'_> {
    /// Every element, when all of them are known.
    pub(super) fn iterate(&mut self, value: &Value) -> Option<Vec<Value>> {
        match &value.settled().kind {
            Kind::List(items) | Kind::Tuple(items) if !items.is_open => {
                self.spend(items.items.len());
                Some(items.items.clone())
            }
            Kind::Dict(dict) if !dict.is_open => {
                Some(dict.entries.iter().map(|(key, _)| key.clone()).collect())
            }
            Kind::Str(text) if text.len() <= 64 => {
                let span = value.span;
                Some(
                    text.chars()
                        .map(|c| Value::str(c.to_string(), span))
                        .collect(),
                )
            }
            _ => None,
        }
    }

    pub(super) fn subscript(&mut self, subscript: &ExprSubscript, span: Span) -> Value {
        let base = self.eval(&subscript.value);
        if let Expr::Slice(slice) = subscript.slice.as_ref() {
            let mut bound = |bound: &Option<Box<Expr>>| match bound {
                None => Some(None),
                Some(bound) => match self.eval(bound).settled().kind {
                    Kind::Int(int) => Some(Some(int)),
                    Kind::None => Some(None),
                    _ => None,
                },
            };
            let bounds = (bound(&slice.lower), bound(&slice.upper));
            let (Some(lower), Some(upper), None) = (bounds.0, bounds.1, &slice.step) else {
                return Value::unknown(Reason::Unsupported, span);
            };
            return self.lift(&base, None, span, &mut |_, base| {
                cut(base, lower, upper, span)
            });
        }
        let key = self.eval(&subscript.slice);
        self.item(&base, &key, span)
    }

    /// `base[key]`.
    pub(super) fn item(&mut self, base: &Value, key: &Value, span: Span) -> Value {
        match &base.kind {
            Kind::Object(Object(Thing::External(name))) if &**name == "os.environ" => {
                return self.read_required(key, super::Reader::Stdlib, span);
            }
            Kind::Object(Object(Thing::Namespace)) => {
                return match key.as_str() {
                    Some(name) => self.lookup(name).unwrap_or_else(|| {
                        Value::unknown(Reason::Undefined(name.to_owned()), span)
                    }),
                    None => Value::unknown(Reason::Unsupported, span),
                };
            }
            Kind::Object(Object(Thing::External(name)))
                if &**name == "sys.modules"
                    && key.as_str() == Some(&self.modules[self.module()].name.dotted) =>
            {
                let current = Thing::Module(self.module());
                return Value::new(Kind::Object(Object(current)), span);
            }
            Kind::Object(_) => {
                self.may_raise = true;
                return Value::unknown(Reason::Unsupported, span);
            }
            Kind::FromFile(_) => return base.clone().at(span),
            Kind::Unknown(_) => {
                self.may_raise = true;
                return Value::unknown(unknown_reason(base), span);
            }
            _ => {}
        }
        if matches!(key.kind, Kind::Unknown(_)) {
            self.may_raise = true;
            return Value::unknown(Reason::Unsupported, span);
        }
        self.lift2(
            base,
            key,
            Some(Cast::Other),
            span,
            &mut |this, base, key| {
                let found = match (&base.kind, &key.kind) {
                    (Kind::List(items) | Kind::Tuple(items), Kind::Int(at)) if !items.is_open => {
                        index(*at, items.items.len())
                            .and_then(|at| items.items.get(at))
                            .cloned()
                    }
                    (Kind::Dict(dict), _) if !dict.is_open => dict
                        .entries
                        .iter()
                        .find(|(known, _)| equals(known, key) == Some(true))
                        .map(|(_, value)| value.clone()),
                    (Kind::Str(text), Kind::Int(at)) => {
                        let chars: Vec<char> = text.chars().collect();
                        index(*at, chars.len()).map(|at| Value::str(chars[at].to_string(), span))
                    }
                    _ => None,
                };
                found.unwrap_or_else(|| {
                    this.may_raise = true;
                    Value::unknown(Reason::Unsupported, span)
                })
            },
        )
    }

    /// A dictionary of pairs or of another dictionary.
    pub(super) fn dict_of(&mut self, value: &Value, span: Span) -> Value {
        self.lift(value, Some(Cast::Data), span, &mut |this, value| {
            if let Kind::Dict(dict) = &value.kind {
                return Value::dict(dict.entries.clone(), dict.is_open, span);
            }
            let Some(pairs) = this.iterate(value) else {
                return Value::unknown(Reason::Unsupported, span);
            };
            let mut entries = Vec::new();
            for pair in pairs {
                match pair.as_items().map(|pair| pair.items.as_slice()) {
                    Some([key, value]) if super::assign::is_plain(key) => {
                        put(&mut entries, key.clone(), value.clone());
                    }
                    _ => return Value::unknown(Reason::Unsupported, span),
                }
            }
            Value::dict(entries, false, span)
        })
    }

    /// The keyword arguments of a call as a dictionary.
    pub(super) fn keyword_dict(&mut self, call: &ExprCall, span: Span) -> Value {
        let mut entries = Vec::new();
        let mut is_open = false;
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            match &keyword.arg {
                Some(name) => {
                    let at = self.span(name);
                    put(&mut entries, Value::str(name.as_str(), at), value);
                }
                None => match value.as_dict() {
                    Some(more) => {
                        is_open |= more.is_open;
                        for (key, value) in more.entries.clone() {
                            put(&mut entries, key, value);
                        }
                    }
                    None => {
                        entries.clear();
                        is_open = true;
                    }
                },
            }
        }
        Value::dict(entries, is_open, span)
    }

    /// A method of a list or dictionary that reads; `None` when there is none of that name.
    pub(super) fn collection_method(
        &mut self,
        base: &Value,
        method: &str,
        arguments: &[Value],
        span: Span,
    ) -> Option<Value> {
        match (&base.kind, method) {
            (Kind::List(items), "copy") => {
                Some(Value::list(items.items.clone(), items.is_open, span))
            }
            (Kind::Dict(dict), "copy") => {
                Some(Value::dict(dict.entries.clone(), dict.is_open, span))
            }
            (Kind::List(items) | Kind::Tuple(items), "index" | "count") => {
                let needle = arguments.first()?;
                let mut at = None;
                let mut count = 0;
                for (index, item) in items.items.iter().enumerate() {
                    if equals(needle, item)? {
                        at = at.or(Some(index));
                        count += 1;
                    }
                }
                if items.is_open {
                    return None;
                }
                let result = if method == "index" { at? } else { count };
                Some(Value::new(Kind::Int(i64::try_from(result).ok()?), span))
            }
            (Kind::Dict(dict), "get" | "pop" | "setdefault") => {
                let key = arguments.first()?;
                let known = dict
                    .entries
                    .iter()
                    .find(|(known, _)| equals(known, key) == Some(true));
                match known {
                    Some((_, value)) if !dict.is_open => Some(value.clone()),
                    None if !dict.is_open && super::assign::is_plain(key) => Some(
                        arguments
                            .get(1)
                            .cloned()
                            .unwrap_or_else(|| Value::new(Kind::None, span)),
                    ),
                    _ => None,
                }
            }
            (Kind::Dict(dict), "keys") => {
                let keys = dict.entries.iter().map(|(key, _)| key.clone()).collect();
                Some(Value::list(keys, dict.is_open, span))
            }
            (Kind::Dict(dict), "values") => {
                let values = dict
                    .entries
                    .iter()
                    .map(|(_, value)| value.clone())
                    .collect();
                Some(Value::list(values, dict.is_open, span))
            }
            (Kind::Dict(dict), "items") => {
                let pair = |(key, value): &(Value, Value)| {
                    Value::tuple(vec![key.clone(), value.clone()], false, span)
                };
                let pairs = dict.entries.iter().map(pair).collect();
                Some(Value::list(pairs, dict.is_open, span))
            }
            (Kind::Tuple(items), "union") => {
                let more = arguments.first()?.as_items()?;
                let all = [items.items.as_slice(), &more.items].concat();
                Some(Value::tuple(all, items.is_open || more.is_open, span))
            }
            _ => None,
        }
    }

    /// What a list or dictionary is after a method that changes it; `None` when that is not known.
    pub(super) fn method_change(
        &mut self,
        base: &Value,
        method: &str,
        arguments: &[Value],
        span: Span,
    ) -> Option<Value> {
        let place = base.span;
        match &base.kind {
            Kind::Either(values) => {
                let mut results = Vec::new();
                for value in values.iter() {
                    results.push(self.method_change(value, method, arguments, span)?);
                }
                return Some(Value::either(results, place));
            }
            Kind::Env(_) => {
                let value = self.lift(base, None, place, &mut |this, value| {
                    this.method_change(value, method, arguments, span)
                        .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
                });
                return Some(value);
            }
            Kind::Unknown(_) => {
                // What was added is known to be there, if the rest is a list at all.
                let added = match (method, arguments) {
                    ("append", [item]) => vec![item.clone()],
                    ("extend", [items]) => items.as_items()?.items.clone(),
                    ("insert", [_, item]) => vec![item.clone()],
                    _ => return None,
                };
                return Some(Value::list(added, true, span));
            }
            _ => {}
        }
        if let Some(Kind::Either(values)) = arguments.first().map(|one| &one.kind)
            && arguments.len() == 1
        {
            let mut results = Vec::new();
            for value in values.iter() {
                let one = std::slice::from_ref(value);
                results.push(self.method_change(base, method, one, span)?);
            }
            return Some(Value::either(results, place));
        }
        match &base.kind {
            Kind::List(items) => {
                self.spend(items.items.len() / 8);
                let mut list = items.items.clone();
                let mut is_open = items.is_open;
                change_list(&mut list, &mut is_open, method, arguments)?;
                Some(Value::list(list, is_open, place))
            }
            // A set.
            Kind::Tuple(items) => {
                let mut list = items.items.clone();
                match (method, arguments) {
                    ("add", [item]) => list.push(item.clone()),
                    ("update", [more]) => list.extend(more.as_items()?.items.clone()),
                    ("discard" | "remove", [item]) => {
                        let (mut keep, mut sure) = (Vec::new(), true);
                        for one in list {
                            match equals(&one, item) {
                                Some(true) => {}
                                Some(false) => keep.push(one),
                                None => sure = false,
                            }
                        }
                        if !sure {
                            return None;
                        }
                        list = keep;
                    }
                    _ => return None,
                }
                Some(Value::tuple(list, items.is_open, place))
            }
            Kind::Dict(dict) => {
                let mut entries = dict.entries.clone();
                let mut is_open = dict.is_open;
                match (method, arguments) {
                    ("update", more) => {
                        for more in more {
                            let more = self.dict_of(more, span);
                            match more.as_dict() {
                                Some(more) => {
                                    is_open |= more.is_open;
                                    for (key, value) in more.entries.clone() {
                                        put(&mut entries, key, value);
                                    }
                                }
                                // Any entry may have been replaced.
                                None => {
                                    entries.clear();
                                    is_open = true;
                                }
                            }
                        }
                    }
                    ("clear", []) => {
                        entries.clear();
                        is_open = false;
                    }
                    ("pop", [key, ..]) if super::assign::is_plain(key) => {
                        entries.retain(|(known, _)| equals(known, key) != Some(true));
                    }
                    ("setdefault", [key, value]) if super::assign::is_plain(key) => {
                        if is_open {
                            return None;
                        }
                        let is_there =
                            |(known, _): &(Value, Value)| equals(known, key) == Some(true);
                        if !entries.iter().any(is_there) {
                            entries.push((key.clone(), value.clone()));
                        }
                    }
                    _ => return None,
                }
                Some(Value::dict(entries, is_open, place))
            }
            _ => None,
        }
    }
}

fn change_list(
    list: &mut Vec<Value>,
    is_open: &mut bool,
    method: &str,
    arguments: &[Value],
) -> Option<()> {
    match (method, arguments) {
        ("append", [item]) => list.push(item.clone()),
        ("extend", [more]) => match &more.settled().kind {
            Kind::List(more) | Kind::Tuple(more) => {
                list.extend(more.items.iter().cloned());
                *is_open |= more.is_open;
            }
            Kind::Dict(more) => list.extend(more.entries.iter().map(|(key, _)| key.clone())),
            _ => *is_open = true,
        },
        ("insert", [at, item]) => {
            let length = i64::try_from(list.len()).ok()?;
            let Kind::Int(at) = at.settled().kind else {
                list.push(item.clone());
                *is_open = true;
                return Some(());
            };
            let at = if at < 0 {
                (length + at).max(0)
            } else {
                at.min(length)
            };
            list.insert(usize::try_from(at).ok()?, item.clone());
        }
        ("remove", [item]) => {
            let mut at = None;
            for (index, one) in list.iter().enumerate() {
                if equals(one, item)? {
                    at = Some(index);
                    break;
                }
            }
            match at {
                Some(at) => {
                    list.remove(at);
                }
                None if *is_open => {}
                None => return None,
            }
        }
        ("pop", []) if !*is_open => {
            list.pop()?;
        }
        ("pop", [at]) if !*is_open => {
            let Kind::Int(at) = at.settled().kind else {
                return None;
            };
            let at = index(at, list.len())?;
            list.remove(at);
        }
        ("clear", []) => {
            list.clear();
            *is_open = false;
        }
        ("reverse", []) => list.reverse(),
        ("sort", []) if !*is_open => {
            if list.iter().any(|item| item.as_str().is_none()) {
                return None;
            }
            list.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
        _ => return None,
    }
    Some(())
}

/// `[lower:upper]`.
fn cut(base: &Value, lower: Option<i64>, upper: Option<i64>, span: Span) -> Value {
    let bounds = |length: usize| {
        let length_i = i64::try_from(length).unwrap_or(i64::MAX);
        let clamp = |at: i64| {
            let at = if at < 0 { length_i + at } else { at };
            usize::try_from(at.clamp(0, length_i)).unwrap_or(0)
        };
        let (start, end) = (lower.map_or(0, clamp), upper.map_or(length, clamp));
        start..end.max(start)
    };
    match &base.kind {
        Kind::List(items) if !items.is_open => {
            let range = bounds(items.items.len());
            Value::list(items.items[range].to_vec(), false, span)
        }
        Kind::Tuple(items) if !items.is_open => {
            let range = bounds(items.items.len());
            Value::tuple(items.items[range].to_vec(), false, span)
        }
        Kind::Str(text) => {
            let chars: Vec<char> = text.chars().collect();
            let range = bounds(chars.len());
            Value::str(chars[range].iter().collect::<String>(), span)
        }
        // All elements may still be there, or not.
        Kind::List(_) => Value::list(Vec::new(), true, span),
        _ => Value::unknown(Reason::Unsupported, span),
    }
}

/// A Python index as a position.
pub(super) fn index(at: i64, length: usize) -> Option<usize> {
    let length_i = i64::try_from(length).ok()?;
    let at = if at < 0 { at + length_i } else { at };
    usize::try_from(at).ok().filter(|at| *at < length)
}

//! Lists, tuples and dictionaries: their elements, methods that read and methods that change.

use crate::python::settings::library::{Host, lift};
use crate::python::settings::value::{
    Cast, Growing, Kind, Reason, Value, equals, is_plain, position,
};
use crate::span::Span;

/// Every element, when all of them are known.
pub(crate) fn iterate<H: Host>(host: &mut H, value: &Value) -> Option<Vec<Value>> {
    match &value.settled().kind {
        Kind::List(items) | Kind::Tuple(items) if !items.is_open => {
            host.spend(items.items.len());
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

/// A dictionary of pairs or of another dictionary.
pub(crate) fn dict_of<H: Host>(host: &mut H, value: &Value, span: Span) -> Value {
    lift(host, value, Some(Cast::Data), span, &mut |this, value| {
        if let Kind::Dict(dict) = &value.kind {
            return Value::dict(dict.entries.clone(), dict.is_open, span);
        }
        let Some(pairs) = iterate(this, value) else {
            return Value::unknown(Reason::Unsupported, span);
        };
        let mut entries = Growing::default();
        for pair in pairs {
            match pair.as_items().map(|pair| pair.items.as_slice()) {
                Some([key, value]) if is_plain(key) => {
                    entries.put(key.clone(), value.clone());
                }
                _ => return Value::unknown(Reason::Unsupported, span),
            }
        }
        Value::dict(entries.into_entries(), false, span)
    })
}

/// A method of a list or dictionary that reads; `None` when there is none of that name.
pub(crate) fn collection_method(
    base: &Value,
    method: &str,
    arguments: &[Value],
    span: Span,
) -> Option<Value> {
    match (&base.kind, method) {
        (Kind::List(items), "copy") => Some(Value::list(items.items.clone(), items.is_open, span)),
        (Kind::Dict(dict), "copy") => Some(Value::dict(dict.entries.clone(), dict.is_open, span)),
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
                None if !dict.is_open && is_plain(key) => Some(
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
pub(crate) fn method_change<H: Host>(
    host: &mut H,
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
                results.push(method_change(host, value, method, arguments, span)?);
            }
            return Some(Value::either(results, place));
        }
        Kind::Env(_) => {
            let value = lift(host, base, None, place, &mut |this, value| {
                method_change(this, value, method, arguments, span)
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
            results.push(method_change(host, base, method, one, span)?);
        }
        return Some(Value::either(results, place));
    }
    match &base.kind {
        Kind::List(items) => {
            // What changes is copied.
            host.spend(items.items.len() / 2);
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
            host.spend(dict.entries.len() / 2);
            let mut entries = dict.entries.clone();
            let mut is_open = dict.is_open;
            match (method, arguments) {
                ("update", more) => {
                    let mut growing = Growing::from(entries);
                    for more in more {
                        let more = dict_of(host, more, span);
                        match more.as_dict() {
                            Some(more) => {
                                is_open |= more.is_open;
                                for (key, value) in more.entries.clone() {
                                    growing.put(key, value);
                                }
                            }
                            // Any entry may have been replaced.
                            None => {
                                growing.clear();
                                is_open = true;
                            }
                        }
                    }
                    entries = growing.into_entries();
                }
                ("clear", []) => {
                    entries.clear();
                    is_open = false;
                }
                ("pop", [key, ..]) if is_plain(key) => {
                    entries.retain(|(known, _)| equals(known, key) != Some(true));
                }
                ("setdefault", [key, value]) if is_plain(key) => {
                    if is_open {
                        return None;
                    }
                    let is_there = |(known, _): &(Value, Value)| equals(known, key) == Some(true);
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
            let at = position(at, list.len())?;
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

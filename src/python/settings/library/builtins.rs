//! Functions of the language.

use std::sync::Arc;

use crate::python::settings::exception::exception;
use crate::python::settings::library::{
    Host, apply_function, dict_of, iterate, lift, method_change, text_of_value,
};
use crate::python::settings::value::{
    Arguments, Cast, Growing, Kind, Object, Reason, Thing, Value,
};
use crate::span::Span;

/// A call of a function of the language.
struct Call<'a> {
    name: &'a str,
    arguments: &'a Arguments,
    span: Span,
}

impl Call<'_> {
    fn first(&self) -> Option<&Value> {
        self.arguments.positional.first()
    }
}

type Builtin<H> = fn(&mut H, &Call<'_>) -> Option<Value>;

/// Calls a function of the language; `None` when it is not evaluated.
pub(crate) fn builtin<H: Host>(
    host: &mut H,
    name: &str,
    arguments: &Arguments,
    span: Span,
) -> Option<Value> {
    let call = Call {
        name,
        arguments,
        span,
    };
    of_name::<H>(name)?(host, &call)
}

/// The function behind a name.
fn of_name<H: Host>(name: &str) -> Option<Builtin<H>> {
    Some(match name {
        "str" | "unicode" | "bytes" => text,
        "bool" => boolean,
        "int" => integer,
        "float" => float,
        "list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" => sequence,
        "dict" => dict,
        "len" => length,
        "any" | "all" => any_or_all,
        "filter" => filter,
        "map" => map,
        "getattr" => getattr,
        "open" => open,
        "globals" | "locals" | "vars" => namespace,
        "setattr" | "exec" | "execfile" | "delattr" => change,
        "print" => print,
        "exit" | "quit" => leave,
        "__import__" => import,
        "range" => range,
        _ => return None,
    })
}

fn text<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    match call.first() {
        None => Some(Value::str("", call.span)),
        Some(value) => Some(text_of_value(host, &value.clone(), call.span)),
    }
}

fn boolean<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let value = call.first()?.clone();
    if matches!(value.kind, Kind::FromFile(_)) {
        return None;
    }
    // `bool` of text asks whether there is any: the usual mistake with variables.
    let is_text = matches!(&value.kind, Kind::Env(env) if env.cast == Cast::Str);
    let cast = if is_text { Cast::Truthy } else { Cast::Bool };
    Some(lift(
        host,
        &value,
        Some(cast),
        call.span,
        &mut |_, value| match value.truth() {
            Some(truth) => Value::bool(truth, call.span),
            None => Value::unknown(Reason::Unsupported, call.span),
        },
    ))
}

fn integer<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let value = call.first()?.clone();
    host.may_raise();
    Some(lift(
        host,
        &value,
        Some(Cast::Int),
        call.span,
        &mut |_, value| {
            let int = match &value.kind {
                Kind::Int(int) => Some(*int),
                Kind::Bool(truth) => Some(i64::from(*truth)),
                Kind::Str(text) => text.trim().parse().ok(),
                _ => None,
            };
            match int {
                Some(int) => Value::new(Kind::Int(int), call.span),
                None => Value::unknown(Reason::Unsupported, call.span),
            }
        },
    ))
}

fn float<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let value = call.first()?.clone();
    host.may_raise();
    Some(lift(
        host,
        &value,
        Some(Cast::Float),
        call.span,
        &mut |_, value| {
            let float = match &value.kind {
                Kind::Float(float) => Some(*float),
                Kind::Int(int) => int.to_string().parse().ok(),
                Kind::Str(text) => text.trim().parse().ok(),
                _ => None,
            };
            match float {
                Some(float) => Value::new(Kind::Float(float), call.span),
                None => Value::unknown(Reason::Unsupported, call.span),
            }
        },
    ))
}

fn sequence<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let make = if matches!(call.name, "list" | "sorted" | "reversed") {
        Value::list
    } else {
        Value::tuple
    };
    let Some(value) = call.first().cloned() else {
        return Some(make(Vec::new(), false, call.span));
    };
    if call.name == "sorted" && !call.arguments.keywords.is_empty() {
        return None;
    }
    Some(lift(
        host,
        &value,
        Some(Cast::List),
        call.span,
        &mut |this, value| {
            if let Some(items) = value.as_items().filter(|items| items.is_open) {
                return make(items.items.clone(), true, call.span);
            }
            let Some(mut items) = iterate(this, value) else {
                return Value::unknown(Reason::Unsupported, call.span);
            };
            if call.name == "sorted" {
                if items.iter().any(|item| item.as_str().is_none()) {
                    return Value::unknown(Reason::Unsupported, call.span);
                }
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            } else if call.name == "reversed" {
                items.reverse();
            }
            make(items, false, call.span)
        },
    ))
}

fn dict<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let mut dict = match call.first() {
        Some(value) => dict_of(host, &value.clone(), call.span),
        None => Value::dict(Vec::new(), false, call.span),
    };
    if !call.arguments.keywords.is_empty() {
        let mut entries = Growing::default();
        for (name, value) in &call.arguments.keywords {
            entries.put(Value::str(name, value.span), value.clone());
        }
        let more = Value::dict(entries.into_entries(), false, call.span);
        dict = method_change(host, &dict, "update", &[more], call.span)?;
    }
    Some(dict)
}

fn length<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let value = call.first()?.clone();
    Some(lift(
        host,
        &value,
        Some(Cast::Int),
        call.span,
        &mut |this, value| {
            let length = match &value.kind {
                Kind::Str(text) => Some(text.chars().count()),
                _ => iterate(this, value).map(|items| items.len()),
            };
            match length.and_then(|length| i64::try_from(length).ok()) {
                Some(length) => Value::new(Kind::Int(length), call.span),
                None => Value::unknown(Reason::Unsupported, call.span),
            }
        },
    ))
}

fn any_or_all<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let value = call.first()?.clone();
    let items = iterate(host, &value)?;
    let truths: Vec<Option<bool>> = items.iter().map(Value::truth).collect();
    let decisive = call.name == "any";
    let truth = if truths.contains(&Some(decisive)) {
        Some(decisive)
    } else {
        (!truths.contains(&None)).then_some(!decisive)
    };
    truth.map(|truth| Value::bool(truth, call.span))
}

fn filter<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let function = call.first()?.clone();
    let list = call.arguments.positional.get(1)?.clone();
    filtered(host, &function, &list, call.span)
}

fn map<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let function = call.first()?.clone();
    let list = call.arguments.positional.get(1)?.clone();
    Some(lift(
        host,
        &list,
        Some(Cast::List),
        call.span,
        &mut |this, list| {
            let Some(items) = iterate(this, list) else {
                return Value::unknown(Reason::Unsupported, call.span);
            };
            let items = items
                .into_iter()
                .map(|item| apply_function(this, &function, item, call.span))
                .collect();
            Value::list(items, false, call.span)
        },
    ))
}

fn getattr<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let base = call.first()?.clone();
    let name = call.arguments.positional.get(1)?.as_str()?.to_owned();
    let value = host.attribute(&base, &name, call.span);
    let is_absent = matches!(&value.kind, Kind::Unknown(Reason::Undefined(_)));
    match call.arguments.positional.get(2) {
        Some(default) if is_absent => Some(default.clone()),
        _ => Some(value),
    }
}

fn open<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    host.may_raise();
    let path = call.first().and_then(Value::as_str).map(Arc::from);
    Some(Value::new(
        Kind::Object(Object(Thing::OpenFile(path))),
        call.span,
    ))
}

fn namespace<H: Host>(_host: &mut H, call: &Call<'_>) -> Option<Value> {
    if !call.arguments.positional.is_empty() {
        return None;
    }
    Some(Value::new(
        Kind::Object(Object(Thing::Namespace)),
        call.span,
    ))
}

fn change<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    host.poison(call.name, call.span);
    None
}

fn print<H: Host>(_host: &mut H, call: &Call<'_>) -> Option<Value> {
    Some(Value::new(Kind::None, call.span))
}

fn leave<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    Some(exit(host, call.span))
}

fn import<H: Host>(host: &mut H, call: &Call<'_>) -> Option<Value> {
    let name = call.first()?.as_str()?.split('.').next()?.to_owned();
    host.imported(&name, call.span)
}

fn range<H: Host>(_host: &mut H, call: &Call<'_>) -> Option<Value> {
    let bounds: Option<Vec<i64>> = call
        .arguments
        .positional
        .iter()
        .map(|bound| match bound.settled().kind {
            Kind::Int(int) => Some(int),
            _ => None,
        })
        .collect();
    let (from, to) = match bounds?.as_slice() {
        [to] => (0, *to),
        [from, to] => (*from, *to),
        _ => return None,
    };
    let is_short = to.saturating_sub(from) <= 1000;
    is_short.then(|| {
        let ints = (from..to).map(|int| Value::new(Kind::Int(int), call.span));
        Value::list(ints.collect(), false, call.span)
    })
}

fn filtered<H: Host>(host: &mut H, function: &Value, list: &Value, span: Span) -> Option<Value> {
    Some(lift(
        host,
        list,
        Some(Cast::List),
        span,
        &mut |this, list| {
            let Some(items) = iterate(this, list) else {
                return Value::unknown(Reason::Unsupported, span);
            };
            let mut kept = Vec::new();
            let mut is_open = false;
            for item in items {
                let test = if matches!(function.kind, Kind::None) {
                    item.clone()
                } else {
                    apply_function(this, function, item.clone(), span)
                };
                match test.truth() {
                    Some(true) => kept.push(item),
                    Some(false) => {}
                    None => is_open = true,
                }
            }
            Value::list(kept, is_open, span)
        },
    ))
}

/// The process ends here.
pub(crate) fn exit<H: Host>(host: &mut H, span: Span) -> Value {
    let exception = exception("SystemExit");
    host.stop(exception.clone(), span);
    host.raise(exception);
    Value::unknown(Reason::Unsupported, span)
}

//! Methods and formatting of texts.

use std::sync::Arc;

use crate::python::settings::library::{Host, lift};
use crate::python::settings::value::{Cast, Kind, Object, Reason, Thing, Value};
use crate::span::Span;

/// `str(value)`.
pub(crate) fn text_of_value<H: Host>(host: &mut H, value: &Value, span: Span) -> Value {
    if let Kind::FromFile(_) = value.kind {
        return value.clone().at(span);
    }
    lift(
        host,
        value,
        Some(Cast::Str),
        span,
        &mut |this, value| match known_text(value) {
            Some(text) => Value::str(text, span),
            None => {
                this.may_raise();
                Value::unknown(Reason::Unsupported, span)
            }
        },
    )
}

/// A method of a text; `None` when texts have none of that name.
pub(crate) fn text_method<H: Host>(
    host: &mut H,
    text: &str,
    method: &str,
    arguments: &[Value],
    keywords: &[(String, Value)],
    span: Span,
) -> Option<Value> {
    let argument = |at: usize| arguments.get(at).and_then(Value::as_str);
    let strip = |text: &str, left: bool, right: bool| -> Option<String> {
        let set: Option<Vec<char>> = match arguments.first() {
            None => None,
            Some(value) if matches!(value.kind, Kind::None) => None,
            Some(value) => Some(value.as_str()?.chars().collect()),
        };
        let is_stripped = |c: char| match &set {
            Some(set) => set.contains(&c),
            None => c.is_whitespace(),
        };
        let mut text = text;
        if left {
            text = text.trim_start_matches(is_stripped);
        }
        if right {
            text = text.trim_end_matches(is_stripped);
        }
        Some(text.to_owned())
    };
    let result = match method {
        "strip" => strip(text, true, true)?,
        "lstrip" => strip(text, true, false)?,
        "rstrip" => strip(text, false, true)?,
        "lower" | "casefold" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "capitalize" => {
            let mut chars = text.chars();
            let first = chars.next().map(|c| c.to_uppercase().to_string());
            first.unwrap_or_default() + &chars.as_str().to_lowercase()
        }
        "title" if text.chars().all(|c| c.is_ascii_alphabetic()) => {
            let mut chars = text.chars();
            let first = chars.next().map(|c| c.to_uppercase().to_string());
            first.unwrap_or_default() + &chars.as_str().to_lowercase()
        }
        "encode" | "decode" | "expandtabs" | "format_map" if method != "format_map" => {
            text.to_owned()
        }
        "replace" => {
            let (from, to) = (argument(0)?, argument(1)?);
            if from.is_empty() {
                return None;
            }
            match arguments.get(2).map(|count| &count.settled().kind) {
                None => text.replace(from, to),
                Some(Kind::Int(count)) => text.replacen(from, to, usize::try_from(*count).ok()?),
                Some(_) => return None,
            }
        }
        "removeprefix" => text.strip_prefix(argument(0)?).unwrap_or(text).to_owned(),
        "removesuffix" => text.strip_suffix(argument(0)?).unwrap_or(text).to_owned(),
        "startswith" => return Some(Value::bool(text.starts_with(argument(0)?), span)),
        "endswith" => return Some(Value::bool(text.ends_with(argument(0)?), span)),
        "isdigit" => {
            let is_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            return Some(Value::bool(is_digits, span));
        }
        "split" | "rsplit" => return split(host, text, method, arguments, keywords, span),
        "splitlines" => {
            let lines = text.lines().map(|line| Value::str(line, span)).collect();
            return Some(Value::list(lines, false, span));
        }
        "join" => return join_text(host, text, arguments.first()?, span),
        "format" => return format(text, arguments, keywords, span),
        "count" => {
            let part = argument(0)?;
            let count = i64::try_from(text.matches(part).count()).ok()?;
            return (!part.is_empty()).then(|| Value::new(Kind::Int(count), span));
        }
        _ => return None,
    };
    Some(Value::str(result, span))
}

fn split<H: Host>(
    host: &mut H,
    text: &str,
    method: &str,
    arguments: &[Value],
    keywords: &[(String, Value)],
    span: Span,
) -> Option<Value> {
    let keyword = |name: &str| keywords.iter().find(|(key, _)| key == name);
    let separator = arguments.first().or(keyword("sep").map(|(_, value)| value));
    let limit = arguments
        .get(1)
        .or(keyword("maxsplit").map(|(_, value)| value));
    let limit = match limit.map(|limit| &limit.settled().kind) {
        None => None,
        Some(Kind::Int(limit)) => usize::try_from(*limit).ok(),
        Some(_) => return None,
    };
    let separator = match separator {
        None => None,
        Some(value) if matches!(value.kind, Kind::None) => None,
        Some(value) => Some(value.as_str().filter(|text| !text.is_empty())?),
    };
    host.spend(text.len() / 16);
    let parts: Vec<&str> = match (separator, limit) {
        (None, None) => text.split_whitespace().collect(),
        (None, Some(_)) => return None,
        (Some(separator), None) => text.split(separator).collect(),
        (Some(separator), Some(limit)) if method == "split" => {
            text.splitn(limit + 1, separator).collect()
        }
        (Some(separator), Some(limit)) => {
            let mut parts: Vec<&str> = text.rsplitn(limit + 1, separator).collect();
            parts.reverse();
            parts
        }
    };
    let parts = parts.iter().map(|part| Value::str(part, span)).collect();
    Some(Value::list(parts, false, span))
}

fn join_text<H: Host>(host: &mut H, separator: &str, list: &Value, span: Span) -> Option<Value> {
    let items = list.as_items()?;
    if !items.is_known() {
        return None;
    }
    let texts: Vec<&str> = items.texts().map(|(text, _)| text).collect();
    let length: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
    host.spend(length / 16);
    Some(Value::str(texts.join(separator), span))
}

/// `"{}/{name}".format(...)`: plain fields only.
fn format(
    text: &str,
    arguments: &[Value],
    keywords: &[(String, Value)],
    span: Span,
) -> Option<Value> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        let after = &rest[at + 1..];
        if after.starts_with(brace) {
            out.push_str(brace);
            rest = &after[1..];
            continue;
        }
        let end = after.find('}').filter(|_| brace == "{")?;
        let field = &after[..end];
        let value = if field.is_empty() {
            next += 1;
            arguments.get(next - 1)
        } else if let Ok(index) = field.parse::<usize>() {
            arguments.get(index)
        } else {
            keywords
                .iter()
                .find(|(key, _)| key == field)
                .map(|(_, value)| value)
        };
        out.push_str(&known_text(value?)?);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Some(Value::str(out, span))
}

/// `"%s/%s" % (a, b)` and `"%(a)s" % {"a": ...}`: `%s` and `%d` only.
pub(crate) fn percent<H: Host>(
    host: &mut H,
    format: &Arc<str>,
    value: &Value,
    span: Span,
) -> Value {
    let positional: Vec<Value> = match &value.kind {
        Kind::Tuple(items) if !items.is_open => items.items.clone(),
        _ => vec![value.clone()],
    };
    // Elements that depend on the environment are put in one after the other.
    for (at, item) in positional.iter().enumerate() {
        if matches!(item.kind, Kind::Env(_) | Kind::Either(_)) && positional.len() <= 16 {
            return lift(host, item, Some(Cast::Str), span, &mut |this, one| {
                let mut known = positional.clone();
                known[at] = one.clone();
                let known = Value::tuple(known, false, span);
                this.deeper(|this| percent(this, format, &known, span))
            });
        }
    }
    percent_known(format, &positional, value).map_or_else(
        || Value::unknown(Reason::Unsupported, span),
        |text| Value::str(text, span),
    )
}

fn percent_known(format: &str, positional: &[Value], value: &Value) -> Option<String> {
    let mut out = String::new();
    let mut used = 0;
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let item = if let Some(after) = rest.strip_prefix('(') {
            let end = after.find(')')?;
            let item = value.as_dict()?.get(&after[..end])?;
            rest = &after[end + 1..];
            item
        } else {
            used += 1;
            positional.get(used - 1)?
        };
        rest = rest.strip_prefix(['s', 'd'])?;
        out.push_str(&known_text(item)?);
    }
    out.push_str(rest);
    let is_all_used = used == 0 || used == positional.len();
    is_all_used.then_some(out)
}

/// What `str` makes of a value that is wholly known.
pub(crate) fn known_text(value: &Value) -> Option<String> {
    match &value.settled().kind {
        Kind::Str(text) | Kind::Path(text) => Some(text.to_string()),
        Kind::Int(int) => Some(int.to_string()),
        Kind::Bool(true) => Some("True".to_owned()),
        Kind::Bool(false) => Some("False".to_owned()),
        Kind::None => Some("None".to_owned()),
        Kind::Object(Object(Thing::EnvironPath(path))) => Some(path.to_string()),
        _ => None,
    }
}

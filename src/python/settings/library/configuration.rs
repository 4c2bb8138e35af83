//! django-configurations: the class that `DJANGO_CONFIGURATION` names holds the settings.

use std::sync::Arc;

use crate::python::settings::library::{Caster, Host, read};
use crate::python::settings::value::{
    Arguments, Cast, Kind, LateValue, Object, Reader, Reason, Thing, Value,
};
use crate::span::Span;

/// `values.BooleanValue(False, environ_name="X")`; `None` for another name.
pub(crate) fn value_class(dotted: &str, arguments: &Arguments, span: Span) -> Option<Value> {
    let kind = dotted
        .strip_prefix("configurations.values.")
        .or_else(|| dotted.strip_prefix("configurations.value."))?;
    let cast = match kind {
        "Value" | "SecretValue" | "URLValue" | "EmailValue" | "IPValue" | "RegexValue" => Cast::Str,
        "BooleanValue" => Cast::Bool,
        "IntegerValue" | "PositiveIntegerValue" => Cast::Int,
        "FloatValue" | "DecimalValue" => Cast::Float,
        "ListValue" | "TupleValue" | "SetValue" => Cast::List,
        "DictValue" | "SingleNestedListValue" | "SingleNestedTupleValue" => Cast::Data,
        "DatabaseURLValue" | "CacheURLValue" | "EmailURLValue" | "SearchURLValue" => Cast::Url,
        "PathValue" => Cast::Path,
        _ => return None,
    };
    let standard = match kind {
        "DatabaseURLValue" => Some("DATABASE_URL"),
        "CacheURLValue" => Some("CACHE_URL"),
        "EmailURLValue" => Some("EMAIL_URL"),
        "SearchURLValue" => Some("SEARCH_URL"),
        _ => None,
    };
    let text = |name: &str| {
        arguments
            .keyword(name)
            .map(|value| value.as_str().map(str::to_owned))
    };
    let prefix = match text("environ_prefix") {
        Some(prefix) => prefix.unwrap_or_default(),
        None if standard.is_some() => String::new(),
        None => "DJANGO".to_owned(),
    };
    let late = LateValue {
        cast,
        default: arguments.get(0, "default").cloned(),
        is_required: kind == "SecretValue"
            || arguments.keyword("environ_required").and_then(Value::truth) == Some(true),
        name: text("environ_name")
            .flatten()
            .or(standard.map(str::to_owned)),
        prefix,
        is_fixed: arguments.keyword("environ").and_then(Value::truth) == Some(false),
        depth: Value::depth_over(arguments.get(0, "default").into_iter())?,
    };
    Some(Value::new(
        Kind::Object(Object(Thing::LateValue(Arc::new(late)))),
        span,
    ))
}

/// The value of an attribute once its name is known.
pub(crate) fn late<H: Host>(host: &mut H, attribute: &str, value: Value) -> Value {
    let Kind::Object(Object(Thing::LateValue(late))) = &value.kind else {
        return value;
    };
    let span = value.span;
    let default = late.default.clone();
    if late.is_fixed {
        return default.unwrap_or_else(|| Value::new(Kind::None, span));
    }
    let name = late.name.clone().unwrap_or_else(|| attribute.to_owned());
    let name = if late.prefix.is_empty() {
        name
    } else {
        format!("{}_{name}", late.prefix)
    };
    let caster = match late.cast {
        Cast::Bool => Caster::Bool,
        Cast::Int => Caster::Int,
        Cast::Float => Caster::Float,
        Cast::List => Caster::list(),
        Cast::Data => Caster::Data,
        Cast::Path => Caster::Path,
        Cast::Url => Caster::Url,
        _ => Caster::Str,
    };
    let default = match default {
        _ if late.is_required => None,
        // Addresses given as default are parsed to something keyed by alias.
        Some(_) if late.cast == Cast::Url => Some(Value::unknown(Reason::Unsupported, span)),
        Some(default) => Some(default),
        None => Some(Value::new(Kind::None, span)),
    };
    // Read when the class is chosen, so that another class's secret is not asked for.
    let required = host.variables().required.len();
    let value = read(
        host,
        &Value::str(name, span),
        default,
        &caster,
        Reader::Configurations,
        span,
    );
    for entry in &mut host.variables().required[required..] {
        entry.is_certain = false;
    }
    value
}

//! django-configurations: the class that `DJANGO_CONFIGURATION` names holds the settings.

use std::sync::Arc;

use super::casters::Caster;
use super::interpreter::Interpreter;
use super::loader::EnvValue;
use super::object::{Class, LateValue, Object, Role, Thing};
use super::scope::is_setting;
use super::value::{Cast, Kind, Reader, Reason, Value};
use super::{Setting, Settings};
use crate::span::Span;

use super::calls::Arguments;

/// Takes the settings from the configured class, when the module defines such classes.
pub(super) fn choose(interpreter: &mut Interpreter<'_>, module: usize, out: &mut Settings) {
    let mut classes: Vec<(String, Arc<Class>)> = Vec::new();
    for (name, binding) in interpreter.modules[module].names.sorted() {
        if let Kind::Object(Object(Thing::Class(class))) =
            &interpreter.forced(binding.value.clone()).kind
            && class.role == Role::Configuration
        {
            classes.push((name, Arc::clone(class)));
        }
    }
    if classes.is_empty() {
        return;
    }
    let chosen = match interpreter.env_value("DJANGO_CONFIGURATION") {
        EnvValue::Set(name, _) => classes.iter().find(|(known, _)| *known == name),
        _ => None,
    };
    let Some((_, class)) = chosen else {
        out.is_open = true;
        interpreter.modules[module].is_open = true;
        // Whatever a class may set is not known; what the module itself assigns is no setting.
        for (name, binding) in interpreter.modules[module].names.sorted() {
            if is_setting(&name) {
                let lost = Value::unknown(
                    Reason::Dynamic("DJANGO_CONFIGURATION".to_owned()),
                    binding.value.span,
                );
                interpreter.modules[module].names.refresh(&name, lost);
            }
        }
        return;
    };
    let class = Arc::clone(class);
    for current in std::iter::once(&class).chain(&class.lineage) {
        for (name, member) in &current.names {
            if !is_setting(name) || out.values.contains_key(name) {
                continue;
            }
            let setting = Setting {
                value: interpreter.class_attribute(&class, name, member.span),
                span: member.span,
                history: Arc::new(vec![member.span]),
            };
            out.values.insert(name.clone(), setting);
        }
    }
    out.is_open |= class.is_open;
    // What the module itself assigns is no setting.
    let assigned = interpreter.modules[module].names.sorted();
    for (name, _) in assigned {
        if is_setting(&name) {
            interpreter.modules[module].names.put(name, None);
        }
    }
}

/// `values.BooleanValue(False, environ_name="X")`; `None` for another name.
pub(super) fn value_class(dotted: &str, arguments: &Arguments, span: Span) -> Option<Value> {
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
pub(super) fn late(interpreter: &mut Interpreter<'_>, attribute: &str, value: Value) -> Value {
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
    let required = interpreter.required.len();
    let value = interpreter.read(
        &Value::str(name, span),
        default,
        &caster,
        Reader::Configurations,
        span,
    );
    for entry in &mut interpreter.required[required..] {
        entry.is_certain = false;
    }
    value
}

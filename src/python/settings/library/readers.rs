//! Readers of environment variables.

use crate::python::settings::exception::Exception;
use crate::python::settings::library::{
    Caster, Host, Parts, apply_function, known_text, lift, truth_of, urls,
};
use crate::python::settings::loader::EnvValue;
use crate::python::settings::outcome::{EnvFile, RequiredEnv};
use crate::python::settings::value::{
    Arguments, Cast, Env, EnvState, Kind, Reader, Reason, Value, Weight,
};
use crate::span::Span;

/// `os.environ[name]` and whatever fails without the variable.
pub(crate) fn read_required<H: Host>(
    host: &mut H,
    name: &Value,
    reader: Reader,
    span: Span,
) -> Value {
    read(host, name, None, &Caster::None, reader, span)
}

/// Reads a variable; the default is taken as it is.
pub(crate) fn read<H: Host>(
    host: &mut H,
    name: &Value,
    default: Option<Value>,
    caster: &Caster,
    reader: Reader,
    span: Span,
) -> Value {
    let Some(name) = name.as_str().map(str::to_owned) else {
        host.may_raise();
        return Value::unknown(Reason::Unsupported, span);
    };
    if let Some(binding) = host.variables().overlay.get(&name) {
        let value = binding.value.clone();
        return cast(host, caster, &value, span);
    }
    let (state, resolved) = match host.env_value(&name) {
        EnvValue::Set(text, place) => {
            let text = Value::str(text, place.unwrap_or(span));
            (EnvState::Set, Some(cast(host, caster, &text, span)))
        }
        EnvValue::Unset => (EnvState::Unset, None),
        EnvValue::Unknown => (EnvState::Unknown, None),
        EnvValue::Absent => match default {
            Some(default) => return default,
            None => {
                let exception = match reader {
                    Reader::Stdlib => Exception::Key,
                    Reader::Decouple => Exception::Named("UndefinedValueError".to_owned()),
                    Reader::Environs => Exception::Named("EnvError".to_owned()),
                    _ => Exception::Named("ImproperlyConfigured".to_owned()),
                };
                host.stop(exception.clone(), span);
                if host.is_tried() {
                    host.raise(exception);
                }
                (EnvState::Unset, None)
            }
        },
    };
    if default.is_none() && !host.variables().given.contains(&name) {
        let is_set = state == EnvState::Set;
        if !is_set {
            host.may_raise();
        }
        let span = host.outer_span(span);
        let is_certain = host.is_certain();
        host.variables().require(RequiredEnv {
            name: name.clone(),
            span,
            reader,
            is_certain,
            is_set,
        });
    }
    let env = Env {
        name,
        cast: caster.cast(),
        default,
        state,
        resolved,
        span: host.outer_span(span),
        reader,
        default_text: None,
        weight: Weight::default(),
    };
    Value::env(env, span)
}

/// What a caster makes of a text.
pub(crate) fn cast<H: Host>(host: &mut H, caster: &Caster, value: &Value, span: Span) -> Value {
    let place = value.span;
    lift(
        host,
        value,
        Some(caster.cast()),
        place,
        &mut |this, value| {
            let text = value.as_str();
            let known = match (caster, text) {
                (Caster::None | Caster::Str, _) => Some(value.clone()),
                (Caster::Bool, Some(text)) => truth_of(text).map(|truth| Value::bool(truth, place)),
                (Caster::Bool, None) => value.truth().map(|truth| Value::bool(truth, place)),
                (Caster::Int, Some(text)) => {
                    let int = text.trim().parse().ok();
                    int.map(|int| Value::new(Kind::Int(int), place))
                }
                (Caster::Float, Some(text)) => {
                    let float = text.trim().parse().ok();
                    float.map(|float| Value::new(Kind::Float(float), place))
                }
                (Caster::Int | Caster::Float, None) => Some(value.clone()),
                (
                    Caster::List {
                        separator,
                        is_tuple,
                        parts: kept,
                    },
                    Some(text),
                ) => {
                    // django-environ takes the parentheses of a tuple.
                    let text = match (*is_tuple, *kept) {
                        (true, Parts::Filled) => text.trim_matches('(').trim_matches(')'),
                        _ => text,
                    };
                    let parts = text.split(separator.as_str());
                    let parts = parts.map(|part| match kept {
                        Parts::Stripped => part.trim(),
                        Parts::Filled | Parts::All => part,
                    });
                    let keeps_empty = *kept == Parts::All && !text.is_empty();
                    let parts = parts.filter(|part| keeps_empty || !part.is_empty());
                    let parts = parts.map(|part| Value::str(part, place)).collect();
                    Some(if *is_tuple {
                        Value::tuple(parts, false, place)
                    } else {
                        Value::list(parts, false, place)
                    })
                }
                (Caster::List { .. } | Caster::Data, None) => Some(value.clone()),
                (Caster::DatabaseUrl, Some(text)) => urls::database(text, place),
                (Caster::Path, Some(text)) => Some(Value::path(text, place)),
                (Caster::Call(function), _) => {
                    this.may_raise();
                    Some(apply_function(this, function, value.clone(), span))
                }
                (Caster::Data, Some(_)) | (Caster::Url, _) => None,
                (Caster::DatabaseUrl | Caster::Path, None) => Some(value.clone()),
            };
            known.unwrap_or_else(|| Value::unknown(Reason::Unsupported, place))
        },
    )
}

/// A call that loads variables from a file.
pub(crate) fn env_file<H: Host>(host: &mut H, arguments: &Arguments, reader: Reader, span: Span) {
    let first = arguments
        .positional
        .first()
        .or_else(|| arguments.keyword("dotenv_path"))
        .or_else(|| arguments.keyword("env_file"))
        .or_else(|| arguments.keyword("path"));
    let path = first.and_then(known_text);
    host.variables().load(EnvFile { span, path, reader });
    // `overwrite=True` lets the file win over the environment.
    let overrides = ["overwrite", "override"].iter().any(|name| {
        let value = arguments.keyword(name);
        value.is_some_and(|value| value.truth() != Some(false))
    });
    if overrides {
        host.variables().file_overrides = true;
    }
}

/// `"X" in os.environ`, or `not in`.
pub(crate) fn is_in_environment<H: Host>(
    host: &mut H,
    name: &str,
    is_in: bool,
    span: Span,
) -> Value {
    let there = Value::bool(is_in, span);
    let absent = Value::bool(!is_in, span);
    if host.variables().overlay.get(name).is_some() {
        return there;
    }
    let (state, resolved) = match host.env_value(name) {
        EnvValue::Absent => return absent,
        EnvValue::Set(..) => (EnvState::Set, Some(there)),
        EnvValue::Unset => (EnvState::Unset, None),
        EnvValue::Unknown => (EnvState::Unknown, None),
    };
    let env = Env {
        name: name.to_owned(),
        cast: Cast::Bool,
        default: Some(absent),
        state,
        resolved,
        span: host.outer_span(span),
        reader: Reader::Stdlib,
        default_text: None,
        weight: Weight::default(),
    };
    Value::env(env, span)
}

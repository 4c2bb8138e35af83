//! Paths of the container: `os.path`, `pathlib`, `environ.Path`, computed as text.

use std::sync::Arc;

use crate::python::settings::library::{Host, lift, lift2};
use crate::python::settings::value::{Cast, Kind, Object, Reason, Thing, Value, path};
use crate::span::Span;

/// `os.path.<name>(...)`; `None` when it is not evaluated.
pub(crate) fn os_path<H: Host>(
    host: &mut H,
    name: &str,
    arguments: &[Value],
    span: Span,
) -> Option<Value> {
    match name {
        "join" => {
            let (first, rest) = arguments.split_first()?;
            Some(join_path(host, first, rest, false, span))
        }
        "dirname" | "abspath" | "realpath" | "normpath" | "basename" | "expanduser"
        | "expandvars" => {
            let argument = arguments.first()?;
            let value = lift(host, argument, None, span, &mut |_, value| {
                let result = value.as_str().and_then(|path| match name {
                    "dirname" => Some(path::dirname(path).to_owned()),
                    "basename" => Some(path.rsplit('/').next().unwrap_or("").to_owned()),
                    // Relative to a working directory that is not known here.
                    "abspath" | "realpath" => path.starts_with('/').then(|| path::normalize(path)),
                    "normpath" => Some(path::normalize(path)),
                    _ => (!path.starts_with('~') && !path.contains('$')).then(|| path.to_owned()),
                });
                match result {
                    Some(path) => Value::str(path, span),
                    None => Value::unknown(Reason::Unsupported, span),
                }
            });
            Some(value)
        }
        _ => None,
    }
}

/// Joins parts to a path, one after the other.
pub(crate) fn join_path<H: Host>(
    host: &mut H,
    first: &Value,
    rest: &[Value],
    is_path: bool,
    span: Span,
) -> Value {
    let make = |text: String| {
        if is_path {
            Value::path(path::normalize_pure(&text), span)
        } else {
            Value::str(text, span)
        }
    };
    let mut path = first.clone();
    for part in rest {
        if matches!(part.kind, Kind::Unknown(_)) {
            host.may_raise();
            return Value::unknown(Reason::Unsupported, span);
        }
        path = lift2(
            host,
            &path,
            part,
            Some(Cast::Path),
            span,
            &mut |_, a, b| match (path::text_of(a), path::text_of(b)) {
                (Some(a), Some(b)) => make(path::join(a, b)),
                _ => Value::unknown(Reason::Unsupported, span),
            },
        );
    }
    path
}

/// `Path(...)`.
pub(crate) fn new_path<H: Host>(host: &mut H, arguments: &[Value], span: Span) -> Value {
    let Some((first, rest)) = arguments.split_first() else {
        return Value::path(".", span);
    };
    let first = lift(
        host,
        first,
        Some(Cast::Path),
        span,
        &mut |_, value| match path::text_of(value) {
            Some(path) => Value::path(path::normalize_pure(path), span),
            None => Value::unknown(Reason::Unsupported, span),
        },
    );
    join_path(host, &first, rest, true, span)
}

/// `environ.Path(...)`.
pub(crate) fn environ_path<H: Host>(host: &mut H, arguments: &[Value], span: Span) -> Value {
    let joined = match arguments.split_first() {
        Some((first, rest)) => join_path(host, first, rest, false, span),
        None => Value::unknown(Reason::Unsupported, span),
    };
    lift(
        host,
        &joined,
        Some(Cast::Path),
        span,
        &mut |_, value| match value.as_str().filter(|path| path.starts_with('/')) {
            Some(path) => {
                let path: Arc<str> = path::normalize(path).into();
                Value::new(Kind::Object(Object(Thing::EnvironPath(path))), span)
            }
            None => Value::unknown(Reason::Unsupported, span),
        },
    )
}

pub(crate) fn path_attribute<H: Host>(host: &mut H, path: &str, name: &str, span: Span) -> Value {
    match name {
        "parent" => Value::path(path::pure_parent(path), span),
        "parents" => {
            let mut parents = Vec::new();
            let mut at = path;
            while parents.len() < 64 {
                let up = path::pure_parent(at);
                if up == at {
                    break;
                }
                parents.push(Value::path(up, span));
                at = up;
            }
            Value::tuple(parents, false, span)
        }
        "name" => Value::str(path.rsplit('/').next().unwrap_or(""), span),
        "stem" => {
            let file = path.rsplit('/').next().unwrap_or("");
            let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
            Value::str(stem, span)
        }
        "suffix" => {
            let file = path.rsplit('/').next().unwrap_or("");
            let suffix = file
                .rfind('.')
                .filter(|at| *at > 0)
                .map_or("", |at| &file[at..]);
            Value::str(suffix, span)
        }
        _ => {
            host.may_raise();
            Value::unknown(Reason::Unsupported, span)
        }
    }
}

/// A method of a path; `None` when it is not evaluated.
pub(crate) fn path_method<H: Host>(
    host: &mut H,
    base: &Value,
    method: &str,
    arguments: &[Value],
    span: Span,
) -> Option<Value> {
    let path = base.as_str()?;
    match method {
        "resolve" | "absolute" => path
            .starts_with('/')
            .then(|| Value::path(path::normalize(path), span)),
        "joinpath" | "child" => Some(join_path(host, base, arguments, true, span)),
        "as_posix" | "__str__" | "__fspath__" => Some(Value::str(path, span)),
        "ancestor" => match arguments.first()?.kind {
            Kind::Int(up) => Some(Value::path(path::ancestor(path, up), span)),
            _ => None,
        },
        "with_name" => {
            let name = arguments.first()?.as_str()?;
            Some(Value::path(path::join(path::pure_parent(path), name), span))
        }
        "exists" | "is_dir" => {
            host.asks_for(path);
            None
        }
        "mkdir" => {
            host.makes_directory(path, span);
            None
        }
        "read_text" | "read_bytes" | "open" => {
            host.may_raise();
            Some(Value::new(Kind::FromFile(Some(path.into())), span))
        }
        _ => None,
    }
}

//! Paths of the container: `os.path`, `pathlib`, `environ.Path`, computed as text.

use std::sync::Arc;

use crate::span::Span;

use super::interpreter::Interpreter;
use super::object::{Object, Thing};
use super::value::{Cast, Kind, Reason, Value};

impl Interpreter<'_> {
    /// `os.path.<name>(...)`; `None` when it is not evaluated.
    pub(super) fn os_path(&mut self, name: &str, arguments: &[Value], span: Span) -> Option<Value> {
        match name {
            "join" => {
                let (first, rest) = arguments.split_first()?;
                Some(self.join_path(first, rest, false, span))
            }
            "dirname" | "abspath" | "realpath" | "normpath" | "basename" | "expanduser"
            | "expandvars" => {
                let argument = arguments.first()?;
                let value = self.lift(argument, None, span, &mut |_, value| {
                    let result = value.as_str().and_then(|path| match name {
                        "dirname" => Some(dirname(path).to_owned()),
                        "basename" => Some(path.rsplit('/').next().unwrap_or("").to_owned()),
                        // Relative to a working directory that is not known here.
                        "abspath" | "realpath" => path.starts_with('/').then(|| normalize(path)),
                        "normpath" => Some(normalize(path)),
                        _ => {
                            (!path.starts_with('~') && !path.contains('$')).then(|| path.to_owned())
                        }
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
    pub(super) fn join_path(
        &mut self,
        first: &Value,
        rest: &[Value],
        is_path: bool,
        span: Span,
    ) -> Value {
        let make = |text: String| {
            if is_path {
                Value::path(normalize_pure(&text), span)
            } else {
                Value::str(text, span)
            }
        };
        let mut path = first.clone();
        for part in rest {
            if matches!(part.kind, Kind::Unknown(_)) {
                self.may_raise = true;
                return Value::unknown(Reason::Unsupported, span);
            }
            path = self.lift2(&path, part, Some(Cast::Path), span, &mut |_, a, b| match (
                text_of(a),
                text_of(b),
            ) {
                (Some(a), Some(b)) => make(join(a, b)),
                _ => Value::unknown(Reason::Unsupported, span),
            });
        }
        path
    }

    /// `Path(...)`.
    pub(super) fn new_path(&mut self, arguments: &[Value], span: Span) -> Value {
        let Some((first, rest)) = arguments.split_first() else {
            return Value::path(".", span);
        };
        let first = self.lift(
            first,
            Some(Cast::Path),
            span,
            &mut |_, value| match text_of(value) {
                Some(path) => Value::path(normalize_pure(path), span),
                None => Value::unknown(Reason::Unsupported, span),
            },
        );
        self.join_path(&first, rest, true, span)
    }

    /// `environ.Path(...)`.
    pub(super) fn environ_path(&mut self, arguments: &[Value], span: Span) -> Value {
        let joined = match arguments.split_first() {
            Some((first, rest)) => self.join_path(first, rest, false, span),
            None => Value::unknown(Reason::Unsupported, span),
        };
        self.lift(&joined, Some(Cast::Path), span, &mut |_, value| match value
            .as_str()
            .filter(|path| path.starts_with('/'))
        {
            Some(path) => {
                let path: Arc<str> = normalize(path).into();
                Value::new(Kind::Object(Object(Thing::EnvironPath(path))), span)
            }
            None => Value::unknown(Reason::Unsupported, span),
        })
    }

    pub(super) fn path_attribute(&mut self, path: &str, name: &str, span: Span) -> Value {
        match name {
            "parent" => Value::path(pure_parent(path), span),
            "parents" => {
                let mut parents = Vec::new();
                let mut at = path;
                while parents.len() < 64 {
                    let up = pure_parent(at);
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
                self.may_raise = true;
                Value::unknown(Reason::Unsupported, span)
            }
        }
    }

    /// A method of a path; `None` when it is not evaluated.
    pub(super) fn path_method(
        &mut self,
        base: &Value,
        method: &str,
        arguments: &[Value],
        span: Span,
    ) -> Option<Value> {
        let path = base.as_str()?;
        match method {
            "resolve" | "absolute" => path
                .starts_with('/')
                .then(|| Value::path(normalize(path), span)),
            "joinpath" | "child" => Some(self.join_path(base, arguments, true, span)),
            "as_posix" | "__str__" | "__fspath__" => Some(Value::str(path, span)),
            "ancestor" => match arguments.first()?.kind {
                Kind::Int(up) => Some(Value::path(ancestor(path, up), span)),
                _ => None,
            },
            "with_name" => {
                let name = arguments.first()?.as_str()?;
                Some(Value::path(join(pure_parent(path), name), span))
            }
            "read_text" | "read_bytes" | "open" => {
                self.may_raise = true;
                Some(Value::new(Kind::FromFile(Some(path.into())), span))
            }
            _ => None,
        }
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::Object(Object(Thing::EnvironPath(path))) => Some(path),
        _ => value.as_str(),
    }
}

/// As `os.path.join`: an absolute part begins anew.
pub(super) fn join(a: &str, b: &str) -> String {
    if b.starts_with('/') || a.is_empty() {
        b.to_owned()
    } else if a.ends_with('/') {
        format!("{a}{b}")
    } else {
        format!("{a}/{b}")
    }
}

/// As `os.path.dirname`.
fn dirname(path: &str) -> &str {
    match path.rfind('/') {
        None => "",
        Some(at) => {
            let head = path[..at].trim_end_matches('/');
            if head.is_empty() { &path[..=at] } else { head }
        }
    }
}

/// As `os.path.normpath`: `.` and `..` resolved, one slash between parts.
pub(super) fn normalize(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// As pathlib writes a path: `..` stays.
fn normalize_pure(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let joined = parts.join("/");
    match (path.starts_with('/'), joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn pure_parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => &path[..at],
        None => ".",
    }
}

/// The directory `up` levels above.
pub(super) fn ancestor(path: &str, up: i64) -> String {
    let mut path = path;
    for _ in 0..up.clamp(0, 64) {
        path = pure_parent(path);
    }
    path.to_owned()
}

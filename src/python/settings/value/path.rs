//! Paths as text, the way `os.path` and `pathlib` compute them.

use crate::python::settings::value::{Kind, Object, Thing, Value};

pub(crate) fn text_of(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::Object(Object(Thing::EnvironPath(path))) => Some(path),
        _ => value.as_str(),
    }
}

/// As `os.path.join`: an absolute part begins anew.
pub(crate) fn join(a: &str, b: &str) -> String {
    if b.starts_with('/') || a.is_empty() {
        b.to_owned()
    } else if a.ends_with('/') {
        format!("{a}{b}")
    } else {
        format!("{a}/{b}")
    }
}

/// As `os.path.dirname`.
pub(crate) fn dirname(path: &str) -> &str {
    match path.rfind('/') {
        None => "",
        Some(at) => {
            let head = path[..at].trim_end_matches('/');
            if head.is_empty() { &path[..=at] } else { head }
        }
    }
}

/// As `os.path.normpath`: `.` and `..` resolved, one slash between parts.
pub(crate) use crate::source::clean as normalize;

/// As pathlib writes a path: `..` stays.
pub(crate) fn normalize_pure(path: &str) -> String {
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

pub(crate) fn pure_parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => &path[..at],
        None => ".",
    }
}

/// The directory `up` levels above.
pub(crate) fn ancestor(path: &str, up: i64) -> String {
    let mut path = path;
    for _ in 0..up.clamp(0, 64) {
        path = pure_parent(path);
    }
    path.to_owned()
}

//! Paths of a context as text.

use crate::source::normalize;

/// `a` and `b` with one slash between them, whichever is empty.
pub(crate) fn join(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (false, true) => a.to_owned(),
        (false, false) => format!("{a}/{b}"),
    }
}

/// `path` as seen from `base`; `None` when it lies outside.
pub(crate) fn below(base: &str, path: &str) -> Option<String> {
    let path = normalize(path)?;
    if base.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(base)?;
    rest.strip_prefix('/').map(str::to_owned)
}

//! Paths of a context as text.

use crate::source::normalize;

/// `path` as seen from `base`; `None` when it lies outside.
pub(crate) fn below(base: &str, path: &str) -> Option<String> {
    let path = normalize(path)?;
    if base.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(base)?;
    rest.strip_prefix('/').map(str::to_owned)
}

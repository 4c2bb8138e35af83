//! The name that BuildKit takes where there is no `Dockerfile`.

use crate::source::Entry as Place;
use crate::source::Root;

/// BuildKit takes a `dockerfile` where there is no `Dockerfile`.
pub(super) fn take_lower_case(root: &Root, path: &mut String) {
    let above = path.strip_suffix("Dockerfile").unwrap_or("-");
    if !above.is_empty() && !above.ends_with('/') || root.entry(path) != Place::Missing {
        return;
    }
    let lower = format!("{above}dockerfile");
    if matches!(root.entry(&lower), Place::File { .. }) {
        *path = lower;
    }
}

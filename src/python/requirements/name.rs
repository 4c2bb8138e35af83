//! Names of packages, normalised.

/// The name of a package as PEP 503 compares it: lower case, runs of `-`, `_` and `.` as one `-`.
#[must_use]
pub(crate) fn normalize_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

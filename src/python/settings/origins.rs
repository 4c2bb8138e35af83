//! What entries of lists of origins say: a scheme, a path.

/// An address of HTTP with a path, or a slash at the end: no browser names one as origin.
#[must_use]
pub(crate) fn is_origin_with_path(text: &str) -> bool {
    let rest = text.strip_prefix("https://");
    let rest = rest.or(text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains('/'))
}

/// The same of an entry of CSRF_TRUSTED_ORIGINS. Of one with `*` Django takes scheme and host only.
#[must_use]
pub(crate) fn is_trusted_origin_with_path(text: &str) -> bool {
    !text.contains('*') && is_origin_with_path(text)
}

/// A text that says no scheme, where one has to.
#[must_use]
pub(crate) fn lacks_scheme(text: &str) -> bool {
    !text.is_empty() && !text.contains("://")
}

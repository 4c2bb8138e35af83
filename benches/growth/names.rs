//! Which kinds the words of a command line mean.

use super::kinds::Kind;

/// Whether one of these names it, with a part of its name or `=` and the whole, or there are none.
pub(crate) fn is_one_of(kind: &Kind, names: &[&String]) -> bool {
    let matches = |name: &&String| match name.strip_prefix('=') {
        Some(name) => kind.name == name,
        None => kind.name.contains(name.as_str()),
    };
    names.is_empty() || names.iter().any(matches)
}

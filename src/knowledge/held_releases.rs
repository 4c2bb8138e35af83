//! Distributions of which a pin of another one decides the release.

use super::by_name::find_by_name;

/// A distribution whose releases each take few releases of others.
#[derive(Debug)]
struct Held {
    name: &'static str,
    /// Those.
    by: &'static [&'static str],
}

static HELD: &[Held] = include!(concat!(env!("OUT_DIR"), "/held-releases.rs"));

/// The distributions of which a pin holds one.
pub(crate) fn by(name: &str) -> &'static [&'static str] {
    find_by_name!(HELD, name)(name).map_or(&[], |row| row.by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_release() {
        assert!(HELD.is_sorted_by_key(|row| row.name));
        assert_eq!(by("celery"), ["kombu"]);
        assert!(by("django").is_empty());
    }
}

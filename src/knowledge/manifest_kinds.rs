//! Kinds of manifests that start containers.

use super::find;

#[derive(Debug)]
pub(crate) struct Kind {
    pub kind: &'static str,
    /// The keys that lead to the template of its pods, with a dot between them; `-` where it is a pod itself.
    pub pod: &'static str,
}

static KINDS: &[Kind] = include!(concat!(env!("OUT_DIR"), "/manifest-kinds.rs"));

/// The keys that lead to the template of the pods of a kind.
#[must_use]
pub(crate) fn pod_of(kind: &str) -> Option<impl Iterator<Item = &'static str>> {
    let row = find(KINDS, kind, |row| row.kind)?;
    Some(row.pod.split('.').filter(|key| *key != "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(KINDS.is_sorted_by(|a, b| a.kind < b.kind));
    }
}

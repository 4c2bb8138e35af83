//! How much a COPY takes of the context, as far as it needs to be known.

use super::{Context, sources};
use crate::source::Entry;
use crate::source::join;

/// Entries that are looked at before the rest is left alone.
const MAX_ENTRIES: usize = 20_000;

/// The bytes that the sources of a COPY take along, `enough` where there are more; `None` when that is not known.
pub(crate) fn weigh<'a>(
    context: &Context,
    named: impl IntoIterator<Item = &'a str>,
    enough: u64,
) -> Option<u64> {
    let mut open = Vec::new();
    for source in named {
        if source.contains("://") || source.starts_with("<<") {
            return None;
        }
        open.extend(sources::expand(context, source)?);
    }
    let mut sum = 0;
    let mut seen = 0;
    while let Some(path) = open.pop() {
        seen += 1;
        if sum >= enough || seen > MAX_ENTRIES {
            return (sum >= enough).then_some(enough);
        }
        let is_ignored = context.ignored_by(&path).is_some();
        match context.entry(&path) {
            Entry::File { .. } if !is_ignored => {
                let place = context.below_root(&path)?;
                sum += context.root.size(&place).unwrap_or_default();
            }
            Entry::Directory if !is_ignored || context.may_reinclude(&path) => {
                let names = context.list(&path)?;
                let base = if path == "." { "" } else { &path };
                open.extend(names.iter().map(|name| join(base, name)));
            }
            Entry::File { .. } | Entry::Directory => {}
            // A source that is not there is made before the build; a link leads anywhere.
            Entry::Missing => return None,
            Entry::Unknown => {}
        }
    }
    Some(sum.min(enough))
}

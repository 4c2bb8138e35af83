//! Sources of COPY and ADD as paths of the context.

use super::Context;
use super::glob::{Glob, has_wildcard};
use crate::knowledge::words::FileWords;
use crate::source::Entry;
use crate::source::clean;
use crate::source::join;

/// A source as seen from the context: `/a/` and `./a` are `a`.
pub(crate) fn source_path(source: &str) -> String {
    let cleaned = clean(&format!("/{source}"));
    let relative = cleaned.trim_start_matches('/');
    if relative.is_empty() {
        ".".to_owned()
    } else {
        relative.to_owned()
    }
}

/// The context path that `COPY --parents source dest/` brings to `dest/rest`.
pub(crate) fn parents_source(source: &str, rest: &str) -> Option<String> {
    let (above, kept) = source.split_once("/./").unwrap_or(("", source));
    let kept = source_path(kept);
    let ends = rest
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([rest.len()]);
    let glob = Glob::path(&kept)?;
    let is_below = kept == "." || ends.into_iter().any(|end| glob.matches(&rest[..end]));
    is_below.then(|| clean(&join(above.trim_matches('/'), rest)))
}

/// The context paths a source names, sorted; `None` when they are not all known.
pub(crate) fn expand(context: &Context, source: &str) -> Option<Vec<String>> {
    let source = source_path(source);
    if !has_wildcard(&source) {
        return Some(vec![source]);
    }
    let mut paths = vec![String::new()];
    for part in source.split('/') {
        let mut next = Vec::new();
        for path in &paths {
            if !has_wildcard(part) {
                next.push(join(path, part));
                continue;
            }
            let glob = Glob::path(part)?;
            if !path.is_empty() && context.entry(path) == Entry::Missing {
                continue;
            }
            if matches!(context.entry(path), Entry::File { .. }) {
                continue;
            }
            let names = context.list(path)?;
            next.extend(
                names
                    .iter()
                    .filter(|n| glob.matches(n))
                    .map(|n| join(path, n)),
            );
        }
        if next.len() > super::MAX_LISTED {
            return None;
        }
        paths = next;
    }
    paths.retain(|path| context.entry(path) != Entry::Missing);
    Some(paths)
}

/// ADD unpacks these; it looks at the content, so a name that only looks like one is one here.
pub(crate) fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    FileWords::Archive.ends(&name)
}

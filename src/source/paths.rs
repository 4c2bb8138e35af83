//! Paths as text, below a root or of an image: no file is looked at. The one place that cleans and joins them.

use std::borrow::Cow;
use std::path::{Component, Path};

/// Whether a path without a slash in front has names only: no empty one, no `.`, no `..`.
pub(crate) fn is_clean(path: &str) -> bool {
    let bytes = path.as_bytes();
    // Only behind a slash can a name be wrong.
    let is_name = |start: usize| match bytes.get(start) {
        None | Some(b'/') => false,
        Some(b'.') => !matches!(
            (bytes.get(start + 1), bytes.get(start + 2)),
            (None | Some(b'/'), _) | (Some(b'.'), None | Some(b'/'))
        ),
        Some(_) => true,
    };
    if !is_name(0) {
        return false;
    }
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    for (at, _) in slashes {
        if !is_name(at + 1) {
            return false;
        }
    }
    true
}

/// `a/./b/../c` as `a/c`; `None` when the path is absolute or leaves its start.
#[must_use]
pub(crate) fn normalize(path: &str) -> Option<String> {
    if !cfg!(windows) && is_clean(path) {
        return Some(path.to_owned());
    }
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// `a` and `b` with one slash between them, whichever is empty.
pub(crate) fn join(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (false, true) => a.to_owned(),
        (false, false) => {
            let a = a.trim_end_matches('/');
            let mut joined = String::with_capacity(a.len() + 1 + b.len());
            joined.push_str(a);
            joined.push('/');
            joined.push_str(b);
            joined
        }
    }
}

/// Go's `filepath.Clean` for slash paths: `a//b/./c/..` is `a/b`; empty is `.`.
pub(crate) fn clean(path: &str) -> String {
    cleaned(Cow::Borrowed(path))
}

/// [`clean`], without a copy of text that is at hand and clean, as nearly all is.
fn cleaned(path: Cow<'_, str>) -> String {
    let below = path.strip_prefix('/').unwrap_or(&path);
    if is_clean(below) {
        return path.into_owned();
    }
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") => parts.push(".."),
                Some(_) => {
                    parts.pop();
                }
                None if is_rooted => {}
                None => parts.push(".."),
            },
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// `path` seen from `directory`, absolute and clean, without slash at the end.
#[must_use]
pub(crate) fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        clean(path)
    } else {
        let directory = directory.strip_prefix('/').unwrap_or(directory);
        let mut joined = String::with_capacity(directory.len() + path.len() + 2);
        for part in [directory, path] {
            if !part.is_empty() {
                joined.push('/');
                joined.push_str(part);
            }
        }
        if joined.is_empty() {
            joined.push('/');
        }
        cleaned(Cow::Owned(joined))
    }
}

/// The directory of a path; empty for the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(above, _)| above)
}

/// Whether a path is a directory or lies below it; all paths lie below the empty one.
pub(crate) fn is_in(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let rest = path.trim_end_matches('/').strip_prefix(directory);
    directory.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_is_go() {
        let table = [
            ("", "."),
            (".", "."),
            ("./a", "a"),
            ("a/", "a"),
            ("a//b/../c", "a/c"),
            ("../a", "../a"),
            ("/../a", "/a"),
            ("/", "/"),
        ];
        for (raw, cleaned) in table {
            assert_eq!(clean(raw), cleaned, "{raw}");
        }
    }

    #[test]
    fn paths_below_a_directory() {
        assert!(is_in("/code/app", "/code") && is_in("/code", "/code/") && is_in("docker", ""));
        assert!(!is_in("/codes", "/code") && !is_in("/code", "/code/app"));
    }
}

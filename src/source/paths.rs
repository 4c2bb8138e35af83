//! Paths below a root, as text: no file is looked at.

use std::path::{Component, Path};

/// Whether a path without a slash in front has names only: no empty one, no `.`, no `..`.
pub(crate) fn is_clean(path: &str) -> bool {
    let mut length = 0;
    let mut is_dots = true;
    let end = std::iter::once(b'/');
    for byte in path.bytes().chain(end) {
        if byte == b'/' {
            if length == 0 || is_dots && length < 3 {
                return false;
            }
            (length, is_dots) = (0, true);
        } else {
            length += 1;
            is_dots &= byte == b'.';
        }
    }
    true
}

/// `a/./b/../c` as `a/c`; `None` when the path is absolute or leaves its start.
#[must_use]
pub fn normalize(path: &str) -> Option<String> {
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

//! Paths that a checkout lacks and a deployment puts there: what git ignores, and what is in directories that git
//! ignores all but a placeholder of.

use super::glob::{Glob, has_wildcard};
use crate::knowledge::byproducts::is_byproduct;
use crate::knowledge::words::FileWords;
use crate::source::join;
use crate::source::{Entry, Root};

/// Whether a path below `root` that is not there may be made or fetched before the build: git ignores it, or its
/// directory is kept for files that are not committed.
pub(crate) fn may_be_placed(root: &Root, path: &str) -> bool {
    root.is_git_ignored(path) || is_below_placeholder(root, path)
}

/// Whether a path that is not there may be a directory with files that git ignores.
pub(crate) fn may_be_filled(root: &Root, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_file = name.contains('.') && !name.ends_with(".d") || name.contains("ockerfile");
    !is_file
        && root.git_ignore_lines(path).iter().any(|(directory, line)| {
            let below = path[directory.len()..].trim_start_matches('/');
            may_match_below(line, below)
        })
}

/// The same of a directory that is built from: what git ignores in it counts only if it may be a Dockerfile.
pub(crate) fn may_be_placed_to_build(root: &Root, path: &str) -> bool {
    may_be_placed(root, path) || root.is_git_ignored(&join(path, "Dockerfile"))
}

/// Whether the nearest directory that is there holds nothing but a placeholder.
fn is_below_placeholder(root: &Root, path: &str) -> bool {
    let mut directory = path;
    while let Some((above, _)) = directory.rsplit_once('/') {
        if root.entry(above) == Entry::Directory {
            let names = root.list(above, FileWords::Placeholder.iter().count() + 1);
            return !names.is_empty()
                && names
                    .iter()
                    .all(|name| FileWords::Placeholder.contains(name));
        }
        directory = above;
    }
    false
}

/// Whether a line of a `.gitignore` may match something below a directory that is not there.
fn may_match_below(line: &str, directory: &str) -> bool {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with(['#', '!']) {
        return false;
    }
    let pattern = line.strip_prefix("**/").unwrap_or(line);
    if !pattern.trim_end_matches('/').contains('/') {
        // In every directory. A name alone is hardly all that one is for.
        return pattern.starts_with('*') && !pattern.ends_with('/') && !is_byproduct(pattern);
    }
    let mut parts = pattern.trim_start_matches('/').split('/');
    for name in directory.split('/') {
        match parts.next() {
            Some("**") => return true,
            Some(part) if has_wildcard(part) => {
                if !Glob::path(part).is_some_and(|glob| glob.matches(name)) {
                    return false;
                }
            }
            Some(part) if part == name => {}
            _ => return false,
        }
    }
    parts.next().is_some_and(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_match_below_a_directory() {
        for line in [
            "*.sql",
            "**/*.sql",
            "docker/sql/*",
            "/docker/sql/dump.sql",
            "docker/*/*.sql",
            "docker/**/dump.sql",
        ] {
            assert!(may_match_below(line, "docker/sql"), "{line}");
        }
        for line in [
            "",
            "# *.sql",
            "!*.sql",
            "*.pyc",
            "build/",
            ".env",
            "*.egg-info/",
            "/sql/*",
            "docker/",
            "docker/sql2/*",
        ] {
            assert!(!may_match_below(line, "docker/sql"), "{line}");
        }
    }
}

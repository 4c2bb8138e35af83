//! Files that say that an image is shipped.

use std::path::Path;

#[derive(Debug)]
pub(crate) struct Publishing {
    /// From the root of the project; a directory stands for the files in it.
    pub file: &'static str,
    /// What the file says; `None`: it says so by being there.
    pub says: Option<&'static str>,
    /// What is built comes from git without `.git`.
    pub archived: bool,
}

static FILES: &[Publishing] = include!(concat!(env!("OUT_DIR"), "/publishing.rs"));

/// Every file and text of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Publishing> {
    FILES.iter()
}

/// The directory whose Dockerfiles a file of such a path may say something of; `None` for other files.
#[must_use]
pub(crate) fn directory_of(path: &Path) -> Option<&Path> {
    let parent = path.parent()?;
    FILES.iter().find_map(|row| {
        let named = if path.ends_with(row.file) {
            path
        } else {
            Some(parent).filter(|parent| parent.ends_with(row.file))?
        };
        named
            .ancestors()
            .nth(Path::new(row.file).components().count())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_speak_for_the_directories_below_them() {
        let of =
            |path: &'static str| directory_of(Path::new(path)).map(|path| path.to_str().unwrap());
        assert_eq!(of("/a/fly.toml"), Some("/a"));
        assert_eq!(of("/a/.github/workflows/x.yml"), Some("/a"));
        assert_eq!(of("/a/config/deploy.yml"), Some("/a"));
        assert_eq!(of("/a/config/other.yml"), None);
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(FILES.is_sorted_by(|a, b| (a.file, a.says) < (b.file, b.says)));
    }
}

//! Paths as they are looked up and as people see them; where a project begins.

use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use crate::config::Config;
use crate::source::{Files, Root, Sources};

/// Files that mark the root of a project.
const ROOTS: [&str; 4] = [".dockerignore", "manage.py", "pyproject.toml", ".git"];

/// `path` from `base` on, without `.` and `..`, which are resolved as text.
#[must_use]
pub(crate) fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// `path`, absolute, as people see it: from the working directory on where it lies below it.
#[must_use]
pub(crate) fn display_name(working_directory: &Path, path: &Path) -> String {
    let shown = path.strip_prefix(working_directory).unwrap_or(path);
    let name = shown.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        name.into_owned()
    } else {
        name.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The directory at `root`, absolute, with the names that people see from the working directory.
pub(super) fn open_root(sources: &Sources, working_directory: &Path, root: &Path) -> Option<Root> {
    let name = display_name(working_directory, root);
    let found = sources.root(root, &name).ok()?;
    Some(match working_directory.strip_prefix(root) {
        Ok(inside) => found.seen_from(&inside.to_string_lossy()),
        Err(_) => found,
    })
}

/// Whether a path, absolute, leads to something below `bound`; all are where nothing bounds them.
pub(super) fn is_within(sources: &Sources, path: &Path, bound: Option<&Path>) -> bool {
    let real = || sources.file_system().canonical(path);
    bound.is_none_or(|bound| real().is_ok_and(|real| real.starts_with(bound)))
}

/// Where the paths of what lies in a directory begin, as findings and baselines have them: at its repository, else at
/// the directory of its configuration; `None`: it lies below neither.
pub(super) fn project_of<'p>(
    sources: &Sources,
    directory: &'p Path,
    config: &'p Config,
) -> Option<&'p Path> {
    let own = || {
        let is_below = config.file.is_some() && directory.starts_with(&config.directory);
        is_below.then_some(&*config.directory)
    };
    sources.repository(directory).or_else(own)
}

/// Where the build context of a Dockerfile begins when nobody says: the nearest directory up that
/// looks like the root of a project.
#[must_use]
pub(crate) fn project_root<'p>(files: &dyn Files, directory: &'p Path) -> &'p Path {
    marked_root(files, directory).unwrap_or(directory)
}

/// The nearest directory up that a file marks as a project's root; `None` when none does.
#[must_use]
pub(crate) fn marked_root<'p>(files: &dyn Files, directory: &'p Path) -> Option<&'p Path> {
    let is_root = |place: &&Path| ROOTS.iter().any(|root| files.has(&place.join(root)));
    directory.ancestors().find(is_root)
}

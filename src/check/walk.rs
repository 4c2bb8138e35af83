//! Finds files below a directory, obeying `.gitignore` and `.ignore`.
//!
//! Every check of a directory takes this path, of many files of which it wants one or two: a
//! directory costs one listing, and files are only looked at by their names.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::source::{Files, Kind, MAX_FILE_SIZE, whole};

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) files: Vec<PathBuf>,
    /// Links with such names; they are not followed.
    pub(super) links: Vec<PathBuf>,
    /// Directories that could not be listed, files that could not be read, and why.
    pub(super) errors: Vec<(PathBuf, io::Error)>,
}

/// Patterns of one directory, and those of the directories above it.
#[derive(Debug)]
struct Level {
    patterns: Gitignore,
    above: Option<Rc<Level>>,
}

/// Files that name patterns, the stronger one last.
const IGNORE_FILES: [&str; 2] = [".gitignore", ".ignore"];

/// The files below `directory` whose names are `wanted`. Directories that are `foreign` are not
/// entered, links are not followed.
pub(super) fn files(
    disk: &dyn Files,
    directory: &Path,
    wanted: impl Fn(&str) -> bool,
    foreign: impl Fn(&OsStr) -> bool,
) -> Walked {
    let mut walked = Walked::default();
    let above = above(disk, directory, &mut walked.errors);
    let mut rest = vec![(directory.to_owned(), above)];
    while let Some((directory, above)) = rest.pop() {
        let entries = match disk.list(&directory, usize::MAX) {
            Ok(names) => names.items,
            Err(error) => {
                walked.errors.push((directory, error));
                continue;
            }
        };
        let mut directories = Vec::new();
        let mut files = Vec::new();
        let mut links = Vec::new();
        let mut has_patterns = false;
        let mut is_repository = false;
        for (name, kind) in entries {
            is_repository |= name == ".git";
            if kind == Kind::Directory {
                if !foreign(&name) {
                    directories.push(directory.join(name));
                }
            } else if kind == Kind::File {
                has_patterns |= IGNORE_FILES.iter().any(|file| name == *file);
                match name.to_str() {
                    Some(name) if wanted(name) => files.push(directory.join(name)),
                    None if wanted(&name.to_string_lossy()) => {
                        let error =
                            io::Error::other("its name is not UTF-8, so it was not checked");
                        walked.errors.push((directory.join(name), error));
                    }
                    _ => {}
                }
            } else if kind == Kind::Link && name.to_str().is_some_and(&wanted) {
                links.push(directory.join(name));
            }
        }
        // A repository in another one has patterns of its own.
        let above = above.filter(|_| !is_repository);
        let level = if has_patterns || is_repository {
            level(disk, &directory, is_repository, above, &mut walked.errors)
        } else {
            above
        };
        let is_left = |path: &PathBuf, is_directory| {
            !level
                .as_deref()
                .is_some_and(|level| level.excludes(path, is_directory))
        };
        files.retain(|file| is_left(file, false));
        links.retain(|link| is_left(link, false));
        directories.retain(|directory| is_left(directory, true));
        walked.files.append(&mut files);
        walked.links.append(&mut links);
        rest.extend(
            directories
                .into_iter()
                .map(|directory| (directory, level.clone())),
        );
    }
    walked
}

impl Level {
    fn excludes(&self, path: &Path, is_directory: bool) -> bool {
        let mut level = Some(self);
        while let Some(this) = level {
            let hit = this.patterns.matched(path, is_directory);
            if !hit.is_none() {
                return hit.is_ignore();
            }
            level = this.above.as_deref();
        }
        false
    }
}

/// The patterns of a directory on top of those above; patterns with mistakes count for nothing.
fn level(
    disk: &dyn Files,
    directory: &Path,
    is_repository: bool,
    above: Option<Rc<Level>>,
    errors: &mut Vec<(PathBuf, io::Error)>,
) -> Option<Rc<Level>> {
    let mut builder = GitignoreBuilder::new(directory);
    let own = is_repository.then_some(".git/info/exclude");
    for name in own.into_iter().chain(IGNORE_FILES) {
        let path = directory.join(name);
        // As git does: a link is not followed, and what is no file is nothing.
        if !disk
            .entry(&path)
            .is_ok_and(|found| found.kind == Kind::File)
        {
            continue;
        }
        match whole(disk, &path, MAX_FILE_SIZE) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                for line in text.trim_start_matches('\u{feff}').lines() {
                    // A line that is not a pattern ignores nothing.
                    let _ = builder.add_line(Some(path.clone()), line);
                }
            }
            Err(error) => errors.push((path, error)),
        }
    }
    match builder.build() {
        Ok(patterns) if !patterns.is_empty() => Some(Rc::new(Level { patterns, above })),
        _ => above,
    }
}

/// The patterns of all directories above, up to that of the repository.
fn above(
    disk: &dyn Files,
    directory: &Path,
    errors: &mut Vec<(PathBuf, io::Error)>,
) -> Option<Rc<Level>> {
    if disk.has(&directory.join(".git")) {
        return None;
    }
    let mut directories = Vec::new();
    for ancestor in directory.ancestors().skip(1) {
        let is_repository = disk.has(&ancestor.join(".git"));
        directories.push((ancestor, is_repository));
        if is_repository {
            break;
        }
    }
    let mut patterns = None;
    for (ancestor, is_repository) in directories.into_iter().rev() {
        patterns = level(disk, ancestor, is_repository, patterns, errors);
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Disk;

    #[test]
    fn patterns_hold_below_their_directory() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".gitignore", "build/\n*.log\n/top\nkept/*\n!kept/this\n");
        write(".git/info/exclude", "private\n");
        write("one/.gitignore", "!important.log\nbelow\n");
        write("two/.ignore", "x\n");
        write("two/.gitignore", "!x\n[\n");
        write("sub/.git", "gitdir: elsewhere\n");
        for path in [
            "a",
            "x.log",
            "top",
            "build/a",
            "private",
            "one/top",
            "one/x.log",
            "one/important.log",
            "one/below/a",
            "two/x",
            "two/y",
            "kept/this",
            "kept/that",
            "sub/build/a",
            "foreign/a",
            "one/foreign/a",
            ".hidden/a",
        ] {
            write(path, "");
        }
        let names = |directory: &str| {
            let walked = files(
                &Disk,
                &root.join(directory),
                |name| !name.starts_with('.'),
                |name| name == "foreign" || name == ".git",
            );
            assert!(walked.errors.is_empty());
            let mut names: Vec<String> = walked
                .files
                .iter()
                .map(|file| file.strip_prefix(root).unwrap().display().to_string())
                .collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(
            names(""),
            ".hidden/a a kept/this one/important.log one/top sub/build/a two/y"
        );
        // What stands above holds as well when the walk begins further down.
        assert_eq!(names("one"), "one/important.log one/top");
        assert_eq!(names("two"), "two/y");
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error() {
        let walked = files(&Disk, Path::new("/nowhere/at/all"), |_| true, |_| false);
        assert_eq!((walked.files.len(), walked.errors.len()), (0, 1));
    }
}

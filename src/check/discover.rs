//! Which Dockerfiles the paths of a command line stand for.
//!
//! A directory is walked, obeying `.gitignore`. A Dockerfile stands for itself. Any other file (a
//! settings module, a compose file) stands for the Dockerfiles of its project that it may belong to.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::walk;
use crate::source::Sources;

/// Endings of templates, copies and documents: never picked up, checked when named.
const NO_DOCKERFILE: [&str; 11] = [
    ".dockerignore",
    ".j2",
    ".tmpl",
    ".template",
    ".tpl",
    ".erb",
    ".in",
    ".md",
    ".orig",
    ".bak",
    ".swp",
];

/// Endings of files that a Dockerfile may lead to.
const COMPANIONS: [&str; 15] = [
    ".py",
    ".in",
    ".txt",
    ".sh",
    ".bash",
    ".yml",
    ".yaml",
    ".toml",
    ".ini",
    ".cfg",
    ".conf",
    ".lock",
    ".env",
    ".dockerignore",
    ".json",
];

/// Such files without an ending.
const NAMED_COMPANIONS: [&str; 2] = ["Pipfile", "Procfile"];

/// Directories that hold other people's files.
const FOREIGN: [&str; 9] = [
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".venv",
    "__pycache__",
    "node_modules",
    "site-packages",
];

/// Files that mark the root of a project.
const ROOTS: [&str; 4] = [".dockerignore", "manage.py", "pyproject.toml", ".git"];

/// A Dockerfile to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Absolute and without links, but for the file itself.
    pub path: PathBuf,
    /// As shown to people.
    pub name: String,
    /// It was named itself, so that exclusions do not apply.
    pub is_named: bool,
}

/// A Dockerfile that is to be checked when one of the files that were named belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub target: Target,
    /// The named files of its repository, absolute and without links.
    pub files: Vec<PathBuf>,
}

/// A path that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub name: String,
    pub reason: String,
}

/// What the paths of a command line stand for.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Each once, by name.
    pub targets: Vec<Target>,
    /// Other Dockerfiles, by name; see [`belongs`].
    pub candidates: Vec<Candidate>,
    pub missing: Vec<Missing>,
    /// The directories that were walked, absolute and without links.
    pub walked: Vec<PathBuf>,
}

/// Looks up `paths`, which are relative to the working directory.
#[must_use]
pub fn discover(sources: &Sources, working_directory: &Path, paths: &[PathBuf]) -> Discovered {
    let mut search = Search {
        sources,
        working_directory,
        found: BTreeMap::new(),
        real: HashMap::new(),
        candidates: BTreeMap::new(),
        repositories: BTreeMap::new(),
        missing: Vec::new(),
        walked: Vec::new(),
    };
    for path in paths {
        search.path(path);
    }
    let mut targets: Vec<Target> = search.found.into_values().collect();
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    for target in &targets {
        search.candidates.remove(&target.path);
    }
    let mut candidates: Vec<Candidate> = search.candidates.into_values().collect();
    candidates.sort_by(|a, b| a.target.name.cmp(&b.target.name));
    search.missing.sort_by(|a, b| a.name.cmp(&b.name));
    search.missing.dedup();
    Discovered {
        targets,
        candidates,
        missing: search.missing,
        walked: search.walked,
    }
}

/// `path` from `base` on, without `.` and `..`, which are resolved as text.
#[must_use]
pub fn absolute(base: &Path, path: &Path) -> PathBuf {
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
pub fn display_name(working_directory: &Path, path: &Path) -> String {
    let shown = path.strip_prefix(working_directory).unwrap_or(path);
    let name = shown.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        name.into_owned()
    } else {
        name.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// Whether a walk picks up a file of that name.
#[must_use]
pub fn is_dockerfile(name: &str) -> bool {
    // Nearly every file is told by one of its ends.
    let starts = matches!(name.as_bytes().first(), Some(b'D' | b'd' | b'C' | b'c'));
    if name.len() < "dockerfile".len() || !starts && !name.ends_with(['e', 'E']) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let is_jinja = name
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ending.starts_with("jinja"));
    if is_jinja || NO_DOCKERFILE.iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    ["dockerfile", "containerfile"].iter().any(|word| {
        name == *word
            || name
                .strip_prefix(word)
                .is_some_and(|rest| rest.starts_with('.') && rest.len() > 1)
            || name
                .strip_suffix(word)
                .is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
    })
}

/// Where the build context of a Dockerfile begins when nobody says: the nearest directory up that
/// looks like the root of a project.
#[must_use]
pub fn project_root(directory: &Path) -> &Path {
    marked_root(directory).unwrap_or(directory)
}

/// The nearest directory up that a file marks as a project's root; `None` when none does.
#[must_use]
pub fn marked_root(directory: &Path) -> Option<&Path> {
    directory
        .ancestors()
        .find(|place| ROOTS.iter().any(|root| place.join(root).exists()))
}

/// The directory whose files belong to a Dockerfile in `directory`: its repository, else what a file
/// marks as its project; `None` when there is neither.
#[must_use]
pub fn home<'p>(sources: &Sources, directory: &'p Path) -> Option<&'p Path> {
    sources
        .repository(directory)
        .or_else(|| marked_root(directory))
}

struct Search<'a> {
    sources: &'a Sources,
    working_directory: &'a Path,
    found: BTreeMap<PathBuf, Target>,
    /// Directories and where they really are.
    real: HashMap<PathBuf, PathBuf>,
    candidates: BTreeMap<PathBuf, Candidate>,
    /// The Dockerfiles of repositories that were walked for the files in them.
    repositories: BTreeMap<PathBuf, Vec<PathBuf>>,
    missing: Vec<Missing>,
    walked: Vec<PathBuf>,
}

impl Search<'_> {
    fn path(&mut self, path: &Path) {
        let full = absolute(self.working_directory, path);
        let meta = match full.metadata() {
            Ok(meta) => meta,
            Err(error) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
                    _ => error.to_string(),
                };
                self.miss(&full, reason);
                return;
            }
        };
        if meta.is_dir() {
            let real = real(&full);
            for dockerfile in self.walk(&full) {
                let below = dockerfile.strip_prefix(&full).unwrap_or(&dockerfile);
                self.add(real.join(below), &dockerfile, false);
            }
            self.walked.push(real);
        } else if is_companion(&full) {
            self.companion(&real(&full));
        } else {
            let directory = full.parent().map(|parent| self.real(parent));
            let directory = directory.unwrap_or_default();
            let path = directory.join(full.file_name().unwrap_or_default());
            self.add(path, &full, true);
        }
    }

    /// [`real`], once for a directory.
    fn real(&mut self, directory: &Path) -> PathBuf {
        if let Some(known) = self.real.get(directory) {
            return known.clone();
        }
        let found = real(directory);
        self.real.insert(directory.to_owned(), found.clone());
        found
    }

    fn companion(&mut self, file: &Path) {
        let directory = file.parent().unwrap_or(file);
        let root = home(self.sources, directory).unwrap_or(directory);
        if !self.repositories.contains_key(root) {
            let found = self.walk(root);
            self.repositories.insert(root.to_owned(), found);
        }
        for path in &self.repositories[root] {
            let candidate = self
                .candidates
                .entry(path.clone())
                .or_insert_with(|| Candidate {
                    target: Target {
                        path: path.clone(),
                        name: display_name(self.working_directory, path),
                        is_named: false,
                    },
                    files: Vec::new(),
                });
            candidate.files.push(file.to_owned());
        }
    }

    fn walk(&mut self, directory: &Path) -> Vec<PathBuf> {
        // A directory named by a variable holds what a program fills in: `{{cookiecutter.project_slug}}`.
        let is_foreign = |name: &OsStr| {
            FOREIGN.iter().any(|foreign| name == *foreign) || name.to_string_lossy().contains("{{")
        };
        let walked = walk::files(directory, is_dockerfile, is_foreign);
        for (directory, error) in walked.errors {
            self.miss(&directory, error.to_string());
        }
        walked.files
    }

    fn add(&mut self, path: PathBuf, shown: &Path, is_named: bool) {
        let name = display_name(self.working_directory, shown);
        let target = self.found.entry(path.clone()).or_insert(Target {
            path,
            name,
            is_named,
        });
        target.is_named |= is_named;
    }

    fn miss(&mut self, path: &Path, reason: String) {
        let name = display_name(self.working_directory, path);
        self.missing.push(Missing { name, reason });
    }
}

/// Without links; as it is when that cannot be found out.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file that is no Dockerfile by its name, but may matter to one: by its ending, or a script.
fn is_companion(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    if is_dockerfile(name) || name.to_ascii_lowercase().contains("dockerfile.") {
        return name.ends_with(".dockerignore");
    }
    if COMPANIONS.iter().any(|ending| name.ends_with(ending)) {
        return true;
    }
    NAMED_COMPANIONS.contains(&name) || !name.contains('.') && starts_as_script(path)
}

fn starts_as_script(path: &Path) -> bool {
    let mut start = [0; 2];
    std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start))
        .is_ok_and(|()| start == *b"#!")
}

/// A file belongs to the Dockerfiles whose build context holds it (guessed when it is not known); a
/// compose file also to those that lie below it, and so does a `.dockerignore` that may be read.
#[must_use]
pub fn belongs(file: &Path, dockerfile: &Path, context: Option<&Path>) -> bool {
    let Some(directory) = dockerfile.parent() else {
        return false;
    };
    if file.starts_with(context.unwrap_or_else(|| project_root(directory))) {
        return true;
    }
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let is_above = name.contains("compose") || context.is_none() && name.ends_with(".dockerignore");
    is_above
        && file
            .parent()
            .is_some_and(|above| directory.starts_with(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_walk_picks_up() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Dockerfile.prod",
            "web.Dockerfile",
            "web.dockerfile",
            "Containerfile",
            "Containerfile.dev",
        ] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            ".dockerignore",
            "Dockerfile.dockerignore",
            "Dockerfile.j2",
            "Dockerfile.jinja3",
            "Dockerfile.prod.bak",
            "Dockerfile.md",
            "Dockerfile.",
            ".dockerfile",
            "Dockerfiles",
            "README",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }

    #[test]
    fn paths_are_cleaned_as_text() {
        let base = Path::new("/a/b");
        assert_eq!(absolute(base, Path::new("./x/../y")), Path::new("/a/b/y"));
        assert_eq!(absolute(base, Path::new("../../..")), Path::new("/"));
        assert_eq!(display_name(base, Path::new("/a/b/c/d")), "c/d");
        assert_eq!(display_name(base, Path::new("/a/c")), "/a/c");
    }

    #[test]
    fn a_changed_file_stands_for_the_dockerfiles_it_belongs_to() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for file in [
            ".git/HEAD",
            "compose.yaml",
            "one/Dockerfile",
            "one/manage.py",
            "one/requirements.txt",
            "one/bin/start",
            "two/Dockerfile",
            "two/pyproject.toml",
            ".gitignore",
            "build/Dockerfile",
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = match file {
                ".gitignore" => "build/\n",
                "one/bin/start" => "#!/bin/sh\n",
                _ => "",
            };
            std::fs::write(path, text).unwrap();
        }
        let names = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            let found = discover(&Sources::new(), &root, &paths);
            assert_eq!(found.missing, []);
            let mut names: Vec<String> = found.targets.into_iter().map(|t| t.name).collect();
            for candidate in found.candidates {
                let Candidate { target, files } = candidate;
                if files.iter().any(|file| belongs(file, &target.path, None)) {
                    names.push(target.name);
                }
            }
            names.join(" ")
        };
        assert_eq!(names(&["."]), "one/Dockerfile two/Dockerfile");
        assert_eq!(names(&["one/requirements.txt"]), "one/Dockerfile");
        assert_eq!(names(&["one/bin/start", "one/manage.py"]), "one/Dockerfile");
        assert_eq!(names(&["compose.yaml"]), "one/Dockerfile two/Dockerfile");
        assert_eq!(names(&["two/pyproject.toml"]), "two/Dockerfile");
        assert_eq!(names(&["build/Dockerfile"]), "build/Dockerfile");
        let found = discover(&Sources::new(), &root, &[PathBuf::from("nowhere")]);
        assert_eq!((found.targets.len(), found.missing.len()), (0, 1));
    }
}

//! Which Dockerfiles the paths of a command line stand for.
//!
//! A directory is walked, obeying `.gitignore`: what is called a Dockerfile is one, and so is what a
//! compose, bake or CI file names as one. A Dockerfile on the command line stands for itself, a file that
//! may matter to one (a settings module, a compose file) for the Dockerfiles of its project that it may
//! belong to. Nothing else is a Dockerfile.

use crate::maps::HashMap;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::named;
use super::names::{self, Beginning, Shape};
pub(crate) use super::places::{absolute, display_name, marked_root, project_root};
use super::walk;
use crate::deployed;
use crate::knowledge::publishing;
use crate::source::{Files, Kind, Sources, is_tracked};

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

/// As much of a file is looked through for its first instruction, in bytes.
const LONGEST_BEGINNING: u64 = 64 * 1024;

/// A Dockerfile to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Absolute and without links, but for the file itself.
    pub path: PathBuf,
    /// As shown to people.
    pub name: String,
    /// It was named itself, so that exclusions do not apply.
    pub is_named: bool,
    /// The directory of the command line that it was found in, absolute and without links: without a
    /// repository the project ends there.
    pub bound: Option<PathBuf>,
}

/// A Dockerfile that is to be checked when one of the files that were named belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub target: Target,
    /// The named files of its repository, absolute and without links.
    pub files: Vec<PathBuf>,
}

/// A path that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    pub name: String,
    pub reason: String,
}

/// What the paths of a command line stand for.
#[derive(Debug, Default)]
pub(crate) struct Discovered {
    /// Each once, by name.
    pub targets: Vec<Target>,
    /// Other Dockerfiles, by name; see [`belongs`].
    pub candidates: Vec<Candidate>,
    pub missing: Vec<Missing>,
    /// Templates of Dockerfiles in the directories that were walked, by name.
    pub templates: Vec<String>,
    /// The directories that were walked, absolute and without links.
    pub walked: Vec<PathBuf>,
}

/// Looks up `paths`, which are relative to the working directory. With `force_exclude` a named file
/// that is not a Dockerfile and belongs to none is passed over; otherwise it is missing.
#[must_use]
pub(crate) fn discover(
    sources: &Sources,
    working_directory: &Path,
    paths: &[PathBuf],
    force_exclude: bool,
) -> Discovered {
    let mut search = Search {
        sources,
        working_directory,
        force_exclude,
        found: BTreeMap::new(),
        real: HashMap::default(),
        candidates: BTreeMap::new(),
        repositories: BTreeMap::new(),
        missing: Vec::new(),
        templates: Vec::new(),
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
    search.templates.sort();
    search.templates.dedup();
    Discovered {
        targets,
        candidates,
        missing: search.missing,
        templates: search.templates,
        walked: search.walked,
    }
}

/// The directory whose files belong to a Dockerfile in `directory`: its repository, else the directory of
/// the command line that it was found in, else what a file marks as its project; `None` without these.
#[must_use]
pub(crate) fn home<'p>(
    sources: &Sources,
    directory: &'p Path,
    bound: Option<&'p Path>,
) -> Option<&'p Path> {
    sources
        .repository(directory)
        .or(bound)
        .or_else(|| marked_root(&**sources.file_system(), directory))
}

struct Search<'a> {
    sources: &'a Sources,
    working_directory: &'a Path,
    force_exclude: bool,
    found: BTreeMap<PathBuf, Target>,
    /// Directories and where they really are.
    real: HashMap<PathBuf, PathBuf>,
    candidates: BTreeMap<PathBuf, Candidate>,
    /// The Dockerfiles of repositories that were walked for the files in them.
    repositories: BTreeMap<PathBuf, Vec<PathBuf>>,
    missing: Vec<Missing>,
    templates: Vec<String>,
    walked: Vec<PathBuf>,
}

impl Search<'_> {
    fn path(&mut self, path: &Path) {
        let full = absolute(self.working_directory, path);
        let files = self.sources.file_system();
        let found = match files.target(&full) {
            Ok(found) => found,
            // A link that leads nowhere is handed to hooks with all other files.
            Err(_) if self.force_exclude && files.entry(&full).is_ok() => return,
            Err(error) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
                    _ => error.to_string(),
                };
                self.miss(&full, reason);
                return;
            }
        };
        if found.kind == Kind::Directory {
            self.directory(&full);
        } else {
            self.file(&full);
        }
    }

    fn directory(&mut self, shown: &Path) {
        let real = self.real(shown);
        let walked = self.walk(&real);
        for dockerfile in walked.dockerfiles {
            let below = dockerfile.strip_prefix(&real).unwrap_or(&dockerfile);
            self.add(dockerfile.clone(), &shown.join(below), Some(&real));
        }
        for template in walked.templates {
            let below = template.strip_prefix(&real).unwrap_or(&template);
            let name = display_name(self.working_directory, &shown.join(below));
            self.templates.push(name);
        }
        self.walked.push(real);
    }

    fn file(&mut self, full: &Path) {
        let name = full.file_name().unwrap_or_default();
        let directory = full.parent().map(|parent| self.real(parent));
        let path = directory.unwrap_or_default().join(name);
        let name = name.to_str().unwrap_or_default();
        let is_companion =
            || names::is_companion(name) || !name.contains('.') && self.is_script(full);
        match names::shape(name) {
            Some(Shape::Dockerfile) => self.add(path, full, None),
            _ if is_companion() => self.companion(&self.without_links(full)),
            _ if self.begins_as_dockerfile(&path) => self.add(path, full, None),
            _ if self.force_exclude => {}
            _ => self.miss(
                full,
                format!(
                    "not a Dockerfile: it does not start with FROM or ARG; if it is one, rename it to \
                        `{name}.Dockerfile`"
                ),
            ),
        }
    }

    /// [`Search::without_links`], once for a directory.
    fn real(&mut self, directory: &Path) -> PathBuf {
        if let Some(known) = self.real.get(directory) {
            return known.clone();
        }
        let found = self.without_links(directory);
        self.real.insert(directory.to_owned(), found.clone());
        found
    }

    fn companion(&mut self, file: &Path) {
        let directory = file.parent().unwrap_or(file);
        let root = home(self.sources, directory, None).unwrap_or(directory);
        if !self.repositories.contains_key(root) {
            let found = self.walk(root);
            self.repositories.insert(root.to_owned(), found.dockerfiles);
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
                        bound: None,
                    },
                    files: Vec::new(),
                });
            candidate.files.push(file.to_owned());
        }
    }

    /// Looks through `directory`, absolute and without links.
    fn walk(&mut self, directory: &Path) -> Walk {
        let is_foreign = |name: &OsStr| FOREIGN.iter().any(|foreign| name == *foreign);
        let is_wanted = |name: &str| names::shape(name).is_some() || named::names_dockerfiles(name);
        let walked = walk::files(
            &**self.sources.file_system(),
            directory,
            is_wanted,
            is_foreign,
        );
        for (directory, error) in walked.errors {
            self.miss(&directory, error.to_string());
        }
        let mut found = Walk::default();
        let mut files = walked.files;
        for link in walked.links {
            files.extend(self.linked(&link, directory));
        }
        let mut naming: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for root in self.homes(directory, &files) {
            naming.insert(root.clone(), self.above(directory, &root));
        }
        for file in files {
            let below = file.strip_prefix(directory).unwrap_or(&file);
            let mut parts = below.iter().map(OsStr::to_string_lossy);
            let name = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
            let shape = names::shape(name);
            if parts.any(|part| names::is_placeholder(&part)) || shape == Some(Shape::Template) {
                if shape.is_some() {
                    found.templates.push(file);
                }
                continue;
            }
            match shape {
                Some(Shape::Dockerfile) if self.is_fragment(&file) => found.templates.push(file),
                Some(Shape::Dockerfile) => found.dockerfiles.push(file),
                Some(_) => {
                    if self.begins_as_dockerfile(&file) {
                        found.dockerfiles.push(file);
                    }
                }
                None => {
                    let root = file
                        .parent()
                        .and_then(|place| self.sources.repository(place));
                    let root = root.filter(|root| root.starts_with(directory));
                    let root = root.map_or_else(|| self.home_of(directory), Path::to_owned);
                    naming.entry(root).or_default().push(file);
                }
            }
        }
        for (root, files) in naming {
            for named in named::by(self.sources, self.working_directory, &root, &files) {
                let path = named.path;
                let is_one = path.starts_with(directory)
                    && self.sources.file_system().has_file(&path)
                    && (named.is_sure || self.begins_as_dockerfile(&path));
                if is_one {
                    found.dockerfiles.push(path);
                }
            }
        }
        // Git keeps what was committed, whatever it ignores.
        let usual = directory.join("Dockerfile");
        let files = self.sources.file_system();
        let is_file = || files.entry(&usual).is_ok_and(|it| it.kind == Kind::File);
        if !found.dockerfiles.contains(&usual) && is_file() && is_tracked(&**files, &usual) {
            found.dockerfiles.push(usual);
        }
        found.dockerfiles.sort();
        found.dockerfiles.dedup();
        found
    }

    /// A link that is called like a Dockerfile: itself, where it leads to a file of the project that is not found by
    /// its own name.
    fn linked(&mut self, link: &Path, directory: &Path) -> Option<PathBuf> {
        let name = |path: &Path| {
            path.file_name()
                .and_then(OsStr::to_str)
                .and_then(names::shape)
        };
        if name(link) != Some(Shape::Dockerfile) {
            return None;
        }
        let files = self.sources.file_system();
        let Ok(real) = files.canonical(link) else {
            self.miss(link, "it is a broken link".to_owned());
            return None;
        };
        if !real.starts_with(self.home_of(directory)) {
            self.miss(
                link,
                "it is a link to outside the project, which is not followed".to_owned(),
            );
            return None;
        }
        let is_found = name(&real) == Some(Shape::Dockerfile) && real.starts_with(directory);
        (!is_found && files.has_file(&real)).then(|| link.to_owned())
    }

    /// Where the project that `directory` belongs to begins, as far as what names its Dockerfiles counts.
    fn home_of(&self, directory: &Path) -> PathBuf {
        let home = self.sources.repository(directory).unwrap_or(directory);
        home.to_owned()
    }

    /// The projects of a walk: that of its directory, and the repositories of what was found below.
    fn homes(&self, directory: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
        let inner = files
            .iter()
            .filter_map(|file| self.sources.repository(file.parent()?));
        let mut homes: Vec<PathBuf> = inner.map(Path::to_owned).collect();
        homes.push(self.home_of(directory));
        homes.sort();
        homes.dedup();
        homes
    }

    /// The files above `directory`, and the workflows of its project, that may name Dockerfiles.
    fn above(&self, directory: &Path, root: &Path) -> Vec<PathBuf> {
        let mut files = named::workflows(&**self.sources.file_system(), root);
        let outside = directory.ancestors().skip(1);
        for place in outside.take_while(|place| place.starts_with(root)) {
            let listed = self.sources.file_system().list(place, usize::MAX);
            let names = listed.unwrap_or_default().items.into_iter();
            let names = names.filter_map(|(name, _)| name.into_string().ok());
            let names = names.filter(|name| named::names_dockerfiles(name));
            files.extend(names.map(|name| place.join(name)));
        }
        files.sort();
        files
    }

    /// Adds a Dockerfile that was found in a directory of the command line, or was named itself.
    fn add(&mut self, path: PathBuf, shown: &Path, bound: Option<&Path>) {
        let name = display_name(self.working_directory, shown);
        let target = self.found.entry(path.clone()).or_insert(Target {
            path,
            name,
            is_named: false,
            bound: None,
        });
        target.is_named |= bound.is_none();
        // Of several directories the outermost.
        let is_outer = |bound: &Path| {
            let known = target.bound.as_deref();
            known.is_none_or(|known| known.starts_with(bound))
        };
        if let Some(bound) = bound.filter(|bound| is_outer(bound)) {
            target.bound = Some(bound.to_owned());
        }
    }

    fn miss(&mut self, path: &Path, reason: String) {
        let name = display_name(self.working_directory, path);
        self.missing.push(Missing { name, reason });
    }

    /// Without links; as it is when that cannot be found out.
    fn without_links(&self, path: &Path) -> PathBuf {
        let real = self.sources.file_system().canonical(path);
        real.unwrap_or_else(|_| path.to_owned())
    }

    /// Whether a file's first instruction is one that Dockerfiles begin with. One that cannot be read is
    /// taken for a Dockerfile, so that somebody hears of it.
    fn begins_as_dockerfile(&self, path: &Path) -> bool {
        let start = self.sources.file_system().read(path, LONGEST_BEGINNING);
        match start {
            Ok(start) => {
                names::beginning(&String::from_utf8_lossy(&start)) == Beginning::Dockerfile
            }
            Err(_) => true,
        }
    }

    /// Whether something puts a file into Dockerfiles, or puts one together of it: it has an ending, and instructions
    /// without any FROM.
    fn is_fragment(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(OsStr::to_str);
        let start = || self.sources.file_system().read(path, LONGEST_BEGINNING);
        name.is_some_and(|name| name.contains('.'))
            && start().is_ok_and(|start| names::is_fragment(&String::from_utf8_lossy(&start)))
    }

    fn is_script(&self, path: &Path) -> bool {
        let start = self.sources.file_system().read(path, 2);
        start.is_ok_and(|start| start == b"#!")
    }
}

/// What a walk found.
#[derive(Default)]
struct Walk {
    dockerfiles: Vec<PathBuf>,
    templates: Vec<PathBuf>,
}

/// A file belongs to the Dockerfiles whose build context holds it (guessed when it is not known); a
/// compose file and a file of continuous integration or of a platform also to those that lie below it, and so
/// does a `.dockerignore` that may be read; a README to those beside it.
#[must_use]
pub(crate) fn belongs(
    files: &dyn Files,
    file: &Path,
    dockerfile: &Path,
    context: Option<&Path>,
) -> bool {
    let Some(directory) = dockerfile.parent() else {
        return false;
    };
    if file.starts_with(context.unwrap_or_else(|| project_root(files, directory))) {
        return true;
    }
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let parent = file.parent();
    if names::is_readme(name) {
        return parent == Some(directory);
    }
    let is_above = deployed::is_file(name)
        || name == "Procfile"
        || context.is_none() && (name.ends_with(".dockerignore") || name == ".containerignore");
    let above = parent.filter(|_| is_above);
    let above = above.or_else(|| publishing::directory_of(file));
    above.is_some_and(|above| directory.starts_with(above))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Disk;

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
            let found = discover(&Sources::new(), &root, &paths, false);
            assert_eq!(found.missing, []);
            let mut names: Vec<String> = found.targets.into_iter().map(|t| t.name).collect();
            for candidate in found.candidates {
                let Candidate { target, files } = candidate;
                if files
                    .iter()
                    .any(|file| belongs(&Disk, file, &target.path, None))
                {
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
        let found = discover(&Sources::new(), &root, &[PathBuf::from("nowhere")], false);
        assert_eq!((found.targets.len(), found.missing.len()), (0, 1));
    }
}

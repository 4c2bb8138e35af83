//! What is broken: the fixtures, the projects of pairs, rules, and projects on disk that are named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seatrial::fuzzing::{Target, packed};
use seatrial::{MemoryFile, Workspace};

/// A project, and where its files are.
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) base: Base,
}

pub(crate) enum Base {
    /// By path.
    Memory(BTreeMap<String, MemoryFile>),
    /// A directory, and the files below it that a check reads.
    Disk(PathBuf, Vec<String>),
}

impl Project {
    /// The files that may be broken.
    pub(crate) fn paths(&self) -> Vec<String> {
        match &self.base {
            Base::Memory(files) => files
                .keys()
                .filter(|path| !path.starts_with(".git/"))
                .cloned()
                .collect(),
            Base::Disk(_, paths) => paths.clone(),
        }
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        match &self.base {
            Base::Memory(files) => files.get(path).map(|file| file.content.clone()),
            Base::Disk(directory, _) => std::fs::read(directory.join(path)).ok(),
        }
        .unwrap_or_default()
    }

    pub(crate) fn directory(&self) -> PathBuf {
        match &self.base {
            Base::Memory(_) => PathBuf::from("/"),
            Base::Disk(directory, _) => directory.clone(),
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The projects of this repository.
pub(crate) fn fixtures() -> Vec<Project> {
    let mut projects = Vec::new();
    for directory in sorted(&root().join("fixtures/projects")) {
        let mut files = BTreeMap::new();
        gather(&directory, &directory, &mut files);
        projects.push(project(shown(&directory), files));
    }
    for folder in ["healthy", "must-not-flag", "weaknesses"] {
        for path in sorted(&root().join("fixtures").join(folder)) {
            if path
                .extension()
                .is_some_and(|ending| ending == "Dockerfile")
            {
                let file = MemoryFile::new(std::fs::read(&path).expect("it can be read"));
                projects.push(project(
                    shown(&path),
                    [("Dockerfile".to_owned(), file)].into(),
                ));
            }
        }
    }
    for path in sorted(&root().join("fixtures/pairs")) {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let table: toml::Table = text.parse().expect("it is TOML");
        for pair in table["project"].as_array().expect("a list of projects") {
            let files = pair["files"].as_table().expect("files by path");
            let files = files
                .iter()
                .map(|(path, file)| (path.clone(), of_pair(file)));
            let name = format!(
                "{}: {}",
                shown(&path),
                pair["name"].as_str().unwrap_or_default()
            );
            projects.push(project(name, files.collect()));
        }
    }
    projects
}

/// Largest file that is taken; what is made of one may be longer.
const MOST: usize = 200_000;

fn project(name: String, mut files: BTreeMap<String, MemoryFile>) -> Project {
    files.retain(|_, file| file.content.len() <= MOST);
    let head = MemoryFile::new("ref: refs/heads/main\n");
    files.insert(".git/HEAD".to_owned(), head);
    Project {
        name,
        base: Base::Memory(files),
    }
}

fn of_pair(file: &toml::Value) -> MemoryFile {
    let content = file
        .as_str()
        .or_else(|| file.get("content")?.as_str())
        .unwrap_or_default();
    let times = file
        .get("repeat")
        .and_then(toml::Value::as_integer)
        .unwrap_or(1);
    let mut made = MemoryFile::new(content.repeat(usize::try_from(times).unwrap_or(1)));
    made.is_executable = file
        .get("executable")
        .and_then(toml::Value::as_bool)
        .unwrap_or_default();
    made
}

/// A project on disk, with what a check of it reads.
pub(crate) fn on_disk(directory: &Path) -> Project {
    let directory = directory.canonicalize().expect("the project is there");
    let checked = Workspace::disk().check(&super::request(directory.clone()));
    let read = checked
        .sources
        .ids()
        .filter_map(|id| checked.sources.get(id).path.clone());
    let more = [
        "pyproject.toml",
        "seatrial.toml",
        ".gitignore",
        ".dockerignore",
    ]
    .map(|name| directory.join(name));
    let read = read.chain(more.into_iter().filter(|path| path.exists()));
    let mut paths: Vec<String> = read
        .filter_map(|path| {
            path.strip_prefix(&directory)
                .ok()
                .map(|path| path.display().to_string())
        })
        .collect();
    paths.sort();
    paths.dedup();
    Project {
        name: directory.display().to_string(),
        base: Base::Disk(directory, paths),
    }
}

/// The files of a kind of input.
pub(crate) fn of_kind(target: &Target, projects: &[Project]) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for project in projects {
        let Base::Memory(all) = &project.base else {
            continue;
        };
        let of_kind = all.iter().filter(|(path, _)| (target.takes)(path));
        files.extend(of_kind.map(|(_, file)| file.content.clone()));
        if (target.takes)(".archive") {
            let contents = all
                .iter()
                .map(|(path, file)| (path.clone(), file.content.clone()));
            files.push(packed(&contents.collect()));
        }
    }
    for folder in sorted(&root().join("rules")) {
        let is_data = folder.ends_with("data") || !folder.is_dir();
        if (target.takes)("rule.toml") && !is_data {
            files.extend(
                sorted(&folder)
                    .iter()
                    .map(|path| std::fs::read(path).expect("it can be read")),
            );
        }
    }
    if (target.takes)("seatrial.toml") {
        for path in sorted(&root().join("fixtures/bad-config")) {
            files.push(std::fs::read(path).expect("it can be read"));
        }
    }
    files.sort();
    files.dedup();
    files
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("it can be listed");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    paths
}

fn gather(root: &Path, directory: &Path, files: &mut BTreeMap<String, MemoryFile>) {
    for path in sorted(directory) {
        if path.is_dir() {
            gather(root, &path, files);
            continue;
        }
        let name = path
            .strip_prefix(root)
            .expect("it lies there")
            .display()
            .to_string();
        let mut file = MemoryFile::new(std::fs::read(&path).expect("it can be read"));
        file.is_executable = name.ends_with(".sh");
        files.insert(name, file);
    }
}

//! Trees of compose files: read once, `extends` and `include` followed through the root.

use crate::maps::HashMap;
use std::sync::Arc;

use super::merge;
use super::yaml::{self, Entry, Node, Tag, Value, YamlError};
use crate::source::{Root, SourceError, Sources, join, normalize, parent};
use crate::span::{FileId, Span};

/// Services that extend each other.
const MAX_DEPTH: u32 = 60;
/// Files that include each other.
const MAX_INCLUDES: u32 = 4;
/// Entries of one `include`, and files of one of them.
const MAX_ITEMS: usize = 10;
/// Files one load may read.
const MAX_FILES: usize = 200;

/// A file that was read.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) file: FileId,
    pub(crate) root: Option<Node>,
}

/// A file as YAML. Cheap to clone.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) root: Option<Node>,
    pub(crate) errors: Vec<YamlError>,
}

/// Reads a file as YAML, once in a run.
pub(crate) fn parsed(sources: &Sources, file: FileId) -> Arc<Parsed> {
    sources.once(file, |source| {
        let (root, errors) = yaml::parse(file, &source.text);
        Parsed { root, errors }
    })
}

/// All documents of a file, and whether nothing is wrong with it. Cheap to clone.
#[derive(Debug)]
pub(crate) struct Documents {
    pub(crate) all: Vec<Node>,
    pub(crate) is_whole: bool,
}

/// Reads all documents of a file of YAML, once in a run.
pub(crate) fn documents(sources: &Sources, file: FileId) -> Arc<Documents> {
    sources.once(file, |source| {
        let (all, is_whole) = yaml::documents(file, &source.text);
        Documents { all, is_whole }
    })
}

/// Reads files and resolves services.
pub(crate) struct Forest<'a> {
    root: &'a Root,
    sources: &'a Sources,
    trees: HashMap<String, Result<Tree, SourceError>>,
    /// The directory of each file read.
    pub(crate) directories: HashMap<FileId, String>,
    /// Resolved services by path and name; `None` while one is being resolved.
    resolved: HashMap<(String, String), Option<Node>>,
    /// Mistakes found while files were followed, by the file they stand in.
    pub(crate) errors: Vec<YamlError>,
}

impl<'a> Forest<'a> {
    pub(crate) fn new(root: &'a Root, sources: &'a Sources) -> Self {
        Self {
            root,
            sources,
            trees: HashMap::default(),
            directories: HashMap::default(),
            resolved: HashMap::default(),
            errors: Vec::new(),
        }
    }

    fn fail(&mut self, span: Span, message: String) {
        self.tell(YamlError::new(span, message));
    }

    fn limit(&mut self, span: Span, message: String) {
        self.tell(YamlError::limit(span, message));
    }

    fn tell(&mut self, error: YamlError) {
        if self.errors.len() < 100 && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    pub(crate) fn tree(&mut self, path: &str) -> Result<Tree, SourceError> {
        if let Some(tree) = self.trees.get(path) {
            return tree.clone();
        }
        if self.trees.len() >= MAX_FILES {
            return Err(SourceError::Io {
                name: self.root.display(path),
                reason: format!("more than {MAX_FILES} compose files are not read"),
            });
        }
        let tree = self.root.read(self.sources, path).map(|file| {
            let source = self.sources.get(file);
            let parsed = parsed(self.sources, file);
            if source.is_lossy {
                let message = "the file is not UTF-8: bytes of it were replaced".to_owned();
                self.limit(Span::point(file, 0), message);
            }
            for error in &parsed.errors {
                self.tell(error.clone());
            }
            self.directories.insert(file, parent(path).to_owned());
            Tree {
                file,
                root: parsed.root.clone(),
            }
        });
        self.trees.insert(path.to_owned(), tree.clone());
        tree
    }

    /// Notes where the paths of the files that a file includes start: at the `project_directory`, or beside the first
    /// of those that are put over each other.
    pub(crate) fn place_included(&mut self, path: &str) {
        let Ok(Tree {
            root: Some(root), ..
        }) = self.tree(path)
        else {
            return;
        };
        let items = root.get("include").map_or(&[][..], Node::items);
        for item in items.iter().take(MAX_ITEMS) {
            let files = included(path, item);
            let given = item.get("project_directory").and_then(Node::scalar);
            let directory = match given {
                Some(given) => sibling(path, given.as_str()),
                None => files.first().map(|first| parent(first).to_owned()),
            };
            for file in files {
                if let (Ok(tree), Some(directory)) = (self.tree(&file), &directory) {
                    self.directories.insert(tree.file, directory.clone());
                }
            }
        }
    }

    /// The services of a file as it runs: included files below, `extends` followed.
    pub(crate) fn services(&mut self, path: &str, depth: u32) -> Vec<Entry> {
        let Ok(Tree {
            root: Some(root), ..
        }) = self.tree(path)
        else {
            return Vec::new();
        };
        let mut out = Vec::new();
        if let Some(include) = root.get("include")
            && depth < MAX_INCLUDES
        {
            for item in include.items().iter().take(MAX_ITEMS) {
                let mut together = Vec::new();
                for other in included(path, item) {
                    let services = self.services(&other, depth + 1);
                    together = overlay(together, services);
                }
                out.extend(together);
            }
        }
        if let Some(services) = root.get("services") {
            // Of several with one name the last counts.
            let entries = services.entries().iter();
            let last: HashMap<&str, usize> = entries
                .enumerate()
                .map(|(at, entry)| (entry.key.as_str(), at))
                .collect();
            out.retain(|old: &Entry| !last.contains_key(old.key.as_str()));
            for (at, entry) in services.entries().iter().enumerate() {
                let value = self.resolve(path, entry, 0);
                if last.get(entry.key.as_str()) != Some(&at) {
                    continue;
                }
                out.push(Entry {
                    value,
                    ..entry.clone()
                });
            }
        }
        out
    }

    /// A service with what it extends below it.
    fn resolve(&mut self, path: &str, entry: &Entry, depth: u32) -> Node {
        let node = &entry.value;
        let Some(extends) = node.get("extends") else {
            return node.clone();
        };
        let id = (path.to_owned(), entry.key.as_str().to_owned());
        match self.resolved.get(&id) {
            Some(Some(done)) => return done.clone(),
            Some(None) => {
                let message = format!("`{}` extends itself", entry.key.as_str());
                self.fail(extends.span, message);
                return node.clone();
            }
            None => {}
        }
        if depth > MAX_DEPTH {
            let message = format!(
                "services that extend each other more than {MAX_DEPTH} deep are not followed"
            );
            self.limit(extends.span, message);
            return node.clone();
        }
        self.resolved.insert(id.clone(), None);
        let done = match self.extended(path, extends, depth) {
            Some(base) => merge::extend(&base, node),
            None => node.clone(),
        };
        self.resolved.insert(id, Some(done.clone()));
        done
    }

    fn extended(&mut self, path: &str, extends: &Node, depth: u32) -> Option<Node> {
        let service = extends
            .scalar()
            .or_else(|| extends.get("service")?.scalar())?;
        let written = extends.get("file").and_then(Node::scalar);
        let other = match written {
            Some(scalar) if scalar.as_str().contains('$') => return None,
            // What lies outside is not known.
            Some(scalar) => sibling(path, scalar.as_str())?,
            None => path.to_owned(),
        };
        let (file, root) = match self.tree(&other) {
            Ok(tree) => (tree.file, tree.root?),
            Err(error) => {
                let span = written.map_or(extends.span, |scalar| scalar.span);
                match error {
                    SourceError::Missing { .. } => self.fail(span, error.to_string()),
                    _ => self.limit(span, error.to_string()),
                }
                return None;
            }
        };
        let is_broken = |error: &YamlError| error.span.file == file;
        if self.errors.iter().any(is_broken) {
            // What is not there may stand behind the mistake.
            let entry = root.get("services")?.entry(service.as_str())?.clone();
            return Some(self.resolve(&other, &entry, depth + 1));
        }
        let Some(entry) = root
            .get("services")
            .and_then(|node| node.entry(service.as_str()))
        else {
            let message = format!("there is no service `{}` in `{other}`", service.as_str());
            self.fail(service.span, message);
            return None;
        };
        Some(self.resolve(&other, &entry.clone(), depth + 1))
    }
}

/// A path written in a file, below the root; `None` when it lies outside.
pub(crate) fn sibling(path: &str, written: &str) -> Option<String> {
    if written.starts_with(['/', '~']) {
        return None;
    }
    normalize(&join(parent(path), written))
}

/// The files of an entry of `include`, but for the one it stands in.
pub(crate) fn included(path: &str, item: &Node) -> Vec<String> {
    let paths = item.get("path");
    let listed = paths.map_or(&[][..], Node::items).iter();
    let one = item.scalar().or_else(|| paths?.scalar());
    let written = one.into_iter().chain(listed.filter_map(Node::scalar));
    let files = written.filter_map(|it| sibling(path, it.as_str()));
    files
        .filter(|other| other != path)
        .take(MAX_ITEMS)
        .collect()
}

/// Services of one file put over those of another.
pub(crate) fn overlay(base: Vec<Entry>, over: Vec<Entry>) -> Vec<Entry> {
    let mut out = base;
    let mut places: HashMap<String, usize> = HashMap::default();
    for (at, entry) in out.iter().enumerate() {
        places.entry(entry.key.as_str().to_owned()).or_insert(at);
    }
    for entry in over {
        let place = places.get(entry.key.as_str());
        match place.and_then(|at| out.get_mut(*at)) {
            Some(old) if entry.value.tag == Some(Tag::Reset) => old.value.tag = Some(Tag::Reset),
            Some(old) if old.value.is_mapping() && entry.value.is_mapping() => {
                old.value = merge::merge("", &old.value, &entry.value);
            }
            Some(old) => *old = entry,
            None => {
                places.insert(entry.key.as_str().to_owned(), out.len());
                out.push(entry);
            }
        }
    }
    out
}

/// Whether every service says what it runs. `is_base`: compose takes the file by itself, so that `build` without a
/// context means the directory of the file.
pub(crate) fn is_complete(services: &[Entry], is_base: bool) -> bool {
    !services.is_empty()
        && services.iter().all(|entry| {
            let has = |key: &str| entry.value.get(key).is_some_and(|node| !node.is_null());
            let builds = |node: &Node| match node.value.as_ref() {
                Value::Mapping(_) => {
                    is_base
                        || node
                            .get("context")
                            .or(node.get("dockerfile_inline"))
                            .is_some()
                }
                _ => !node.is_null(),
            };
            has("image")
                || entry.value.get("build").is_some_and(builds)
                || !matches!(entry.value.value.as_ref(), Value::Mapping(_))
        })
}

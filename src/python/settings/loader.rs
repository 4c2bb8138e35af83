//! Where modules and environment variables come from: the interpreter's two doors.
//!
//! [`RootLoader`] serves a directory tree; callers with more to say (ignored files, renamed copies)
//! bring their own.

use std::sync::Arc;

use crate::source::{Entry, Root, SourceError, SourceFile, Sources};
use crate::span::{FileId, Span};

/// A module's dotted name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleName {
    pub dotted: String,
    /// It is an `__init__.py` (or a directory without one): relative names begin in itself.
    pub is_package: bool,
}

/// A module of the project.
#[derive(Clone, Debug)]
pub struct LoadedModule {
    pub name: ModuleName,
    /// `None` for a package without `__init__.py`.
    pub file: Option<(FileId, Arc<SourceFile>)>,
    /// Absolute path of the file in the container; `None` when it is not known.
    pub container_path: Option<String>,
    /// The image has the file for sure. When false, an import of it may fail as well.
    pub is_certain: bool,
}

/// What an import finds.
#[derive(Clone, Debug)]
pub enum Loaded {
    Module(LoadedModule),
    /// It belongs to the project and is not there.
    Missing,
    /// It is there and cannot be read; the text says why.
    Unreadable(String),
    /// It is no part of the project: a library, or a place that is not known.
    External,
}

/// Finds modules.
pub trait ModuleLoader {
    /// The module of an absolute dotted name, for an import written in `from`.
    fn load(&self, dotted: &str, from: Option<&ModuleName>) -> Loaded;

    /// The files that a pattern names, relative to the directory of `from`, in the order in which
    /// django-split-settings includes them; `None` when that is not known.
    fn files(&self, pattern: &str, from: &ModuleName) -> Option<Vec<LoadedModule>> {
        let _ = (pattern, from);
        None
    }
}

/// What the environment says of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvValue {
    /// It has this value, given at this place.
    Set(String, Option<Span>),
    /// Nothing in the project sets it; whoever starts the container may.
    Unset,
    /// It is certainly not there, as for a command run while the image is built.
    Absent,
    Unknown,
}

/// Knows the environment of the process that imports the settings.
pub trait EnvSource {
    fn get(&self, name: &str) -> EnvValue;
}

/// An environment of which nothing is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnsetEnv;

impl EnvSource for UnsetEnv {
    fn get(&self, _: &str) -> EnvValue {
        EnvValue::Unset
    }
}

/// A directory from which absolute imports start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRoot {
    /// Below the root; empty for the root itself.
    pub directory: String,
    /// The same directory in the container, absolute; `None` when it is not known.
    pub container: Option<String>,
}

/// Modules of a directory tree.
#[derive(Clone, Debug)]
pub struct RootLoader<'a> {
    pub sources: &'a Sources,
    pub root: &'a Root,
    /// In order of search.
    pub roots: Vec<ImportRoot>,
    /// Whether what is there is in the image, and what is not there is not.
    pub is_certain: bool,
}

impl RootLoader<'_> {
    fn module(
        &self,
        path: &str,
        within: &ImportRoot,
        name: ModuleName,
    ) -> Result<Loaded, SourceError> {
        let full = join(&within.directory, path);
        let file = self.root.read(self.sources, &full)?;
        let container = within.container.as_ref();
        Ok(Loaded::Module(LoadedModule {
            name,
            file: Some((file, self.sources.get(file))),
            container_path: container.map(|directory| join(directory, path)),
            is_certain: self.is_certain,
        }))
    }

    /// Whether a missing module's package is the project's own: its directory is there.
    fn owns_parent(&self, dotted: &str) -> bool {
        let path = dotted.replace('.', "/");
        let Some((parent, _)) = path.rsplit_once('/') else {
            return false;
        };
        self.roots.iter().any(|within| {
            let directory = join(&within.directory, parent);
            self.root.entry(&directory) == Entry::Directory
                && self
                    .root
                    .list(&directory, 1000)
                    .iter()
                    .any(|name| name.ends_with(".py"))
        })
    }
}

impl ModuleLoader for RootLoader<'_> {
    fn load(&self, dotted: &str, _: Option<&ModuleName>) -> Loaded {
        let path = dotted.replace('.', "/");
        let mut package = None;
        for within in &self.roots {
            for (file, is_package) in [
                (format!("{path}/__init__.py"), true),
                (format!("{path}.py"), false),
            ] {
                let name = ModuleName {
                    dotted: dotted.to_owned(),
                    is_package,
                };
                match self.module(&file, within, name) {
                    Ok(loaded) => return loaded,
                    Err(SourceError::Missing { .. }) => {}
                    Err(error) => return Loaded::Unreadable(error.to_string()),
                }
            }
            let directory = join(&within.directory, &path);
            if package.is_none() && self.root.entry(&directory) == Entry::Directory {
                package = Some(within);
            }
        }
        if let Some(within) = package {
            let has_modules = self
                .root
                .list(&join(&within.directory, &path), 1000)
                .iter()
                .any(|name| {
                    name.ends_with(".py")
                        || self
                            .root
                            .entry(&join(&join(&within.directory, &path), name))
                            == Entry::Directory
                });
            if has_modules {
                return Loaded::Module(LoadedModule {
                    name: ModuleName {
                        dotted: dotted.to_owned(),
                        is_package: true,
                    },
                    file: None,
                    container_path: None,
                    is_certain: self.is_certain,
                });
            }
        }
        if self.is_certain && self.owns_parent(dotted) {
            Loaded::Missing
        } else {
            Loaded::External
        }
    }

    fn files(&self, pattern: &str, from: &ModuleName) -> Option<Vec<LoadedModule>> {
        let path = from.dotted.replace('.', "/");
        let directory = if from.is_package {
            path
        } else {
            path.rsplit_once('/')
                .map_or(String::new(), |(parent, _)| parent.to_owned())
        };
        let wanted = crate::source::normalize(&join(&directory, pattern))?;
        let (parent, last) = wanted.rsplit_once('/').unwrap_or(("", &wanted));
        if parent.contains(['*', '?', '[']) || last.contains(['[', '?']) {
            return None;
        }
        let within = self
            .roots
            .iter()
            .find(|within| self.root.entry(&join(&within.directory, parent)) == Entry::Directory)?;
        let names = self.root.list(&join(&within.directory, parent), 1000);
        names
            .iter()
            .filter(|name| matches(last, name))
            .map(|name| {
                let path = join(parent, name);
                let dotted = path.trim_end_matches(".py").replace('/', ".");
                let name = ModuleName {
                    dotted,
                    is_package: false,
                };
                match self.module(&path, within, name) {
                    Ok(Loaded::Module(module)) => Some(module),
                    _ => None,
                }
            })
            .collect()
    }
}

/// Shell pattern with stars only.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last) && !name.starts_with('.')
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{}/{name}", directory.trim_end_matches('/'))
    }
}

//! Modules of a directory tree, and an environment of which nothing is set.

use crate::python::settings::{
    EnvSource, EnvValue, Loaded, LoadedModule, ModuleLoader, ModuleName,
};
use crate::source::{Entry, Root, SourceError, Sources};

/// An environment of which nothing is set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UnsetEnv;

impl EnvSource for UnsetEnv {
    fn get(&self, _: &str) -> EnvValue {
        EnvValue::Unset
    }
}

/// A directory from which absolute imports start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImportRoot {
    /// Below the root; empty for the root itself.
    pub(super) directory: String,
    /// The same directory in the container, absolute; `None` when it is not known.
    pub(super) container: Option<String>,
}

/// Modules of a directory tree.
#[derive(Clone, Debug)]
pub(super) struct RootLoader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) root: &'a Root,
    /// In order of search.
    pub(super) roots: Vec<ImportRoot>,
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
                    Err(_) => return Loaded::External,
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
                });
            }
        }
        if self.owns_parent(dotted) {
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

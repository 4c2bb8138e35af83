//! Python modules of an image, found where Python would find them: image paths followed back to the
//! files of the build context.

use std::sync::Arc;

use crate::context::{Listing, Origin, Pattern};
use crate::facts::files::origin;
use crate::facts::model::{Edited, FilesPhase};
use crate::python::settings::{Loaded, LoadedModule, ModuleLoader, ModuleName};
use crate::source::absolute;
use crate::source::{SourceFile, Sources};
use crate::span::FileId;

/// The files of an image at one moment.
pub(crate) enum View {
    /// When the container starts.
    End(usize),
    /// As a command of a RUN sees them, behind so many effects of its stage.
    Command(usize, usize),
}

/// Where imports look.
pub(crate) struct PythonPath<'a> {
    pub(crate) p: &'a FilesPhase,
    pub(crate) sources: &'a Sources,
    pub(crate) view: View,
    /// Absolute directories in the image, in order of search.
    pub(crate) roots: Vec<String>,
}

/// What is at the place of a module.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// Its file: path in the image, whether it is a package.
    File {
        image_path: String,
        file: FileId,
        is_package: bool,
    },
    /// A directory without `__init__.py`.
    Namespace,
    /// Not there, and it would be part of the project.
    Missing,
    /// In the build context, kept out by this pattern.
    Ignored(Pattern),
    Unknown,
}

impl<'a> PythonPath<'a> {
    pub(crate) fn at_end(p: &'a FilesPhase, sources: &'a Sources, stage: usize) -> Self {
        Self {
            p,
            sources,
            view: View::End(stage),
            roots: Vec::new(),
        }
    }

    pub(crate) fn for_command(p: &'a FilesPhase, sources: &'a Sources, command: usize) -> Self {
        let stage = p.commands[command].stage;
        let upto = p.files[stage].before_command(command);
        Self {
            p,
            sources,
            view: View::Command(command, upto),
            roots: Vec::new(),
        }
    }

    /// Adds a directory to the end, once.
    pub(crate) fn add(&mut self, directory: &str) {
        let directory = absolute("/", directory);
        if !self.roots.contains(&directory) {
            self.roots.push(directory);
        }
    }

    /// Adds the directories of a `PYTHONPATH`, relative ones seen from `directory`.
    pub(crate) fn add_list(&mut self, list: &str, directory: Option<&str>) {
        for part in list.split(':').filter(|part| !part.is_empty()) {
            if part.starts_with('/') {
                self.add(part);
            } else if let Some(directory) = directory {
                self.add(&absolute(directory, part));
            }
        }
    }

    /// The directories of the path and all above them, but for the root.
    pub(crate) fn upward(&self) -> impl Iterator<Item = String> + '_ {
        self.roots.iter().flat_map(|root| {
            std::iter::successors(Some(root.clone()), |directory| {
                directory
                    .rsplit_once('/')
                    .map(|(parent, _)| parent.to_owned())
                    .filter(|parent| !parent.is_empty())
            })
        })
    }

    fn stage(&self) -> usize {
        match &self.view {
            View::End(stage) => *stage,
            View::Command(command, _) => self.p.commands[*command].stage,
        }
    }

    /// Where a path of the image comes from; a file that the build edits has no known origin.
    pub(crate) fn origin(&self, path: &str) -> Origin {
        let origin = match &self.view {
            View::End(stage) => origin::at_end(self.p, *stage, path).origin,
            View::Command(command, upto) => {
                let layer = &self.p.layers[self.p.commands[*command].layer];
                if layer.mounts.iter().any(|mount| mount.kind == "bind") {
                    origin::as_command_sees(self.p, *command, path)
                } else {
                    let fs = &self.p.files[self.stage()].fs;
                    fs.lookup_before(&self.p.around.context, path, *upto).origin
                }
            }
        };
        let is_file = matches!(origin, Origin::Context(_));
        if is_file
            && self.p.files[self.stage()].edited(&self.p.around.context, path) == Edited::Text
        {
            return Origin::Unknown;
        }
        origin
    }

    /// The names in a directory of the image.
    pub(crate) fn listing(&self, directory: &str) -> Listing {
        let fs = &self.p.files[self.stage()].fs;
        let upto = match self.view {
            View::End(_) => fs.effects.len(),
            View::Command(_, upto) => upto,
        };
        fs.listing(&self.p.around.context, directory, upto)
    }

    /// Reads the file of an image path.
    pub(crate) fn read(&self, path: &str) -> Option<(FileId, Arc<SourceFile>)> {
        let Origin::Context(path) = self.origin(path) else {
            return None;
        };
        let file = self.p.around.context.read(self.sources, &path).ok()?;
        Some((file, self.sources.get(file)))
    }

    /// What lies at the place of a module.
    pub(crate) fn find(&self, dotted: &str) -> Place {
        let path = dotted.replace('.', "/");
        if path.is_empty() || path.starts_with('/') || path.contains("//") {
            return Place::Unknown;
        }
        let mut is_unknown = false;
        let mut namespace = false;
        let mut ignored = None;
        for root in &self.roots {
            let base = absolute(root, &path);
            let candidates = [
                (format!("{base}/__init__.py"), true),
                (format!("{base}.py"), false),
            ];
            for (image_path, is_package) in candidates {
                match self.origin(&image_path) {
                    Origin::Context(from) => {
                        return match self.p.around.context.read(self.sources, &from) {
                            Ok(file) => Place::File {
                                image_path,
                                file,
                                is_package,
                            },
                            Err(_) => Place::Unknown,
                        };
                    }
                    Origin::Ignored(_, pattern) => ignored = Some(pattern),
                    Origin::Missing | Origin::Directory(_) => {}
                    Origin::Inline(_) | Origin::Generated | Origin::Unknown => is_unknown = true,
                }
            }
            match self.origin(&base) {
                Origin::Directory(Some(_)) => namespace = true,
                Origin::Unknown | Origin::Generated => is_unknown = true,
                _ => {}
            }
        }
        if is_unknown {
            Place::Unknown
        } else if let Some(pattern) = ignored {
            Place::Ignored(pattern)
        } else if namespace {
            Place::Namespace
        } else if self.owns(dotted) {
            Place::Missing
        } else {
            Place::Unknown
        }
    }

    /// The first part of a dotted name is a package of the project.
    fn owns(&self, dotted: &str) -> bool {
        let Some((first, _)) = dotted.split_once('.') else {
            return false;
        };
        self.roots.iter().any(|root| {
            matches!(
                self.origin(&absolute(root, first)),
                Origin::Directory(Some(_))
            )
        })
    }
}

impl ModuleLoader for PythonPath<'_> {
    fn load(&self, dotted: &str, _: Option<&ModuleName>) -> Loaded {
        match self.find(dotted) {
            Place::File {
                image_path,
                file,
                is_package,
            } => Loaded::Module(LoadedModule {
                name: ModuleName {
                    dotted: dotted.to_owned(),
                    is_package,
                },
                file: Some((file, self.sources.get(file))),
                container_path: Some(image_path),
            }),
            Place::Namespace => Loaded::Module(LoadedModule {
                name: ModuleName {
                    dotted: dotted.to_owned(),
                    is_package: true,
                },
                file: None,
                container_path: None,
            }),
            Place::Missing | Place::Ignored(_) if self.owns(dotted) => Loaded::Missing,
            Place::Missing | Place::Ignored(_) | Place::Unknown => Loaded::External,
        }
    }

    fn files(&self, pattern: &str, from: &ModuleName) -> Option<Vec<LoadedModule>> {
        let Place::File { image_path, .. } = self.find(&from.dotted) else {
            return None;
        };
        let directory = image_path.rsplit_once('/')?.0;
        let wanted = absolute(directory, pattern);
        let (parent, last) = wanted.rsplit_once('/')?;
        if parent.contains(['*', '?', '[']) || last.contains(['?', '[']) {
            return None;
        }
        let names = if last.contains('*') {
            let listing = self.listing(parent);
            if !listing.is_closed {
                return None;
            }
            let (before, after) = last.split_once('*')?;
            let fits = |name: &String| {
                name.len() >= before.len() + after.len()
                    && name.starts_with(before)
                    && name.ends_with(after)
                    && !name.starts_with('.')
            };
            listing.names.into_iter().filter(fits).collect()
        } else {
            vec![last.to_owned()]
        };
        let mut out = Vec::new();
        for name in names {
            let path = absolute(parent, &name);
            match self.origin(&path) {
                Origin::Context(_) => {
                    let (file, source) = self.read(&path)?;
                    out.push(LoadedModule {
                        name: ModuleName {
                            dotted: format!("{}.{}", from.dotted, name.trim_end_matches(".py")),
                            is_package: false,
                        },
                        file: Some((file, source)),
                        container_path: Some(path),
                    });
                }
                Origin::Missing | Origin::Ignored(..) => {}
                _ => return None,
            }
        }
        Some(out)
    }
}

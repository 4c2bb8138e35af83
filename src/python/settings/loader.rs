//! Where modules and environment variables come from: the interpreter's two doors.

use std::sync::Arc;

use crate::source::SourceFile;
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
pub(crate) struct LoadedModule {
    pub name: ModuleName,
    /// `None` for a package without `__init__.py`.
    pub file: Option<(FileId, Arc<SourceFile>)>,
    /// Absolute path of the file in the container; `None` when it is not known.
    pub container_path: Option<String>,
}

/// What an import finds.
#[derive(Clone, Debug)]
pub(crate) enum Loaded {
    Module(LoadedModule),
    /// It belongs to the project and is not there.
    Missing,
    /// It is no part of the project: a library, or a place that is not known.
    External,
}

/// Finds modules.
pub(crate) trait ModuleLoader {
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
pub(crate) enum EnvValue {
    /// It has this value, given at this place.
    Set(String, Option<Span>),
    /// Nothing in the project sets it; whoever starts the container may.
    Unset,
    /// It is certainly not there, as for a command run while the image is built.
    Absent,
    Unknown,
}

/// Knows the environment of the process that imports the settings.
pub(crate) trait EnvSource {
    fn get(&self, name: &str) -> EnvValue;
}

//! What an import of a settings module leaves behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::python::settings::exception::Exception;
use crate::python::settings::loader::ModuleName;
use crate::python::settings::value::{Reader, Value};
use crate::span::{FileId, Span};

/// A setting after the module was imported.
#[derive(Clone, Debug)]
pub struct Setting {
    pub value: Value,
    /// The name in the last assignment or change.
    pub span: Span,
    /// Every assignment and change in order of execution, in all modules.
    pub history: Arc<Vec<Span>>,
}

/// An environment variable without which the import fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredEnv {
    pub name: String,
    /// The expression that reads it; for a helper function of the project, its call.
    pub span: Span,
    pub reader: Reader,
    /// Read whatever the conditions say. When false, only one of several ways reads it.
    pub is_certain: bool,
    /// The environment has a value for it.
    pub is_set: bool,
}

/// A `.env` file that a reader loads: variables that are not in the environment may be in it.
#[derive(Clone, Debug)]
pub struct EnvFile {
    pub span: Span,
    /// In the container; `None` when the reader searches for it or the path is not known.
    pub path: Option<String>,
    pub reader: Reader,
}

/// Why a part of the settings could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// An import names a module of the project that is not there. Tools generate some (versions,
    /// local settings), so beside the module asked for this proves little.
    MissingModule,
    Syntax,
    /// The import raises an exception, whatever the environment holds.
    Raises,
    /// Too many modules or too much work.
    Bounded,
}

/// Something that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// `None` when the module asked for is the problem.
    pub span: Option<Span>,
    /// One clause, lower case.
    pub message: String,
}

/// A module that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitedModule {
    pub name: ModuleName,
    pub file: FileId,
}

/// Everything an import of the settings module leaves behind.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Names in capitals. A name that is not here is not assigned, unless `is_open`.
    pub values: BTreeMap<String, Setting>,
    pub required_env: Vec<RequiredEnv>,
    /// Places where the import ends, or may end, by an exception that nobody catches.
    pub stops: Vec<Stop>,
    /// Code that was not followed and may end the import, as it is written.
    pub hidden_stops: Vec<String>,
    /// Directories that the import makes where they are not there, absolute, and where.
    pub made: Vec<(String, Span)>,
    pub env_files: Vec<EnvFile>,
    /// Modules of the project, in order of first execution.
    pub modules: Vec<VisitedModule>,
    pub problems: Vec<Problem>,
    /// Packages and modules outside the project that are imported, by the first part of their
    /// names, with the place of the first import that runs for sure.
    pub external_imports: BTreeMap<String, Span>,
    /// The module ends with the name `os` bound.
    pub has_os: bool,
    /// All names of a module are taken where it is there, and it is not: `try: from .local import *`.
    pub takes_local: bool,
    /// Names may come from where nothing was read: a star import from outside, a loader of
    /// settings, a module with errors. Names in `values` keep what is known of them.
    pub is_open: bool,
    /// The module was found.
    pub is_found: bool,
    /// The file of the module asked for.
    pub file: Option<FileId>,
}

impl Settings {
    /// A setting, if it is assigned.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.values.get(name)
    }
}

/// A place where the import may end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The statement that ends it.
    pub span: Span,
    /// It ends there whatever else is given.
    pub is_certain: bool,
    /// Variables that the conditions around it ask.
    pub names: Vec<String>,
    /// A condition around it asks something that is not known.
    pub is_vague: bool,
    pub(crate) exception: Exception,
}

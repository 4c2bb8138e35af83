//! What the code did to environment variables and what it read of them.

use crate::python::settings::outcome::{EnvFile, RequiredEnv};
use crate::python::settings::value::Names;

/// Files of variables remembered, at most.
const MAX_FILES: usize = 100;
/// Variables without a default remembered, at most.
const MAX_REQUIRED: usize = 2000;

/// The environment as the code leaves it.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// Variables set by the code itself.
    pub(crate) overlay: Names,
    /// Prefixes of environs' `with env.prefixed(...)`.
    pub(crate) prefixes: Vec<String>,
    pub(crate) required: Vec<RequiredEnv>,
    /// Variables that are set wherever the current code runs.
    pub(crate) given: Vec<String>,
    pub(crate) env_files: Vec<EnvFile>,
    /// A file of variables that is read wins over the environment.
    pub(crate) file_overrides: bool,
}

impl Variables {
    /// A variable is read that has no default.
    pub(crate) fn require(&mut self, entry: RequiredEnv) {
        if self.required.len() < MAX_REQUIRED {
            self.required.push(entry);
        }
    }

    /// A file of variables is read.
    pub(crate) fn load(&mut self, file: EnvFile) {
        if self.env_files.len() < MAX_FILES {
            self.env_files.push(file);
        }
    }
}

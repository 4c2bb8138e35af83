//! What checks have in common: the files they read, the rules that are built in, and where configurations come from.

use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::Problem;
use crate::rule::Catalogue;
use crate::source::{Disk, Files, Sources};

/// Where the configuration of a Dockerfile comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Configuration {
    /// The nearest one at or above it, within its repository.
    #[default]
    Nearest,
    /// This one, whatever is checked.
    File(PathBuf),
    /// There is none.
    None,
}

/// The files, the rules and the configuration of checks; one for as many requests as there are.
#[derive(Debug)]
pub struct Workspace {
    pub(super) files: Arc<dyn Files>,
    pub(super) catalogue: Catalogue,
    pub(super) configuration: Configuration,
    /// A configuration that is laid over those of the projects.
    pub(super) policy: Option<PathBuf>,
}

impl Workspace {
    /// With the rules that are built in, and the nearest configuration for each file.
    #[must_use]
    pub fn new(files: Arc<dyn Files>) -> Self {
        Self {
            files,
            catalogue: Catalogue::embedded(),
            configuration: Configuration::Nearest,
            policy: None,
        }
    }

    /// The disk of this machine.
    #[must_use]
    pub fn disk() -> Self {
        Self::new(Arc::new(Disk))
    }

    /// With other rules; those that configurations and requests name are added to them.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Catalogue) -> Self {
        Self { catalogue, ..self }
    }

    /// With another way to find configurations.
    #[must_use]
    pub fn with_configuration(self, configuration: Configuration) -> Self {
        Self {
            configuration,
            ..self
        }
    }

    /// With a configuration that is laid over those of the projects: what it sets, they cannot weaken.
    #[must_use]
    pub fn with_policy(self, policy: Option<PathBuf>) -> Self {
        Self { policy, ..self }
    }

    /// The same with other files: those of an editor.
    #[must_use]
    pub fn on(&self, files: Arc<dyn Files>) -> Self {
        Self {
            files,
            catalogue: self.catalogue.clone(),
            configuration: self.configuration.clone(),
            policy: self.policy.clone(),
        }
    }
}

/// What is wrong with a configuration or with the rules that it names.
#[derive(Debug)]
pub struct Refused {
    /// The files that the problems point into.
    pub sources: Sources,
    /// What is wrong, by file and place.
    pub problems: Vec<Problem>,
}

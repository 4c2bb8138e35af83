//! The lists of a project, and what its dialects share.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::python::requirements::name::normalize_name;
use crate::python::requirements::requirement::parse_requirement;
use crate::python::requirements::{ProblemKind, Requirement, RequirementSet};
use crate::span::{FileId, Traced};

/// The lists of a project.
#[derive(Clone, Debug, Default)]
pub(super) struct Project {
    /// Normalised.
    pub(super) name: Option<String>,
    pub(super) dependencies: Vec<Requirement>,
    pub(super) extras: BTreeMap<String, Vec<Requirement>>,
    pub(super) groups: BTreeMap<String, Vec<Requirement>>,
    /// Groups that are installed only when asked for.
    pub(super) optional_groups: BTreeSet<String>,
    /// Groups that `uv sync` installs without being asked.
    pub(super) uv_default_groups: Option<Vec<String>>,
    /// Files, problems, options and completeness.
    pub(super) set: RequirementSet,
}

impl Project {
    pub(super) fn list(&mut self, texts: &[Traced], group: Option<&str>) -> Vec<Requirement> {
        let mut list = Vec::new();
        for text in texts {
            match parse_requirement(text) {
                Ok(mut requirement) => {
                    requirement.group = group.map(str::to_owned);
                    list.push(requirement);
                }
                Err(message) => {
                    self.set
                        .problem(ProblemKind::Syntax, Some(text.span()), message);
                }
            }
        }
        list
    }

    /// The project's own list with the extras asked for; extras may name each other through the
    /// project's own name (`all = ["site[a,b]"]`).
    pub(super) fn with_extras(&self, extras: &[String], all: bool) -> Vec<Requirement> {
        let mut list = self.dependencies.clone();
        let mut wanted: Vec<String> = if all {
            self.extras.keys().cloned().collect()
        } else {
            extras.iter().map(|extra| normalize_name(extra)).collect()
        };
        let mut at = 0;
        while let Some(extra) = wanted.get(at).cloned() {
            at += 1;
            for requirement in self.extras.get(&extra).into_iter().flatten() {
                if self.name.as_deref() == Some(requirement.name.as_str()) {
                    for more in &requirement.extras {
                        if !wanted.contains(more) {
                            wanted.push(more.clone());
                        }
                    }
                } else {
                    list.push(requirement.clone());
                }
            }
        }
        list
    }

    /// The file that declares the lists, where one was read.
    pub(super) fn file(&self) -> Option<FileId> {
        self.set.files.first().copied()
    }
}

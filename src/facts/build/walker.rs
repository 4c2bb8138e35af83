//! What reading the instructions keeps at hand: what was recorded so far, and which values and paths hold there.

use crate::maps::HashSet;

use crate::dockerfile::ast::Dockerfile;
use crate::dockerfile::expand::{self, Expanded};
use crate::facts::build::at;
use crate::facts::build::shell::ShellState;
use crate::facts::build::variables::{Spent, Variables};
use crate::facts::inputs::Inputs;
use crate::facts::model::{Arena, Maybe, Reference, StageFact};
use crate::source::absolute;
use crate::span::Traced;

/// Goes through the instructions once.
pub(crate) struct Walker<'a> {
    pub(crate) arena: Arena,
    pub(crate) dockerfile: &'a Dockerfile,
    pub(crate) inputs: &'a Inputs<'a>,
    /// The SHELL in force, per stage.
    pub(crate) shells: Vec<ShellState>,
    /// Paths that COPY and ADD of any stage fill with files of the project, and the names of those on PATH: what runs
    /// there may do anything.
    pub(crate) brought: HashSet<String>,
    pub(crate) spent: Spent,
}

/// The longest path that Linux takes.
pub(crate) const MAX_PATH: usize = 4096;

impl Walker<'_> {
    pub(crate) fn variables(&self) -> Variables<'_> {
        Variables {
            stages: &self.arena.stages,
            envs: &self.arena.envs,
            global_args: &self.arena.global_args,
            stage: self.arena.stages.len().checked_sub(1),
            before: usize::MAX,
            spent: Some(&self.spent),
        }
    }

    /// Expands a word, recording the variables it uses.
    pub(crate) fn expand(&mut self, instruction: usize, word: &Traced) -> Expanded {
        if !word
            .as_str()
            .contains(['$', '"', '\'', self.dockerfile.escape])
        {
            return Expanded {
                prefix: word.as_str().to_owned(),
                text: Some(word.clone()),
                names: Vec::new(),
                error: None,
            };
        }
        let expanded = expand::expand(word, self.dockerfile.escape, &self.variables());
        for (name, span) in &expanded.names {
            let value = value_of(&self.variables(), name);
            self.arena.references.push(Reference {
                instruction,
                name: name.clone(),
                span: *span,
                value,
            });
        }
        expanded
    }

    pub(crate) fn stage_index(&self) -> usize {
        self.arena.stages.len().saturating_sub(1)
    }

    /// The stage being read; only called below a FROM.
    pub(crate) fn stage_mut(&mut self) -> &mut StageFact {
        let index = self.stage_index();
        &mut self.arena.stages[index]
    }

    /// `path` from the working directory, `.` and `..` resolved, no slash at the end.
    pub(crate) fn absolute(&self, path: &str) -> Option<String> {
        let absolute = match path.starts_with('/') {
            _ if path.len() > MAX_PATH => return None,
            true => absolute("/", path),
            false => absolute(&self.current_directory()?, path),
        };
        (absolute.len() <= MAX_PATH).then_some(absolute)
    }

    /// The working directory at this point; `None` when not known.
    pub(crate) fn current_directory(&self) -> Option<String> {
        let stages = &self.arena.stages;
        at::workdir_before(stages, stages.len().checked_sub(1)?, usize::MAX)
    }
}

pub(crate) fn value_of(scope: &Variables<'_>, name: &str) -> Maybe<String> {
    match expand::Lookup::get(scope, name) {
        expand::Var::Known(value) => Maybe::Known(value.as_str().to_owned()),
        expand::Var::Unset => Maybe::Absent,
        expand::Var::Unknown => Maybe::Unknown,
    }
}

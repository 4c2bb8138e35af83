//! One Dockerfile, from its text to what the rules say of it. Runs on its own, beside others.

use std::path::PathBuf;
use std::sync::Arc;

use super::setup::Setup;
use crate::dockerfile;
use crate::dockerfile::ast::Dockerfile;
use crate::facts::{self, Facts, Inputs};
use crate::finding::Problem;
use crate::knowledge::Date;
use crate::lint;
use crate::policy::Examined;
use crate::policy::fingerprint::stage_names;
use crate::policy::suppress::scan_dockerfile;
use crate::source::Sources;
use crate::span::FileId;

/// A Dockerfile with what it is read by.
pub(super) struct Subject<'a> {
    pub(super) sources: &'a Sources,
    pub(super) setup: &'a Setup,
    pub(super) today: Date,
    pub(super) file: FileId,
    /// Absolute; `None` when nothing is known of a project.
    pub(super) path: Option<PathBuf>,
}

impl Subject<'_> {
    pub(super) fn parse(&self) -> Dockerfile {
        dockerfile::parse(self.file, &self.sources.get(self.file).text)
    }

    /// What cannot be parsed.
    pub(super) fn problems(&self, tree: &Dockerfile) -> Vec<Problem> {
        let errors = tree.errors.iter().map(|error| Problem {
            file: self.sources.get(self.file).name.clone(),
            span: Some(error.span),
            message: error.message.clone(),
        });
        errors.collect()
    }

    pub(super) fn facts(&self, tree: Dockerfile) -> Facts {
        let inputs = Inputs {
            text: self.sources.get(self.file),
            build_args: &self.setup.build_args,
            target: self.setup.target.as_deref(),
            intent: self.setup.intent(self.path.as_deref()),
            today: self.today,
        };
        facts::build(tree, &inputs)
    }

    pub(super) fn examine(&self) -> Examined {
        let tree = self.parse();
        let problems = self.problems(&tree);
        let pragmas = scan_dockerfile(&tree, &self.sources.get(self.file).text);
        let stage_names = stage_names(&tree);
        let mut found = lint::run(&self.setup.rules, &self.facts(tree));
        for finding in &mut found.findings {
            // Where bytes were replaced on reading, spans do not fit the file on disk.
            let mut edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            if edits.any(|edit| self.sources.get(edit.span.file).is_lossy) {
                finding.fix = None;
            }
        }
        Examined {
            file: self.file,
            findings: found.findings,
            undecided: found.undecided,
            problems,
            pragmas,
            stage_names,
            terms: Arc::clone(&self.setup.terms),
        }
    }
}

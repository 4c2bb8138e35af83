//! One Dockerfile, from its text to what the rules say of it. Runs on its own, beside others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover;
use super::setup::Setup;
use crate::dockerfile;
use crate::dockerfile::ast::Dockerfile;
use crate::facts::surroundings::Surroundings;
use crate::facts::{self, Facts, Inputs};
use crate::finding::Problem;
use crate::knowledge::Date;
use crate::lint;
use crate::policy::Examined;
use crate::policy::fingerprint::stage_names;
use crate::policy::suppress::scan_dockerfile;
use crate::source::{Root, Sources};
use crate::span::FileId;

/// A Dockerfile with what it is read by.
pub(super) struct Subject<'a> {
    pub(super) sources: &'a Sources,
    pub(super) setup: &'a Setup,
    pub(super) today: Date,
    /// See [`super::Request::is_last`].
    pub(super) is_last: bool,
    /// Names are shown from it on.
    pub(super) working_directory: PathBuf,
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
        let directory = self
            .path
            .as_deref()
            .map(|path| path.parent().unwrap_or(path));
        let home = directory.and_then(|directory| discover::home(self.sources, directory));
        let around = self.surroundings(home);
        let compose_target = around.compose_target();
        let inputs = Inputs {
            around: &around,
            sources: self.sources,
            text: self.sources.get(self.file),
            build_args: &self.setup.build_args,
            target: self.setup.target.as_deref().or(compose_target.as_deref()),
            intent: self
                .setup
                .intent(home, self.path.as_deref(), &self.working_directory),
            today: self.today,
        };
        facts::build(tree, &inputs)
    }

    /// What lies around the Dockerfile, below `home`: the repository's or project's root.
    fn surroundings(&self, home: Option<&Path>) -> Surroundings {
        let nothing = || Surroundings::unknown(&Root::memory(BTreeMap::new()));
        let Some(path) = &self.path else {
            return nothing();
        };
        let mut root = home.or_else(|| path.parent()).unwrap_or(path);
        let context = self.setup.context.as_deref();
        if let Some(context) = context
            && !context.starts_with(root)
        {
            root = context;
        }
        let name = discover::display_name(&self.working_directory, root);
        let Ok(mut found) = self.sources.root(root, &name) else {
            return nothing();
        };
        if let Ok(inside) = self.working_directory.strip_prefix(root) {
            found = found.seen_from(&inside.to_string_lossy());
        }
        let relative = |path: &Path| {
            path.strip_prefix(root)
                .ok()
                .map(|p| p.to_string_lossy().into_owned())
        };
        Surroundings::find(
            &found,
            self.sources,
            relative(path).as_deref(),
            context.and_then(relative).as_deref(),
        )
    }

    pub(super) fn examine(&self) -> Examined {
        let tree = self.parse();
        let problems = self.problems(&tree);
        let pragmas = scan_dockerfile(&tree, &self.sources.get(self.file).text);
        let stage_names = stage_names(&tree);
        let facts = self.facts(tree);
        let mut found = lint::run(&self.setup.rules, &facts);
        if self.is_last {
            std::mem::forget(facts);
        }
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

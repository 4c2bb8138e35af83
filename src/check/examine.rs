//! One Dockerfile, from its text to what the rules say of it. Runs on its own, beside others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::{self, Candidate};
use super::places;
use super::request::Request;
use super::setup::Setup;
use crate::context::Certainty;
use crate::dockerfile;
use crate::dockerfile::ast::Dockerfile;
use crate::facts;
use crate::facts::Facts;
use crate::facts::Inputs;
use crate::facts::surroundings::Surroundings;
use crate::finding::Problem;
use crate::knowledge::Date;
use crate::knowledge::intent_words::Intent;
use crate::lint;
use crate::policy::Examined;
use crate::policy::fingerprint::stage_names;
use crate::policy::suppress::scan_dockerfile;
use crate::source::{Root, Sources};
use crate::span::FileId;

/// What the rules say of a Dockerfile.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    pub(super) result: Examined,
    /// The stage that the command line asks for is there.
    pub(super) has_target: bool,
    /// See [`Subject::keeps_facts`].
    pub(super) facts: Option<Facts>,
}

/// A Dockerfile with what it is read by.
pub(super) struct Subject<'a> {
    pub(super) sources: &'a Sources,
    pub(super) setup: &'a Setup,
    /// The stage that the command line asks for.
    pub(super) typed_target: Option<&'a str>,
    pub(super) today: Date,
    /// Its facts are wanted, or nothing else is read in this check: they are freed with the outcome. With many files,
    /// memory that is given back serves the next one.
    pub(super) keeps_facts: bool,
    /// See [`Request::seeks_unfound`].
    pub(super) seeks_unfound: bool,
    /// Names are shown from it on.
    pub(super) working_directory: PathBuf,
    pub(super) file: FileId,
    /// Absolute; `None` when nothing is known of a project.
    pub(super) path: Option<PathBuf>,
    /// See [`discover::Target::bound`].
    pub(super) bound: Option<PathBuf>,
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
        let home = self.home();
        let around = self.surroundings(home);
        let built_target = around.built_target();
        let inputs = Inputs {
            around: &around,
            sources: self.sources,
            text: self.sources.get(self.file),
            build_args: &self.setup.build_args,
            target: self.setup.target.as_deref().or(built_target.as_deref()),
            intent: self.intent(home).map(|(intent, _)| intent),
            today: self.today,
        };
        facts::build(tree, &inputs)
    }

    /// The repository's or project's root.
    pub(super) fn home(&self) -> Option<&Path> {
        let path = self.path.as_deref()?;
        let directory = path.parent().unwrap_or(path);
        discover::home(self.sources, directory, self.bound.as_deref())
    }

    /// What the configuration or its path says that the Dockerfile is for, and which of them.
    pub(super) fn intent(&self, home: Option<&Path>) -> Option<(Intent, &'static str)> {
        let (path, here) = (self.path.as_deref(), &self.working_directory);
        self.setup.intent(home, path, here)
    }

    /// What lies around the Dockerfile, below `home`: the repository's or project's root.
    fn surroundings(&self, home: Option<&Path>) -> Surroundings {
        let found = self.path.as_deref().and_then(|path| {
            let directory = &self.working_directory;
            let is_named = home.is_some() && home == self.bound.as_deref();
            surroundings(self.sources, self.setup, directory, home, is_named, path)
        });
        found.unwrap_or_else(|| Surroundings::unknown(&Root::memory(BTreeMap::new())))
    }

    pub(super) fn examine(&self) -> Looked {
        let tree = self.parse();
        let mut problems = self.problems(&tree);
        let pragmas = scan_dockerfile(&tree, &self.sources.get(self.file).text);
        let stage_names = stage_names(&tree);
        let facts = self.facts(tree);
        let has_target = self.typed_target.is_none_or(|name| facts.has_stage(name));
        problems.extend(facts.limits(self.sources));
        let intent = facts.intent();
        let mut found = lint::run(&self.setup.rules, &facts);
        for finding in &mut found.findings {
            // Where bytes were replaced on reading, spans do not fit the file on disk.
            let mut edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            if edits.any(|edit| self.sources.get(edit.span.file).is_lossy) {
                finding.fix = None;
            }
        }
        let result = Examined {
            file: self.file,
            findings: found.findings,
            undecided: found.undecided,
            unfound: match self.seeks_unfound {
                true => facts.unfound(),
                false => Vec::new(),
            },
            problems,
            pragmas,
            stage_names,
            intent,
            terms: Arc::clone(&self.setup.terms),
        };
        Looked {
            result,
            has_target,
            facts: self.keeps_facts.then_some(facts),
        }
    }
}

/// What lies around the Dockerfile at `path`, absolute, below `home`: the repository's or project's root,
/// or the directory that the user named (`is_named`).
fn surroundings(
    sources: &Sources,
    setup: &Setup,
    working_directory: &Path,
    home: Option<&Path>,
    is_named: bool,
    path: &Path,
) -> Option<Surroundings> {
    let mut root = home.or_else(|| path.parent()).unwrap_or(path);
    let context = setup.context.as_deref();
    if let Some(context) = context
        && !context.starts_with(root)
    {
        root = context;
    }
    let found = places::open_root(sources, working_directory, root)?;
    let relative = |path: &Path| {
        path.strip_prefix(root)
            .ok()
            .map(|p| p.to_string_lossy().into_owned())
    };
    Some(Surroundings::find(
        &found,
        sources,
        relative(path).as_deref(),
        context.and_then(relative).as_deref(),
        is_named,
    ))
}

/// Whether one of the files of a candidate belongs to its Dockerfile: lies in its build context, where
/// the context is sure.
pub(super) fn is_about(
    sources: &Sources,
    request: &Request,
    setup: &Setup,
    candidate: &Candidate,
) -> bool {
    let path = &candidate.target.path;
    let home = path
        .parent()
        .and_then(|directory| discover::home(sources, directory, None));
    let found = surroundings(
        sources,
        setup,
        &request.working_directory,
        home,
        false,
        path,
    );
    let context = found
        .map(|found| found.context)
        .filter(|context| context.certainty == Certainty::Certain)
        .and_then(|context| Some(context.root.directory()?.join(&context.base)));
    let mut files = candidate.files.iter();
    files.any(|file| discover::belongs(&**sources.file_system(), file, path, context.as_deref()))
}

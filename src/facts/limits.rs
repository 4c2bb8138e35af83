//! What could not be read although the check depends on it: scripts that are too large or too deep, compose
//! files, env files, ignore files that lead out of the project. Not a fault of the image, but its check is
//! not complete. Files that cannot be read as a whole are reported by [`Sources`].

use crate::facts::Facts;
use crate::facts::model::ScriptFact;
use crate::finding::Problem;
use crate::knowledge::intent_words::Intent;
use crate::source::Sources;

const VALUES: &str = "values of variables take more than 1 MiB where they are used, and are not followed any further: \
                      use shorter values, or fewer times";

const STAGES: &str = "more than 128 stages are built on each other, and what the last ones inherit from the first is \
                      not known: use fewer stages";

const REQUIREMENTS: &str = "its commands install more than 20000 requirements, and the rest is not read: install a \
                            list only once";

impl Facts {
    /// Whether a build target names a stage.
    pub(crate) fn has_stage(&self, target: &str) -> bool {
        self.0.stage_named(target).is_some()
    }

    /// What the Dockerfile is for.
    pub(crate) fn intent(&self) -> Intent {
        self.0.intent
    }

    /// What was left off or could not be read.
    pub(crate) fn limits(&self, sources: &Sources) -> Vec<Problem> {
        let p = &self.0;
        let of_images = p.images.iter().flat_map(|image| &image.scripts);
        let runs = p.services.iter().filter_map(|service| service.run.as_ref());
        let scripts = of_images.chain(runs.flat_map(|run| &run.scripts));
        let scripts = scripts.filter(|script| script.text.is_some());
        let errors = |script: &ScriptFact| script.errors.clone();
        let scripts = scripts.flat_map(errors).filter(|error| error.is_limit);
        let scripts = scripts.map(|error| Problem {
            file: sources.get(error.span.file).name.clone(),
            span: Some(error.span),
            message: error.message,
        });
        let unread = p
            .around
            .deployed
            .compose
            .unread
            .iter()
            .map(|unread| Problem {
                file: p.around.root.display(&unread.path),
                span: unread.span,
                message: unread.message.clone(),
            });
        let files = p.around.deployed.compose.files.iter();
        let unknown = files.filter_map(|file| file.errors.iter().find(|error| error.is_limit));
        let unknown = unknown.map(|error| Problem {
            file: sources.get(error.span.file).name.clone(),
            span: Some(error.span),
            message: error.message.clone(),
        });
        let ignores = p.around.problems.iter().map(|error| Problem {
            file: error.name().to_owned(),
            span: None,
            message: error.without_name(),
        });
        let of_dockerfile = |message: &str| Problem {
            file: p.text.name.clone(),
            span: None,
            message: message.to_owned(),
        };
        let values = p.is_cut.then(|| of_dockerfile(VALUES));
        let stages = p.is_too_deep.then(|| of_dockerfile(STAGES));
        let lists = p
            .has_too_many_requirements
            .then(|| of_dockerfile(REQUIREMENTS));
        scripts
            .chain(values)
            .chain(stages)
            .chain(lists)
            .chain(unread)
            .chain(unknown)
            .chain(ignores)
            .collect()
    }
}

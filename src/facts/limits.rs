//! What was too large or too deep to be read: no fault of the image, but its check is not whole.

use crate::facts::Facts;
use crate::facts::model::ScriptFact;
use crate::finding::Problem;
use crate::source::{SourceError, Sources};

impl Facts {
    /// Compose files and scripts that were left, or left off, for their size.
    pub(crate) fn limits(&self, sources: &Sources) -> Vec<Problem> {
        let p = &self.0;
        let unreadable = p.around.compose.unreadable.iter();
        let compose = unreadable
            .filter(|(_, error)| matches!(error, SourceError::TooLarge { .. }))
            .map(|(path, error)| Problem {
                file: p.around.root.display(path),
                span: None,
                message: error.to_string(),
            });
        let of_images = p.images.iter().flat_map(|image| &image.scripts);
        let runs = p.services.iter().filter_map(|service| service.run.as_ref());
        let scripts = of_images.chain(runs.flat_map(|run| &run.scripts));
        let errors = |script: &ScriptFact| script.errors.clone();
        let scripts = scripts.flat_map(errors).filter(|error| error.is_limit);
        let scripts = scripts.map(|error| Problem {
            file: sources.get(error.span.file).name.clone(),
            span: Some(error.span),
            message: error.message,
        });
        compose.chain(scripts).collect()
    }
}

//! Management commands of the project.

use crate::facts::django::applications;
use crate::facts::django::settings::path_to_settings;
use crate::facts::model::DjangoPhase;
use crate::facts::python::import_path::Place;
use crate::python::settings::verdicts::{self, Answer};
use crate::source::Sources;
use crate::span::FileId;

/// The module of a management command that an application of the project has.
pub(crate) fn module_of(
    p: &DjangoPhase,
    image: usize,
    name: &str,
    sources: &Sources,
) -> Option<FileId> {
    let fact = p.settings.iter().find(|fact| fact.image == image)?;
    let path = path_to_settings(p, image, sources)?;
    let Answer::Known(apps) = verdicts::installed_apps(&fact.settings) else {
        return None;
    };
    apps.value.entries.iter().find_map(|(entry, _)| {
        let package = applications::package(&path, entry)?;
        let dotted = format!("{package}.management.commands.{name}");
        match path.find(&dotted) {
            Place::File { file, .. } => Some(file),
            _ => None,
        }
    })
}

//! Which class stores static files, as several kinds of facts say it.

use crate::facts::django::needs::is_dead;
use crate::facts::model::Project;
use crate::facts::nodes::cells::{at, effective};
use crate::facts::table::{Cell, Val};
use crate::python::settings::verdicts::{self, Answer};
use crate::python::settings::{Settings, storages};

/// Whether that class names static files after their content.
pub(super) fn storage_is_hashed(p: &Project, i: usize) -> Option<bool> {
    storages::is_hashed(&storage_class(p, i)?)
}

/// Whether that class keeps static files in STATIC_ROOT.
pub(super) fn storage_is_local(p: &Project, i: usize) -> Option<bool> {
    storages::is_local(&storage_class(p, i)?)
}

/// That class asks a manifest for each name, see [`storages::asks_manifest`].
pub(super) fn asks_manifest(p: &Project, i: usize) -> bool {
    let class = storage_class(p, i);
    class.is_some_and(|class| storages::asks_manifest(&p.settings[i].settings, &class))
}

fn storage_class(p: &Project, i: usize) -> Option<String> {
    class_in(&static_storage(p, i))
}

/// The class that a cell names.
pub(super) fn class_in(cell: &Cell) -> Option<String> {
    match &cell.value {
        Val::Str(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The class that stores static files.
pub(super) fn static_storage(p: &Project, i: usize) -> Cell {
    let fact = &p.settings[i];
    storage_of(p, fact.image, &fact.settings)
}

/// The class that stores static files where an image has these settings.
pub(super) fn storage_of(p: &Project, image: usize, settings: &Settings) -> Cell {
    let storage = verdicts::static_storage(settings);
    let own = "django.contrib.staticfiles.storage.StaticFilesStorage";
    let legacy_counts = is_dead(p, image, "STATICFILES_STORAGE").map(|dead| !dead);
    match (storage.has_storages, &storage.legacy) {
        (Some(true), _) => match &storage.storages {
            Answer::Unassigned => Cell::ABSENT,
            answer => effective(answer, |text| Cell::str(text)),
        },
        (Some(false), Answer::Unassigned) => Cell::str(own),
        (Some(false), answer) => match legacy_counts {
            Some(true) => effective(answer, |text| Cell::str(text)),
            Some(false) => at(Cell::str(own), answer.span()),
            // Old and new Django agree when it is Django's own class.
            None if answer.known().is_some_and(|class| class == own) => Cell::str(own),
            None => Cell::UNKNOWN,
        },
        (None, _) => Cell::UNKNOWN,
    }
}

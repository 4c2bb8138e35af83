//! Middleware that an application of INSTALLED_APPS cannot do without and that MIDDLEWARE certainly lacks.

use crate::facts::django::{gone, refused};
use crate::facts::model::{ModulePresence, Project};
use crate::knowledge::needed_middleware::{self, NeededMiddleware};
use crate::python::settings::verdicts::{self, Answer};
use crate::span::Span;

/// The first such application.
pub(crate) fn lacking(p: &Project, i: usize) -> Option<(&'static NeededMiddleware, Span)> {
    let fact = &p.settings[i];
    let is_there = matches!(fact.presence, ModulePresence::There(_));
    let middleware = refused::closed(verdicts::middleware(&fact.settings))?;
    let Answer::Known(applications) = verdicts::installed_apps(&fact.settings) else {
        return None;
    };
    let mut entries = applications.value.entries.iter();
    let found = entries.find_map(|(name, span)| {
        let row = needed_middleware::of(name)?;
        let is_listed = middleware
            .entries
            .iter()
            .any(|(name, _)| name == row.middleware);
        (!is_listed).then_some((row, *span))
    });
    found.filter(|(row, _)| {
        is_there && gone::is_since(p, fact.image, row.distribution, row.from, row.newest)
    })
}

//! Queries of a model that run while the modules are loaded, before `migrate` has made its table: its checks load the
//! URLs. Tried with Django 5.2.

use crate::facts::deploy::migrated;
use crate::facts::django::loaded::source_of;
use crate::facts::django::settings::path_to_settings;
use crate::facts::model::{DjangoPhase, EarlyQuery, LoadedModule, ServiceFact, SettingsFact};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::python::imports::{self, Imports};
use crate::python::queries::{self, Query};
use crate::source::Sources;
use std::sync::Arc;

/// The first of each settings.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<EarlyQuery> {
    let of = |(settings, fact): (usize, &SettingsFact)| {
        if !migrated::checks(p, services, fact.image) {
            return None;
        }
        let path = path_to_settings(p, fact.image, sources)?;
        fact.loaded.iter().find_map(|module| {
            let text = &sources.get(module.file).text;
            if !text.contains(".objects") {
                return None;
            }
            let all: Arc<Vec<Query>> = sources.once(module.file, |source| {
                queries::at_import(module.file, &source.text)
            });
            let mut all = all.iter();
            let query = all.find(|query| has_table(&path, module, query, sources) == Some(true))?;
            Some(EarlyQuery {
                settings,
                model: query.model.clone(),
                span: query.span,
            })
        })
    };
    p.settings.iter().enumerate().filter_map(of).collect()
}

/// The model is one of an application with migrations.
fn has_table(
    path: &PythonPath<'_>,
    module: &LoadedModule,
    query: &Query,
    sources: &Sources,
) -> Option<bool> {
    let read =
        |file| -> Arc<Imports> { sources.once(file, |source| imports::read(file, &source.text)) };
    let own = read(module.file);
    let name = query.of.as_ref().unwrap_or(&query.model);
    let above = source_of((&module.dotted, module.is_package), &own.all, name);
    let dotted = match (above, &query.of) {
        (Some(above), Some(of)) => format!("{above}.{of}"),
        (Some(above), None) => above,
        (None, _) => module.dotted.clone(),
    };
    let Place::File {
        file, is_package, ..
    } = path.find(&dotted)
    else {
        return None;
    };
    let tables = read(file);
    let is_it = |found: &Imports| found.tables.iter().any(|(one, _)| *one == query.model);
    // A package of models takes them from its modules.
    let is_below = || {
        let below = source_of((&dotted, is_package), &tables.all, &query.model)?;
        match path.find(&below) {
            Place::File { file, .. } => Some(is_it(&read(file))),
            _ => None,
        }
    };
    let package = dotted.split(".models").next()?;
    let migrations = path.find(&format!("{package}.migrations"));
    let is_migrated = matches!(
        migrations,
        Place::File {
            is_package: true,
            ..
        }
    );
    Some(is_migrated && (is_it(&tables) || is_below() == Some(true)))
}

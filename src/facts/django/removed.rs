//! Imports of what is not there: names that a release of Python or Django took away, packages that nothing installs.

use crate::facts::django::{gone, needs};
use crate::facts::model::{ImportFact, ModulePresence, Project, SettingsFact};
use crate::facts::python::closure;
use crate::knowledge::import_names;
use crate::knowledge::python_modules;
use crate::knowledge::removed_modules;
use crate::knowledge::removed_names::{self, Of, RemovedName};
use crate::python::settings::verdicts::{self, Answer};

/// Something that is imported and gone.
pub(crate) struct Gone<'a> {
    pub(crate) what: &'a str,
    /// `Python 3.12`
    pub(crate) release: String,
    pub(crate) instead: Option<&'static str>,
}

/// What of an import the image's Python or Django does not have any more, and nothing brings back.
pub(crate) fn gone<'a>(p: &Project, import: &'a ImportFact) -> Option<Gone<'a>> {
    if import.ignored.is_some() {
        return None;
    }
    let image = p.settings[import.settings].image;
    let Some((row, what)) = row_of(import, removed_names::module, removed_names::name) else {
        return gone_of_package(p, image, import);
    };
    is_gone(p, image, row).then(|| Gone {
        what,
        release: match row.of {
            Of::Python => format!("Python {}", row.gone),
            Of::Django => format!("Django {}", row.gone),
        },
        instead: row.instead,
    })
}

/// The row of what an import takes, and that part of it: its module, or the name that it takes of one.
fn row_of<R>(
    import: &ImportFact,
    of_module: impl Fn(&str) -> Option<R>,
    of_name: impl Fn(&str, &str) -> Option<R>,
) -> Option<(R, &str)> {
    let module = import.module.as_str();
    let taken = || {
        let name = import.name.as_deref()?;
        let below = || of_module(&format!("{module}.{name}"));
        Some((of_name(module, name).or_else(below)?, name))
    };
    // What is gone as a whole is told where it is imported.
    if import.is_attribute {
        let name = import.name.as_deref()?;
        return Some((of_name(module, name)?, name));
    }
    of_module(module).map(|row| (row, module)).or_else(taken)
}

/// The same for what a release of a PyPI distribution has taken away.
fn gone_of_package<'a>(p: &Project, image: usize, import: &'a ImportFact) -> Option<Gone<'a>> {
    let (row, what) = row_of(import, removed_modules::module, removed_modules::name)?;
    gone::is_since(p, image, row.distribution, row.from, row.newest).then(|| Gone {
        what,
        release: format!("{} {}", row.distribution, row.from),
        instead: row.instead,
    })
}

fn is_gone(p: &Project, image: usize, row: &RemovedName) -> bool {
    let stage = p.images[image].stage;
    let release = match row.of {
        Of::Python => p.marks.pythons[stage].or(p.marks.moving[stage]),
        Of::Django => needs::django(p, image).map(|row| row.series),
    };
    let names: Vec<&str> = row.unless.iter().collect();
    let is_back = || names.is_empty() || closure::lacks(p, image, &names) == Some(true);
    release.is_some_and(|release| release >= row.gone) && is_back()
}

/// The distribution that has an imported module, where an image certainly lacks it.
pub(crate) fn missing(p: &Project, import: &ImportFact) -> Option<&'static str> {
    let image = p.settings[import.settings].image;
    let first = import.module.split('.').next()?;
    // Settings say so themselves, by another rule.
    let settings = &p.settings[import.settings].settings;
    let is_told = python_modules::distributions(first).is_some()
        && settings.external_imports.contains_key(first);
    if import.ignored.is_some() || import.is_attribute || is_told {
        return None;
    }
    closure::missing_module(p, image, first)
}

/// A module of a distribution is certainly imported by the project, or one of its applications,
/// with the settings of an image that has it.
pub(crate) fn is_loaded(p: &Project, install: usize, name: &str) -> bool {
    loads(p, install, |module| {
        let first = module.split('.').next().unwrap_or_default();
        import_names::distributions(first).is_some_and(|names| names.contains(name))
    })
}

/// A module that `has` knows is certainly imported by the project, or is one of its applications, with the settings of
/// an image that has what an install brings.
pub(crate) fn loads(p: &Project, install: usize, has: impl Fn(&str) -> bool) -> bool {
    let of_image = |image: usize| {
        let listed = p.dependencies.get(image);
        listed.is_some_and(|it| it.items.iter().any(|(at, _)| *at == install))
    };
    let is_imported = p.imports.iter().any(|import| {
        let image = p.settings[import.settings].image;
        import.ignored.is_none() && has(&import.module) && of_image(image)
    });
    let is_application = |fact: &SettingsFact| match verdicts::installed_apps(&fact.settings) {
        Answer::Known(known) => known.value.entries.iter().any(|(entry, _)| has(entry)),
        _ => false,
    };
    let is_there = |fact: &&SettingsFact| {
        matches!(fact.presence, ModulePresence::There(_)) && of_image(fact.image)
    };
    is_imported || p.settings.iter().filter(is_there).any(is_application)
}

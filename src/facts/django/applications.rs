//! The packages that entries of INSTALLED_APPS mean: the entry itself, or what its class of configuration names.

use crate::facts::python::import_path::{Place, PythonPath};
use crate::python::imports::{self, Imports};

/// The module of an entry, and its class where it names one.
pub(crate) fn parts(entry: &str) -> (&str, Option<&str>) {
    match entry.rsplit_once('.') {
        Some((module, class)) if class.starts_with(|c: char| c.is_ascii_uppercase()) => {
            (module, Some(class))
        }
        _ => (entry, None),
    }
}

/// The package of an entry; `None` where a class of the project does not write out its name. Of what is not of the
/// project the configuration lies in a module `apps` of the package, as Django's documentation has it.
pub(crate) fn package(path: &PythonPath<'_>, entry: &str) -> Option<String> {
    let (module, class) = parts(entry);
    let Some(class) = class else {
        return Some(module.to_owned());
    };
    let Place::File { file, .. } = path.find(module) else {
        return Some(module.strip_suffix(".apps").unwrap_or(module).to_owned());
    };
    let found = path
        .sources
        .once::<Imports>(file, |source| imports::read(file, &source.text));
    let mut names = found.names.iter();
    let named = names.find(|(name, _)| name == class)?;
    Some(named.1.clone())
}

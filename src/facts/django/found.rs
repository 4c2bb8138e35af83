//! Settings modules as far as they are found by name, and the files that their libraries read variables from.

use crate::facts::model::ModulePresence;
use crate::facts::python::import_path::{Place, PythonPath};
use crate::python::module::{EnvWrite, ModuleFacts};
use crate::python::settings::Settings;
use crate::shell::ast::Command;
use crate::source::absolute;
use crate::span::Traced;

/// What readers of variables search for.
pub(crate) const ENV_FILES: [&str; 2] = [".env", "settings.ini"];

/// The settings read a file of variables that is, or may be, in the image.
pub(crate) fn has_env_file(path: &PythonPath<'_>, settings: &Settings) -> bool {
    use crate::context::Origin;
    let may_be = |file: &str| !matches!(path.origin(file), Origin::Missing | Origin::Ignored(..));
    settings.env_files.iter().any(|file| match &file.path {
        Some(file) => may_be(file),
        // Searched for upwards from the settings.
        None => path.upward().any(|directory| {
            ENV_FILES
                .iter()
                .any(|name| may_be(&absolute(&directory, name)))
        }),
    })
}

/// The settings module that a module names, when it names exactly one for sure.
pub(crate) fn one_default(module: &ModuleFacts) -> Option<Traced> {
    let writes: Vec<&EnvWrite> = module.settings_modules().collect();
    match writes.as_slice() {
        [one] if !one.is_conditional => one.value.clone(),
        _ => None,
    }
}

/// The `manage.py` that a command runs, absolute; `None` where it runs none, and where its directory is not known.
pub(crate) fn manage_script(command: &Command, directory: Option<&str>) -> Option<String> {
    let args = command.operands.iter().chain(&command.args);
    let mut words = args.filter_map(|arg| arg.as_str());
    let is_it = |text: &&str| text.ends_with("manage.py");
    let text = words
        .find(is_it)
        .or(command.program.as_deref().filter(is_it))?;
    match text.starts_with('/') {
        true => Some(absolute("/", text)),
        false => Some(absolute(directory?, text)),
    }
}

pub(crate) fn presence_of(path: &PythonPath<'_>, dotted: &str) -> ModulePresence {
    match path.find(dotted) {
        Place::File { file, .. } => ModulePresence::There(file),
        Place::Ignored(pattern) => ModulePresence::Ignored(pattern),
        Place::Missing => ModulePresence::Missing(similar(path, dotted)),
        Place::Namespace | Place::Unknown => ModulePresence::Unknown,
    }
}

/// A module beside the missing one with nearly its name.
pub(crate) fn similar(path: &PythonPath<'_>, dotted: &str) -> Option<String> {
    let (package, last) = dotted.rsplit_once('.')?;
    for root in &path.roots {
        let directory = absolute(root, &package.replace('.', "/"));
        let listing = path.listing(&directory);
        let names = listing
            .names
            .iter()
            .filter(|name| name.as_str() != "__init__.py" && !name.starts_with('.'))
            .map(|name| name.trim_end_matches(".py"));
        let near = names
            .map(|name| (strsim::osa_distance(name, last), name))
            .filter(|(distance, name)| *distance <= 2.max(name.len() / 4))
            .min();
        if let Some((_, name)) = near {
            return Some(format!("{package}.{name}"));
        }
    }
    None
}

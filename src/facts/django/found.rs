//! Settings modules as far as they are found by name, and the files that their libraries read variables from.

use crate::context::Origin;
use crate::facts::intent::by_name;
use crate::facts::model::{FilesPhase, ModulePresence};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::knowledge::intent_words::Intent;
use crate::python::module::{EnvWrite, ModuleFacts};
use crate::python::settings::Settings;
use crate::shell::ast::Command;
use crate::source::absolute;
use crate::span::Traced;

/// What readers of variables search for.
pub(crate) const ENV_FILES: [&str; 2] = [".env", "settings.ini"];

/// The settings read a file of variables that is, or may be, in the image.
pub(crate) fn has_env_file(path: &PythonPath<'_>, settings: &Settings) -> bool {
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

/// A file may set variables for the settings. One that is not in the project may be where it is
/// built, since such files are kept out of version control; only the ignore file rules it out.
pub(crate) fn may_read_env_file(path: &PythonPath<'_>, settings: &Settings, stage: usize) -> bool {
    let context = &path.p.around.context;
    let is_kept_out = |file: &str| {
        let (parent, name) = file.rsplit_once('/').unwrap_or(("", file));
        match (path.origin(file), path.origin(parent)) {
            (Origin::Ignored(..), _) => true,
            (Origin::Missing, Origin::Directory(Some(directory))) => {
                let file = crate::source::join(&directory, name);
                context.ignored_by(&file).is_some()
            }
            _ => false,
        }
    };
    let may_be = settings.env_files.iter().any(|file| match &file.path {
        Some(file) => !is_kept_out(file),
        // Searched for upwards from the settings.
        None => {
            context.ignored_by(".env").is_none()
                || path.upward().any(|directory| {
                    let is_made = |name: &str| {
                        let origin = path.origin(&absolute(&directory, name));
                        !matches!(origin, Origin::Missing | Origin::Ignored(..))
                    };
                    ENV_FILES.iter().any(|name| is_made(name))
                })
        }
    });
    may_be || copies_env_file(path.p, stage)
}

/// A COPY or ADD of the stages makes a file of variables that is not here: whoever builds has it.
fn copies_env_file(p: &FilesPhase, stage: usize) -> bool {
    let chain = crate::facts::build::at::chain(&p.stages, stage);
    let copies = chain.iter().flat_map(|stage| &p.stages[*stage].copies);
    let mut targets = copies.filter_map(|copy| p.copies[*copy].target.as_deref());
    targets.any(|target| target.rsplit('/').next() == Some(".env"))
}

/// What it does before the settings load may set variables from a file.
pub(crate) fn reads_file_first(text: &str) -> bool {
    text.contains("dotenv") || text.contains("read_env")
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

/// A module beside one that is not called after production is: `shop.settings.production` beside `shop.settings.local`.
pub(crate) fn leaves_production(path: &PythonPath<'_>, dotted: &str) -> bool {
    let is_production = |name: &str| by_name(name) == Some(Intent::Production);
    let Some((package, own)) = dotted
        .rsplit_once('.')
        .filter(|(_, own)| !is_production(own))
    else {
        return false;
    };
    let directory = package.replace('.', "/");
    path.roots.iter().any(|root| {
        let names = path.listing(&absolute(root, &directory)).names;
        let mut modules = names.iter().filter_map(|name| name.strip_suffix(".py"));
        modules.any(|name| name != own && is_production(name))
    })
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

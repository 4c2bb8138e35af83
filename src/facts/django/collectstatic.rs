//! `collectstatic` while the image is built: the settings it reads with the environment it has there.

use std::sync::Arc;

use crate::context::Origin;
use crate::facts::build::variables::{self, Seen};
use crate::facts::django::found::{ENV_FILES, manage_script, one_default, presence_of};
use crate::facts::model::{CollectFact, ModulePresence, StartPhase};
use crate::facts::python::import_path::PythonPath;
use crate::python::module::read_module;
use crate::python::settings::{EnvSource, EnvValue, Interpreter, Settings};
use crate::source::Sources;
use crate::source::absolute;
use crate::span::Traced;

/// The environment of a command of the build.
struct BuildEnv<'a> {
    p: &'a StartPhase,
    command: usize,
}

impl EnvSource for BuildEnv<'_> {
    fn get(&self, name: &str) -> EnvValue {
        match variables::seen(self.p, self.command, name) {
            Seen::Set(value) => EnvValue::Set(value.as_str().to_owned(), Some(value.span())),
            Seen::SetUnknown | Seen::Unknown => EnvValue::Unknown,
            Seen::Unset => EnvValue::Absent,
        }
    }
}

/// What a `collectstatic` of the build finds.
pub(crate) fn collect(p: &StartPhase, sources: &Sources, index: usize) -> Option<CollectFact> {
    let fact = &p.commands[index];
    let command = &fact.command;
    if command.management_name() != Some("collectstatic") {
        return None;
    }
    let mut out = CollectFact {
        command: index,
        stage: fact.stage,
        module: None,
        presence: ModulePresence::Unknown,
        settings: Arc::new(Settings::default()),
        missing: Vec::new(),
    };
    let env = BuildEnv { p, command: index };
    let mut path = PythonPath::for_command(p, sources, index);
    let directory = crate::facts::build::at::directory_of(p, fact);
    // The directory of `manage.py`, which need not be the working directory.
    let script = manage_script(command, directory.as_deref());
    if let Some((parent, _)) = script.as_deref().and_then(|script| script.rsplit_once('/')) {
        path.add(if parent.is_empty() { "/" } else { parent });
    } else if let Some(directory) = &directory {
        path.add(directory);
    }
    match env.get("PYTHONPATH") {
        EnvValue::Set(list, _) => path.add_list(&list, directory.as_deref()),
        EnvValue::Unknown => return Some(out),
        EnvValue::Unset | EnvValue::Absent => {}
    }
    let flag = command
        .flags
        .iter()
        .find(|flag| flag.name == "--settings")
        .and_then(|flag| flag.value.as_ref());
    out.module = match (flag, env.get("DJANGO_SETTINGS_MODULE")) {
        (Some(value), _) => value.text.clone(),
        (None, EnvValue::Set(text, span)) => span.map(|span| Traced::new(text, span)),
        (None, EnvValue::Unknown) => None,
        (None, EnvValue::Unset | EnvValue::Absent) => script
            .and_then(|script| path.read(&script))
            .and_then(|(file, source)| one_default(&read_module(file, &source.text))),
    };
    let Some(module) = &out.module else {
        return Some(out);
    };
    out.presence = presence_of(&path, module.as_str());
    if matches!(out.presence, ModulePresence::There(_)) {
        let settings = Interpreter::new(&path, &env).settings(module.as_str());
        if !may_read_env_file(&path, &settings) && !copies_env_file(p, fact.stage) {
            out.missing = settings
                .required_env
                .iter()
                .filter(|required| required.is_certain && !required.is_set)
                .filter(|required| env.get(&required.name) == EnvValue::Absent)
                .cloned()
                .collect();
        }
        out.settings = Arc::new(settings);
    }
    Some(out)
}

/// A COPY or ADD of the stages makes a file of variables that is not here: whoever builds has it.
fn copies_env_file(p: &StartPhase, stage: usize) -> bool {
    let chain = crate::facts::build::at::chain(&p.stages, stage);
    let copies = chain.iter().flat_map(|stage| &p.stages[*stage].copies);
    let mut targets = copies.filter_map(|copy| p.copies[*copy].target.as_deref());
    targets.any(|target| target.rsplit('/').next() == Some(".env"))
}

/// A file may set variables for the settings. One that is not in the project may be where it is
/// built, since such files are kept out of version control; only the ignore file rules it out.
fn may_read_env_file(path: &PythonPath<'_>, settings: &Settings) -> bool {
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
    settings.env_files.iter().any(|file| match &file.path {
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
    })
}

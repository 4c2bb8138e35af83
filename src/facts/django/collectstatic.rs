//! `collectstatic` and other management commands while the image is built: the settings that they read with the
//! environment they have there.

use std::sync::Arc;

use crate::facts::build::variables::{self, Seen};
use crate::facts::django::found::{
    manage_script, may_read_env_file, one_default, presence_of, reads_file_first,
};
use crate::facts::model::{CollectFact, ModulePresence, StartPhase};
use crate::facts::python::import_path::PythonPath;
use crate::python::module::read_module;
use crate::python::settings::{EnvSource, EnvValue, Interpreter, Settings};
use crate::source::Sources;
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

/// What a management command of the build finds; `None` for any other.
pub(crate) fn collect(p: &StartPhase, sources: &Sources, index: usize) -> Option<CollectFact> {
    let fact = &p.commands[index];
    let command = &fact.command;
    command.management_name()?;
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
            .as_deref()
            .and_then(|script| path.read(script))
            .and_then(|(file, source)| one_default(&read_module(file, &source.text))),
    };
    let Some(module) = &out.module else {
        return Some(out);
    };
    out.presence = presence_of(&path, module.as_str());
    if matches!(out.presence, ModulePresence::There(_)) {
        let settings = Interpreter::new(&path, &env).settings(module.as_str());
        let manage = script.as_deref().and_then(|script| path.read(script));
        let reads_first = manage.is_some_and(|(_, source)| reads_file_first(&source.text));
        if !reads_first && !may_read_env_file(&path, &settings, fact.stage) {
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

//! Which settings module each image runs with, and what that module says.
//!
//! The module is named by the environment of the container, else by the module that the server loads or by `manage.py`.
//! It is read by [`crate::python::settings`]; nothing is opened unless something names settings.

use crate::maps::HashSet;
use std::sync::Arc;

use crate::facts::build::at;
use crate::facts::django::found::{
    has_env_file, leaves_production, may_read_env_file, one_default, presence_of,
};
use crate::facts::django::{joined, loaded};
use crate::facts::files::origin;
use crate::facts::model::{
    ApplicationFact, Celery, ImageFact, ImportFact, ModulePresence, ModuleSource, SettingsFact,
    StartFact, StartPhase,
};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::facts::start::scripts::asks_for;
use crate::knowledge::servers::Means;
use crate::knowledge::words::{UwsgiWords, ValueWords};
use crate::python::module::read_module;
use crate::python::numbers::{self, Number};
use crate::python::settings::{self, EnvSource, EnvValue, Interpreter, Settings};
use crate::server::TargetKind;
use crate::source::{Sources, absolute};
use crate::span::{FileId, Span, Traced};

/// The variable that names the settings.
const MODULE: &str = "DJANGO_SETTINGS_MODULE";

/// The environment that a container starts with, as its server sees it.
pub(crate) struct RunEnv<'a> {
    p: &'a StartPhase,
    image: &'a ImageFact,
    compose: &'a [(String, Span, Option<Traced>)],
    /// What any service that builds the Dockerfile is given, also one that runs another command.
    of_services: &'a HashSet<String>,
    /// A script may set variables unseen.
    is_open: bool,
}

impl<'a> RunEnv<'a> {
    pub(crate) fn new(p: &'a StartPhase, image: &'a ImageFact) -> Self {
        let sets_unseen = image.starts.iter().any(|start| {
            let command = &start.command;
            match command.name.as_deref() {
                Some("." | "source") => !command.activates_virtualenv(),
                Some("eval") => true,
                // `export NAME=...` says which one it sets, whatever the value is.
                Some("export") => {
                    !command.is_complete
                        && command
                            .args
                            .iter()
                            .any(|arg| arg.as_str().is_none() && !arg.prefix.contains('='))
                }
                _ => false,
            }
        });
        Self {
            p,
            image,
            compose: p.around.environment(),
            of_services: p.around.service_variables(),
            is_open: sets_unseen
                || image
                    .scripts
                    .iter()
                    .any(|script| script.text.is_none() && script.is_sourced),
        }
    }

    /// The value and what gives it.
    fn find(&self, name: &str) -> (EnvValue, ModuleSource) {
        let set = |value: Option<&Traced>| match value {
            Some(text) => EnvValue::Set(text.as_str().to_owned(), Some(text.span())),
            None => EnvValue::Unknown,
        };
        if let Some(server) = &self.image.server {
            let own = server
                .command
                .assignments
                .iter()
                .rev()
                .find(|a| a.name == name);
            if let Some(own) = own {
                return (set(own.value.as_ref()), ModuleSource::CommandLine);
            }
            if let Some(value) = given_to_server(self.image, name) {
                return (set(value.as_ref()), ModuleSource::CommandLine);
            }
        }
        for start in self.image.starts.iter().rev() {
            let command = &start.command;
            let exported = command.name.as_deref() == Some("export");
            let hit = command.args.iter().rev().filter(|_| exported).find(|arg| {
                arg.prefix
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('='))
            });
            let assigned = command
                .assignments
                .iter()
                .any(|own| own.name == name && command.name.as_deref() == Some(""));
            if hit.is_some() || assigned {
                // What a script makes of a variable may depend on what the container is given.
                return (EnvValue::Unknown, ModuleSource::CommandLine);
            }
        }
        if let Some((_, _, value)) = self.compose.iter().find(|(other, ..)| other == name) {
            return (set(value.as_ref()), ModuleSource::Compose);
        }
        if let Some(value) = at::env(self.p, self.image.stage, name) {
            return (set(value), ModuleSource::Env);
        }
        let may_be_set = self.is_open
            || self.image.scripts.iter().any(|script| {
                script
                    .text
                    .as_ref()
                    .is_some_and(|text| asks_for(text.as_str(), name))
            })
            || at::base_may_set(&self.p.stages, self.image.stage, name)
            || self.of_services.contains(name);
        let value = if may_be_set {
            EnvValue::Unknown
        } else {
            EnvValue::Unset
        };
        (value, ModuleSource::Env)
    }
}

impl EnvSource for RunEnv<'_> {
    fn get(&self, name: &str) -> EnvValue {
        self.find(name).0
    }
}

/// A variable that options of the server set: `env = NAME=value` of uWSGI, `--env` of gunicorn.
/// The inner `None` is a value that is not known.
fn given_to_server(image: &ImageFact, name: &str) -> Option<Option<Traced>> {
    let prefix = format!("{name}=");
    let of = |text: &Traced| {
        let rest = text.as_str().strip_prefix(&prefix)?;
        Some(text.slice(text.len() - rest.len()..text.len()))
    };
    let served = image.served.as_ref()?;
    if let Some(config) = &served.uwsgi {
        return config
            .get("env")
            .iter()
            .rev()
            .find_map(|option| of(option.value.as_ref()?))
            .map(Some);
    }
    let server = image.server.as_ref()?;
    server
        .command
        .flags
        .iter()
        .filter(|flag| server.product.means(&flag.name, Means::Variable))
        .find_map(|flag| of(flag.value.as_ref()?.text.as_ref()?))
        .map(Some)
}

/// The applications and settings of all images.
pub(crate) fn read(
    p: &StartPhase,
    sources: &Sources,
) -> (Vec<ApplicationFact>, Vec<SettingsFact>, Vec<ImportFact>) {
    let mut applications = Vec::new();
    let mut settings: Vec<SettingsFact> = Vec::new();
    let mut imports = Vec::new();
    for index in 0..p.images.len() {
        let reader = Reader {
            p,
            sources,
            image: index,
        };
        let application = reader.application();
        if let Some(mut fact) = reader.settings(application.as_ref()) {
            let (loaded, found) = reader.loaded(&fact, application.as_ref());
            fact.loaded = loaded;
            fact.numbers = reader.numbers(&fact);
            let at = settings.len();
            imports.extend(
                found
                    .into_iter()
                    .map(|it| ImportFact { settings: at, ..it }),
            );
            settings.push(fact);
        }
        applications.extend(application);
    }
    (applications, settings, imports)
}

/// Where the imports of an image's server look; `None` when its own options are not known.
pub(crate) fn path_of<'a>(
    p: &'a StartPhase,
    image: usize,
    sources: &'a Sources,
) -> Option<PythonPath<'a>> {
    let env = RunEnv::new(p, &p.images[image]);
    Reader { p, sources, image }.path(&env)
}

/// The same, as the settings are looked for.
pub(crate) fn path_to_settings<'a>(
    p: &'a StartPhase,
    image: usize,
    sources: &'a Sources,
) -> Option<PythonPath<'a>> {
    let env = RunEnv::new(p, &p.images[image]);
    Reader { p, sources, image }.path_to_settings(&env)
}

struct Reader<'a> {
    p: &'a StartPhase,
    sources: &'a Sources,
    image: usize,
}

impl<'a> Reader<'a> {
    fn fact(&self) -> &'a ImageFact {
        &self.p.images[self.image]
    }

    /// The working directory of the server.
    fn directory(&self) -> Option<String> {
        let image = self.fact();
        let workdir = at::workdir(&self.p.stages, image.stage);
        let Some(server) = &image.server else {
            return workdir;
        };
        match server.command.cd.as_deref() {
            None => None,
            Some("") => workdir,
            Some(cd) => Some(absolute(workdir.as_deref().unwrap_or("/"), cd)),
        }
    }

    /// Where the server looks for modules; behind that in the working directory, since `manage.py` and its like put
    /// their own directory first.
    fn path_to_settings(&self, env: &RunEnv<'_>) -> Option<PythonPath<'a>> {
        let mut path = self.path(env)?;
        if let Some(workdir) = at::workdir(&self.p.stages, self.fact().stage) {
            path.add(&workdir);
        }
        Some(path)
    }

    /// Where the server's imports look; `None` when its own options are not known.
    fn path(&self, env: &RunEnv<'_>) -> Option<PythonPath<'a>> {
        let mut path = PythonPath::at_end(self.p, self.sources, self.fact().stage);
        let directory = self.directory();
        let served = self.fact().served.as_deref();
        let changed = served.and_then(|served| match &served.chdir {
            crate::server::Setting::Given(text, _) => Some(Some(text.as_str().to_owned())),
            crate::server::Setting::Absent => None,
            crate::server::Setting::Unknown(_) => Some(None),
        });
        let directory = match changed {
            Some(Some(to)) => Some(absolute(directory.as_deref()?, &to)),
            Some(None) => return None,
            None => directory,
        };
        if let Some(directory) = &directory {
            path.add(directory);
        }
        match env.get("PYTHONPATH") {
            EnvValue::Set(list, _) => path.add_list(&list, directory.as_deref()),
            EnvValue::Unknown => return None,
            EnvValue::Unset | EnvValue::Absent => {}
        }
        if let Some(served) = served {
            for name in UwsgiWords::ImportPath.iter() {
                if let Some(list) = served.setting(name).as_str() {
                    path.add_list(&list.replace(',', ":"), directory.as_deref());
                }
            }
            if let Some(config) = &served.uwsgi {
                for option in config.get("pythonpath") {
                    if let Some(value) = &option.value {
                        path.add_list(value.as_str(), directory.as_deref());
                    }
                }
            }
        }
        Some(path)
    }

    fn application(&self) -> Option<ApplicationFact> {
        let image = self.fact();
        let served = image.served.as_ref()?;
        let target = served.app.as_ref()?;
        let env = RunEnv::new(self.p, image);
        let mut fact = ApplicationFact {
            image: self.image,
            target: target.module.clone(),
            is_path: target.kind == TargetKind::File,
            attribute: target
                .attribute
                .as_ref()
                .map_or("application", Traced::as_str)
                .to_owned(),
            attribute_span: target.attribute.as_ref().map(Traced::span),
            presence: ModulePresence::Unknown,
            instead: None,
            module: None,
            file: None,
            early_models: None,
        };
        let Some(path) = self.path(&env) else {
            return Some(fact);
        };
        let text = target.module.as_str();
        let place = if fact.is_path {
            let directory = path.roots.first();
            let image_path = match directory {
                _ if text.starts_with('/') => Some(absolute("/", text)),
                Some(directory) => Some(absolute(directory, text)),
                None => None,
            };
            match image_path {
                Some(image_path) => self.file_at(&path, &image_path),
                None => ModulePresence::Unknown,
            }
        } else if text.contains('/') {
            // No module is called so.
            ModulePresence::Missing(None)
        } else {
            presence_of(&path, text)
        };
        if let ModulePresence::Missing(similar) = &place {
            fact.instead = similar.clone().or_else(|| {
                // A dotted name where a path is wanted, and the other way round.
                if fact.is_path {
                    let other = text.trim_end_matches(".py").replace('.', "/") + ".py";
                    let directory = path.roots.first()?;
                    path.read(&absolute(directory, &other)).map(|_| other)
                } else {
                    let other = text.trim_end_matches(".py").replace('/', ".");
                    (other != text && matches!(path.find(&other), Place::File { .. }))
                        .then_some(other)
                }
            });
        }
        if let ModulePresence::There(file) = &place {
            fact.file = Some(*file);
            fact.module = Some(Arc::new(read_module(*file, &self.sources.get(*file).text)));
        }
        fact.presence = place;
        Some(fact)
    }

    fn file_at(&self, path: &PythonPath<'_>, image_path: &str) -> ModulePresence {
        use crate::context::Origin;
        match path.origin(image_path) {
            Origin::Context(_) => match path.read(image_path) {
                Some((file, _)) => ModulePresence::There(file),
                None => ModulePresence::Unknown,
            },
            Origin::Missing
                if origin::is_in_own_directory(self.p, self.image, image_path)
                    || origin::brings_code(self.p, self.image) =>
            {
                ModulePresence::Missing(None)
            }
            Origin::Ignored(_, pattern) => ModulePresence::Ignored(pattern),
            _ => ModulePresence::Unknown,
        }
    }

    /// A script of the project writes the module before the build.
    fn is_rewritten(&self, path: &PythonPath<'_>, dotted: &str) -> bool {
        let Place::File { image_path, .. } = path.find(dotted) else {
            return false;
        };
        match path.origin(&image_path) {
            crate::context::Origin::Context(own) => {
                origin::is_rewritten(self.p, self.sources, &own)
            }
            _ => false,
        }
    }

    fn settings(&self, application: Option<&ApplicationFact>) -> Option<SettingsFact> {
        let image = self.fact();
        let env = RunEnv::new(self.p, image);
        let (module, source) = self.module(&env, application)?;
        let unknown = |module: Traced, source| SettingsFact {
            image: self.image,
            module,
            source,
            presence: ModulePresence::Unknown,
            application_serves: None,
            uploads_in_debug: None,
            lacks_pack: None,
            routes: None,
            settings: Arc::new(Settings::default()),
            may_read_env_file: true,
            joined: Vec::new(),
            texts: Vec::new(),
            celery: Celery::Unknown,
            loaded: Vec::new(),
            numbers: Vec::new(),
            unloaded_celery: None,
            beat_is_plain: false,
        };
        let Some(path) = self.path_to_settings(&env) else {
            return Some(unknown(module, source));
        };
        let presence = match presence_of(&path, module.as_str()) {
            ModulePresence::There(_) if self.is_rewritten(&path, module.as_str()) => {
                ModulePresence::Unknown
            }
            presence => presence,
        };
        let settings = match presence {
            ModulePresence::There(_) => {
                let settings = settings::read(&path, &env, module.as_str());
                if has_env_file(&path, &settings) {
                    // It may set any variable that nothing else sets.
                    let open = RunEnv {
                        is_open: true,
                        ..env
                    };
                    Interpreter::new(&path, &open).settings(module.as_str())
                } else {
                    settings
                }
            }
            _ => Settings::default(),
        };
        let modules = settings.modules.iter();
        let celery = self.celery(&path, module.as_str());
        let celery = celery.map(|file| self.sources.get(file));
        let text = celery.as_ref().map(|source| source.text.as_str());
        let mut fact = SettingsFact {
            image: self.image,
            module,
            source,
            presence,
            may_read_env_file: may_read_env_file(&path, &settings, image.stage),
            joined: Vec::new(),
            texts: modules
                .map(|module| (module.file, self.sources.get(module.file)))
                .collect(),
            application_serves: None,
            uploads_in_debug: None,
            lacks_pack: None,
            routes: None,
            loaded: Vec::new(),
            numbers: Vec::new(),
            unloaded_celery: None,
            beat_is_plain: text.is_some_and(|text| !ValueWords::CeleryBeat.is_within(text)),
            celery: text.map_or(Celery::Unknown, reads_settings),
            settings: Arc::new(settings),
        };
        fact.joined = joined::joined(&path, &fact);
        Some(fact)
    }

    /// The module `celery` of the project's package.
    fn celery(&self, path: &PythonPath<'_>, settings: &str) -> Option<FileId> {
        let package = settings.split('.').next().unwrap_or_default();
        let names = ["celery", "celery_app"].into_iter();
        let mut places = names.map(|name| path.find(&format!("{package}.{name}")));
        places.find_map(|place| match place {
            Place::File { file, .. } => Some(file),
            _ => None,
        })
    }

    /// The modules that are certainly loaded with the settings, and what they import.
    fn loaded(&self, fact: &SettingsFact, application: Option<&ApplicationFact>) -> loaded::Loaded {
        let env = RunEnv::new(self.p, self.fact());
        let Some(path) = self.path_to_settings(&env) else {
            return (Vec::new(), Vec::new());
        };
        let module = application.filter(|it| !it.is_path);
        let name = module.map(|it| it.target.as_str());
        loaded::modules(&path, fact, self.fact().server.is_some(), name)
    }

    /// The variables that the modules of the settings make numbers of, as far as they certainly load.
    fn numbers(&self, fact: &SettingsFact) -> Vec<Number> {
        let is_loaded = |file: FileId| fact.loaded.iter().any(|it| it.file == file);
        let files = fact.texts.iter().map(|(file, _)| *file);
        let read = |file: FileId| -> Arc<Vec<Number>> {
            self.sources
                .once(file, |source| numbers::read(file, &source.text))
        };
        let all = files.filter(|file| is_loaded(*file)).map(read);
        all.flat_map(|found| found.to_vec()).collect()
    }

    /// The settings module of the server, with the place of its name.
    fn module(
        &self,
        env: &RunEnv<'_>,
        application: Option<&ApplicationFact>,
    ) -> Option<(Traced, ModuleSource)> {
        let image = self.fact();
        if let Some(flag) = image.server.as_ref().and_then(|server| {
            server
                .command
                .flags
                .iter()
                .find(|flag| flag.name == "--settings")
        }) {
            let value = flag.value.as_ref()?.text.clone()?;
            return Some((value, ModuleSource::CommandLine));
        }
        let writes = application.and_then(|application| application.module.as_deref());
        let write = writes.and_then(|module| module.settings_modules().last());
        if let Some(write) = write.filter(|write| !write.is_default && !write.is_conditional) {
            return Some((write.value.clone()?, ModuleSource::Application));
        }
        match env.find(MODULE) {
            (EnvValue::Set(text, span), source) if !text.is_empty() => {
                return Some((Traced::new(text, span?), source));
            }
            (EnvValue::Unknown, _) => return None,
            _ => {}
        }
        if let Some(module) = writes {
            let module = one_default(module).filter(|module| !self.is_replaced(env, module))?;
            return Some((module, ModuleSource::Application));
        }
        // Nothing is known of what the server loads; `manage.py` speaks for its own commands only.
        let is_managed =
            |start: &StartFact| start.command.management.is_some() && has_no_settings(start);
        let runs_manage = match &image.served {
            Some(served) => {
                let server = image.server.as_ref();
                let is_own = server.is_some_and(|it| it.product.is_for_development());
                served.app.is_none() && is_own && image.starts.iter().any(is_managed)
            }
            // Without a known server the last one is what goes on running.
            None => image.beside.is_empty() && image.starts.last().is_some_and(is_managed),
        };
        if !runs_manage {
            return None;
        }
        let directory = self.directory()?;
        let path = PythonPath::at_end(self.p, self.sources, image.stage);
        let (file, source) = path.read(&absolute(&directory, "manage.py"))?;
        let module = one_default(&read_module(file, &source.text))?;
        (!self.is_replaced(env, &module)).then_some((module, ModuleSource::Manage))
    }

    /// What starts the image may name other settings than the default of its code: such for production lie beside, and
    /// its variables are not all here.
    fn is_replaced(&self, env: &RunEnv<'_>, module: &Traced) -> bool {
        let is_left = |path: PythonPath<'_>| leaves_production(&path, module.as_str());
        self.p.around.may_give(MODULE) && self.path_to_settings(env).is_some_and(is_left)
    }
}

/// A command that is not told its settings on its command line.
fn has_no_settings(start: &StartFact) -> bool {
    let mut flags = start.command.flags.iter();
    !flags.any(|flag| flag.name == "--settings")
}

/// Where celery reads its settings, as its module says.
fn reads_settings(text: &str) -> Celery {
    let mut words = ValueWords::CeleryItself.iter();
    if words.any(|word| text.contains(word)) {
        return Celery::Itself;
    }
    match namespace(text) {
        Some("") => Celery::AsSettings,
        Some("CELERY") => Celery::Prefixed,
        _ => Celery::Unknown,
    }
}

/// The `namespace` of the one `config_from_object` of a module, empty without; `None` when that cannot be told, and for
/// other objects than Django's settings.
fn namespace(text: &str) -> Option<&str> {
    let mut calls = text.split("config_from_object").skip(1);
    let call = calls.next().filter(|_| calls.next().is_none())?;
    let arguments = call.strip_prefix('(')?.split(')').next()?;
    let quotes = ['"', '\''];
    let is_django = arguments.trim_start().trim_start_matches(quotes);
    is_django.strip_prefix("django.conf:settings")?;
    match arguments.split_once("namespace") {
        None => Some(""),
        Some((_, value)) => {
            let value = value.trim_start().strip_prefix('=')?.trim_start();
            value.strip_prefix(quotes)?.split(quotes).next()
        }
    }
}

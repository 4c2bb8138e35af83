//! What Django is told: settings, applications, `collectstatic`.

use std::ops::Deref;
use std::sync::Arc;

use crate::context::Pattern;
use crate::facts::model::{StartPhase, UwsgiOptionFact};
use crate::knowledge::form_template_packs::FormTemplatePack;
use crate::python::module::ModuleFacts;
use crate::python::numbers::Number;
use crate::python::settings::verdicts::{self, Answer};
use crate::python::settings::{RequiredEnv, Settings, storages};
use crate::python::urls::Route;
use crate::source::SourceFile;
use crate::span::{FileId, Span, Traced};

/// The settings that an image runs with.
#[derive(Debug)]
pub struct SettingsFact {
    pub image: usize,
    /// The dotted name, where it is written.
    pub module: Traced,
    pub source: ModuleSource,
    pub presence: ModulePresence,
    pub settings: Arc<Settings>,
    /// Entries of INSTALLED_APPS and MIDDLEWARE that are two names without a comma between them, with the first.
    pub joined: Vec<(String, String, Span)>,
    /// The module of the application, or that of the URLs, serves static files; `None` where one is not known.
    pub application_serves: Option<bool>,
    /// Where the URLs let Django serve uploads while DEBUG is on, and only then.
    pub(crate) uploads_in_debug: Option<Span>,
    /// The pack of form templates that they choose and that no directory of templates has.
    pub(crate) lacks_pack: Option<&'static FormTemplatePack>,
    /// The URLs, where a health check of the image may ask for one.
    pub(crate) routes: Option<Routes>,
    /// A file that they read may be in the image and set variables for them.
    pub(crate) may_read_env_file: bool,
    /// The modules of the project that were read for them.
    pub texts: Vec<(FileId, Arc<SourceFile>)>,
    /// Where celery is told what to do.
    pub celery: Celery,
    /// That module says nothing of where celery's beat keeps its schedule.
    pub beat_is_plain: bool,
    /// The modules of the project that certainly load with them, in their order.
    pub(crate) loaded: Vec<LoadedModule>,
    /// The variables that they certainly make numbers of as they load.
    pub(crate) numbers: Vec<Number>,
    /// A view sends a task, and nothing that the server loads makes the application of celery.
    pub(crate) unloaded_celery: Option<UnloadedCelery>,
}

/// A module of the project that certainly loads.
#[derive(Debug, Clone)]
pub(crate) struct LoadedModule {
    pub(crate) dotted: String,
    pub(crate) file: FileId,
    pub(crate) is_package: bool,
    /// The modules that it imports by their whole names, whosever they are.
    pub(crate) takes: Vec<String>,
}

/// An application of celery that the server certainly does not load.
#[derive(Debug, Clone)]
pub(crate) struct UnloadedCelery {
    /// Its module.
    pub(crate) module: String,
    pub(crate) place: Span,
    /// How a view sends a task: `weigh.delay`.
    pub(crate) call: String,
    pub(crate) call_span: Span,
}

/// An import of models before Django is set up.
#[derive(Debug, Clone)]
pub(crate) struct EarlyModels {
    /// The module with the models.
    pub(crate) module: String,
    /// The import in the module of the application.
    pub(crate) span: Span,
}

/// What the module `celery` of a project says of where celery reads its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Celery {
    /// From Django's settings alone, each name with `CELERY_` in front.
    Prefixed,
    /// From Django's settings alone, by their own names.
    AsSettings,
    /// It says something itself.
    Itself,
    Unknown,
}

impl SettingsFact {
    /// The text of a module of theirs.
    pub(crate) fn text_of(&self, file: FileId) -> Option<&str> {
        let found = self.texts.iter().find(|(other, _)| *other == file);
        found.map(|(_, source)| source.text.as_str())
    }

    /// A line of them sets a setting to what has a quoted name of a variable in it: `os.getenv("SHOP_KEY")`.
    pub(crate) fn assign_from_variable(&self, setting: &str) -> bool {
        !self.variables_of(setting).is_empty()
    }

    /// The names of variables that stand in quotes in lines which set a setting.
    pub(crate) fn variables_of(&self, setting: &str) -> Vec<String> {
        let is_variable = |text: &str| {
            text.len() > 2
                && text
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        let named = |line: &str| -> Vec<String> {
            let rest = line.trim_start().strip_prefix(setting);
            let value = rest.and_then(|rest| rest.trim_start().strip_prefix('='));
            let quoted = value.unwrap_or_default().split(['"', '\'']);
            let quoted = quoted.skip(1).step_by(2).filter(|text| is_variable(text));
            quoted.map(str::to_owned).collect()
        };
        let texts = self.texts.iter();
        texts
            .flat_map(|(_, source)| source.text.lines().flat_map(named))
            .collect()
    }

    /// A text in them is the name of the variable, or its end where readers put a beginning before it.
    pub(crate) fn name_variable(&self, name: &str) -> bool {
        let is_quoted = |text: &str, name: &str| {
            ['"', '\'']
                .iter()
                .any(|quote| text.contains(&format!("{quote}{name}{quote}")))
        };
        let short = name.split_once('_').map(|(_, rest)| rest);
        self.texts.iter().any(|(_, source)| {
            let text = source.text.as_str();
            is_quoted(text, name)
                || text.contains("prefix") && short.is_some_and(|short| is_quoted(text, short))
        })
    }
}

/// What names the settings module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleSource {
    Env,
    Compose,
    CommandLine,
    /// `wsgi.py`, `asgi.py`
    Application,
    Manage,
}

/// What was found for a module or a file of the image.
#[derive(Debug, Clone)]
pub enum ModulePresence {
    There(FileId),
    /// It is not there; a module of the project with a similar name.
    Missing(Option<String>),
    Ignored(Pattern),
    Unknown,
}

/// The application that a server is told to load.
#[derive(Debug)]
pub struct ApplicationFact {
    pub image: usize,
    /// As written: a dotted name or a path.
    pub target: Traced,
    pub is_path: bool,
    /// `application` where nothing else is said.
    pub attribute: String,
    /// Where the attribute is written; `None` for the default.
    pub attribute_span: Option<Span>,
    pub presence: ModulePresence,
    /// For a dotted name that looks like a path, and the other way round: what is there instead.
    pub instead: Option<String>,
    /// What the file says on its face.
    pub module: Option<Arc<ModuleFacts>>,
    pub file: Option<FileId>,
    pub(crate) early_models: Option<EarlyModels>,
}

/// A `collectstatic` of the build.
#[derive(Debug)]
pub struct CollectFact {
    pub command: usize,
    pub stage: usize,
    /// The settings module, where it is known.
    pub module: Option<Traced>,
    pub presence: ModulePresence,
    pub settings: Arc<Settings>,
    /// Variables without which the settings cannot be imported, certainly not set for it.
    pub missing: Vec<RequiredEnv>,
}

impl CollectFact {
    /// Static files are stored below STATIC_ROOT; `None` when a storage may do otherwise.
    pub(crate) fn storage_needs_root(&self) -> Option<bool> {
        storage_needs_root(&self.settings)
    }
}

/// A file that the project names and that Django certainly does not find, or hardly.
#[derive(Debug)]
pub(crate) struct NamedFileFact {
    pub(crate) kind: FileNamed,
    /// As Django looks for it.
    pub(crate) name: String,
    pub(crate) span: Span,
    /// In the project's `settings`.
    pub(crate) settings: usize,
    /// No application of others may have it.
    pub(crate) is_sure: bool,
    /// The pattern of the ignore file that keeps it out.
    pub(crate) ignored_by: Option<(String, Span)>,
}

/// What names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileNamed {
    /// Code renders a template.
    Template,
    /// A template asks for the address of a static file.
    Static,
    /// A style sheet or script among the static files.
    Style,
}

impl FileNamed {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Static => "static",
            Self::Style => "style",
        }
    }
}

/// Which files are searched in applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundIn {
    Static,
    Templates,
}

/// Static files are stored below STATIC_ROOT with these settings; `None` when a storage may do otherwise.
pub(crate) fn storage_needs_root(settings: &Settings) -> Option<bool> {
    let storage = verdicts::static_storage(settings);
    let is_local = |answer: &Answer<String>| match answer {
        Answer::Unassigned => Some(true),
        other => {
            let is_local = storages::is_local(other.known()?);
            is_local.filter(|is_local| *is_local)
        }
    };
    Some(is_local(&storage.storages)? && is_local(&storage.legacy)?)
}

/// A module, or a name of one, that a module of the project takes as it is certainly loaded.
#[derive(Debug)]
pub struct ImportFact {
    /// The settings with which it is loaded.
    pub settings: usize,
    /// Where it comes from, whole.
    pub module: String,
    /// The name that is taken from it; `None` for the module itself.
    pub name: Option<String>,
    pub span: Span,
    /// It is a module of the project that this pattern keeps out of the image; otherwise certainly none of the project.
    pub ignored: Option<Pattern>,
    /// What that module calls of it that a rule looks at: for celery's `crontab` the calls that name an hour and no
    /// minute, for `locale` the locales that it sets, for `models` of Django the fields that keep files of users.
    pub calls: Vec<(String, Span)>,
    /// It holds the migrations of an application, which nothing imports but `migrate`.
    pub is_migrations: bool,
    /// It is not imported but used, as an attribute of its module.
    pub is_attribute: bool,
    /// For such a one that the image does not have, why Django finds no migration there.
    pub(crate) lacks: Option<NoMigrations>,
}

/// An application with tables, of which Django certainly finds no migration.
#[derive(Debug, Clone)]
pub(crate) struct NoMigrations {
    pub(crate) lack: MigrationLack,
    /// A model with a table that something uses, and where its class is named.
    pub(crate) model: (String, Span),
    /// The directory of the application in the image.
    pub(crate) directory: String,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MigrationLack {
    /// There is no package `migrations`.
    Package,
    /// There are some, and no `__init__.py` beside them.
    Init,
    /// There is no other file than `__init__.py`.
    Files,
}

impl ImportFact {
    pub(crate) fn new(module: &str, name: Option<&str>, span: Span) -> Self {
        Self {
            settings: 0,
            module: module.to_owned(),
            name: name.map(str::to_owned),
            span,
            ignored: None,
            calls: Vec::new(),
            is_migrations: false,
            is_attribute: false,
            lacks: None,
        }
    }
}

/// What is known when it is known what Django is told.
#[derive(Debug)]
pub struct DjangoPhase {
    /// The phase before.
    pub before: StartPhase,
    /// One for each option given to uWSGI in a shipped image.
    pub uwsgi_options: Vec<UwsgiOptionFact>,
    /// The applications that the servers of images are told to load.
    pub applications: Vec<ApplicationFact>,
    /// The settings of the images that have any.
    pub settings: Vec<SettingsFact>,
    /// What the modules import that are certainly loaded with them.
    pub imports: Vec<ImportFact>,
    /// Every `collectstatic` of a RUN.
    pub collects: Vec<CollectFact>,
    /// Every other management command of a RUN.
    pub(crate) managed: Vec<CollectFact>,
}

impl Deref for DjangoPhase {
    type Target = StartPhase;

    fn deref(&self) -> &StartPhase {
        &self.before
    }
}

/// A list of URLs; the default one may have any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    pub(crate) entries: Vec<RouteFact>,
    /// It has no others.
    pub(crate) is_closed: bool,
}

/// One of its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RouteFact {
    pub(crate) route: Route,
    pub(crate) leads: RouteLeads,
}

/// Where an entry leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteLeads {
    View(ViewFact),
    Below(Routes),
    Unknown,
}

/// A view of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ViewFact {
    /// The methods that it takes; `None` where it does not say.
    pub(crate) methods: Option<Vec<String>>,
    /// REST framework answers for it, and its settings alone say who may ask.
    pub(crate) asks_settings: bool,
}

//! Settings as the container sees them: the module, each setting, each database.

use std::sync::Arc;

use crate::facts::build::at;
use crate::facts::django::needs::{self, is_dead};
use crate::facts::model::{CommandFact, ModulePresence, ModuleSource, Project, SettingsFact};
use crate::facts::nodes::cells::{effective, texts_cell};
use crate::facts::nodes::command::CommandNode;
use crate::facts::nodes::{
    ImageNode, StageNode, at, known_bool, list, map, str_or_absent, table, traced,
};
use crate::facts::table::{Cell, NodeRef, Type};
use crate::knowledge::django;
use crate::knowledge::secret::{self, Verdict};
use crate::python::settings::verdicts::{self, Answer, Entry, Texts};
use crate::python::settings::{Cast, EnvState, Kind, Reader, Setting, Value};
use crate::span::Span;

pub(crate) fn presence_cell(presence: &ModulePresence) -> Cell {
    match presence {
        ModulePresence::There(_) => Cell::str("there"),
        ModulePresence::Missing(_) => Cell::str("missing"),
        ModulePresence::Ignored(_) => Cell::str("ignored"),
        ModulePresence::Unknown => Cell::UNKNOWN,
    }
}

pub(crate) fn ignored_cell(presence: &ModulePresence) -> Cell {
    match presence {
        ModulePresence::Ignored(pattern) => Cell::str(pattern.text.as_str()).at(pattern.span()),
        ModulePresence::Unknown => Cell::UNKNOWN,
        _ => Cell::ABSENT,
    }
}

pub(crate) fn similar_cell(presence: &ModulePresence) -> Cell {
    match presence {
        ModulePresence::Missing(similar) => str_or_absent(similar.as_deref()),
        ModulePresence::Unknown => Cell::UNKNOWN,
        _ => Cell::ABSENT,
    }
}

/// The settings of an image.
#[derive(Debug, Clone)]
pub(crate) struct SettingsNode {
    p: Arc<Project>,
    i: usize,
}

impl SettingsNode {
    fn build_step(&self) -> Cell {
        let stage = self.p.images[self.fact().image].stage;
        let stages = at::chain(&self.p.stages, stage);
        let calls =
            |fact: &CommandFact| fact.command.management.is_some() && stages.contains(&fact.stage);
        let found = self.p.commands.iter().position(calls);
        found.map_or(Cell::ABSENT, |i| {
            Cell::fact(Arc::new(CommandNode::new(&self.p, i)))
        })
    }

    fn reader(&self) -> Cell {
        let imports = &self.fact().settings.external_imports;
        let known = ["environ", "environs", "decouple"];
        let found = known.into_iter().find(|name| imports.contains_key(*name));
        Cell::str(found.unwrap_or("os"))
    }

    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &SettingsFact {
        &self.p.settings[self.i]
    }

    fn values(&self) -> Cell {
        let settings = &self.fact().settings;
        let items = settings
            .values
            .keys()
            .map(|name| {
                let node = SettingNode::new(&self.p, self.i, name);
                (Arc::from(name.as_str()), Cell::fact(Arc::new(node)))
            })
            .collect();
        map(items, settings.is_found && !settings.is_open)
    }

    fn list_setting(&self, answer: &Answer<Texts>) -> Cell {
        effective(answer, texts_cell)
    }

    fn databases(&self) -> Cell {
        let Some((entries, is_open)) = verdicts::databases(&self.fact().settings) else {
            return Cell::UNKNOWN;
        };
        let items = entries
            .into_iter()
            .map(|entry| {
                Cell::fact(Arc::new(DatabaseNode {
                    p: Arc::clone(&self.p),
                    settings: self.i,
                    entry,
                }) as NodeRef)
            })
            .collect();
        list(items, !is_open)
    }

    fn missing(&self, found: Vec<(&'static str, Span)>) -> Cell {
        Cell::list(
            found
                .into_iter()
                .map(|(name, span)| Cell::str(name).at(span))
                .collect(),
        )
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().module.span())
    }

    fn label(&self) -> String {
        self.fact().module.as_str().to_owned()
    }
}

table! {
    SETTINGS = "settings", "The Django settings that an image runs with.", for SettingsNode;
    module: Type::Str, "the dotted name of the module", |n| traced(&n.fact().module);
    source: Type::Str, "what names it: `ENV`, `compose`, `command line`, `application` (the module that the server loads) or `manage.py`", |n| Cell::str(match n.fact().source { ModuleSource::Env => "ENV", ModuleSource::Compose => "compose", ModuleSource::CommandLine => "command line", ModuleSource::Application => "application", ModuleSource::Manage => "manage.py" });
    presence: Type::Str, "`there`, `missing` or `ignored`; unknown when it may come from elsewhere", |n| presence_cell(&n.fact().presence);
    similar: Type::Str, "for a missing one, a module beside it with nearly its name; absent without", |n| similar_cell(&n.fact().presence);
    ignored_by: Type::Str, "the pattern of the ignore file that keeps it out; absent otherwise", |n| ignored_cell(&n.fact().presence);
    values: Type::Map(&Type::Link(&SETTING)), "every setting by name; open when some may come from where nothing was read", |n| n.values();
    is_read: Type::Bool, "the module and all that it imports of the project was read", |n| Cell::bool(n.fact().settings.is_found && !n.fact().settings.is_open);
    reader: Type::Str, "what the settings read variables with, by their imports: `environ`, `environs`, `decouple`, or `os` where none of these is imported", |n| n.reader();
    has_unread_env_file: Type::Bool, "a compose service of its Dockerfile is given variables by a file that is not here", |n| Cell::bool(n.p.around.has_unread_env_file());
    takes_local: Type::Bool, "they take all names of a module of the project where it is there, and it is not: `try: from .local import *`; a deployment may put it there", |n| Cell::bool(n.fact().settings.takes_local);
    imports_os: Type::Bool, "they import `os`", |n| Cell::bool(n.fact().settings.external_imports.contains_key("os"));
    build_step: Type::Link(&super::command::COMMAND), "the first management command (`manage.py NAME`) that a RUN of its stages calls; absent without", |n| n.build_step();
    django: Type::Str, "the series of Django in the image, the newest that its requirements and Python allow: `5.2`; unknown without a requirement", |n| needs::django(&n.p, n.fact().image).map_or(Cell::UNKNOWN, |row| Cell::str(&row.series.to_string()));
    installed_apps: Type::List(&Type::Str), "INSTALLED_APPS", |n| n.list_setting(&verdicts::installed_apps(&n.fact().settings));
    middleware: Type::List(&Type::Str), "MIDDLEWARE", |n| n.list_setting(&verdicts::middleware(&n.fact().settings));
    static_root: Type::Str, "STATIC_ROOT as a path of the image, without a slash at the end; empty for none", |n| effective(&verdicts::static_root(&n.fact().settings), |text| Cell::str(text));
    static_url: Type::Str, "STATIC_URL, with a slash at both ends when it is a path", |n| effective(&verdicts::static_url(&n.fact().settings), |text| Cell::str(text));
    static_storage: Type::Str, "the class that stores static files, Django's own where none is set", |n| static_storage(&n.p, n.i);
    storage_is_hashed: Type::Bool, "that class puts a hash of the content into the names of files", |n| known_bool(storage_is_hashed(&n.p, n.i));
    storage_is_local: Type::Bool, "that class keeps the files in STATIC_ROOT", |n| known_bool(storage_is_local(&n.p, n.i));
    storages_has_default: Type::Bool, "STORAGES has the key `default`; absent without STORAGES", |n| storages_key(n, |storage| storage.has_default);
    storages_has_staticfiles: Type::Bool, "STORAGES has the key `staticfiles`; absent without STORAGES", |n| storages_key(n, |storage| storage.has_staticfiles);
    checks_tenants: Type::Bool, "a middleware for tenants looks the host of each request up in a table and refuses others", |n| known_bool(needs::checks_tenants(&n.p, n.i));
    has_whitenoise: Type::Bool, "WhiteNoise serves static files: its middleware is there", |n| known_bool(needs::has_whitenoise(&n.p, n.i));
    databases: Type::List(&Type::Fact(&DATABASE)), "DATABASES", |n| n.databases();
    missing: Type::List(&Type::Str), "PyPI distributions that the settings need and the image certainly lacks: imported modules, middleware, applications, the driver of a database that is loaded as Django starts; each marked where the settings name it", |n| n.missing(needs::missing_distributions(&n.p, n.i));
    missing_drivers: Type::List(&Type::Str), "PyPI distributions of database drivers that the image certainly lacks, where Django starts without them: no known application loads the database; each marked at its ENGINE", |n| n.missing(needs::missing_drivers(&n.p, n.i));
    image: Type::Link(&super::image::IMAGE), "the image", |n| Cell::fact(Arc::new(ImageNode::new(&n.p, n.fact().image)));
    stage: Type::Link(&super::stage::STAGE), "the stage that makes the image", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.p.images[n.fact().image].stage)));
}

fn storages_key(n: &SettingsNode, get: impl Fn(&verdicts::StaticStorage) -> Option<bool>) -> Cell {
    let storage = verdicts::static_storage(&n.fact().settings);
    match storage.has_storages {
        Some(false) => Cell::ABSENT,
        Some(true) => {
            let place = n
                .fact()
                .settings
                .get("STORAGES")
                .map(|setting| setting.span);
            at(known_bool(get(&storage)), place)
        }
        None => Cell::UNKNOWN,
    }
}

/// One setting.
#[derive(Debug, Clone)]
pub(crate) struct SettingNode {
    p: Arc<Project>,
    settings: usize,
    name: String,
}

impl SettingNode {
    pub(crate) fn new(p: &Arc<Project>, settings: usize, name: &str) -> Self {
        Self {
            p: Arc::clone(p),
            settings,
            name: name.to_owned(),
        }
    }

    fn owner(&self) -> &SettingsFact {
        &self.p.settings[self.settings]
    }

    fn setting(&self) -> Option<&Setting> {
        self.owner().settings.get(&self.name)
    }

    fn value(&self) -> Option<&Value> {
        self.setting().map(|setting| &setting.value)
    }

    fn env(&self) -> Option<&crate::python::settings::Env> {
        match &self.value()?.kind {
            Kind::Env(env) => Some(env),
            // One element that is not set is enough.
            Kind::List(items) | Kind::Tuple(items) => {
                items.items.iter().find_map(|item| match &item.kind {
                    Kind::Env(env) if env.state != EnvState::Set => Some(&**env),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// The variable that the default of its variable is read from.
    fn unless_too(&self) -> Cell {
        let default = self.env().and_then(|env| env.default.as_ref());
        match default.map(|default| &default.kind) {
            Some(Kind::Env(inner)) => Cell::str(&inner.name).at(inner.span),
            _ => Cell::ABSENT,
        }
    }

    /// The line of a compose file for production that gives the variable it reads.
    fn given_by(&self) -> Cell {
        let Some(env) = self.env() else {
            return Cell::ABSENT;
        };
        let mut given = self.p.around.environment().into_iter();
        let found = given.find(|(name, _, value)| *name == env.name && value.is_some());
        found.map_or(Cell::ABSENT, |(name, span, _)| Cell::str(&name).at(span))
    }

    fn source(&self) -> Cell {
        let Some(value) = self.value() else {
            return Cell::UNKNOWN;
        };
        match &value.kind {
            Kind::Env(env) => match (env.state, &env.default) {
                (EnvState::Set, _) => Cell::str("environment"),
                (EnvState::Unset, Some(_)) => Cell::str("default"),
                (EnvState::Unset, None) => Cell::str("required"),
                (EnvState::Unknown, _) => Cell::UNKNOWN,
            },
            Kind::FromFile(_) => Cell::str("file"),
            Kind::Unknown(_) | Kind::Either(_) | Kind::Unset | Kind::Object(_) => Cell::UNKNOWN,
            _ => Cell::str("settings"),
        }
    }

    /// What stands in the settings in the place of a secret.
    fn weak_secret(&self) -> Cell {
        let Some(value) = self.value() else {
            return Cell::UNKNOWN;
        };
        let Some(text) = value.as_str() else {
            return Cell::ABSENT;
        };
        let file = self.owner().text_of(value.span.file).unwrap_or_default();
        let at = value.span.start as usize;
        match secret::judge_in(&self.name, Some(text), file, at, false) {
            Verdict::Guessable => Cell::str("guessable"),
            Verdict::Dummy => Cell::str("stand-in"),
            Verdict::Secret(_) | Verdict::Harmless => Cell::ABSENT,
        }
    }

    fn is_list_from_text(&self) -> Option<bool> {
        let value = self.value()?;
        match &value.kind {
            Kind::Str(_) => Some(true),
            Kind::Env(env) => Some(env.cast == Cast::Str),
            Kind::Unknown(_)
            | Kind::Either(_)
            | Kind::FromFile(_)
            | Kind::Object(_)
            | Kind::Unset => None,
            _ => Some(false),
        }
    }

    fn is_uncast(&self) -> Cell {
        match verdicts::uncast_flag(&self.owner().settings, &self.name) {
            Some((_, span)) => Cell::bool(true).at(span),
            None => match self.value().map(|value| &value.kind) {
                Some(Kind::Unknown(_) | Kind::Object(_)) | None => Cell::UNKNOWN,
                _ => Cell::bool(false),
            },
        }
    }

    fn own_reader(&self) -> Cell {
        let Some(env) = self.env() else {
            return Cell::ABSENT;
        };
        Cell::str(match env.reader {
            Reader::Stdlib => "os",
            Reader::DjangoEnviron => "environ",
            Reader::Decouple => "decouple",
            Reader::Environs => "environs",
            Reader::Configurations => "configurations",
            Reader::DjDatabaseUrl | Reader::Pydantic | Reader::Other => "other",
        })
    }

    /// What is meant by the default of its variable: `"False"` is no.
    fn default_means(&self) -> Cell {
        let Some(default) = self.env().and_then(|env| env.default.as_ref()) else {
            return Cell::ABSENT;
        };
        let means = match default.as_str() {
            Some(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" | "t" | "y" => Some(true),
                "" | "false" | "0" | "no" | "off" | "f" | "n" | "none" => Some(false),
                _ => None,
            },
            None => default.truth(),
        };
        means.map_or(Cell::ABSENT, Cell::bool)
    }

    fn place(&self) -> Option<Span> {
        self.setting().map(|setting| setting.value.span)
    }

    fn label(&self) -> String {
        self.name.clone()
    }
}

table! {
    SETTING = "setting", "A setting as the container sees it: what the settings say with the variables that ENV, compose and the command line give, and with the defaults of all others.", for SettingNode;
    name: Type::Str, "in capitals; marks the last assignment", |n| at(Cell::str(&n.name), n.setting().map(|setting| setting.span));
    value: Type::Str, "as Python would print it, shortened; secrets are left out; unknown when computed from what is not known", |n| n.value().and_then(|value| needs::display(&n.name, value)).map_or(Cell::UNKNOWN, |text| at(Cell::str(&text), n.place()));
    source: Type::Str, "`settings` (written there), `environment` (a variable that is given), `default` (of a variable that nothing sets), `required` (a variable without default) or `file`", |n| n.source();
    variable: Type::Str, "the environment variable that it reads; absent without", |n| match n.env() { Some(env) => Cell::str(&env.name).at(env.span), None => match n.value().map(|value| &value.kind) { Some(Kind::Unknown(_) | Kind::Either(_)) | None => Cell::UNKNOWN, _ => Cell::ABSENT } };
    given_by: Type::Str, "that variable, where the compose file for production gives it; absent when none does", |n| n.given_by();
    unless: Type::Str, "the variable that would change it, and that nothing which was read sets; absent when it holds for sure", |n| match n.env() { Some(env) if env.state == EnvState::Unset => Cell::str(&env.name).at(env.span), Some(env) if env.state == EnvState::Unknown => Cell::UNKNOWN, _ => Cell::ABSENT };
    unless_too: Type::Str, "the other variable that would change it, which its default is read from; absent without", |n| n.unless_too();
    is_true: Type::Bool, "Python takes it as true", |n| effective(&verdicts::flag(&n.owner().settings, &n.name), |value| Cell::bool(*value));
    text: Type::Str, "its text; empty for `None`", |n| effective(&verdicts::text(&n.owner().settings, &n.name), |text| Cell::str(text));
    weak_secret: Type::Str, "what stands in the settings in the place of a secret: `guessable` (words anybody would try) or `stand-in` (it or a comment beside it says so); absent when it is a secret, and where nothing is written", |n| n.weak_secret();
    number: Type::Int, "its number", |n| effective(&verdicts::number(&n.owner().settings, &n.name), |number| Cell::int(*number));
    items: Type::List(&Type::Str), "its texts, of a list or tuple; a lone text is its only item", |n| effective(&verdicts::texts(&n.owner().settings, &n.name), texts_cell);
    is_text: Type::Bool, "it is text, or becomes the text of its variable when that is set", |n| known_bool(n.is_list_from_text());
    is_uncast: Type::Bool, "it is the text of a variable, or `bool()` of it: any value but the empty one is true, `False` too", |n| n.is_uncast();
    reader: Type::Str, "what reads its variable: `os`, `environ`, `environs`, `decouple`, `configurations`, or `other`; absent without a variable", |n| n.own_reader();
    default_means: Type::Bool, "what is meant by the default of its variable: `\"False\"` is no; absent without one, and for other words", |n| n.default_means();
    is_dead: Type::Bool, "the Django of the image ignores a setting of this name", |n| known_bool(needs::is_dead(&n.p, n.owner().image, &n.name));
    replacement: Type::Str, "the setting that took its place; absent without", |n| str_or_absent(django::setting(&n.name).and_then(|row| row.replacement));
    settings: Type::Link(&SETTINGS), "the settings that it belongs to", |n| Cell::fact(Arc::new(SettingsNode::new(&n.p, n.settings)));
}

/// An entry of DATABASES.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseNode {
    p: Arc<Project>,
    settings: usize,
    entry: Entry,
}

impl DatabaseNode {
    /// What PASSWORD is where it stands in the settings.
    fn written_password(&self) -> Cell {
        let known = match self.entry.text("PASSWORD") {
            Answer::Known(known) if known.env.is_none() => known,
            Answer::Known(_) | Answer::Env(_) | Answer::Unassigned => return Cell::ABSENT,
            Answer::Unknown => return Cell::UNKNOWN,
        };
        // One that a variable gives stands where the variable is set.
        let Some(text) = self.p.settings[self.settings].text_of(known.span.file) else {
            return Cell::ABSENT;
        };
        let beside = ["USER", "NAME"].map(|key| self.entry.text(key));
        let beside: Vec<&str> = beside
            .iter()
            .filter_map(|text| text.known().map(String::as_str))
            .collect();
        let at = known.span.start as usize;
        let cell = match secret::judge_password(&known.value, &beside, text, at) {
            Verdict::Secret(_) => Cell::str("secret"),
            Verdict::Guessable => Cell::str("guessable"),
            Verdict::Dummy | Verdict::Harmless => return Cell::ABSENT,
        };
        cell.at(known.span)
    }

    fn place(&self) -> Option<Span> {
        Some(self.entry.alias_span)
    }

    fn label(&self) -> String {
        self.entry.alias.clone()
    }
}

table! {
    DATABASE = "database", "An entry of DATABASES.", for DatabaseNode;
    alias: Type::Str, "its key: `default`", |n| Cell::str(&n.entry.alias).at(n.entry.alias_span);
    engine: Type::Str, "ENGINE", |n| effective(&n.entry.text("ENGINE"), |text| Cell::str(text));
    host: Type::Str, "HOST", |n| effective(&n.entry.text("HOST"), |text| Cell::str(text));
    database: Type::Str, "NAME", |n| effective(&n.entry.text("NAME"), |text| Cell::str(text));
    written_password: Type::Str, "`secret` or `guessable` (words anybody would try), where PASSWORD stands in the settings; absent where it does not, or where it or a comment beside it says that it is a stand-in", |n| n.written_password();
    settings: Type::Link(&SETTINGS), "the settings that it belongs to", |n| Cell::fact(Arc::new(SettingsNode::new(&n.p, n.settings)));
}

/// The class that stores static files.
pub(crate) fn static_storage(p: &Project, i: usize) -> Cell {
    let fact = &p.settings[i];
    let storage = verdicts::static_storage(&fact.settings);
    let own = "django.contrib.staticfiles.storage.StaticFilesStorage";
    let legacy_counts = is_dead(p, fact.image, "STATICFILES_STORAGE").map(|dead| !dead);
    match (storage.has_storages, &storage.legacy) {
        (Some(true), _) => match &storage.storages {
            Answer::Unassigned => Cell::ABSENT,
            answer => effective(answer, |text| Cell::str(text)),
        },
        (Some(false), Answer::Unassigned) => Cell::str(own),
        (Some(false), answer) => match legacy_counts {
            Some(true) => effective(answer, |text| Cell::str(text)),
            Some(false) => at(Cell::str(own), answer.span()),
            // Old and new Django agree when it is Django's own class.
            None if answer.known().is_some_and(|class| class == own) => Cell::str(own),
            None => Cell::UNKNOWN,
        },
        (None, _) => Cell::UNKNOWN,
    }
}

fn storage_class(p: &Project, i: usize) -> Option<String> {
    match static_storage(p, i).value {
        crate::facts::table::Val::Str(text) => Some(text.to_string()),
        _ => None,
    }
}

pub(crate) fn storage_is_hashed(p: &Project, i: usize) -> Option<bool> {
    verdicts::is_hashed_storage(&storage_class(p, i)?)
}

pub(crate) fn storage_is_local(p: &Project, i: usize) -> Option<bool> {
    let class = storage_class(p, i)?;
    let local = ["django.contrib.staticfiles.", "whitenoise.", "pipeline."];
    if local.iter().any(|prefix| class.starts_with(prefix)) {
        return Some(true);
    }
    class.starts_with("storages.backends.").then_some(false)
}

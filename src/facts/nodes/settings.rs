//! The Django settings that an image runs with.

mod answers;
mod beside;

use std::sync::Arc;

use crate::facts::build::at;
use crate::facts::deploy::addresses;
use crate::facts::django::needs;
use crate::facts::django::{clients, gone};
use crate::facts::model::{CommandFact, ModulePresence, ModuleSource, ServerFact, SettingsFact};
use crate::facts::nodes::cells::{
    at, effective, known_bool, list, map, str_or_absent, texts_cell, traced,
};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{ignored_cell, presence_cell};
use crate::facts::nodes::storage::{static_storage, storage_is_hashed, storage_is_local};
use crate::facts::system::libraries;
use crate::facts::table::{Cell, Kind as FactKind, Selected, Type};
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts::{self, Answer, Texts};
use crate::python::settings::{EnvState, Kind};
use crate::span::Span;

pub(super) const KIND: FactKind = FactKind {
    name: "settings",
    table: &TABLE,
    key: "the dotted name of the module",
    vars: &["image", "stage"],
    doc: "the Django settings that a shipped image runs with",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, settings) in p.settings.iter().enumerate() {
        let node = Id::Settings(i).node(p);
        let covers = vec![settings.module.span()];
        let stage = p.images[settings.image].stage;
        each(facts.selected(Some(stage), settings.module.as_str(), node, covers));
    }
}

table! {
    "settings",
    "The Django settings that an image runs with.";
    module: Type::Str, "the dotted name of the module";
    source: Type::Str,
        "what names it: `ENV`, `compose`, `command line`, `application` (the module that the server loads) or \
         `manage.py`";
    presence: Type::Str, "`there`, `missing` or `ignored`; unknown when it may come from elsewhere";
    similar: Type::Str, "for a missing one, a module beside it with nearly its name; absent without";
    ignored_by: Type::Str, "the pattern of the ignore file that excludes it; absent otherwise";
    values: Type::Map(&Type::Link("setting")),
        "every setting by name; open when some may come from where nothing was read";
    debug_is_off: Type::Bool,
        "DEBUG is set and off, and no variable that is not set may say otherwise; absent where it is not set";
    is_read: Type::Bool, "the module and all that it imports of the project was read";
    reader: Type::Str,
        "what the settings read variables with, by their imports: `environ`, `environs`, `decouple`, or `os` \
         where none of these is imported";
    has_unread_env_file: Type::Bool,
        "a service of its Dockerfile is given variables by a file that is not here";
    takes_local: Type::Bool,
        "they take all names of a module of the project where it is there, and it is not: `try: from .local \
         import *`; a deployment may put it there";
    imports_os: Type::Bool, "the name `os` is bound in them";
    build_step: Type::Link("command"),
        "the first management command (`manage.py NAME`) that a RUN of its stages calls; absent without";
    django: Type::Str,
        "the series of Django in the image, the newest that its requirements and Python allow: `5.2`; unknown \
         without a requirement";
    installed_apps: Type::List(&Type::Str), "INSTALLED_APPS";
    middleware: Type::List(&Type::Str), "MIDDLEWARE";
    joined: Type::List(&Type::Str),
        "entries of these two that are several names without a comma between them, where each of the names is there \
         and what they make is not";
    static_root: Type::Str, "STATIC_ROOT as a path of the image, without a slash at the end; empty for none";
    static_url: Type::Str, "STATIC_URL, with a slash at both ends when it is a path";
    static_storage: Type::Str, "the class that stores static files, Django's own where none is set";
    storage_is_hashed: Type::Bool, "that class puts a hash of the content into the names of files";
    storage_is_local: Type::Bool, "that class keeps the files in STATIC_ROOT";
    storages_has_default: Type::Bool, "STORAGES has the key `default`; absent without STORAGES";
    storages_has_staticfiles: Type::Bool, "STORAGES has the key `staticfiles`; absent without STORAGES";
    upload_storage: Type::Str,
        "the class that stores uploads, of STORAGES or DEFAULT_FILE_STORAGE; absent where neither names one, unknown \
         where it is not known";
    checks_tenants: Type::Bool,
        "a middleware for tenants looks the host of each request up in a table and refuses others";
    asks_tls: Type::Str,
        "the database of a stack that speaks no TLS, where they certainly require it and a service that runs with them \
         is led there: `db`; marks what asks; absent otherwise";
    checks_origins: Type::List(&Type::Str),
        "the settings whose entries have to be origins, with a scheme and without a path: CSRF_TRUSTED_ORIGINS from \
         Django 4.0 on, CORS_ALLOWED_ORIGINS and CORS_ORIGIN_WHITELIST with django-cors-headers in INSTALLED_APPS";
    databases: Type::List(&Type::Fact("database")), "DATABASES";
    missing: Type::List(&Type::Str),
        "PyPI distributions that the settings need and the image certainly lacks: imported modules, middleware, \
         applications, the driver of a database that is loaded as Django starts; each marked where the settings \
         name it";
    missing_drivers: Type::List(&Type::Str),
        "PyPI distributions of database drivers that the image certainly lacks, where Django starts without \
         them: no known application loads the database; each marked at its ENGINE";
    missing_clients: Type::List(&Type::Str),
        "PyPI distributions that a class of CACHES, CHANNEL_LAYERS or STORAGES loads when it is used, and that the \
         image certainly lacks; each marked at the class";
    missing_celery_clients: Type::List(&Type::Str),
        "PyPI distributions that celery needs for the broker or the result backend in the settings, and that the image \
         certainly lacks; each marked at the address";
    hosts_are_told: Type::Bool,
        "a README of the project speaks of ALLOWED_HOSTS, into which people are to write their hosts";
    starts_celery: Type::Bool, "the image or a service of it starts a worker or the beat of celery";
    missing_libraries: Type::List(&Type::Str),
        "packages of the distribution with libraries that GeoDjango loads and the image certainly lacks, where a known \
         ENGINE or its application with the admin's makes Django load them; each marked there";
    loads_libraries_at_start: Type::Bool, "Django loads them as it starts, not with the first use of a database";
    astray: Type::List(&Type::Str),
        "hosts of databases, caches, brokers and mail that are the container itself, where another service of a stack \
         that starts the image runs such a server; each marked where the settings have the address";
    astray_services: Type::List(&Type::Str), "the services that run these servers, in the same order";
    astray_asker: Type::Str,
        "the service that nobody gives the variable from which the first of them would come, where other services are \
         given it; absent otherwise";
    astray_variable: Type::Str, "that variable";
    apart: Type::List(&Type::Str),
        "hosts of databases, caches and brokers in the settings that are services with which one that runs with them \
         certainly shares no network; each marked where the settings have it";
    apart_asker: Type::Str, "the service that uses the first of them";
    astray_is_used: Type::Bool, "Django or celery itself asks at one of them";
    gone_classes: Type::List(&Type::Str),
        "classes that the settings name and that the release of their distribution in the image no longer has: \
         `whitenoise.django.GzipManifestStaticFilesStorage`; each marked where they name it";
    gone_from: Type::Str, "for the first of them, the distribution and the first release without it";
    instead_of_gone: Type::Str, "what took the place of the first of them; absent for nothing";
    lacks_middleware: Type::Str,
        "the middleware that an application of INSTALLED_APPS cannot do without and that MIDDLEWARE certainly lacks; \
         marks the application; absent otherwise";
    early_query: Type::Str,
        "the model of a query that runs while the modules of the project are loaded, where `migrate`, which loads them \
         for its checks, makes its table when the container starts; marks the query; absent otherwise";
    lacks_log_directory: Type::Str,
        "the directory of a file that a handler of LOGGING opens as Django starts, where the image certainly has none \
         and nothing makes it; marks the name of the file; absent otherwise";
    lacks_log_handler: Type::Str, "that handler";
    lacks_log_by: Type::Str, "the pattern of the ignore file that keeps the directory out; absent otherwise";
    lacks_log_at_build: Type::Bool, "a `collectstatic` of the build opens the file already, and ends the build";
    unloaded_celery: Type::Str,
        "how a view sends a task of `@shared_task`, `weigh.delay`, where nothing that the server loads certainly makes \
         the application of celery, and celery's default one does not know its broker; absent otherwise";
    unloaded_celery_module: Type::Str, "the module that makes that application; marks where it does";
    healthcheck_login: Type::Str,
        "the permission class of REST framework that HEALTHCHECK is refused by: its view has the default one; \
         marks the address; absent otherwise";
    uploads_unserved: Type::Str,
        "MEDIA_URL, where DEBUG is off, the URLs serve uploads with DEBUG only, `static(settings.MEDIA_URL, ...)`, and \
         no other container has the files that a model of the project keeps; marks that call; absent otherwise";
    is_published: Type::Bool,
        "a service of compose that runs the image publishes a port, and the project has no configuration of a web \
         server";
    serves_no_static: Type::Bool,
        "nothing answers for STATIC_URL: no middleware, view or wrapper of the application, no mapping of the \
         server, no other container that has the files; unknown where something may";
    lacks_cache_table: Type::Str,
        "the table of a cache that CACHES keeps in the database, where a start command with these settings runs \
         `migrate` and nothing in the project says `createcachetable`; marks the backend; absent otherwise";
    lone_texts: Type::List(&Type::Str),
        "settings that are one text where Django or a package goes through a list, with \
         `REST_FRAMEWORK.DEFAULT_PARSER_CLASSES` and its like; each marked at the text; without ALLOWED_HOSTS";
    lone_text_effect: Type::Str,
        "what becomes of the first of them: `refused` (Django does not take the settings), `letters` (each letter is \
         taken for the path of a class), `check` (a system check fails), `class` (the class is gone through as a list)";
    foreign_options: Type::List(&Type::Str),
        "options of CACHES, CHANNEL_LAYERS, DATABASES and STORAGES that the backend of their entry hands on to \
         something that does not take them; each marked";
    foreign_options_of: Type::Str, "the backend of the first of them";
    foreign_options_in: Type::Str, "the setting of the first of them";
    foreign_options_raise: Type::Str, "the error of the first of them: `TypeError`";
    late_entry: Type::Str,
        "the entry of INSTALLED_APPS or MIDDLEWARE that has to stand before another one and comes after it: \
         `daphne`; marked; absent otherwise";
    late_entry_after: Type::Str, "that other one";
    late_entry_effect: Type::Str, "what fails: `check` (a system check) or `request` (every request)";
    refuses_probe: Type::Str,
        "the probe of a cluster that asks its server by HTTP under the address of the pod, which ALLOWED_HOSTS \
         certainly refuses: `livenessProbe`; absent otherwise";
    refuses_healthcheck: Type::Str,
        "the host under which HEALTHCHECK of the image asks its server by HTTP, where ALLOWED_HOSTS certainly refuses \
         it and the check fails; marks the address; absent otherwise";
    lacks_healthcheck_url: Type::Str,
        "the path that HEALTHCHECK of the image asks its server for by HTTP and that certainly no URL has; marks the \
         address; absent otherwise, and where not all URLs are known";
    healthcheck_method: Type::Str,
        "the method with which HEALTHCHECK asks, where the view that answers takes others only; marks the address; \
         absent otherwise";
    healthcheck_methods: Type::List(&Type::Str), "the methods that the view takes; empty where it takes that one";
    may_redirect_healthcheck: Type::Bool,
        "a variable may switch SECURE_SSL_REDIRECT on, and HEALTHCHECK takes a redirect for an answer";
    redirects_healthcheck: Type::Str,
        "the path that HEALTHCHECK of the image asks its server for by HTTP, where SECURE_SSL_REDIRECT certainly sends \
         it on to HTTPS and the check goes there; marks the address; absent otherwise";
    image: Type::Link("image"), "the image";
    stage: Type::Link("stage"), "the stage that makes the image";
}

view! { Settings(i: usize) }

impl View<'_> {
    fn build_step(&self) -> Cell {
        let stage = self.p.images[self.fact().image].stage;
        let stages = at::chain(&self.p.stages, stage);
        let calls =
            |fact: &CommandFact| fact.command.management.is_some() && stages.contains(&fact.stage);
        let found = self.p.commands.iter().position(calls);
        found.map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn reader(&self) -> Cell {
        let imports = &self.fact().settings.external_imports;
        let known = ["environ", "environs", "decouple"];
        let found = known.into_iter().find(|name| imports.contains_key(*name));
        Cell::str(found.unwrap_or("os"))
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
                let (settings, name) = (self.i, Arc::from(name.as_str()));
                let cell = Id::Setting {
                    settings,
                    name: Arc::clone(&name),
                };
                (name, cell.cell(self.p))
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
                let (settings, entry) = (self.i, Box::new(entry));
                Id::Database { settings, entry }.cell(self.p)
            })
            .collect();
        list(items, !is_open)
    }

    fn find_missing(&self, found: Vec<(&'static str, Span)>) -> Cell {
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

pub(crate) fn similar_cell(presence: &ModulePresence) -> Cell {
    match presence {
        ModulePresence::Missing(similar) => str_or_absent(similar.as_deref()),
        ModulePresence::Unknown => Cell::UNKNOWN,
        _ => Cell::ABSENT,
    }
}

fn storages_key(n: &View<'_>, get: impl Fn(&verdicts::StaticStorage) -> Option<bool>) -> Cell {
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

impl View<'_> {
    fn module(&self) -> Cell {
        traced(&self.fact().module)
    }

    fn source(&self) -> Cell {
        Cell::str(match self.fact().source {
            ModuleSource::Env => "ENV",
            ModuleSource::Compose => "compose",
            ModuleSource::CommandLine => "command line",
            ModuleSource::Application => "application",
            ModuleSource::Manage => "manage.py",
        })
    }

    fn presence(&self) -> Cell {
        presence_cell(&self.fact().presence)
    }

    fn similar(&self) -> Cell {
        similar_cell(&self.fact().presence)
    }

    fn ignored_by(&self) -> Cell {
        ignored_cell(&self.fact().presence)
    }

    fn debug_is_off(&self) -> Cell {
        let settings = &self.fact().settings;
        let is_off = |debug: &bool| Cell::bool(!debug);
        match settings.get("DEBUG").map(|debug| &debug.value.kind) {
            Some(Kind::Env(env)) if env.state == EnvState::Unset => Cell::bool(false),
            Some(Kind::Env(env)) if env.state == EnvState::Unknown => Cell::UNKNOWN,
            Some(_) => effective(&verdicts::flag(settings, "DEBUG"), is_off),
            None if settings.is_found && !settings.is_open => Cell::ABSENT,
            None => Cell::UNKNOWN,
        }
    }

    fn is_read(&self) -> Cell {
        Cell::bool(self.fact().settings.is_found && !self.fact().settings.is_open)
    }

    fn has_unread_env_file(&self) -> Cell {
        Cell::bool(self.p.around.has_unread_env_file())
    }

    fn takes_local(&self) -> Cell {
        Cell::bool(self.fact().settings.takes_local)
    }

    fn imports_os(&self) -> Cell {
        Cell::bool(self.fact().settings.has_os)
    }

    fn django(&self) -> Cell {
        needs::django(self.p, self.fact().image)
            .map_or(Cell::UNKNOWN, |row| Cell::str(&row.series.to_string()))
    }

    fn installed_apps(&self) -> Cell {
        self.list_setting(&verdicts::installed_apps(&self.fact().settings))
    }

    fn middleware(&self) -> Cell {
        self.list_setting(&verdicts::middleware(&self.fact().settings))
    }

    fn joined(&self) -> Cell {
        let entries = self.fact().joined.iter();
        let entries = entries.map(|(name, _, span)| Cell::str(name).at(*span));
        Cell::list(entries.collect())
    }

    fn static_root(&self) -> Cell {
        effective(&verdicts::static_root(&self.fact().settings), |text| {
            Cell::str(text)
        })
    }

    fn static_url(&self) -> Cell {
        effective(&verdicts::static_url(&self.fact().settings), |text| {
            Cell::str(text)
        })
    }

    fn static_storage(&self) -> Cell {
        static_storage(self.p, self.i)
    }

    fn storage_is_hashed(&self) -> Cell {
        known_bool(storage_is_hashed(self.p, self.i))
    }

    fn storage_is_local(&self) -> Cell {
        known_bool(storage_is_local(self.p, self.i))
    }

    fn storages_has_default(&self) -> Cell {
        storages_key(self, |storage| storage.has_default)
    }

    fn storages_has_staticfiles(&self) -> Cell {
        storages_key(self, |storage| storage.has_staticfiles)
    }

    fn checks_tenants(&self) -> Cell {
        known_bool(needs::checks_tenants(self.p, self.i))
    }

    fn missing(&self) -> Cell {
        self.find_missing(needs::missing_distributions(self.p, self.i))
    }

    fn missing_drivers(&self) -> Cell {
        self.find_missing(needs::missing_drivers(self.p, self.i))
    }

    fn missing_clients(&self) -> Cell {
        self.find_missing(clients::of_classes(self.p, self.i))
    }

    fn missing_celery_clients(&self) -> Cell {
        self.find_missing(clients::of_celery(self.p, self.i))
    }

    fn starts_celery(&self) -> Cell {
        Cell::bool(clients::starts_celery(self.p, self.fact().image))
    }

    fn missing_libraries(&self) -> Cell {
        let Some((span, _)) = needs::loads_geodjango(self.p, self.i) else {
            return Cell::list(Vec::new());
        };
        let missing = libraries::missing_for_geodjango(self.p, self.fact().image);
        self.find_missing(missing.into_iter().map(|name| (name, span)).collect())
    }

    fn loads_libraries_at_start(&self) -> Cell {
        let loads = needs::loads_geodjango(self.p, self.i);
        Cell::bool(loads.is_some_and(|(_, is_at_start)| is_at_start))
    }

    fn astray(&self) -> Cell {
        let found = addresses::astray(self.p, self.i);
        Cell::list(found.iter().map(|one| traced(&one.found)).collect())
    }

    fn astray_services(&self) -> Cell {
        let found = addresses::astray(self.p, self.i);
        Cell::list(found.iter().map(|one| traced(&one.expected)).collect())
    }

    fn astray_asker(&self) -> Cell {
        let first = addresses::astray(self.p, self.i).into_iter().next();
        let lacks = first.and_then(|it| it.lacks);
        lacks.map_or(Cell::ABSENT, |(service, _)| traced(&service))
    }

    fn astray_variable(&self) -> Cell {
        let first = addresses::astray(self.p, self.i).into_iter().next();
        let lacks = first.and_then(|it| it.lacks);
        lacks.map_or(Cell::ABSENT, |(_, name)| Cell::str(&name))
    }

    fn apart(&self) -> Cell {
        let found = addresses::apart_in_settings(self.p, self.i);
        Cell::list(found.iter().map(|(it, _)| traced(&it.host)).collect())
    }

    fn apart_asker(&self) -> Cell {
        let found = addresses::apart_in_settings(self.p, self.i);
        let first = found.into_iter().next();
        first.map_or(Cell::ABSENT, |(_, service)| traced(&service))
    }

    fn astray_is_used(&self) -> Cell {
        let found = addresses::astray(self.p, self.i);
        Cell::bool(found.iter().any(|one| one.is_used))
    }

    fn gone_classes(&self) -> Cell {
        let found = gone::gone(self.p, self.fact()).into_iter();
        let text = |span: Span| self.fact().text_of(span.file)?.get(span.range());
        Cell::list(
            found
                .map(|(_, span)| {
                    let written = text(span).unwrap_or_default();
                    Cell::str(written.trim_matches(['"', '\''])).at(span)
                })
                .collect(),
        )
    }

    fn gone_from(&self) -> Cell {
        let first = gone::gone(self.p, self.fact()).into_iter().next();
        first.map_or(Cell::ABSENT, |(row, _)| {
            Cell::str(&format!("{} {}", row.distribution, row.from))
        })
    }

    fn instead_of_gone(&self) -> Cell {
        let first = gone::gone(self.p, self.fact()).into_iter().next();
        str_or_absent(first.and_then(|(row, _)| row.instead))
    }

    fn is_published(&self) -> Cell {
        Cell::bool(beside::is_published(self.p, self.fact().image))
    }

    fn hosts_are_told(&self) -> Cell {
        Cell::bool(self.p.hosts_are_told)
    }

    fn serves_no_static(&self) -> Cell {
        let fact = self.fact();
        let middleware = match verdicts::middleware(&fact.settings) {
            Answer::Known(known) if !known.value.is_open => {
                let mut entries = known.value.entries.iter();
                entries.any(|(name, _)| ValueWords::ServesStatic.is_within(name))
            }
            _ => return Cell::UNKNOWN,
        };
        let url = verdicts::static_url(&fact.settings);
        if !url.known().is_some_and(|url| url.starts_with('/')) {
            return Cell::UNKNOWN;
        }
        let image = &self.p.images[fact.image];
        let is_alone = |server: &ServerFact| !server.shares;
        let is_plain = image.server.as_ref().is_some_and(is_alone)
            && image
                .served
                .as_ref()
                .is_some_and(|served| served.uwsgi.is_none());
        if !is_plain {
            return Cell::UNKNOWN;
        }
        match fact.application_serves {
            Some(serves) if serves || middleware => Cell::bool(false),
            Some(_) => known_bool(beside::lack_files(self.p, fact.image)),
            None => Cell::UNKNOWN,
        }
    }

    fn image(&self) -> Cell {
        Id::Image(self.fact().image).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.p.images[self.fact().image].stage).cell(self.p)
    }
}

//! Which modules of the project are certainly loaded by a server of Django, and what they import: the settings, the
//! applications with their models, the middleware, and with the first request the URLs.

use std::sync::Arc;

use crate::context::Origin;
use crate::facts::django::applications;
use crate::facts::model::{
    ImportFact, LoadedModule, MigrationLack, ModulePresence, NoMigrations, SettingsFact,
};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::maps::{HashMap, HashSet};
use crate::python::imports::{self, Import, Imports};
use crate::python::queries;
use crate::python::settings::Kind;
use crate::python::settings::verdicts::{self, Answer, Texts};
use crate::python::tls;
use crate::source::absolute;
use crate::span::{FileId, Span};

/// Modules that are read for the settings of one image.
const MAX_MODULES: usize = 400;

/// Imports that are kept of them.
const MAX_IMPORTS: usize = 4000;

/// The modules that certainly load with settings, and what they import.
pub(crate) type Loaded = (Vec<LoadedModule>, Vec<ImportFact>);

/// The modules that certainly load with these settings, and what they import. `serves`: requests are answered, so that
/// the URLs are loaded. `application`: the module in which the server finds it.
pub(crate) fn modules(
    path: &PythonPath<'_>,
    fact: &SettingsFact,
    serves: bool,
    application: Option<&str>,
) -> Loaded {
    let mut walk = Walk {
        path,
        seen: HashMap::default(),
        outside: HashMap::default(),
        plain: HashSet::default(),
        count: 0,
        out: Vec::new(),
        loaded: Vec::new(),
        lacking: Vec::new(),
    };
    if !matches!(fact.presence, ModulePresence::There(_)) || !fact.settings.stops.is_empty() {
        return (walk.loaded, walk.out);
    }
    walk.load(fact.module.as_str(), None);
    let known = |answer: Answer<Texts>| match answer {
        Answer::Known(known) => known.value.entries,
        _ => Vec::new(),
    };
    for (name, span) in known(verdicts::installed_apps(&fact.settings)) {
        walk.application(&name, span);
    }
    for (name, _) in known(verdicts::middleware(&fact.settings)) {
        if let Some((module, _)) = name.rsplit_once('.') {
            walk.load(module, None);
        }
    }
    let urls = fact.settings.get("ROOT_URLCONF").filter(|_| serves);
    if let Some(Kind::Str(name)) = urls.map(|setting| &setting.value.kind) {
        walk.load(name, None);
    }
    walk.settle_migrations();
    let loaded = walk.loaded.clone();
    // That of the server, which management commands do not load.
    if let Some(name) = application {
        walk.load(name, None);
    }
    (loaded, walk.out)
}

/// Where the module that has the last word on the databases asks for TLS: the settings themselves, or the only other
/// one that names them.
pub(crate) fn asks_tls(fact: &SettingsFact) -> Option<Span> {
    let is_loaded = |file: FileId| fact.loaded.iter().any(|it| it.file == file);
    let all = fact.texts.iter().filter(|(file, _)| is_loaded(*file));
    let says: Vec<_> = all
        .filter(|(_, source)| source.text.contains("DATABASES"))
        .collect();
    let mut loaded = fact.loaded.iter();
    let own = loaded.find(|it| it.dotted == fact.module.as_str())?.file;
    let of_own = says.iter().find(|(file, _)| *file == own);
    let (file, source) = of_own.or(says.first().filter(|_| says.len() == 1))?;
    tls::read(*file, &source.text)
}

struct Walk<'a> {
    path: &'a PythonPath<'a>,
    /// The modules that were looked for, with what they import where they are of the project.
    seen: HashMap<String, Option<Arc<Imports>>>,
    /// Names at the top that were asked for: nothing of the project is called so.
    outside: HashMap<String, bool>,
    /// Modules that are no packages: nothing lies below them.
    plain: HashSet<String>,
    count: usize,
    out: Vec<ImportFact>,
    loaded: Vec<LoadedModule>,
    /// Applications without migrations, with where INSTALLED_APPS names them.
    lacking: Vec<(String, Span, Lacking)>,
}

/// Why Django finds no migration of an application, whose models have these tables.
struct Lacking {
    lack: MigrationLack,
    models: Vec<(String, Span)>,
    /// The directory of the application in the image.
    directory: String,
}

impl Walk<'_> {
    /// An entry of INSTALLED_APPS: the package with its configuration and its models.
    fn application(&mut self, entry: &str, span: Span) {
        let (module, class) = applications::parts(entry);
        if self.load(module, None).is_none() {
            return;
        }
        if class.is_none() {
            self.load_below(module, "apps");
        }
        let Some(package) = applications::package(self.path, entry) else {
            return;
        };
        if self.load(&package, None).is_some() || class.is_none() {
            self.load_below(&package, "models");
        }
        self.migrations(&package, span);
    }

    /// The migrations of an application, where the ignore file keeps them out or there are none.
    fn migrations(&mut self, package: &str, span: Span) {
        let dotted = format!("{package}.migrations");
        let place = self.path.find(&dotted);
        match place {
            Place::Ignored(pattern) if self.is_of_project(&dotted) => self.keep(ImportFact {
                ignored: Some(pattern),
                is_migrations: true,
                ..ImportFact::new(&dotted, None, span)
            }),
            _ => {
                if let Some(lacking) = self.no_migrations(package, &place) {
                    self.lacking.push((package.to_owned(), span, lacking));
                }
            }
        }
    }

    /// Why Django finds no migration of an application that has a table.
    fn no_migrations(&self, package: &str, place: &Place) -> Option<Lacking> {
        let Place::File {
            image_path,
            is_package: true,
            ..
        } = self.path.find(package)
        else {
            return None;
        };
        let (directory, _) = image_path.rsplit_once('/')?;
        let listing = self.path.listing(&format!("{directory}/migrations"));
        let mut others = listing.names.iter().filter(|name| *name != "__init__.py");
        let has_files = others.any(|name| name.contains(".py") || !name.contains('.'));
        let lack = match place {
            Place::Missing => MigrationLack::Package,
            Place::Namespace if has_files => MigrationLack::Init,
            Place::Namespace => MigrationLack::Package,
            Place::File {
                is_package: true, ..
            } if !has_files && listing.is_closed => MigrationLack::Files,
            _ => return None,
        };
        let models = format!("{package}.models");
        let is_of_it = |name: &str| {
            let rest = name.strip_prefix(&models);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let own = self.loaded.iter().filter(|it| is_of_it(&it.dotted));
        let imports = own.filter_map(|it| self.seen.get(&it.dotted)?.as_ref());
        Some(Lacking {
            lack,
            models: imports.flat_map(|it| it.tables.clone()).collect(),
            directory: directory.to_owned(),
        })
    }

    /// A table that nothing asks for is not missed: the model is one that a loaded module uses, or the application's
    /// part in the admin.
    fn settle_migrations(&mut self) {
        for (package, span, lacking) in std::mem::take(&mut self.lacking) {
            let admin = match self.path.find(&format!("{package}.admin")) {
                Place::File { file, .. } => Some(file),
                _ => None,
            };
            let is_used = |(model, _): &(String, Span)| {
                let mut all = self.loaded.iter().map(|it| it.file).chain(admin);
                all.any(|file| queries::uses(&self.path.sources.get(file).text, model))
            };
            if let Some(model) = lacking.models.into_iter().find(is_used) {
                self.keep(ImportFact {
                    is_migrations: true,
                    lacks: Some(NoMigrations {
                        lack: lacking.lack,
                        model,
                        directory: lacking.directory,
                    }),
                    ..ImportFact::new(&format!("{package}.migrations"), None, span)
                });
            }
        }
    }

    /// A module that is loaded where a package has it.
    fn load_below(&mut self, package: &str, name: &str) {
        let dotted = format!("{package}.{name}");
        self.load(&dotted, None);
    }

    /// Loads a module with the packages above it, when it is one of the project.
    fn load(&mut self, dotted: &str, from: Option<Span>) -> Option<Arc<Imports>> {
        let first = dotted.split('.').next().unwrap_or(dotted);
        if self.is_outside(first) {
            return None;
        }
        let ends = dotted.match_indices('.').map(|(at, _)| at);
        let mut last = None;
        for end in ends.chain([dotted.len()]) {
            last = self.load_one(&dotted[..end], from);
        }
        last
    }

    fn load_one(&mut self, dotted: &str, from: Option<Span>) -> Option<Arc<Imports>> {
        if let Some(known) = self.seen.get(dotted) {
            return known.clone();
        }
        match self.path.find(dotted) {
            Place::File {
                file, is_package, ..
            } => {
                if self.count >= MAX_MODULES {
                    return None;
                }
                self.count += 1;
                let sources = self.path.sources;
                let found = sources.once(file, |source| imports::read(file, &source.text));
                let whole = found.all.iter().filter(|import| import.level == 0);
                self.loaded.push(LoadedModule {
                    dotted: dotted.to_owned(),
                    file,
                    is_package,
                    takes: whole.map(|import| import.module.clone()).collect(),
                });
                self.seen
                    .insert(dotted.to_owned(), Some(Arc::clone(&found)));
                self.follow(dotted, is_package, &found);
                Some(found)
            }
            Place::Ignored(pattern) if from.is_some() && self.is_of_project(dotted) => {
                self.seen.insert(dotted.to_owned(), None);
                self.keep(ImportFact {
                    ignored: Some(pattern),
                    ..ImportFact::new(dotted, None, from?)
                });
                None
            }
            Place::Ignored(_) => None,
            _ => {
                self.seen.insert(dotted.to_owned(), None);
                None
            }
        }
    }

    fn keep(&mut self, import: ImportFact) {
        if self.out.len() < MAX_IMPORTS {
            self.out.push(import);
        }
    }

    fn follow(&mut self, dotted: &str, is_package: bool, found: &Imports) {
        for import in &found.all {
            let Some(module) = absolute_name(dotted, is_package, import) else {
                continue;
            };
            let first = module.split('.').next().unwrap_or(&module);
            if self.is_outside(first) {
                if import.names.is_empty() {
                    let sets = found.locales.iter().filter(|_| module == "locale");
                    self.keep(ImportFact {
                        calls: sets.cloned().collect(),
                        ..ImportFact::new(&module, None, import.span)
                    });
                }
                for (name, span) in &import.names {
                    let is_crontab = module == "celery.schedules" && name == "crontab";
                    let is_models = module == "django.db" && name == "models";
                    let calls = found.every_minute.iter().filter(|_| is_crontab);
                    let calls = calls.chain(found.uploads.iter().filter(|_| is_models));
                    self.keep(ImportFact {
                        calls: calls.cloned().collect(),
                        ..ImportFact::new(&module, Some(name), *span)
                    });
                }
                continue;
            }
            self.load(&module, Some(import.span));
            for (name, span) in &import.names {
                self.load_name(&module, name, *span);
            }
        }
        for used in &found.attributes {
            self.keep(ImportFact {
                is_attribute: true,
                ..ImportFact::new(&used.module, Some(&used.name), used.span)
            });
        }
        for (module, span) in &found.includes {
            self.load(module, Some(*span));
        }
    }

    /// A name that is taken of a module: a module of its own, where that is a package.
    fn load_name(&mut self, module: &str, name: &str, span: Span) {
        let below = format!("{module}.{name}");
        if self.plain.contains(module) || self.seen.contains_key(&below) {
            return;
        }
        match self.path.find(&below) {
            Place::File { .. } => {
                self.load(&below, Some(span));
            }
            Place::Ignored(_) => {}
            _ => {
                self.seen.insert(below, None);
            }
        }
    }

    /// No module or directory on the path is called so.
    fn is_outside(&mut self, first: &str) -> bool {
        if let Some(known) = self.outside.get(first) {
            return *known;
        }
        let is_outside = self.find_is_outside(first);
        self.outside.insert(first.to_owned(), is_outside);
        is_outside
    }

    fn find_is_outside(&self, first: &str) -> bool {
        let is_missing = |path: String| matches!(self.path.origin(&path), Origin::Missing);
        self.path.roots.iter().all(|root| {
            let base = absolute(root, first);
            is_missing(format!("{base}.py"))
                && is_missing(format!("{base}/__init__.py"))
                && is_missing(base)
        })
    }

    /// The package above it, where there is one, is a package of the project that reaches the image.
    fn is_of_project(&self, dotted: &str) -> bool {
        let Some((above, _)) = dotted.rsplit_once('.') else {
            return false;
        };
        matches!(
            self.path.find(above),
            Place::File {
                is_package: true,
                ..
            }
        )
    }
}

/// The module that a module takes a name from, by the import that binds it.
pub(crate) fn source_of(
    (dotted, is_package): (&str, bool),
    imports: &[Import],
    name: &str,
) -> Option<String> {
    let mut all = imports.iter();
    let import = all.find(|it| it.names.iter().any(|(one, _)| one == name))?;
    absolute_name(dotted, is_package, import)
}

/// The whole name of the module that an import names; `None` where the dots lead out of the packages.
pub(crate) fn absolute_name(dotted: &str, is_package: bool, import: &Import) -> Option<String> {
    if import.level == 0 {
        return Some(import.module.clone());
    }
    let mut parts: Vec<&str> = dotted.split('.').collect();
    let up = import.level - usize::from(is_package);
    if up >= parts.len() {
        return None;
    }
    parts.truncate(parts.len() - up);
    if !import.module.is_empty() {
        parts.push(&import.module);
    }
    Some(parts.join("."))
}

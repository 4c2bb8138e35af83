//! The application of celery that nothing a server loads makes, while a view sends a task of `@shared_task`: it then
//! belongs to celery's own default application, which knows nothing of Django's settings. Tried with celery 5.6.

use crate::facts::django::loaded::{absolute_name, source_of};
use crate::facts::django::settings::{RunEnv, path_to_settings};
use crate::facts::model::{DjangoPhase, LoadedModule, SettingsFact, UnloadedCelery};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::knowledge::words::{ValueWords, VariableWords};
use crate::maps::HashSet;
use crate::python::celery::{self, Sent, Tasks};
use crate::python::imports::{self, Import};
use crate::python::settings::verdicts::{self, Answer, Default};
use crate::python::settings::{EnvSource, EnvValue};
use crate::source::{Sources, absolute};
use crate::span::{FileId, Span};
use std::sync::Arc;

/// Modules of the project that are looked at for one image, and directories on the way to them.
const MAX_FILES: usize = 3000;
const MAX_DEPTH: usize = 12;

/// Modules that names are followed through.
const MAX_HOPS: usize = 3;

/// For each settings the application that is not loaded.
pub(crate) fn collect(p: &DjangoPhase, sources: &Sources) -> Vec<Option<UnloadedCelery>> {
    p.settings
        .iter()
        .map(|fact| find(p, fact, sources))
        .collect()
}

fn find(p: &DjangoPhase, fact: &SettingsFact, sources: &Sources) -> Option<UnloadedCelery> {
    let image = &p.images[fact.image];
    image.server.as_ref().filter(|_| image.process_is_known)?;
    let path = path_to_settings(p, fact.image, sources)?;
    let look = Look {
        p,
        fact,
        path,
        sources,
    };
    let (of, sent) = look.sent()?;
    if !look.is_elsewhere() {
        return None;
    }
    let (module, place) = look.application()?;
    let task = sent
        .of
        .map_or(sent.task.clone(), |it| format!("{it}.{}", sent.task));
    let is_loaded = fact.loaded.iter().any(|it| it.dotted == module);
    (!is_loaded && of != module).then(|| UnloadedCelery {
        module,
        place,
        call: format!("{task}.{}", sent.by),
        call_span: sent.span,
    })
}

struct Look<'a> {
    p: &'a DjangoPhase,
    fact: &'a SettingsFact,
    path: PythonPath<'a>,
    sources: &'a Sources,
}

impl Look<'_> {
    fn text(&self, file: FileId) -> Arc<crate::source::SourceFile> {
        self.sources.get(file)
    }

    fn tasks(&self, file: FileId) -> Arc<Option<Tasks>> {
        self.sources
            .once(file, |source| celery::read(file, &source.text))
    }

    /// The first shared task that a view sends, with the module of the view.
    fn sent(&self) -> Option<(String, Sent)> {
        let modules = self.fact.loaded.iter();
        let views = self.views();
        let mut views = modules.filter(|it| views.contains(&it.dotted));
        views.find_map(|module| {
            let source = self.text(module.file);
            if !source.text.contains(".delay(") && !source.text.contains(".apply_async(") {
                return None;
            }
            let tasks = self.tasks(module.file);
            let tasks = tasks.as_ref().as_ref().filter(|it| it.shared.is_empty())?;
            let mut sent = tasks.sent.iter();
            let found = sent.find(|it| self.is_shared(module, tasks, it) == Some(true))?;
            Some((module.dotted.clone(), found.clone()))
        })
    }

    /// What modules of URLs import, and the modules `admin` of applications.
    fn views(&self) -> HashSet<String> {
        let mut out = HashSet::default();
        for module in &self.fact.loaded {
            if module.dotted.ends_with(".admin") {
                out.insert(module.dotted.clone());
            }
            if !self.text(module.file).text.contains("urlpatterns") {
                continue;
            }
            let sources = self.path.sources;
            let own = sources.once(module.file, |source| {
                imports::read(module.file, &source.text)
            });
            for import in &own.all {
                let above = absolute_name(&module.dotted, module.is_package, import);
                let Some(above) = above else { continue };
                let names = import.names.iter();
                out.extend(names.map(|(name, _)| format!("{above}.{name}")));
                out.insert(above);
            }
        }
        out
    }

    /// What is sent is a shared task of the project.
    fn is_shared(&self, module: &LoadedModule, tasks: &Tasks, sent: &Sent) -> Option<bool> {
        let one = (module.dotted.as_str(), module.is_package);
        let (of, name) = match &sent.of {
            None => return self.follows(one, tasks, &sent.task, MAX_HOPS),
            Some(of) => (of, &sent.task),
        };
        let above = source_of(one, &tasks.imports, of)?;
        self.is_shared_in(&format!("{above}.{of}"), name, MAX_HOPS)
    }

    /// The same of a name that a module takes of another.
    fn follows(
        &self,
        module: (&str, bool),
        tasks: &Tasks,
        name: &str,
        hops: usize,
    ) -> Option<bool> {
        let above = source_of(module, &tasks.imports, name)?;
        self.is_shared_in(&above, name, hops)
    }

    fn is_shared_in(&self, dotted: &str, name: &str, hops: usize) -> Option<bool> {
        let hops = hops.checked_sub(1)?;
        let Place::File {
            file, is_package, ..
        } = self.path.find(dotted)
        else {
            return None;
        };
        let tasks = self.tasks(file);
        let tasks = tasks.as_ref().as_ref()?;
        if tasks.shared.iter().any(|it| it == name) {
            return Some(true);
        }
        self.follows((dotted, is_package), tasks, name, hops)
    }

    /// Celery's default application certainly is not told where the broker is, nor is that where it looks.
    fn is_elsewhere(&self) -> bool {
        let (p, image) = (self.p, &self.p.images[self.fact.image]);
        let env = RunEnv::new(p, image);
        let is_unset = |name: &str| matches!(env.get(name), EnvValue::Unset);
        let names = || VariableWords::CeleryDefault.iter();
        let is_installed = p.packages.iter().any(|it| it.name == "rabbitmq-server");
        // Somebody may give it as the settings have it.
        let may_be_given = names().any(|name| self.fact.name_variable(name));
        let mut building = p.around.deployed.building();
        let is_closed = building.len() > 0
            && !p.around.deployed.is_open
            && building
                .clone()
                .all(|it| it.env.is_closed && !it.has_unread_env_file);
        let is_far = building.len() > 0
            && building.all(|it| {
                let service = p.around.deployed.service(it);
                service.is_some_and(|it| it.network_mode.is_none())
            });
        names().all(is_unset)
            && !is_installed
            && (is_closed || !may_be_given)
            && (self.is_other_broker() || is_far)
    }

    /// The broker of the settings is none that speaks AMQP.
    fn is_other_broker(&self) -> bool {
        let settings = &self.fact.settings;
        let names = ["CELERY_BROKER_URL", "BROKER_URL"];
        names.iter().any(|name| {
            let text = match verdicts::text(settings, name) {
                Answer::Known(known) => known.value,
                Answer::Env(env) => match env.default {
                    Default::Known(text, _) => text,
                    _ => return false,
                },
                _ => return false,
            };
            let scheme = text.split(':').next().unwrap_or_default();
            !scheme.is_empty() && !scheme.contains("amqp")
        })
    }

    /// The one module of the project that makes an application, where no other module, whether it is loaded or not,
    /// may import it or says anything to celery's own.
    fn application(&self) -> Option<(String, Span)> {
        let modules = self.modules()?;
        let mut found: Option<(String, Span)> = None;
        for (dotted, file) in &modules {
            let source = self.text(*file);
            let text = &source.text;
            let mut names = VariableWords::CeleryDefault.iter();
            let sets = names.any(|name| text.contains(name) && sets_variable(text, name));
            if sets || ValueWords::CeleryDefault.is_within(text) || dotted == "celeryconfig" {
                return None;
            }
            if !text.contains(celery::MAKES) {
                continue;
            }
            let tasks = self.tasks(*file);
            match (tasks.as_ref().as_ref()?.made.as_slice(), &found) {
                ([], _) => {}
                ([place], None) => found = Some((dotted.clone(), *place)),
                _ => return None,
            }
        }
        let (module, span) = found?;
        let last = module.rsplit('.').next().unwrap_or(&module).to_owned();
        for (dotted, file) in modules.iter().filter(|(dotted, _)| *dotted != module) {
            let source = self.text(*file);
            if !source.text.contains(last.as_str()) {
                continue;
            }
            let tasks = self.tasks(*file);
            let tasks = tasks.as_ref().as_ref()?;
            let may_import = |import: &Import| may_name(import, &module, &last);
            let is_led = ["import_module", "__import__", "autodiscover_modules"]
                .iter()
                .any(|word| source.text.contains(word));
            let is_quoted = module.contains('.') && source.text.contains(module.as_str());
            if tasks.imports.iter().any(may_import) || is_led || is_quoted || *dotted == last {
                return None;
            }
        }
        let mut options = self.p.uwsgi_options.iter();
        let is_imported = options.any(|option| {
            let value = option.value.as_ref();
            option.name.contains("import") && value.is_none_or(|it| it.as_str().contains(&last))
        });
        (!is_imported).then_some((module, span))
    }

    /// All modules below the directories of the path; `None` where there are too many.
    fn modules(&self) -> Option<Vec<(String, FileId)>> {
        let mut seen: HashSet<FileId> = HashSet::default();
        let mut out = Vec::new();
        let mut count = 0;
        for root in &self.path.roots {
            let mut left = vec![(root.clone(), String::new(), 0)];
            while let Some((directory, package, depth)) = left.pop() {
                for name in self.path.listing(&directory).names {
                    count += 1;
                    if count > MAX_FILES {
                        return None;
                    }
                    let path = absolute(&directory, &name);
                    let below = |name: &str| match package.is_empty() {
                        true => name.to_owned(),
                        false => format!("{package}.{name}"),
                    };
                    if let Some(stem) = name.strip_suffix(".py") {
                        let Some((file, _)) = self.path.read(&path) else {
                            continue;
                        };
                        let dotted = match stem {
                            "__init__" => package.clone(),
                            stem => below(stem),
                        };
                        if seen.insert(file) {
                            out.push((dotted, file));
                        }
                    } else if !name.contains('.') && depth < MAX_DEPTH && name != "node_modules" {
                        left.push((path, below(&name), depth + 1));
                    }
                }
            }
        }
        Some(out)
    }
}

/// A module gives a variable of the environment a value: `os.environ["X"] = ...`, `os.environ.setdefault("X", ...)`.
fn sets_variable(text: &str, name: &str) -> bool {
    let text: String = text.split_whitespace().collect();
    ['"', '\''].iter().any(|quote| {
        let name = format!("{quote}{name}{quote}");
        text.contains(&format!("environ[{name}]="))
            || text.contains(&format!("environ.setdefault({name}"))
    })
}

/// An import that may mean the module of the application, by whatever path it is found.
fn may_name(import: &Import, module: &str, last: &str) -> bool {
    // The library itself.
    let is_library = import.level == 0 && import.module.split('.').next() == Some("celery");
    if is_library && module != "celery" {
        return false;
    }
    let ends_so = |name: &str| name.rsplit('.').next() == Some(last);
    ends_so(&import.module)
        || import.names.iter().any(|(name, _)| name == last)
        // All names of a package, or one whose name is changed.
        || import.level > 0 && import.module.is_empty() && import.names.is_empty()
}

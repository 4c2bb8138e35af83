//! Files that Django looks for below the directories of the settings and those of applications: static files with
//! `collectstatic`, templates when they are rendered. What the project names and no directory has.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use crate::context::{Origin, Pattern};
use crate::facts::django::settings::path_to_settings;
use crate::facts::django::{applications, gone};
use crate::facts::model::{DjangoPhase, FileNamed, FoundIn, NamedFileFact, SettingsFact};
use crate::facts::python::import_path::{Place, PythonPath, View};
use crate::knowledge::application_files::{self, ApplicationFiles};
use crate::knowledge::form_template_packs::{self, FormTemplatePack};
use crate::maps::HashSet;
use crate::python::renders;
use crate::python::settings::verdicts::{self, Answer, Default};
use crate::python::settings::{Settings, Value, storages};
use crate::python::templates::{self, Named};
use crate::source::{SourceFile, Sources, absolute};
use crate::span::{FileId, Span};

/// Files that are looked at for one image, and directories on the way to them.
const MAX_FILES: usize = 600;
const MAX_DEPTH: usize = 6;
/// What is kept for one image.
const MAX_FOUND: usize = 60;

/// What one file names, kept with the file: several settings and Dockerfiles ask.
struct Rendered(Vec<Named>);
struct OfTemplate(Vec<Named>);
struct OfStyle(Vec<Named>);
struct OfScript(Vec<Named>);

/// What is named with each settings and found nowhere.
pub(crate) fn collect(p: &DjangoPhase, sources: &Sources) -> Vec<NamedFileFact> {
    let looked_at: Vec<Cell<usize>> = p.images.iter().map(|_| Cell::new(0)).collect();
    let mut out = Vec::new();
    for (i, fact) in p.settings.iter().enumerate() {
        let Some(path) = path_to_settings(p, fact.image, sources) else {
            continue;
        };
        let walk = Walk {
            p,
            sources,
            settings: i,
            image: path,
            looked_at: &looked_at[fact.image],
        };
        let from = out.len();
        walk.templates_missing(fact, &mut out);
        walk.static_missing(fact, &mut out);
        out.truncate(from + MAX_FOUND);
    }
    out
}

/// For each settings the pack of form templates that they choose and that no directory of templates has.
pub(crate) fn lacking_packs(
    p: &DjangoPhase,
    sources: &Sources,
) -> Vec<Option<&'static FormTemplatePack>> {
    let lacking = |(settings, fact): (usize, &SettingsFact)| {
        fact.settings.get(PACK)?;
        let image = path_to_settings(p, fact.image, sources)?;
        let looked_at = Cell::new(0);
        let walk = Walk {
            p,
            sources,
            settings,
            image,
            looked_at: &looked_at,
        };
        walk.lacking_pack(fact)
    };
    p.settings.iter().enumerate().map(lacking).collect()
}

/// The setting that names the pack, and the application that renders with it.
const PACK: &str = "CRISPY_TEMPLATE_PACK";
const CRISPY: &str = "crispy_forms";

struct Walk<'a> {
    p: &'a DjangoPhase,
    sources: &'a Sources,
    settings: usize,
    /// The files of the image at its end.
    image: PythonPath<'a>,
    /// How many files of that image were looked at.
    looked_at: &'a Cell<usize>,
}

/// The directories that are searched, and what else may have files.
struct Searched {
    directories: Vec<String>,
    /// Applications of others, of which not all files are known.
    others: Vec<String>,
    /// Known applications of others.
    known: Vec<&'static ApplicationFiles>,
    /// First parts of the names of files that these have.
    taken: Vec<&'static str>,
}

/// How a name was looked for in vain.
enum Missed {
    No,
    /// An application of others may have it, if only one that does not keep to a directory of its own name.
    Hardly(Option<Pattern>),
    Certainly(Option<Pattern>),
}

impl Walk<'_> {
    /// The directories of an application that are called so; `None` where something is not known.
    fn searched(&self, settings: &Settings, kind: FoundIn, own: Vec<String>) -> Option<Searched> {
        let Answer::Known(apps) = verdicts::installed_apps(settings) else {
            return None;
        };
        if apps.value.is_open {
            return None;
        }
        let mut out = Searched {
            directories: own,
            others: Vec::new(),
            known: Vec::new(),
            taken: Vec::new(),
        };
        let name = match kind {
            FoundIn::Static => "static",
            FoundIn::Templates => "templates",
        };
        for (entry, _) in &apps.value.entries {
            let package = applications::package(&self.image, entry)?;
            if let Some(known) = application_files::of(&package) {
                out.known.push(known);
                out.taken.extend(match kind {
                    FoundIn::Static => known.static_files,
                    FoundIn::Templates => known.templates,
                });
                continue;
            }
            match self.image.find(&package) {
                Place::File { image_path, .. } => {
                    let (directory, _) = image_path.rsplit_once('/')?;
                    out.directories.push(format!("{directory}/{name}"));
                }
                Place::Namespace => return None,
                Place::Missing | Place::Ignored(_) | Place::Unknown => {
                    out.others.push(package);
                }
            }
        }
        Some(out)
    }

    /// Whether no directory has a file of that name.
    fn misses(&self, files: &PythonPath<'_>, searched: &Searched, name: &str) -> Missed {
        if name.starts_with('/') || name.contains("..") {
            return Missed::No;
        }
        let first = name.split('/').next().unwrap_or(name);
        if searched.taken.contains(&first) {
            return Missed::No;
        }
        let mut ignored = None;
        let mut is_among_own = false;
        for directory in &searched.directories {
            match files.origin(&absolute(directory, name)) {
                Origin::Missing | Origin::Directory(_) => {}
                Origin::Ignored(_, pattern) => ignored = Some(pattern),
                _ => return Missed::No,
            }
            let above = name.rsplit_once('/').map(|(above, _)| above);
            if let Some(above) = above {
                let found = files.origin(&absolute(directory, above));
                is_among_own |= matches!(found, Origin::Directory(Some(_)));
            }
        }
        // What git ignores may be made before the build.
        match searched.others.is_empty() {
            true => Missed::Certainly(ignored),
            false if is_among_own || ignored.is_some() => Missed::Hardly(ignored),
            false => Missed::No,
        }
    }

    /// All files below a directory of the image whose names end so: below it, with their image path.
    fn files_below(
        &self,
        files: &PythonPath<'_>,
        directory: &str,
        endings: &[&str],
    ) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut left = vec![(String::new(), 0)];
        while let Some((below, depth)) = left.pop() {
            let here = match below.is_empty() {
                true => directory.to_owned(),
                false => format!("{directory}/{below}"),
            };
            for name in files.listing(&here).names {
                if self.looked_at.replace(self.looked_at.get() + 1) >= MAX_FILES {
                    return out;
                }
                let path = match below.is_empty() {
                    true => name.clone(),
                    false => format!("{below}/{name}"),
                };
                let whole = format!("{directory}/{path}");
                if endings.iter().any(|ending| name.ends_with(ending)) {
                    out.push((path, whole));
                } else if !name.contains('.') && depth < MAX_DEPTH && name != "node_modules" {
                    left.push((path, depth + 1));
                }
            }
        }
        out.sort();
        out
    }

    /// The directories that a setting of Django's templates names; `None` where not all are known.
    fn template_directories(settings: &Settings) -> Option<(Vec<String>, bool)> {
        let value = &settings.get("TEMPLATES")?.value;
        let [engine] = value.as_items()?.items.as_slice() else {
            return None;
        };
        let engine = engine.as_dict()?;
        let of = |key: &str| {
            let mut pairs = engine.entries.iter();
            pairs.find_map(|(name, value)| (name.as_str() == Some(key)).then_some(value))
        };
        let backend = of("BACKEND").and_then(Value::as_str)?;
        if engine.is_open || backend != "django.template.backends.django.DjangoTemplates" {
            return None;
        }
        let directories = match of("DIRS") {
            None => Vec::new(),
            Some(value) => {
                let items = value.as_items()?;
                let path = |item: &Value| item.as_str().map(str::to_owned);
                let all = items
                    .items
                    .iter()
                    .map(path)
                    .collect::<Option<Vec<String>>>();
                all.filter(|_| !items.is_open)?
            }
        };
        let has_loaders = of("OPTIONS").is_some_and(|options| {
            options
                .as_dict()
                .is_none_or(|it| it.is_open || it.get("loaders").is_some())
        });
        let in_applications = of("APP_DIRS").is_some_and(|value| value.truth() == Some(true));
        let is_plain = directories.iter().all(|it| it.starts_with('/'));
        (!has_loaders && is_plain).then_some((directories, in_applications))
    }

    /// Where templates are searched.
    fn template_search(&self, settings: &Settings) -> Option<Searched> {
        let (own, in_applications) = Self::template_directories(settings)?;
        match in_applications {
            true => self.searched(settings, FoundIn::Templates, own),
            false => Some(Searched {
                directories: own,
                others: Vec::new(),
                known: Vec::new(),
                taken: Vec::new(),
            }),
        }
    }

    /// The pack that the settings choose, where the files of all applications are known and none has it.
    fn lacking_pack(&self, fact: &SettingsFact) -> Option<&'static FormTemplatePack> {
        let Answer::Known(pack) = verdicts::text(&fact.settings, PACK) else {
            return None;
        };
        let row = form_template_packs::of(&pack.value)?;
        let searched = self.template_search(&fact.settings)?;
        let is_listed = |known: &&ApplicationFiles| known.application == CRISPY;
        let brings = |known: &&ApplicationFiles| match known.application {
            CRISPY => row.own_until.is_some_and(|until| {
                !gone::is_pinned_since(self.p, fact.image, "django-crispy-forms", until)
            }),
            _ => known.templates.contains(&row.pack),
        };
        let has = |directory: &String| {
            let found = self.image.origin(&absolute(directory, row.pack));
            !matches!(found, Origin::Missing)
        };
        let is_missed = searched.others.is_empty()
            && searched.known.iter().any(is_listed)
            && !searched.known.iter().any(brings)
            && !searched.directories.iter().any(has);
        is_missed.then_some(row)
    }

    /// The templates that lie there, by their paths in the image.
    fn template_files(&self, searched: &Searched) -> Vec<String> {
        let endings = [".html", ".txt", ".xml"];
        let directories = searched.directories.iter();
        let found = directories.flat_map(|it| self.files_below(&self.image, it, &endings));
        found.map(|(_, path)| path).collect()
    }

    /// Templates that the code renders and no directory has.
    fn templates_missing(&self, fact: &SettingsFact, out: &mut Vec<NamedFileFact>) {
        let named = self.named_in_code(fact);
        if named.iter().all(|(_, names)| names.0.is_empty()) {
            return;
        }
        let Some(searched) = self.template_search(&fact.settings) else {
            return;
        };
        for (file, named) in named {
            for (name, range) in &named.0 {
                let (is_sure, ignored) = match self.misses(&self.image, &searched, name) {
                    Missed::No => continue,
                    Missed::Hardly(ignored) => (false, ignored),
                    Missed::Certainly(ignored) => (true, ignored),
                };
                out.push(self.fact(FileNamed::Template, name, file, range, is_sure, ignored));
            }
        }
    }

    /// The templates that the modules of the URLs and views of the project name.
    fn named_in_code(&self, fact: &SettingsFact) -> Vec<(FileId, Arc<Rendered>)> {
        let mut out = Vec::new();
        let mut seen = HashSet::default();
        let urls = verdicts::text(&fact.settings, "ROOT_URLCONF");
        let mut modules: Vec<String> = urls.known().cloned().into_iter().collect();
        if let Answer::Known(apps) = verdicts::installed_apps(&fact.settings) {
            for (entry, _) in &apps.value.entries {
                let Some(package) = applications::package(&self.image, entry) else {
                    continue;
                };
                modules.push(format!("{package}.views"));
                modules.push(format!("{package}.urls"));
            }
        }
        for module in modules {
            if let Place::File { file, .. } = self.image.find(&module)
                && seen.insert(file)
            {
                let read = |source: &SourceFile| Rendered(renders::named(&source.text));
                out.push((file, self.sources.once(file, read)));
            }
        }
        out
    }

    /// Static files that templates, style sheets and scripts name and no directory has, where a storage asks its
    /// manifest for them.
    fn static_missing(&self, fact: &SettingsFact, out: &mut Vec<NamedFileFact>) {
        let stage = self.p.images[fact.image].stage;
        let is_own = |stage: usize| self.p.images[fact.image].chain.contains(&stage);
        let mut collects = self.p.collects.iter();
        let collect = collects.find(|it| {
            let is_same = |module: &crate::span::Traced| module.as_str() == fact.module.as_str();
            is_own(it.stage) && it.module.as_ref().is_some_and(is_same)
        });
        let Some(collect) = collect.filter(|_| is_own(stage)) else {
            return;
        };
        let settings = &fact.settings;
        if !is_without_debug(settings)
            || !is_strict(settings)
            || !matches!(
                verdicts::texts(settings, "STATICFILES_FINDERS"),
                Answer::Unassigned
            )
        {
            return;
        }
        let own = match verdicts::texts(settings, "STATICFILES_DIRS") {
            Answer::Unassigned => Vec::new(),
            Answer::Known(dirs) if !dirs.value.is_open && !dirs.value.is_text => {
                dirs.value.entries.into_iter().map(|(dir, _)| dir).collect()
            }
            _ => return,
        };
        let is_counted = settings.get("STATICFILES_DIRS").is_none_or(|setting| {
            setting
                .value
                .as_items()
                .is_some_and(|items| items.items.len() == own.len())
        });
        if !is_counted || own.iter().any(|dir| !dir.starts_with('/')) {
            return;
        }
        let Some(searched) = self.searched(settings, FoundIn::Static, own) else {
            return;
        };
        let upto = self.p.files[collect.stage].before_command(collect.command);
        let built = PythonPath {
            p: self.image.p,
            sources: self.sources,
            view: View::Command(collect.command, upto),
            roots: self.image.roots.clone(),
        };
        self.styles(&built, &searched, settings, out);
        let Some(templates) = self.template_search(settings) else {
            return;
        };
        for path in self.template_files(&templates) {
            let Some((file, _)) = self.image.read(&path) else {
                continue;
            };
            let read = |source: &SourceFile| OfTemplate(templates::static_names(&source.text));
            for (name, range) in &self.sources.once(file, read).0 {
                let (is_sure, ignored) = match self.misses(&built, &searched, name) {
                    Missed::No => continue,
                    Missed::Hardly(ignored) => (false, ignored),
                    Missed::Certainly(ignored) => (true, ignored),
                };
                out.push(self.fact(FileNamed::Static, name, file, range, is_sure, ignored));
            }
        }
    }

    /// What style sheets and scripts name.
    fn styles(
        &self,
        built: &PythonPath<'_>,
        searched: &Searched,
        settings: &Settings,
        out: &mut Vec<NamedFileFact>,
    ) {
        let url = verdicts::static_url(settings);
        let url = url.known().map_or("", String::as_str);
        for directory in &searched.directories {
            for (own, path) in self.files_below(built, directory, &[".css", ".js"]) {
                let Some((file, _)) = built.read(&path) else {
                    continue;
                };
                let style = |source: &SourceFile| OfStyle(templates::style_names(&source.text));
                let script = |source: &SourceFile| OfScript(templates::script_names(&source.text));
                let (of_style, of_script);
                let named = if own.ends_with(".css") {
                    of_style = self.sources.once(file, style);
                    &of_style.0
                } else {
                    of_script = self.sources.once(file, script);
                    &of_script.0
                };
                for (written, range) in named {
                    let Some(name) = templates::meant(&own, written, url) else {
                        continue;
                    };
                    if let Missed::Certainly(ignored) = self.misses(built, searched, &name) {
                        out.push(self.fact(FileNamed::Style, &name, file, range, true, ignored));
                    }
                }
            }
        }
    }

    fn fact(
        &self,
        kind: FileNamed,
        name: &str,
        file: FileId,
        range: &Range<usize>,
        is_sure: bool,
        ignored: Option<Pattern>,
    ) -> NamedFileFact {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        NamedFileFact {
            kind,
            name: name.to_owned(),
            span: Span::new(file, byte(range.start), byte(range.end)),
            settings: self.settings,
            is_sure,
            ignored_by: ignored.map(|pattern| (pattern.text.as_str().to_owned(), pattern.span())),
        }
    }
}

/// DEBUG is off, or is as long as no variable switches it on that nothing known sets.
pub(crate) fn is_without_debug(settings: &Settings) -> bool {
    match verdicts::debug(settings) {
        Answer::Known(known) => !known.value,
        Answer::Env(env) => matches!(env.default, Default::Known(false, _)),
        Answer::Unassigned | Answer::Unknown => false,
    }
}

/// The storage of static files asks its manifest for each name, and makes no files of its own.
fn is_strict(settings: &Settings) -> bool {
    let storage = verdicts::static_storage(settings);
    let class = storage.storages.known().or(storage.legacy.known());
    class.is_some_and(|class| {
        !class.starts_with("pipeline.") && storages::asks_manifest(settings, class)
    })
}

//! Files that git ignores and the project uses, in directories that a COPY takes along: whoever builds has them, and
//! nothing keeps them out of the image.

use crate::context::ignore::Ignore;
use crate::facts::build::at;
use crate::facts::django::settings::path_to_settings;
use crate::facts::files::carried_along::{self, TakenAlong};
use crate::facts::files::origin;
use crate::facts::model::{
    DjangoPhase, LocalFileFact, LocalKind, ProxyFact, ServiceFact, SettingsFact,
};
use crate::knowledge::secret::is_secret_name;
use crate::knowledge::words::{FileWords, VariableWords};
use crate::python::imports::{self, Import};
use crate::python::settings::verdicts;
use crate::python::settings::{Kind, Value};
use crate::source::{Entry, Sources, absolute, is_in, join};
use crate::span::Span;

/// All of them, each once.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    proxies: &[ProxyFact],
    sources: &Sources,
) -> Vec<LocalFileFact> {
    let mut walk = Walk {
        p,
        sources,
        taken: carried_along::taken_along(p),
        unread: unread(p, sources),
        out: Vec::new(),
    };
    for (i, fact) in services.iter().enumerate() {
        if fact.image.is_none() {
            continue;
        }
        walk.of_service(i, fact);
    }
    for fact in &p.settings {
        walk.of_settings(fact);
    }
    for proxy in proxies {
        walk.of_proxy(proxy, &services[proxy.service]);
    }
    let mut out = walk.out;
    // These are facts of the pattern that is about such files.
    if carried_along::has_pattern_for_env_files(p) {
        let told = carried_along::expected_env_files(p);
        out.retain(|fact| !told.iter().any(|it| it.path == fact.path));
    }
    if !out.is_empty() {
        let is_published = carried_along::is_published(p, sources);
        for fact in &mut out {
            fact.is_published = is_published;
        }
    }
    out
}

struct Walk<'a> {
    p: &'a DjangoPhase,
    sources: &'a Sources,
    taken: Vec<TakenAlong>,
    /// `.dockerignore`, where another ignore file takes its place.
    unread: Option<Ignore>,
    out: Vec<LocalFileFact>,
}

impl Walk<'_> {
    fn of_service(&mut self, i: usize, fact: &ServiceFact) {
        let deployed = fact.deployed(self.p);
        let compose = self.p.around.deployed.service(deployed);
        let files = compose.iter().flat_map(|service| &service.env_files);
        for file in files.filter(|file| file.is_required) {
            let context = &self.p.around.context;
            let resolved = file.resolved.as_deref();
            if let Some(path) = resolved.and_then(|path| context.of_root(path)) {
                let named = file.path.span();
                self.add(&path, LocalKind::Variables, named, Some(i));
            }
        }
        for var in &deployed.env.vars {
            let name = var.name.as_str();
            if let Some(value) = var.value.as_ref().filter(|_| !var.may_vary)
                && names_credentials(name, value.as_str())
            {
                self.add_of_image(
                    value.as_str(),
                    LocalKind::Credentials,
                    value.span(),
                    Some(i),
                );
            }
        }
    }

    /// The private keys of a proxy, which its service mounts from directories of the project.
    fn of_proxy(&mut self, proxy: &ProxyFact, fact: &ServiceFact) {
        let mounts = &fact.deployed(self.p).mounts;
        for key in &proxy.site.keys {
            let path = key.as_str();
            let found = mounts.iter().find_map(|mount| {
                let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
                let source = mount.source_path.as_deref()?;
                let below = path.strip_prefix(target)?;
                let is_in = below.is_empty() || below.starts_with('/');
                is_in.then(|| join(source, below.trim_start_matches('/')))
            });
            let context = &self.p.around.context;
            if let Some(path) = found.and_then(|path| context.of_root(&path)) {
                self.add(&path, LocalKind::Credentials, key.span(), None);
            }
        }
    }

    fn of_settings(&mut self, fact: &SettingsFact) {
        self.of_imports(fact);
        for file in &fact.settings.env_files {
            if let Some(path) = &file.path {
                self.add_of_image(path, LocalKind::Variables, file.span, None);
            }
        }
        let all = verdicts::databases(&fact.settings);
        for entry in all.into_iter().flat_map(|(entries, _)| entries) {
            let Some(dict) = entry.value.as_dict() else {
                continue;
            };
            let of = |key: &str| {
                let mut pairs = dict.entries.iter();
                pairs.find_map(|(name, value)| (name.as_str() == Some(key)).then_some(value))
            };
            let engine = of("ENGINE").and_then(Value::as_str);
            if engine != Some("django.db.backends.sqlite3") {
                continue;
            }
            if let Some((path, span)) = of("NAME").and_then(own_path) {
                self.add_of_image(&path, LocalKind::Database, span, None);
            }
        }
    }

    /// Modules that git ignores and that the settings take secrets from: `from .secrets import API_KEY`.
    fn of_imports(&mut self, fact: &SettingsFact) {
        let Some(path) = path_to_settings(self.p, fact.image, self.sources) else {
            return;
        };
        for visited in &fact.settings.modules {
            let source = self.sources.get(visited.file);
            let is_secret =
                |import: &&Import| import.names.iter().any(|(name, _)| is_secret_name(name));
            let found = imports::read(visited.file, &source.text).all;
            for import in found.iter().filter(is_secret) {
                let mut parts: Vec<&str> = match import.level {
                    0 => Vec::new(),
                    _ => visited.name.dotted.split('.').collect(),
                };
                let above = import
                    .level
                    .saturating_sub(usize::from(visited.name.is_package));
                parts.truncate(parts.len().saturating_sub(above));
                parts.extend(import.module.split('.').filter(|part| !part.is_empty()));
                let file = format!("{}.py", parts.join("/"));
                for root in &path.roots {
                    let file = absolute(root, &file);
                    self.add_of_image(&file, LocalKind::Variables, import.span, None);
                }
            }
        }
    }

    /// A path of the image that a COPY of a directory fills.
    fn add_of_image(&mut self, path: &str, kind: LocalKind, named: Span, service: Option<usize>) {
        if !path.starts_with('/') || origin::is_mounted(self.p, path) {
            return;
        }
        let found = self.taken.iter().find_map(|taken| {
            let copy = &self.p.copies[taken.copy];
            let target = copy.target.as_deref()?.trim_end_matches('/');
            let rest = is_in(path, target).then(|| path.get(target.len()..))??;
            let rest = rest.trim_start_matches('/');
            let directory = taken.directory.as_str();
            let shown = if directory.is_empty() { "." } else { directory };
            let is_directory = self.p.around.context.entry(shown) == Entry::Directory;
            (copy.sources.len() == 1 && is_directory && !rest.is_empty())
                .then(|| join(directory, rest))
        });
        if let Some(path) = found {
            self.add(&path, kind, named, service);
        }
    }

    /// A path of the context, where all holds that makes it one of them.
    fn add(&mut self, path: &str, kind: LocalKind, named: Span, service: Option<usize>) {
        // What is there is told by what looks at it.
        if !carried_along::is_left_to_builders(self.p, path)
            || self.out.iter().any(|fact| fact.path == path)
        {
            return;
        }
        let Some(taken) = self.taken.iter().find(|taken| taken.has(path)) else {
            return;
        };
        let (copy, source) = (taken.copy, taken.source);
        let is_public = || carried_along::is_public(self.p, self.sources, path);
        if self.is_removed(copy, path) || kind == LocalKind::Variables && is_public() {
            return;
        }
        let context = &self.p.around.context;
        let unread = self.unread.as_ref();
        self.out.push(LocalFileFact {
            path: path.to_owned(),
            kind,
            named,
            service,
            copy,
            source,
            unread: unread
                .and_then(|ignore| ignore.excludes(path))
                .map(|it| it.span()),
            ignore_file: context
                .ignore
                .as_ref()
                .map(|ignore| self.sources.get(ignore.file).name.clone()),
            taken_back: context
                .ignore
                .as_ref()
                .and_then(|ignore| ignore.matches(path))
                .map(|pattern| pattern.text.clone()),
            is_published: false,
        });
    }

    /// A later command takes it away, or may: whoever does so has thought of it.
    fn is_removed(&self, copy: usize, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stage = self.p.copies[copy].stage;
        let mut commands = self.p.commands.iter();
        commands.any(|fact| {
            let mut operands = fact.command.operands.iter();
            fact.command.name.as_deref() == Some("rm")
                && at::is_part(&self.p.stages, fact.stage, stage)
                && operands.any(|it| it.as_str().is_none_or(|it| it.contains(name)))
        })
    }
}

/// `.dockerignore`, where another ignore file takes its place.
fn unread(p: &DjangoPhase, sources: &Sources) -> Option<Ignore> {
    const COMMON: &str = ".dockerignore";
    let context = &p.around.context;
    let own = context.ignore.as_deref()?;
    let file = context.read(sources, COMMON).ok()?;
    (file != own.file).then(|| Ignore::parse(file, &sources.get(file).text))
}

/// A variable that by its name holds the path of a key, and by its value does.
fn names_credentials(name: &str, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_key = |ending: &str| FileWords::KeyEnding.contains(ending);
    let ending = lower
        .rsplit('/')
        .next()
        .and_then(|last| last.rsplit_once('.'));
    value.starts_with('/')
        && ending.is_some_and(|(_, ending)| is_key(ending))
        && VariableWords::KeyFile.is_within(&name.to_ascii_uppercase())
}

/// The path that a value is where nothing is given to the settings from outside.
fn own_path(value: &Value) -> Option<(String, Span)> {
    match &value.kind {
        Kind::Str(path) | Kind::Path(path) => Some((path.to_string(), value.span)),
        Kind::Env(env) => own_path(env.default.as_ref()?),
        _ => None,
    }
}

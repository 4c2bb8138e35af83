//! Files that git ignores and the project uses, in directories that a COPY takes along: whoever builds has them, and
//! nothing keeps them out of the image.

use crate::context::ignore::Ignore;
use crate::facts::build::at;
use crate::facts::files::{carried_along, origin};
use crate::facts::model::{
    CopyFact, CopyFrom, DjangoPhase, LocalFileFact, LocalKind, ServiceFact, SettingsFact,
};
use crate::knowledge::words::{FileWords, VariableWords};
use crate::python::settings::verdicts;
use crate::python::settings::{Kind, Value};
use crate::source::{Entry, Sources, is_in, join, normalize};
use crate::span::Span;

/// All of them, each once.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<LocalFileFact> {
    let mut walk = Walk {
        p,
        sources,
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
    let mut out = walk.out;
    // The rule about patterns for such files tells these.
    if carried_along::has_pattern_for_env_files(p) {
        out.retain(|fact| fact.kind != LocalKind::Variables);
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

    fn of_settings(&mut self, fact: &SettingsFact) {
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

    /// A path of the image that a COPY of a directory fills.
    fn add_of_image(&mut self, path: &str, kind: LocalKind, named: Span, service: Option<usize>) {
        if !path.starts_with('/') || origin::is_mounted(self.p, path) {
            return;
        }
        let copies = self.p.copies.iter();
        let found = copies.filter(|copy| is_plain(copy)).find_map(|copy| {
            let target = copy.target.as_deref()?.trim_end_matches('/');
            let rest = is_in(path, target).then(|| path.get(target.len()..))??;
            let rest = rest.trim_start_matches('/');
            let [(_, Some(source))] = copy.sources.as_slice() else {
                return None;
            };
            let directory = normalize(source.as_str().trim_matches('/'))?;
            let shown = if directory.is_empty() {
                "."
            } else {
                &directory
            };
            let is_directory = self.p.around.context.entry(shown) == Entry::Directory;
            (is_directory && !rest.is_empty()).then(|| join(&directory, rest))
        });
        if let Some(path) = found {
            self.add(&path, kind, named, service);
        }
    }

    /// A path of the context, where all holds that makes it one of them.
    fn add(&mut self, path: &str, kind: LocalKind, named: Span, service: Option<usize>) {
        let context = &self.p.around.context;
        let Some(below) = context.below_root(path) else {
            return;
        };
        // What is there is told by what looks at it.
        let is_absent = context.root.entry(&below) == Entry::Missing;
        if !is_absent
            || !context.root.is_git_ignored(&below)
            || context.ignored_by(path).is_some()
            || self.out.iter().any(|fact| fact.path == path)
        {
            return;
        }
        let is_shipped = |stage: usize| {
            let mut images = self.p.images.iter();
            images.any(|image| image.chain.contains(&stage))
        };
        let mut copies = self.p.copies.iter().enumerate();
        let found = copies.find_map(|(i, copy)| {
            let mut taken = copy.sources.iter().filter_map(|(span, text)| {
                let directory = normalize(text.as_ref()?.as_str().trim_matches('/'))?;
                (directory.is_empty() || is_in(path, &directory)).then_some(*span)
            });
            let source = taken.next()?;
            (is_plain(copy) && is_shipped(copy.stage)).then_some((i, source))
        });
        let Some((copy, source)) = found else {
            return;
        };
        if self.is_removed(copy, path) {
            return;
        }
        self.out.push(LocalFileFact {
            path: path.to_owned(),
            kind,
            named,
            service,
            copy,
            source,
            unread: self.unread(path),
            ignore_file: context
                .ignore
                .as_ref()
                .map(|ignore| self.sources.get(ignore.file).name.clone()),
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

    /// The pattern of `.dockerignore` that excludes it, where another ignore file takes its place.
    fn unread(&self, path: &str) -> Option<Span> {
        const COMMON: &str = ".dockerignore";
        let context = &self.p.around.context;
        let own = context.ignore.as_deref()?;
        let file = context.read(self.sources, COMMON).ok()?;
        if file == own.file {
            return None;
        }
        let common = Ignore::parse(file, &self.sources.get(file).text);
        common.excludes(path).map(|pattern| pattern.span())
    }
}

/// A COPY or ADD of the context that takes whole directories as they are.
fn is_plain(copy: &CopyFact) -> bool {
    let has_pattern = |text: &str| text.contains(['*', '?', '[', ':', '<', '$']);
    let mut texts = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
    copy.from == CopyFrom::Context
        && !copy.has_parents
        && copy.excludes.is_empty()
        && !texts.any(|text| has_pattern(text.as_str()))
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

//! Directories of log files that the image certainly does not have. Django opens the files of LOGGING as it starts, and
//! makes no directory for them. Tried with Django 5.2.

use crate::context::{Origin, Pattern};
use crate::facts::files::origin;
use crate::facts::model::{
    self, CollectFact, DjangoPhase, LogLack, ScriptFact, ServiceFact, SettingsFact, StartFact,
};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::ValueWords;
use crate::python::settings::Settings;
use crate::shell::ast::OnFailure;
use crate::source::{Sources, is_in};
use crate::span::Span;

/// The first of each settings.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<LogLack> {
    let of = |(settings, fact): (usize, &SettingsFact)| {
        if makes(p, fact, sources) {
            return None;
        }
        let stage = p.images[fact.image].stage;
        log_files(&fact.settings)
            .into_iter()
            .find_map(|(name, path, span)| {
                let (directory, _) = path.rsplit_once('/').filter(|(it, _)| !it.is_empty())?;
                if !origin::is_in_own_directory(p, fact.image, path) || is_made(fact, directory) {
                    return None;
                }
                let step = collecting(p, fact, path);
                let in_build = step.and_then(|it| lacks(p, it.stage, directory, Some(it.command)));
                let at_start = || {
                    let is_brought = origin::is_mounted(p, path)
                        || p.around.deployed.is_open
                        || starts_make(p, services, fact);
                    let found = lacks(p, stage, directory, None)?;
                    (!is_brought && p.images[fact.image].process_is_known).then_some(found)
                };
                let stops_build = in_build.is_some();
                let ignored_by = in_build.or_else(at_start)?;
                Some(LogLack {
                    settings,
                    handler: name.to_owned(),
                    directory: directory.to_owned(),
                    span,
                    ignored_by: ignored_by.map(|it| (it.text.as_str().to_owned(), it.span())),
                    stops_build,
                })
            })
    };
    p.settings.iter().enumerate().filter_map(of).collect()
}

/// The files that the handlers of LOGGING open as Django starts, with the names of the handlers.
pub(crate) fn log_files(settings: &Settings) -> Vec<(&str, &str, Span)> {
    let logging = settings.get("LOGGING").and_then(|it| it.value.as_dict());
    let is_off = settings.get("LOGGING_CONFIG").is_some()
        || logging.is_some_and(|it| it.get("incremental").is_some());
    let handlers = logging.and_then(|it| it.get("handlers")?.as_dict());
    let all = handlers.into_iter().filter(|_| !is_off);
    let mut out = Vec::new();
    for (name, handler) in all.flat_map(|it| &it.entries) {
        let (Some(name), Some(handler)) = (name.as_str(), handler.as_dict()) else {
            continue;
        };
        let is_late = handler
            .get("delay")
            .is_some_and(|it| it.truth() != Some(false));
        let class = handler.get("class").and_then(|it| it.as_str());
        let is_file =
            class.is_some_and(|it| it.starts_with("logging.") && it.ends_with("FileHandler"));
        if let Some(value) = handler.get("filename").filter(|_| is_file && !is_late)
            && let Some(path) = value.as_str().filter(|it| it.starts_with('/'))
        {
            out.push((name, path, value.span));
        }
    }
    out
}

/// The image certainly has no such directory, as a command of the build finds it or at the end: `Some` with the pattern
/// that keeps it out, if one does.
fn lacks(
    p: &DjangoPhase,
    stage: usize,
    directory: &str,
    before: Option<usize>,
) -> Option<Option<Pattern>> {
    // Where a link leads may be a directory of the base image.
    if p.files[stage].fs.is_below_link(directory) {
        return None;
    }
    match origin::made(p, stage, directory, before).origin {
        Origin::Ignored(_, pattern) => Some(Some(pattern)),
        Origin::Missing => Some(None),
        _ => None,
    }
}

/// A `collectstatic` of the build that opens a file with these settings and whose failure ends the build.
fn collecting<'p>(p: &'p DjangoPhase, fact: &SettingsFact, path: &str) -> Option<&'p CollectFact> {
    let chain = &p.images[fact.image].chain;
    let mut all = p.collects.iter();
    all.find(|it| {
        let command = &p.commands[it.command];
        let is_same = it.module.as_ref().map(|it| it.as_str()) == Some(fact.module.as_str());
        is_same
            && chain.contains(&it.stage)
            && command.command.on_failure == OnFailure::Stops
            && p.layers[command.layer].mounts.is_empty()
            && log_files(&it.settings).iter().any(|it| it.1 == path)
    })
}

/// The settings make the directory themselves.
fn is_made(fact: &SettingsFact, directory: &str) -> bool {
    let mut made = fact.settings.made.iter();
    made.any(|(path, _)| is_in(path, directory))
}

/// A module that loads with the settings, or before them, makes directories.
fn makes(p: &DjangoPhase, fact: &SettingsFact, sources: &Sources) -> bool {
    let says = |text: &str| ValueWords::MakesDirectories.is_within(text);
    let of_package = fact.loaded.iter().map(|it| it.file);
    let mut applications = p.applications.iter().filter(|it| it.image == fact.image);
    let application = applications.next().and_then(|it| it.file);
    let mut files = of_package.chain(application);
    !fact.settings.stops.is_empty()
        || fact.texts.iter().any(|(_, source)| says(&source.text))
        || files.any(|file| says(&sources.get(file).text))
}

/// What starts makes directories, or may.
fn starts_make(p: &DjangoPhase, services: &[ServiceFact], fact: &SettingsFact) -> bool {
    let own = services.iter().filter(|it| it.image == Some(fact.image));
    let runs = own.filter_map(|it| it.run.as_ref());
    let image = &p.images[fact.image];
    let mut starts = model::started(&p.images, services).filter(|it| it.0 == fact.image);
    let makes = |start: &StartFact| {
        let name = start.command.name.as_deref();
        name.is_none_or(|name| programs::is(name, Role::Makes) || name == "install")
    };
    let says = |script: &ScriptFact| {
        let text = script.text.as_ref();
        text.is_none_or(|text| ValueWords::MakesDirectories.is_within(text.as_str()))
    };
    let scripts = image.scripts.iter();
    starts.any(|(_, start)| makes(start))
        || scripts.chain(runs.flat_map(|it| &it.scripts)).any(says)
}

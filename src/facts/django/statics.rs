//! Whether a request below a static mapping of uWSGI finds its file another way: what the mapping does not
//! answer goes on to the application.

use ruff_text_size::TextRange;

use crate::context::Origin;
use crate::facts::django::settings;
use crate::facts::files::origin;
use crate::facts::model::{DjangoPhase, SettingsFact};
use crate::facts::python::import_path::Place;
use crate::facts::start::uwsgi::static_map;
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts::{self, Answer};
use crate::python::upload_views;
use crate::source::{SourceFile, Sources};
use crate::span::Span;

/// Where a module of URLs serves uploads while DEBUG is on, kept with the file.
struct InDebug(Option<TextRange>);

/// For each static mapping of uWSGI whether it is the only way to the files below it.
pub(crate) fn only_ways(p: &DjangoPhase, sources: &Sources) -> Vec<(usize, Option<bool>)> {
    let options = p.uwsgi_options.iter().enumerate();
    let maps = options.filter(|(_, option)| {
        option.name == "static-map" && p.images[option.image].served.is_some()
    });
    maps.map(|(at, _)| (at, is_only_way(p, at, sources)))
        .collect()
}

/// For each settings whether the application or its URLs serve static files; `None` where one is not known.
pub(crate) fn applications_serve(p: &DjangoPhase, sources: &Sources) -> Vec<Option<bool>> {
    let serves = |settings: &SettingsFact| {
        if application_serves(p, settings.image, sources)? {
            return Some(true);
        }
        Some(!has_no_view(p, settings, sources)?)
    };
    p.settings.iter().map(serves).collect()
}

/// For each settings where the module of the URLs adds a view for MEDIA_URL that is there while DEBUG is on:
/// `static(settings.MEDIA_URL, ...)`.
pub(crate) fn uploads_in_debug(p: &DjangoPhase, sources: &Sources) -> Vec<Option<Span>> {
    let place = |settings: &SettingsFact| {
        let urls = verdicts::text(&settings.settings, "ROOT_URLCONF");
        let path = settings::path_of(p, settings.image, sources)?;
        let Place::File { file, .. } = path.find(urls.known()?) else {
            return None;
        };
        let read = |source: &SourceFile| InDebug(upload_views::in_debug(&source.text));
        let range = sources.once(file, read).0?;
        Some(Span::new(file, range.start().into(), range.end().into()))
    };
    p.settings.iter().map(place).collect()
}

/// The module of the URLs has no view for static files.
fn has_no_view(p: &DjangoPhase, settings: &SettingsFact, sources: &Sources) -> Option<bool> {
    let urls = verdicts::text(&settings.settings, "ROOT_URLCONF");
    let path = settings::path_of(p, settings.image, sources)?;
    let Place::File { file, .. } = path.find(urls.known()?) else {
        return None;
    };
    let text = &sources.get(file).text;
    Some(!ValueWords::StaticView.is_within(text))
}

/// Nothing but the mapping `at` answers for STATIC_URL, and nothing puts files into its directory. `None` when
/// something may.
fn is_only_way(p: &DjangoPhase, at: usize, sources: &Sources) -> Option<bool> {
    let options = &p.uwsgi_options;
    let option = &options[at];
    let (mount, directory) = static_map::mapping(option.value.as_ref()?)?;
    let settings = p
        .settings
        .iter()
        .find(|settings| settings.image == option.image)?;
    let url = verdicts::static_url(&settings.settings);
    let root = verdicts::static_root(&settings.settings);
    let (url, root) = (url.known()?.as_str(), root.known()?.as_str());
    // Nothing to ask where the two agree.
    if mount.as_str() != url || directory.as_str() == root {
        return None;
    }
    let others = options.iter().enumerate().filter(|(other, fact)| {
        *other != at
            && fact.image == option.image
            && (fact.name.contains("static") || fact.name.contains("route"))
    });
    for (_, other) in others {
        if other.name.starts_with("static-expires") {
            continue;
        }
        let mapped = static_map::mapping(other.value.as_ref()?);
        match mapped {
            Some((mount, directory)) if other.name == "static-map" => {
                if mount.as_str() == url && directory.as_str() == root {
                    return Some(false);
                }
            }
            _ => return None,
        }
    }
    let image = &p.images[option.image];
    if !image.process_is_known
        || !matches!(
            origin::at_end(p, image.stage, directory.as_str()).origin,
            Origin::Missing
        )
        || fills(p, option.image, directory.as_str())
    {
        return None;
    }
    let middleware = match verdicts::middleware(&settings.settings) {
        Answer::Known(known) if !known.value.is_open => known
            .value
            .entries
            .iter()
            .any(|(name, _)| ValueWords::ServesStatic.is_within(name)),
        Answer::Unassigned => false,
        _ => return None,
    };
    if middleware || application_serves(p, option.image, sources)? {
        return Some(false);
    }
    has_no_view(p, settings, sources)?.then_some(true)
}

/// A command of the build or of the start names the directory: it may fill it, or link it.
fn fills(p: &DjangoPhase, image: usize, directory: &str) -> bool {
    let image = &p.images[image];
    let of_build = p
        .commands
        .iter()
        .filter(|fact| image.chain.contains(&fact.stage))
        .map(|fact| &fact.command);
    let of_start = image.starts.iter().map(|start| &start.command);
    of_build.chain(of_start).any(|command| {
        let mut args = command.args.iter();
        command.name.as_deref() != Some("uwsgi")
            && args.any(|arg| arg.prefix.contains(directory) || arg.suffix.contains(directory))
    })
}

/// The module of the application wraps it into one that serves static files.
fn application_serves(p: &DjangoPhase, image: usize, sources: &Sources) -> Option<bool> {
    let mut applications = p.applications.iter();
    let file = applications.find(|fact| fact.image == image)?.file?;
    let text = &sources.get(file).text;
    Some(ValueWords::ServesStatic.is_within(text))
}

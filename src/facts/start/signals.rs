//! Which signals stop what starts, whether they reach it, and how long Docker waits then.

use crate::compose::{Service, Text};
use crate::facts::build::at;
use crate::facts::model::{ImageFact, Kept, Project, ServiceFact, StartFact};
use crate::facts::python::releases;
use crate::facts::start::image::{server_of, signal_name};
use crate::facts::start::{celery, foreground};
use crate::knowledge::images::PackageManager;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::signal_keepers::{self, Keeper};
use crate::knowledge::stop_signals;
use crate::knowledge::words::OptionWords;
use crate::server::Server;
use crate::shell::ast::{Arg, Command};
use crate::shell::program;
use crate::span::{Span, Traced};

/// How long Docker waits when nothing says so.
const GRACE: f64 = 10.0;

/// What stops a container, with the signals on which the program in it would finish its work.
pub(crate) struct Unfinished {
    pub(crate) signal: String,
    pub(crate) span: Span,
    pub(crate) finishes: &'static str,
}

/// The signals that stop the containers of `services`, or of the image by itself, and on which a program does not
/// finish what it is at.
pub(crate) fn unfinished(
    p: &Project,
    image: usize,
    service: Option<usize>,
    start: &StartFact,
) -> Vec<Unfinished> {
    let command = &start.command;
    let name = server_of(command)
        .map(|server| server.name)
        .or_else(|| command.management_name())
        .or(command.name.as_deref());
    let is_unasked = name.is_some_and(stop_signals::is_told_unasked);
    let finishing = name
        .and_then(stop_signals::finishing)
        .filter(|_| is_unasked || foreground::stays(command));
    let Some(finishing) = finishing else {
        return Vec::new();
    };
    let own = |fact: &ServiceFact| {
        let text = fact.compose(p)?.stop_signal.as_ref()?;
        text.value
            .as_ref()
            .map(|value| (signal_name(value), text.span()))
    };
    let of_image = stop_signal(p, &p.images[image]).map(|text| (signal_name(text), text.span()));
    let is_named = of_image.is_some();
    let mut all: Vec<(String, Span)> = match service {
        Some(i) => own(&p.services[i]).or(of_image).into_iter().collect(),
        None => {
            let runs_it = |fact: &&ServiceFact| fact.image == Some(image) && fact.run.is_none();
            let services = p.services.iter().filter(runs_it).filter_map(own);
            of_image.into_iter().chain(services).collect()
        }
    };
    if is_unasked && !is_named && all.is_empty() {
        all.push(("TERM".to_owned(), command.name_span));
    }
    let drops =
        |(signal, _): &(String, Span)| !signal.is_empty() && !finishing.contains(&signal.as_str());
    all.into_iter()
        .filter(drops)
        .filter_map(|(signal, span)| {
            let finishes = finishing.last()?;
            Some(Unfinished {
                signal,
                span,
                finishes,
            })
        })
        .collect()
}

/// STOPSIGNAL of an image; empty where it is not known.
pub(crate) fn stop_signal<'a>(p: &'a Project, image: &ImageFact) -> Option<&'a Traced> {
    let mut stages = image.chain.iter();
    stages.find_map(|stage| p.stages[*stage].stop_signal.as_ref())
}

/// What the shell that stays process 1 runs, where one does.
pub(crate) fn kept(p: &Project, image: usize, starts: &[StartFact], at: usize) -> Option<Kept> {
    let stays = |start: &&StartFact| {
        foreground::stays(&start.command) || manages_in_foreground(p, &start.command)
    };
    let start = starts.get(at).filter(stays)?;
    foreground::kept(p, image, start, starts)
}

/// The small process 1 in the containers of a service.
pub(crate) fn init<'a>(p: &Project, service: &ServiceFact, words: &'a [Traced]) -> Option<&'a str> {
    let named = words.first().map(|word| program(word.as_str()));
    let is_on = |service: &Service| {
        service
            .init
            .as_ref()
            .is_some_and(|init| init.as_str() != Some("false"))
    };
    let given = service
        .compose(p)
        .is_some_and(is_on)
        .then_some("docker-init");
    named
        .filter(|name| programs::is(name, Role::Init))
        .or(given)
}

/// How long a server lets requests end, as an option says, in seconds.
pub(crate) fn graceful(server: &Server) -> Option<(f64, Span)> {
    use crate::knowledge::servers::Means;
    let mut keys = server.product.keys(Means::Grace);
    let setting =
        keys.find_map(|key| Some(server.setting(key)).filter(|it| it.as_str().is_some()))?;
    let seconds = setting.as_str()?.trim().parse::<f64>().ok()?;
    (seconds.is_finite() && seconds >= 0.0).then_some((seconds, setting.span()?))
}

/// How long Docker waits for a service to end before it kills it, in seconds; `None` where that is not known.
pub(crate) fn grace(service: &Service) -> Option<f64> {
    match &service.stop_grace_period {
        None if service.extends.is_some() => None,
        None => Some(GRACE),
        Some(text) => duration(text),
    }
}

/// `1m30s`, `90s`, `1.5h`
fn duration(text: &Text) -> Option<f64> {
    let mut rest = text.as_str()?.trim();
    let mut all = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number = rest[..end].parse::<f64>().ok()?;
        let unit_end = rest[end..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |at| end + at);
        let seconds = match &rest[end..unit_end] {
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        all += number * seconds;
        rest = &rest[unit_end..];
    }
    Some(all)
}

/// The program that runs what stays in the foreground, stands above it as long, and does not let it finish on the stop
/// signal.
pub(crate) fn keeper(p: &Project, image: usize, start: &StartFact) -> Option<&'static Keeper> {
    let command = &start.command;
    let is_plain = foreground::stays(command) && !command.is_background && command.pipeline.1 <= 1;
    if !is_plain {
        return None;
    }
    let holds = |keeper: &&Keeper| {
        let is_old = match keeper.distribution.zip(keeper.until) {
            Some((name, until)) => {
                let found = releases::pinned(p, image, name);
                found.is_some_and(|(version, _)| !releases::is_at_least(&version, until))
            }
            None => true,
        };
        let root = at::root(&p.stages, p.images[image].stage);
        let is_apt = root.base.knowledge.package_manager == PackageManager::Apt;
        is_old && (is_apt || !keeper.system)
    };
    let mut wrappers = command.wrappers.iter();
    wrappers.find_map(|name| signal_keepers::find(name).filter(holds))
}

/// The small process 1 that sends signals to every process below it, by its option or because nothing says otherwise.
pub(crate) fn signals_all(words: &[Traced]) -> Option<&Traced> {
    let (first, rest) = words.split_first()?;
    let options = || {
        let options = rest.iter().map(Traced::as_str);
        options.take_while(|word| word.starts_with('-') && *word != "--")
    };
    let short = |word: &str, letter: char| !word.starts_with("--") && word.contains(letter);
    let is_for_all = match program(first.as_str()) {
        "dumb-init" => !options().any(|word| {
            let is_one = word == "--single-child" || short(word, 'c');
            // What it makes of a signal is not looked at.
            is_one || word.starts_with("--rewrite") || short(word, 'r')
        }),
        "tini" | "tini-static" => options().any(|word| short(word, 'g')),
        _ => false,
    };
    is_for_all.then_some(first)
}

/// A worker of celery whose tasks run in processes of their own: on SIGTERM each of them ends at once, and only the
/// worker itself lets them finish.
pub(crate) fn has_pool(command: &Command) -> bool {
    let is_pool = match command.flag("--pool") {
        None => true,
        Some(flag) => {
            let value = flag.value.as_ref().and_then(Arg::as_str);
            matches!(value, Some("prefork" | "processes"))
        }
    };
    celery::is_worker(command) && command.is_complete && foreground::stays(command) && is_pool
}

/// A supervisord that is not known to leave the foreground, and starts something.
fn manages_in_foreground(p: &Project, command: &Command) -> bool {
    let is_asked = |arg: &Arg| {
        let text = arg.as_str();
        text.is_none_or(|text| OptionWords::ServerAnswers.contains(text))
    };
    let mut all = p.supervisors.iter();
    command.name.as_deref() == Some("supervisord")
        && !command.args.iter().any(is_asked)
        && !all.any(|it| it.word == command.name_span && it.daemonizes)
}

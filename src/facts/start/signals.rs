//! Which signals stop what starts, whether they reach it, and how long Docker waits then.

use crate::compose::{Service, Text};
use crate::facts::model::{ImageFact, Kept, Project, ServiceFact, StartFact};
use crate::facts::start::foreground;
use crate::facts::start::image::{server_of, signal_name};
use crate::knowledge::programs::{self, Role};
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
        .or(command.name.as_deref());
    let finishing = name
        .and_then(stop_signals::finishing)
        .filter(|_| foreground::stays(command));
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
    let all: Vec<(String, Span)> = match service {
        Some(i) => own(&p.services[i]).or(of_image).into_iter().collect(),
        None => {
            let runs_it = |fact: &&ServiceFact| fact.image == Some(image) && fact.run.is_none();
            let services = p.services.iter().filter(runs_it).filter_map(own);
            of_image.into_iter().chain(services).collect()
        }
    };
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

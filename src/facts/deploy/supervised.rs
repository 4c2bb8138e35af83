//! The supervisord that starts in an image, and the configuration that it certainly reads.

use crate::compose::{CommandForm, CommandLine, Text};
use crate::deployed::Deployed;
use crate::facts::model::{DjangoPhase, RunFact, ServiceFact, StartFact, SupervisorFact};
use crate::facts::start::follow;
use crate::server::supervisor::{self, Program, Value};
use crate::shell::ast::Runs;
use crate::source::{Sources, absolute};
use crate::span::Traced;
use std::sync::Arc;

/// Every supervisord that images and services certainly start, with a file of the project.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<SupervisorFact> {
    let mut out = Vec::new();
    let images = p.images.iter().enumerate();
    let images = images.map(|(i, image)| {
        let is_known = image.process_is_known;
        (i, &image.starts, &image.supervised.by, is_known)
    });
    let services = services.iter().filter_map(|fact| {
        let run = fact.run.as_ref()?;
        Some((fact.image?, &run.starts, &run.supervised.by, run.is_known))
    });
    for (image, starts, by, is_known) in images.chain(services) {
        for found in by {
            let is_it = |start: &StartFact| start.command.name_span == found.word;
            let Some(at) = starts.iter().position(is_it) else {
                continue;
            };
            let (start, config) = (&starts[at], &found.config);
            // A path of a program that an install made leaves the rest unknown, and here is none.
            let is_known = is_known || starts.len() == 1 && start.script.is_none();
            let flags = &start.command.flags;
            let stays = flags.iter().any(|flag| flag.name == "--nodaemon");
            let is_last = at + 1 == starts.len() && !start.command.is_background;
            let daemonizes = !stays
                && !config.has_include
                && is_known
                && is_last
                && start.command.runs == Runs::Always
                && start.command.pipeline.1 <= 1
                && config.nodaemon.as_ref().is_none_or(|value| {
                    matches!(
                        value.as_str().to_ascii_lowercase().as_str(),
                        "false" | "no" | "0"
                    )
                });
            // Scripts before it may make directories and accounts.
            let is_alone = is_known && at == 0;
            let is_certain = is_known && start.command.runs == Runs::Always;
            let logs = logs(start, config);
            let runs = config.programs.iter();
            let runs = runs.map(|program| run(p, image, start, program, sources));
            let runs = runs.collect();
            out.push(SupervisorFact {
                image,
                word: start.command.name_span,
                path: found.path.clone(),
                config: Arc::clone(config),
                daemonizes,
                is_alone,
                is_certain,
                logs,
                runs,
            });
        }
    }
    out
}

/// What a program starts: its command, followed through the scripts of the project.
fn run(
    p: &DjangoPhase,
    image: usize,
    start: &StartFact,
    program: &Program,
    sources: &Sources,
) -> Option<RunFact> {
    let words = supervisor::words(program.command.known()?)?;
    let span = program.command.known()?.span();
    let directory = match &program.directory {
        Value::Known(path) => Some(Text::from(path.clone())),
        Value::Open(_) | Value::Unknown => Some(Text::unknown(span)),
        Value::Absent => {
            let own = start.directory.as_deref();
            own.map(|own| Text::from(Traced::new(own, span)))
        }
    };
    let started = Deployed {
        entrypoint: Some(CommandLine {
            span,
            form: CommandForm::List(words.into_iter().map(Text::from).collect()),
        }),
        workdir: directory,
        ..Deployed::new("supervisord", program.name.clone(), "")
    };
    Some(follow::of_service(p, sources, image, &started))
}

/// The log files that a supervisord opens, its own and those of its programs, as far as they are known and absolute.
fn logs(start: &StartFact, config: &supervisor::Supervisor) -> Vec<(&'static str, Traced)> {
    let flag = |name: &str| start.command.flags.iter().find(|flag| flag.name == name);
    let given = flag("--logfile").map(|flag| flag.value.as_ref().and_then(|it| it.text.clone()));
    let by_default = || {
        // A supervisord that goes to the background changes its directory first.
        let stays = flag("--nodaemon").is_some() || config.nodaemon.is_some();
        let directory = start.directory.as_deref().filter(|_| stays)?;
        let path = absolute(directory, "supervisord.log");
        Some(Traced::new(path, start.command.name_span))
    };
    let own = match (given, &config.logfile) {
        (Some(given), _) => given,
        (None, _) if config.has_include => None,
        (None, Value::Known(path)) => Some(path.clone()),
        (None, Value::Absent) => by_default(),
        (None, Value::Open(_) | Value::Unknown) => None,
    };
    let programs = config.programs.iter().flat_map(|program| &program.logs);
    let programs = programs.map(|log| ("stdout_logfile", log.clone()));
    let all = own.into_iter().map(|log| ("logfile", log)).chain(programs);
    all.filter(|(_, log)| log.as_str().starts_with('/'))
        .collect()
}

//! What celery writes.

use super::Place;
use crate::facts::model::{Moment, SettingsFact, StartFact, Writer};
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::shell::ast::{Arg, Command};

/// What its options name.
pub(super) fn options(
    command: &Command,
    resolve: &dyn Fn(&str) -> Option<String>,
    place: &mut Place<'_>,
) {
    for flag in &command.flags {
        let name = flag.name.trim_start_matches('-');
        let value = flag.value.as_ref().and_then(|it| it.text.as_ref());
        if let Some(value) = value.filter(|it| {
            OptionWords::CeleryWrites.contains(&flag.name) && !it.as_str().contains('%')
        }) && let Some(path) = resolve(value.as_str())
        {
            place.add(&path, value.span(), Writer::Option, name, Moment::Start);
        }
    }
}

/// Where beat keeps when it last sent each task, unless something says where, or another way to keep it.
pub(super) fn schedule(
    start: &StartFact,
    settings: &[&SettingsFact],
    resolve: &dyn Fn(&str) -> Option<String>,
    place: &mut Place<'_>,
) {
    const FILE: &str = "celerybeat-schedule";
    let command = &start.command;
    let beat = match command.subcommand() {
        Some("beat") => command.subcommand.as_ref().map(|it| it.span),
        Some("worker") => command.flag("--beat").map(|it| it.span),
        _ => None,
    };
    let is_told = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        let name = text.split('=').next().unwrap_or(text);
        OptionWords::CelerySchedule.contains(name)
    };
    let says = |fact: &&SettingsFact| {
        let mut texts = fact.texts.iter();
        !fact.beat_is_plain || texts.any(|(_, it)| ValueWords::CeleryBeat.is_within(&it.text))
    };
    let Some(span) = beat.filter(|_| command.is_complete) else {
        return;
    };
    if settings.is_empty()
        || settings.iter().any(|it| says(&it))
        || command.args.iter().any(is_told)
    {
        return;
    }
    if let Some(path) = resolve(FILE) {
        place.add(&path, span, Writer::Schedule, "beat", Moment::Start);
    }
}

//! What celery writes.

use crate::facts::model::{SettingsFact, StartFact};
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

/// The files that its options name, with the options.
pub(super) fn options(command: &Command) -> impl Iterator<Item = (&str, &Traced)> {
    command.flags.iter().filter_map(|flag| {
        let value = flag.value.as_ref()?.text.as_ref()?;
        let is_named = OptionWords::CeleryWrites.contains(&flag.name);
        let is_plain = is_named && !value.as_str().contains('%');
        is_plain.then(|| (flag.name.trim_start_matches('-'), value))
    })
}

/// Where beat keeps when it last sent each task, unless something says where, or another way to keep it; with what
/// starts it.
pub(super) fn schedule(
    start: &StartFact,
    settings: &[&SettingsFact],
) -> Option<(&'static str, Span)> {
    const FILE: &str = "celerybeat-schedule";
    let command = &start.command;
    let beat = match command.subcommand() {
        Some("beat") => command.subcommand.as_ref().map(|it| it.span),
        Some("worker") => command.flag("--beat").map(|it| it.span),
        _ => None,
    };
    let span = beat.filter(|_| command.is_complete)?;
    let is_told = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        let name = text.split('=').next().unwrap_or(text);
        OptionWords::CelerySchedule.contains(name)
    };
    let says = |fact: &SettingsFact| {
        let mut texts = fact.texts.iter();
        !fact.beat_is_plain || texts.any(|(_, it)| ValueWords::CeleryBeat.is_within(&it.text))
    };
    let is_plain = !settings.is_empty()
        && !settings.iter().any(|it| says(it))
        && !command.args.iter().any(is_told);
    is_plain.then_some((FILE, span))
}

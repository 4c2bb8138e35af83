//! Servers that go to the background as the last of what a container starts, which ends with them.

use crate::compose::Mount;
use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{Project, StartFact};
use crate::facts::start::{foreground, service};
use crate::knowledge::background_daemons::{self, Daemon};
use crate::knowledge::words::ValueWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::shell::{self, Options, UnknownVariables};
use crate::source::is_in;
use crate::span::{Span, Traced};

/// The server that a command starts in the background, by its own habit.
fn daemon(command: &Command) -> Option<&'static Daemon> {
    let row = background_daemons::of_program(command.name.as_deref()?)?;
    let args: Option<Vec<&str>> = command.args.iter().map(Arg::as_str).collect();
    let is_certain = command.is_complete
        && command.runs == Runs::Always
        && !command.is_background
        && !command.is_substitution
        && command.pipeline.1 <= 1
        && command.loop_depth == 0;
    (is_certain && !row.stays(&args?)).then_some(row)
}

/// What keeps a shell from ending behind it.
fn holds(command: &Command) -> bool {
    let is_waiting = command.name.as_deref() == Some("wait")
        || matches!(command.name.as_deref(), Some("sleep" | "tail" | "read"));
    let stays = !command.is_background && foreground::stays(command);
    is_waiting || command.loop_depth > 0 || stays
}

/// It writes to other files only.
fn is_elsewhere(command: &Command, path: &str) -> bool {
    let mut targets = command.redirects.iter().map(|it| it.target.as_ref());
    targets.all(|it| {
        it.and_then(Arg::as_str)
            .is_some_and(|it| !it.contains(path))
    })
}

/// The server in a service that runs the image of its makers, where `command` takes the place of what keeps it in the
/// foreground, and ends with it.
pub(crate) fn of_service(p: &Project, i: usize) -> Option<(&'static str, Span)> {
    let own = p.services[i].compose(p)?;
    let image = service::image(own)?;
    if own.entrypoint.is_some() || own.extends.is_some() || own.has_key(ValueWords::MountsMore) {
        return None;
    }
    let words: Vec<Traced> = own.command.as_ref()?.words()?;
    let commands = shell::exec_form(&words, &UnknownVariables, &Options::default());
    let (last, before) = commands.split_last()?;
    let row = daemon(last)?;
    let is_config = |mount: &Mount| {
        let target = mount
            .target
            .as_ref()
            .map(|it| it.as_str().trim_end_matches('/'));
        row.config
            .zip(target)
            .is_none_or(|(config, target)| is_in(config, target))
    };
    let writes = |command: &Command| {
        let mut texts = command
            .args
            .iter()
            .map(|it| it.as_str().unwrap_or(&it.prefix));
        !command.redirects.is_empty() && row.config.is_none_or(|it| !is_elsewhere(command, it))
            || row
                .config
                .is_some_and(|config| texts.any(|text| text.contains(config)))
    };
    let is_sure = row.is_image(image.repository.as_str())
        && !own.volumes.iter().any(is_config)
        && !before.iter().any(|it| holds(it) || writes(it));
    is_sure.then_some((row.name, last.span))
}

/// The server, or the service of the distribution, with whose start in the background the start of an image ends.
pub(crate) fn at_start(
    p: &Project,
    image: usize,
    starts: &[StartFact],
    is_known: bool,
    i: usize,
) -> Option<(String, Span)> {
    let command = &starts[i].command;
    let stage = p.images[image].stage;
    let may_hold = |path: &str| {
        let found = origin::at_end(p, stage, path);
        matches!(
            found.origin,
            Origin::Context(_) | Origin::Inline(_) | Origin::Directory(_)
        )
    };
    let name = match command.starts_service() {
        Some(service) => {
            let is_plain = command.runs == Runs::Always && command.loop_depth == 0;
            Some(service.to_owned()).filter(|_| is_plain && command.pipeline.1 <= 1)
        }
        None => daemon(command)
            .filter(|row| row.config.is_none_or(|config| !may_hold(config)))
            .map(|row| row.name.to_owned()),
    }?;
    let is_last = i + 1 == starts.len() && !command.is_background;
    let is_held = starts[..i].iter().any(|it| holds(&it.command));
    let says = |arg: &Arg| arg.as_str().is_none_or(|text| text.contains("daemon off"));
    let mut args = starts.iter().flat_map(|it| &it.command.args);
    let edits = p.text.text.contains("daemon off") || args.any(says);
    (is_known && is_last && !is_held && !edits).then_some((name, command.span))
}

//! Which services of a stack need what another one makes as it starts, and do not wait for it.

use crate::facts::deploy::{databases, groups, together};
use crate::facts::model::{Project, ServiceFact, StartFact};
use crate::facts::start::celery;
use crate::knowledge::words::ValueWords;
use crate::shell::ast::{Arg, Runs};
use crate::span::Span;

/// Celery's beat reads its schedule from tables as it starts, and a service that it does not wait for makes them as
/// that one starts: the name of that service, and where beat is started. Beat ends without them and is not started
/// again.
pub(crate) fn schedules_unready<'p>(
    p: &'p Project,
    fact: &'p ServiceFact,
) -> Option<(&'p str, Span)> {
    let (stack, own) = (fact.stack(p)?, fact.compose(p)?);
    let restart = own.restart.as_ref().map(|text| text.as_str());
    let is_once = matches!(restart, None | Some(Some("no")));
    let has_policy = own.keys.iter().any(|key| key.as_str() == "deploy");
    if !stack.is_whole || !is_once || has_policy || !fact.is_known(p) || fact.has_several(p) {
        return None;
    }
    // What stands before it may wait, or make the tables.
    let [start] = fact.starts(p) else {
        return None;
    };
    let span = keeps_in_database(p, fact, start)?;
    let stage = p.images[fact.image?].stage;
    let is_server = match databases::is_in_files(p, stage) {
        Some(is_in_files) => !is_in_files,
        None => groups::beside(p, fact).databases > 0,
    };
    let makes = |other: &&ServiceFact| {
        let mut starts = other.starts(p).iter();
        starts.any(|start| start.command.management_name() == Some("migrate"))
    };
    let others = groups::beside(p, fact).services.iter();
    let mut makers = others.map(|at| &p.services[*at]).filter(makes);
    let maker = makers
        .next()
        .filter(|_| is_server && makers.next().is_none())?;
    let maker = maker.compose(p).filter(|it| !std::ptr::eq(*it, own))?;
    (!together::waits_until_ready(stack, own, maker)).then_some((maker.name.as_str(), span))
}

/// The command is celery's beat alone, with its schedule in tables of the project; where `beat` is written.
fn keeps_in_database(p: &Project, fact: &ServiceFact, start: &StartFact) -> Option<Span> {
    let command = &start.command;
    let is_beat = celery::runs(command) == Some("beat") && command.is_complete;
    let flag = command.flag("--scheduler").or_else(|| command.flag("-S"));
    let by_table = |text: &str| ValueWords::CeleryTables.is_within(text);
    let is_kept = match flag {
        Some(flag) => flag
            .value
            .as_ref()
            .and_then(Arg::as_str)
            .is_some_and(by_table),
        None => {
            let own = p.settings.iter().filter(|it| Some(it.image) == fact.image);
            let mut texts = own.flat_map(|it| &it.texts);
            texts.any(|(_, source)| by_table(&source.text))
        }
    };
    let span = command.subcommand.as_ref()?.span;
    (is_beat && is_kept && command.runs == Runs::Always).then_some(span)
}

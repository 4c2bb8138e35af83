//! Who starts an image that does not say what it starts: it has neither ENTRYPOINT nor CMD, or an ENTRYPOINT alone that
//! hands over to its arguments. What it starts is then what files beside the Dockerfile say.

use crate::compose::CommandLine;
use crate::deployed::Deployed;
use crate::facts::build::{application, reach};
use crate::facts::files::bound;
use crate::facts::intent::{by_name, starts_development, tag_intent};
use crate::facts::model::{BuildPhase, Kept, RunFact, ServerFact};
use crate::facts::start::image::server_of;
use crate::knowledge::intent_words::Intent;
use crate::knowledge::programs::is_shell;

/// The shipped image that what is started runs, when it builds this Dockerfile.
pub(crate) fn image_of(p: &BuildPhase, deployed: &Deployed) -> Option<usize> {
    let target = deployed.build.as_ref()?.target.as_ref();
    let stage = match target {
        None => p.stages.len().checked_sub(1)?,
        Some(text) => p.stage_named(text.as_str()?)?,
    };
    p.images.iter().position(|image| image.stage == stage)
}

/// An ENTRYPOINT without CMD may start what it is handed. One of the Dockerfile drops the CMD of the base image.
fn may_hand_over(p: &BuildPhase, index: usize) -> bool {
    let image = &p.images[index];
    let entrypoint = image.entrypoint.filter(|_| image.cmd.is_none());
    let entrypoint = entrypoint.and_then(|stage| p.stages[stage].entrypoint.as_ref());
    entrypoint.is_some_and(|entrypoint| entrypoint.is_json)
}

/// The ENTRYPOINT of the image starts the words that it is handed, or the image has none: a program or a script that
/// runs stands among them, or a command of `manage.py`.
pub(crate) fn is_handed_over(
    p: &BuildPhase,
    index: usize,
    deployed: &Deployed,
    run: &RunFact,
) -> bool {
    if p.images[index].entrypoint.is_none() {
        return true;
    }
    let Some(line) = deployed
        .command
        .as_ref()
        .filter(|_| deployed.entrypoint.is_none())
    else {
        return false;
    };
    let starts = run.starts.iter().map(|start| &start.command);
    let managed = starts
        .clone()
        .filter_map(|command| command.management.as_ref());
    let named = starts.map(|command| command.name_span);
    let scripts = run.scripts.iter().map(|script| script.word);
    let mut all = named.chain(scripts).chain(managed.map(|name| name.span));
    all.any(|span| line.span.contains(span))
}

/// What starts an image that says nothing, or nothing else than what hands over to it, among all that is started: what
/// is for production, else what does not say what it is for, unless one of those is for development. Empty where a
/// platform may say something else.
pub(crate) fn starters(p: &BuildPhase, index: usize) -> Vec<usize> {
    let is_open = reach::says_nothing(&p.stages, &p.images[index]) || may_hand_over(p, index);
    if !is_open || application::has_platform(p) || p.around.deployed.is_open {
        return Vec::new();
    }
    let deployed = &p.around.deployed;
    let wanted = p.around.has_production().then_some(Intent::Production);
    let building = deployed.building.iter().copied();
    let meant: Vec<usize> = building
        .filter(|i| deployed.all[*i].purpose == wanted)
        .filter(|i| image_of(p, &deployed.all[*i]) == Some(index))
        .collect();
    let develops = |i: &usize| {
        let it = &deployed.all[*i];
        let is_known = it.build.as_ref().is_some_and(|it| it.context.is_some());
        !is_known
            || bound::binds_code(p, Some(index), it)
            || wanted.is_none() && (is_for_development(it) || is_for_few(p, it))
    };
    if meant.iter().any(develops) {
        return Vec::new();
    }
    let starts = |i: &usize| deployed.all[*i].changes_start();
    meant.into_iter().filter(starts).collect()
}

/// Compose watches its code, or starts it for a profile that is called so.
fn is_for_few(p: &BuildPhase, it: &Deployed) -> bool {
    let Some(service) = p.around.deployed.service(it) else {
        return false;
    };
    let mut profiles = service.profiles.iter().filter_map(|it| it.as_str());
    service.keys.iter().any(|key| key.as_str() == "develop")
        || profiles.any(|it| by_name(it).is_some_and(|it| it != Intent::Production))
}

/// Its name, the words that it starts or the tag that it gives say that it is for development or tests.
fn is_for_development(deployed: &Deployed) -> bool {
    let given = [&deployed.entrypoint, &deployed.command];
    let given = given.into_iter().flatten().filter_map(CommandLine::words);
    let is_other = |intent: Intent| intent != Intent::Production;
    by_name(deployed.name.as_str()).is_some_and(is_other)
        || tag_intent(deployed).is_some_and(is_other)
        || given
            .flatten()
            .any(|word| starts_development(word.as_str()))
}

/// An entrypoint that is not known starts what CMD names, by all convention.
pub(crate) fn by_convention(p: &BuildPhase, image: usize) -> Option<ServerFact> {
    let image = &p.images[image];
    p.stages[image.entrypoint?]
        .entrypoint
        .as_ref()
        .filter(|entrypoint| entrypoint.is_json)?;
    let cmd = p.stages[image.cmd?].cmd.as_ref()?;
    let named = |command| server_of(command).map(|product| (product, command));
    let (product, command) = cmd.commands.iter().rev().find_map(named)?;
    let has_shell = !cmd.is_json || command.wrappers.iter().any(|name| is_shell(name));
    let is_exec = command.wrappers.iter().any(|name| name == "exec");
    Some(ServerFact {
        shares: false,
        product,
        command: command.clone(),
        instruction: cmd.instruction,
        kept: (has_shell && !is_exec).then_some(Kept {
            instruction: cmd.instruction,
            span: command.span,
            needs_shell: false,
        }),
        own_line: None,
    })
}

//! What the Dockerfile itself says of the application in an image: Python, Django, what starts.

use crate::context::Presence;
use crate::deployed::Deployed;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at::{chain, root};
use crate::facts::build::manager;
use crate::facts::model::{BuildPhase, ProcessFact, ShippedImage};
use crate::knowledge::images::Family;
use crate::knowledge::installers::{self, Dialect, Installer};
use crate::knowledge::programs;
use crate::knowledge::words::FileWords;
use crate::shell::ast::{Arg, Command};

/// The stage is (part of) a Python application: its base image is Python's, what is built on it names Django, or
/// installs an application's requirements and starts something. A tool installed by name makes no
/// application, neither do requirements in an image of a compiler.
pub(crate) fn is_python(p: &BuildPhase, stage: usize) -> bool {
    let family = root(&p.stages, stage).base.knowledge.family;
    if matches!(family, Family::Python | Family::Uv | Family::Pypy) {
        return true;
    }
    let own = chain(&p.stages, stage);
    if has_django(p, &own) {
        return true;
    }
    images_on(p, stage).any(|image| {
        let stages = &image.chain;
        has_django(p, stages)
            || installs_requirements(p, stages)
                && process(p, image).is_some()
                && !opens_shell(p, image)
    })
}

/// Whether one of the stages installs what a project lists.
pub(crate) fn installs_requirements(p: &BuildPhase, stages: &[usize]) -> bool {
    p.commands.iter().any(|fact| {
        let command = &fact.command;
        let sub = command.subcommand.as_ref().and_then(Arg::as_str);
        stages.contains(&fact.stage)
            && manager::installer(command).is_some_and(|row| {
                row.takes_project(sub.unwrap_or_default())
                    || row.dialect == Dialect::Pip
                        && sub == Some("install")
                        && command.flag("--requirement").is_some()
            })
    })
}

/// The shipped images that the stage is part of.
fn images_on(p: &BuildPhase, stage: usize) -> impl Iterator<Item = &ShippedImage> {
    p.images
        .iter()
        .filter(move |image| image.chain.contains(&stage))
}

/// ENTRYPOINT, or else CMD, of an image.
fn process<'a>(p: &'a BuildPhase, image: &ShippedImage) -> Option<&'a ProcessFact> {
    let of = |stage: Option<usize>, is_cmd: bool| {
        let stage = &p.stages[stage?];
        match is_cmd {
            true => stage.cmd.as_ref(),
            false => stage.entrypoint.as_ref(),
        }
    };
    of(image.entrypoint, false).or_else(|| of(image.cmd, true))
}

/// What the image starts is a shell that waits for commands, or something that only waits.
fn opens_shell(p: &BuildPhase, image: &ShippedImage) -> bool {
    let Some([command]) = process(p, image).map(|process| &process.commands[..]) else {
        return false;
    };
    let waits = match command.name.as_deref() {
        Some("tail") => command
            .operands
            .iter()
            .any(|it| it.as_str() == Some("/dev/null")),
        Some("sleep") => command
            .operands
            .iter()
            .any(|it| it.as_str() == Some("infinity")),
        _ => false,
    };
    if waits {
        return true;
    }
    let is_shell = command.name.as_deref().is_some_and(programs::is_shell);
    is_shell && command.operands.is_empty() && command.flag("-c").is_none()
}

/// What the image starts is `make`, and which target is said by those who run it.
fn runs_make(p: &BuildPhase, image: &ShippedImage) -> bool {
    let Some([command]) = process(p, image).map(|process| &process.commands[..]) else {
        return false;
    };
    let is_make = command.name.as_deref() == Some("make") && command.operands.is_empty();
    is_make && image.entrypoint.is_some() && image.cmd.is_none()
}

/// Every image that the stage is part of starts a shell that waits for commands, or `make` without a target, or is
/// meant to be built on (ONBUILD): a place to build and test in, no application.
pub(crate) fn is_workbench(p: &BuildPhase, stage: usize) -> bool {
    let is_built_on = |image: &ShippedImage| {
        let stages = image.chain.iter().map(|stage| &p.stages[*stage]);
        let mut instructions =
            stages.flat_map(|stage| &p.dockerfile.instructions[stage.instructions.clone()]);
        instructions.any(|instruction| instruction.keyword == Keyword::Onbuild)
    };
    let mut images = images_on(p, stage).peekable();
    images.peek().is_some()
        && images.all(|image| opens_shell(p, image) || runs_make(p, image) || is_built_on(image))
}

/// No image that the stage is part of says what it runs, and nothing beside the Dockerfile does: others build on it.
pub(crate) fn starts_nothing(p: &BuildPhase, stage: usize) -> bool {
    let mut images = images_on(p, stage).peekable();
    images.peek().is_some()
        && images.all(|image| process(p, image).is_none())
        && !is_run_by(p, FileWords::PlatformStart)
}

/// Something beside the Dockerfile says what its containers run.
pub(crate) fn is_commanded(p: &BuildPhase) -> bool {
    // What an orchestrator runs stands in files of many names; these stand at the root.
    is_run_by(p, FileWords::PlatformCommand)
}

/// Something says what a container of the Dockerfile runs, or one of these files is at the root.
fn is_run_by(p: &BuildPhase, platforms: FileWords) -> bool {
    let around = &p.around;
    around.deployed.building().any(Deployed::changes_start)
        || platforms
            .iter()
            .any(|name| matches!(around.context.presence(name), Presence::File { .. }))
}

/// Something in the stages names Django.
pub(crate) fn has_django(p: &BuildPhase, chain: &[usize]) -> bool {
    let in_commands = p
        .commands
        .iter()
        .filter(|fact| chain.contains(&fact.stage))
        .any(|fact| names_django(&fact.command));
    let in_processes = chain.iter().any(|stage| {
        let stage = &p.stages[*stage];
        stage
            .cmd
            .iter()
            .chain(&stage.entrypoint)
            .flat_map(|process| &process.commands)
            .any(names_django)
    });
    let in_env = p
        .envs
        .iter()
        .any(|env| chain.contains(&env.stage) && env.name.as_str() == "DJANGO_SETTINGS_MODULE");
    in_commands || in_processes || in_env
}

fn names_django(command: &Command) -> bool {
    if command.management.is_some() {
        return true;
    }
    let is_read = |row: &Installer| row.dialect != Dialect::Unread;
    let installs = command
        .name
        .as_deref()
        .is_some_and(|name| installers::rows(name).any(is_read))
        && command
            .subcommand
            .as_ref()
            .and_then(Arg::as_str)
            .is_some_and(|word| word.contains("install") || word.contains("add"));
    installs
        && command.operands.iter().any(|operand| {
            let name = operand
                .prefix
                .split(['=', '<', '>', '~', '!', '[', ';', ' '])
                .next()
                .unwrap_or_default();
            name.eq_ignore_ascii_case("django")
        })
}

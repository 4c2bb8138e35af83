//! What the Dockerfile itself says of the application in an image: Python, Django, what starts.

use crate::context::Presence;
use crate::deployed::{self, Deployed};
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at::root;
use crate::facts::build::manager;
use crate::facts::model::{ApplicationMarks, BaseKind, BuildPhase, ProcessFact, ShippedImage};
use crate::knowledge::images::Family;
use crate::knowledge::installers::{self, Dialect, Installer};
use crate::knowledge::programs;
use crate::knowledge::words::FileWords;
use crate::shell::ast::{Arg, Command};

/// What is found out for each stage, once for all that ask.
fn marks(p: &BuildPhase) -> &ApplicationMarks {
    p.applications.get_or_init(|| {
        let stages = 0..p.stages.len();
        let mut marks = ApplicationMarks {
            has_django: vec![false; p.stages.len()],
            installs: vec![false; p.stages.len()],
            is_python: vec![false; p.stages.len()],
            is_workbench: vec![None; p.stages.len()],
            is_silent: vec![None; p.stages.len()],
        };
        for fact in &p.commands {
            marks.has_django[fact.stage] |= names_django(&fact.command);
            marks.installs[fact.stage] |= manager::installs_listed(&fact.command);
        }
        let mut is_built_on = vec![false; p.stages.len()];
        for stage in stages {
            let fact = &p.stages[stage];
            let processes = fact.cmd.iter().chain(&fact.entrypoint);
            let mut started = processes.flat_map(|process| &process.commands);
            marks.has_django[stage] |=
                fact.set.envs.contains_key("DJANGO_SETTINGS_MODULE") || started.any(names_django);
            let mut instructions = p.dockerfile.instructions[fact.instructions.clone()].iter();
            is_built_on[stage] = instructions.any(|one| one.keyword == Keyword::Onbuild);
            if let BaseKind::Stage(parent) = fact.base.kind {
                for all in [&mut marks.has_django, &mut marks.installs, &mut is_built_on] {
                    all[stage] |= all[parent];
                }
            }
            let family = root(&p.stages, stage).base.knowledge.family;
            let is_for_python = matches!(family, Family::Python | Family::Uv | Family::Pypy);
            marks.is_python[stage] = is_for_python || marks.has_django[stage];
        }
        for image in &p.images {
            let process = process(p, image);
            let opens_shell = opens_shell(p, image);
            let is_application = marks.has_django[image.stage]
                || marks.installs[image.stage] && process.is_some() && !opens_shell;
            let is_workbench = opens_shell || runs_make(p, image) || is_built_on[image.stage];
            let all = |known: Option<bool>, more: bool| Some(known.unwrap_or(true) && more);
            for stage in &image.chain {
                marks.is_python[*stage] |= is_application;
                marks.is_workbench[*stage] = all(marks.is_workbench[*stage], is_workbench);
                marks.is_silent[*stage] = all(marks.is_silent[*stage], process.is_none());
            }
        }
        marks
    })
}

/// The stage is (part of) a Python application: its base image is Python's, what is built on it names Django, or
/// installs an application's requirements and starts something. A tool installed by name makes no
/// application, neither do requirements in an image of a compiler.
pub(crate) fn is_python(p: &BuildPhase, stage: usize) -> bool {
    marks(p).is_python[stage]
}

/// The stage, or one that it stands on, installs what a project lists.
pub(crate) fn has_requirements(p: &BuildPhase, stage: usize) -> bool {
    marks(p).installs[stage]
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
    marks(p).is_workbench[stage] == Some(true)
}

/// No image that the stage is part of says what it runs, and nothing beside the Dockerfile does: others build on it.
pub(crate) fn starts_nothing(p: &BuildPhase, stage: usize) -> bool {
    let marks = marks(p);
    marks.is_silent[stage] == Some(true) && !is_run_by(p, FileWords::PlatformStart)
}

/// Something beside the Dockerfile says what its containers run.
pub(crate) fn is_commanded(p: &BuildPhase) -> bool {
    // What an orchestrator runs stands in files of many names; these stand at the root.
    is_run_by(p, FileWords::PlatformCommand)
}

/// Something says what a container of the Dockerfile runs, or one of these files is at the root.
fn is_run_by(p: &BuildPhase, platforms: FileWords) -> bool {
    p.around.deployed.building().any(Deployed::changes_start) || has_one(p, platforms)
}

/// The file of a platform that says what containers run is at the root, and nothing of this Dockerfile was read there.
pub(crate) fn has_platform(p: &BuildPhase) -> bool {
    let mut names = FileWords::PlatformCommand.iter();
    names.any(|name| {
        let mut building = p.around.deployed.building();
        is_at_root(p, name) && !building.any(|it| deployed::is_of(it.source, name))
    })
}

fn is_at_root(p: &BuildPhase, name: &str) -> bool {
    matches!(p.around.context.presence(name), Presence::File { .. })
}

fn has_one(p: &BuildPhase, names: FileWords) -> bool {
    names.iter().any(|name| is_at_root(p, name))
}

/// Something in the stage, or in those that it stands on, names Django.
pub(crate) fn has_django(p: &BuildPhase, stage: usize) -> bool {
    marks(p).has_django[stage]
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

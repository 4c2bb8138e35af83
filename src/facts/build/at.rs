//! What holds at the end of a stage or image, over all it inherits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::context::Presence;
use crate::dockerfile::ast::Keyword;
use crate::facts::model::{
    BaseKind, ImageFact, ProcessFact, Project, ServerFact, ServiceFact, StageFact,
};
use crate::facts::nodes::{known_str, map};
use crate::facts::table::Cell;
use crate::knowledge::images::Family;
use crate::knowledge::programs::{self, Role};
use crate::server::{Server, Setting};
use crate::shell::ast::{Arg, Command};
use crate::span::Traced;

/// A stage and the stages it starts from, itself first.
pub(crate) fn chain(stages: &[StageFact], stage: usize) -> Vec<usize> {
    let mut chain = vec![stage];
    let mut at = stage;
    while let BaseKind::Stage(parent) = stages[at].base.kind {
        chain.push(parent);
        at = parent;
    }
    chain
}

pub(crate) fn root(stages: &[StageFact], stage: usize) -> &StageFact {
    let mut at = stage;
    while let BaseKind::Stage(parent) = stages[at].base.kind {
        at = parent;
    }
    &stages[at]
}

/// Nothing at the end of a stage is `/bin/sh`; `None` where one may have been brought.
pub(crate) fn lacks_shell(p: &Project, stage: usize) -> Option<bool> {
    let base = &root(&p.stages, stage).base;
    let has_shell = match base.kind {
        BaseKind::Scratch => false,
        _ => base.knowledge.has_shell?,
    };
    if has_shell {
        return Some(false);
    }
    let chain = chain(&p.stages, stage);
    let named = chain.iter().any(|part| {
        let instructions = &p.dockerfile.instructions[p.stages[*part].instructions.clone()];
        instructions
            .iter()
            .any(|instruction| instruction.keyword == Keyword::Shell)
    });
    let brought = p.copies.iter().any(|copy| {
        let is_programs = |target: &str| {
            target == "/" || target.split('/').any(|part| matches!(part, "bin" | "usr"))
        };
        chain.contains(&copy.stage) && copy.target.as_deref().is_none_or(is_programs)
    });
    (!named && !brought).then_some(true)
}

/// Everything the base image brings is known: no environment, ports or labels beside the tables'.
pub(crate) fn is_closed(stages: &[StageFact], stage: usize) -> bool {
    let base = &root(stages, stage).base;
    match base.kind {
        BaseKind::Scratch => true,
        _ => base.knowledge.env.is_some(),
    }
}

/// The base image sets the variable, or nobody knows.
pub(crate) fn base_may_set(stages: &[StageFact], stage: usize, name: &str) -> bool {
    let base = &root(stages, stage).base;
    match base.kind {
        BaseKind::Scratch => false,
        _ => base.knowledge.sets_env(name) != Some(false),
    }
}

/// The working directory at the end of a stage; `None` when not known.
pub(crate) fn workdir(stages: &[StageFact], stage: usize) -> Option<String> {
    for part in chain(stages, stage) {
        if let Some(workdir) = stages[part].workdirs.last() {
            return workdir.path.clone();
        }
    }
    let base = &root(stages, stage).base;
    match base.kind {
        BaseKind::Scratch => Some("/".to_owned()),
        _ => crate::facts::build::base::workdir(&base.knowledge).map(str::to_owned),
    }
}

/// The environment at the end of a stage as a map, latest values only, open when the base's is not known.
pub(crate) fn env_cell(p: &Project, stage: usize) -> Cell {
    let mut items: Vec<(Arc<str>, Cell)> = Vec::new();
    for env in env_indices(p, stage) {
        let env = &p.envs[env];
        let value = known_str(env.value.as_ref().map(Traced::as_str)).at(env.raw.span());
        items.push((Arc::from(env.name.as_str()), value));
    }
    map(items, is_closed(&p.stages, stage))
}

/// The ENVs in force at the end of a stage, oldest stage first.
pub(crate) fn env_indices(p: &Project, stage: usize) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    let mut out: Vec<usize> = Vec::new();
    for part in chain(&p.stages, stage) {
        for index in p.stages[part].envs.iter().rev() {
            if seen.insert(p.envs[*index].name.as_str()) {
                out.push(*index);
            }
        }
    }
    out.reverse();
    out
}

/// The value of a variable at the end of a stage: `Some(None)` when it is set to something unknown.
pub(crate) fn env<'a>(p: &'a Project, stage: usize, name: &str) -> Option<Option<&'a Traced>> {
    chain(&p.stages, stage).into_iter().find_map(|part| {
        p.stages[part]
            .envs
            .iter()
            .rev()
            .map(|index| &p.envs[*index])
            .find(|env| env.name.as_str() == name)
            .map(|env| env.value.as_ref())
    })
}

/// Whether what starts as root stays root: known for programs that switch the user by their
/// command line alone. A script that was not read leaves it open.
pub(crate) fn keeps_root(p: &Project, image: usize) -> Option<bool> {
    let fact = &p.images[image];
    for service in p.around.plain_services() {
        if let Some(user) = &service.user {
            let name = user.as_str()?.split(':').next().unwrap_or_default();
            return (!matches!(name, "root" | "0" | "")).then_some(false);
        }
    }
    let path = p.around.dockerfile.as_deref().unwrap_or_default();
    let building = p.around.compose.services_building(path);
    let is_given = |found: &crate::compose::Building<'_>| {
        let user = found.service.user.as_ref().and_then(|user| user.as_str());
        user.is_some_and(|user| {
            let name = user.split(':').next().unwrap_or_default();
            !matches!(name, "root" | "0" | "")
        })
    };
    if !building.is_empty() && building.iter().all(is_given) {
        return Some(false);
    }
    if fact
        .starts
        .iter()
        .any(|start| start.command.run_as.is_some())
    {
        return Some(false);
    }
    if !fact.process_is_known
        || fact
            .starts
            .iter()
            .any(|start| may_drop_root(&start.command))
        || needs_root(p, image)
    {
        return None;
    }
    let keeps = |server: &ServerFact, served: Option<&Server>| {
        if server.command.run_as.is_some() {
            return Some(false);
        }
        match server.name {
            "uwsgi" | "gunicorn" => match served.map(|served| (&served.user, served.is_open)) {
                Some((Setting::Given(..), _)) => Some(false),
                Some((Setting::Absent, false)) => Some(true),
                _ => None,
            },
            "mod_wsgi" => None,
            _ => Some(true),
        }
    };
    if let Some(server) = &fact.server {
        return keeps(server, fact.served.as_deref());
    }
    if !fact.beside.is_empty() {
        let mut beside = fact.beside.iter();
        let all = beside.all(|one| keeps(&one.server, one.served.as_deref()) == Some(true));
        return all.then_some(true);
    }
    // An interpreter without a program is an image to build on, not one that serves.
    let command = &fact.starts.last()?.command;
    let serves = command.name.as_deref() == Some("celery") || command.management.is_some();
    serves.then_some(true)
}

/// Something beside the server has to be root: cron, a service of the distribution, a client of the host's Docker.
fn needs_root(p: &Project, image: usize) -> bool {
    let mut starts = p.images[image].starts.iter();
    let mut services = p.services.iter().filter(|fact| fact.builds_this);
    starts.any(|start| {
        let name = start.command.name.as_deref();
        name.is_some_and(|name| programs::is(name, Role::NeedsRoot))
    }) || services.any(|fact| {
        let mut mounts = fact.service(p).volumes.iter();
        mounts.any(|mount| {
            let source = mount.source.as_ref();
            source.is_some_and(|source| source.as_str().ends_with("/docker.sock"))
        })
    })
}

/// Programs that switch the user in ways their command line does not tell.
fn may_drop_root(command: &Command) -> bool {
    let is_switch = |name: &str| programs::is(name, Role::SwitchesUser);
    command.wrappers.iter().any(|wrapper| is_switch(wrapper))
        || command
            .name
            .as_deref()
            .is_some_and(|name| is_switch(name) || programs::is(name, Role::Manages))
}

/// The stage is (part of) a Python application: its base image is Python's, what is built on it names Django, or
/// installs an application's requirements and starts something. A tool installed by name makes no
/// application, neither do requirements in an image of a compiler.
pub(crate) fn is_python(p: &Project, stage: usize) -> bool {
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

fn installs_requirements(p: &Project, stages: &[usize]) -> bool {
    p.commands.iter().any(|fact| {
        let command = &fact.command;
        let sub = command.subcommand.as_ref().and_then(Arg::as_str);
        stages.contains(&fact.stage)
            && match command.name.as_deref() {
                Some("pip") => {
                    sub == Some("install")
                        && command
                            .flags
                            .iter()
                            .any(|flag| flag.name == "--requirement")
                }
                Some("uv") => matches!(sub, Some("sync" | "pip sync")),
                Some("poetry" | "pdm") => matches!(sub, Some("install" | "sync")),
                Some("pipenv") => matches!(sub, Some("install" | "sync")),
                _ => false,
            }
    })
}

/// The shipped images that the stage is part of.
fn images_on(p: &Project, stage: usize) -> impl Iterator<Item = &ImageFact> {
    p.images
        .iter()
        .filter(move |image| image.chain.contains(&stage))
}

/// ENTRYPOINT, or else CMD, of an image.
fn process<'a>(p: &'a Project, image: &ImageFact) -> Option<&'a ProcessFact> {
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
fn opens_shell(p: &Project, image: &ImageFact) -> bool {
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
fn runs_make(p: &Project, image: &ImageFact) -> bool {
    let Some([command]) = process(p, image).map(|process| &process.commands[..]) else {
        return false;
    };
    let is_make = command.name.as_deref() == Some("make") && command.operands.is_empty();
    is_make && image.entrypoint.is_some() && image.cmd.is_none()
}

/// Every image that the stage is part of starts a shell that waits for commands, or `make` without a target, or is meant to be
/// built on (ONBUILD): a place to build and test in, no application.
pub(crate) fn is_workbench(p: &Project, stage: usize) -> bool {
    let is_built_on = |image: &ImageFact| {
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
pub(crate) fn starts_nothing(p: &Project, stage: usize) -> bool {
    let mut images = images_on(p, stage).peekable();
    images.peek().is_some()
        && images.all(|image| process(p, image).is_none())
        && !is_run_by(p, &["heroku.yml", "fly.toml", "render.yaml"])
}

/// Whether every compose service of a stack that is not to develop with and that builds an image has a command or
/// entrypoint of its own, and there is one.
pub(crate) fn cmd_is_replaced(p: &Project, image: usize) -> bool {
    // Asked of each stack once.
    let mut stacks: HashMap<usize, bool> = HashMap::new();
    let mut develops = |stack: usize| {
        *stacks
            .entry(stack)
            .or_insert_with(|| crate::facts::intent::is_stack_for_development(p, stack))
    };
    let own = p.services.iter().filter(|fact| fact.image == Some(image));
    let mut building = own.filter(|fact| !develops(fact.stack));
    // What an ENTRYPOINT starts runs whatever the command is.
    let is_entrypoint = p.images[image].entrypoint.is_some();
    let says = |fact: &ServiceFact| {
        let service = fact.service(p);
        service.command.is_some() && !is_entrypoint || service.entrypoint.is_some()
    };
    let Some(first) = building.next() else {
        return false;
    };
    says(first) && building.all(says)
}

/// Something beside the Dockerfile says what its containers run.
pub(crate) fn is_commanded(p: &Project) -> bool {
    // What an orchestrator runs stands in files of many names; these stand at the root.
    is_run_by(
        p,
        &[
            "Procfile",
            "heroku.yml",
            "fly.toml",
            "app.json",
            "render.yaml",
        ],
    )
}

/// A compose service says what a container of the Dockerfile runs, or one of these files is at the root.
fn is_run_by(p: &Project, platforms: &[&str]) -> bool {
    let around = &p.around;
    let by_compose = around.dockerfile.as_deref().is_some_and(|path| {
        let building = around.compose.services_building(path);
        building.iter().any(|building| {
            building.service.command.is_some() || building.service.entrypoint.is_some()
        })
    });
    by_compose
        || platforms
            .iter()
            .any(|name| matches!(around.context.presence(name), Presence::File { .. }))
}

/// Something in the stages names Django.
pub(crate) fn has_django(p: &Project, chain: &[usize]) -> bool {
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
    let installs = matches!(
        command.name.as_deref(),
        Some("pip" | "uv" | "poetry" | "pipenv" | "pdm")
    ) && command
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

//! Services that start the development server of a frontend: one that listens to its own container, asks itself for
//! the application, or has no packages.

use crate::compose::{Mount, MountKind};
use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::{frontends, origin};
use crate::facts::model::{FrontendServer, Project, ServiceFact, StartFact};
use crate::knowledge::words::ValueWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::source::{Entry, absolute, is_in, join};
use crate::span::Span;

/// A service runs a command and nothing else: all that it starts is known, or its image is that of Node.js, whose
/// entrypoint hands on what it is given.
pub(crate) fn only_command<'p>(p: &'p Project, fact: &'p ServiceFact) -> Option<&'p StartFact> {
    let image = &p.images[fact.image?];
    let [start] = fact.starts(p) else {
        return None;
    };
    let base = at::root(&p.stages, image.stage).base.image.as_ref();
    let is_node = base.is_some_and(|it| it.registry.is_none() && it.repository == "node");
    let hands_on = is_node && image.entrypoint.is_none() && start.script.is_none();
    let is_own = fact.deployed(p).entrypoint.is_none() && hands_on;
    (start.command.runs == Runs::Always && (fact.is_known(p) || is_own)).then_some(start)
}

/// The server that a service of compose starts, and nothing else.
fn started<'p>(p: &'p Project, fact: &'p ServiceFact) -> Option<&'p FrontendServer> {
    let own = fact.compose(p)?;
    let start = only_command(p, fact).filter(|_| own.network_mode.is_none())?;
    let stage = p.images[fact.image?].stage;
    let list = absolute(start.directory.as_deref()?, "package.json");
    let Origin::Context(path) = origin::at_end(p, stage, &list).origin else {
        return None;
    };
    let frontend = p.frontends.iter().find(|it| it.path == path)?;
    frontend.servers.get(script_of(&start.command)?)
}

/// The script of `package.json` that a command calls, with nothing added: `npm run dev`, `yarn dev`, `npm start`.
fn script_of(command: &Command) -> Option<&str> {
    let tool = command.name.as_deref()?;
    let is_tool = ValueWords::NodeTools.contains(tool);
    let words: Option<Vec<&str>> = command.args.iter().map(Arg::as_str).collect();
    let words = words.filter(|_| is_tool && command.is_complete)?;
    match words[..] {
        ["run" | "run-script", script] | [script @ "start"] => Some(script),
        [script] if tool != "npm" => Some(script),
        _ => None,
    }
}

/// The program that listens to its own container alone, and the published port that leads to it.
pub(crate) fn on_loopback<'p>(p: &'p Project, fact: &'p ServiceFact) -> Option<(&'p str, Span)> {
    let server = started(p, fact).filter(|it| it.is_loopback)?;
    let mut ports = fact.deployed(p).ports.iter();
    let port = ports.find(|it| it.target == Some((server.port, server.port)))?;
    Some((server.program, port.target_span))
}

/// The port of its own container that it asks for the application, and where that is said.
pub(crate) fn asks_itself(p: &Project, fact: &ServiceFact) -> Option<(u16, Span)> {
    let server = started(p, fact)?;
    let mut asked = server.asks.iter();
    asked.find(|(port, _)| *port != server.port).copied()
}

/// The packages of a frontend in the image that a bind mount hides from a service that starts with them, and that the
/// host has only where somebody installed them: git ignores them.
pub(crate) fn hidden_packages(p: &Project, service: &ServiceFact, mount: &Mount) -> Option<String> {
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let source = mount.source_path.as_deref()?;
    let image = &p.images[service.image?];
    let command = &only_command(p, service)?.command;
    let calls = command.name.as_deref();
    let calls = calls.is_some_and(|name| ValueWords::NodeTools.contains(name));
    if mount.kind != MountKind::Bind || !calls || frontends::installs_packages(command) {
        return None;
    }
    let others = || {
        let all = service.deployed(p).mounts.iter();
        all.filter(|it| !std::ptr::eq(*it, mount))
    };
    let mut installs = p
        .commands
        .iter()
        .filter(|it| image.chain.contains(&it.stage) && frontends::installs_packages(&it.command));
    installs.find_map(|it| {
        let directory = absolute(&at::directory_of(p, it)?, "node_modules");
        let here = join(source, directory.strip_prefix(target)?.trim_matches('/'));
        let is_over = |other: &Mount| {
            let other = other.target.as_ref();
            other.is_none_or(|other| is_in(&directory, other.as_str().trim_end_matches('/')))
        };
        let root = &p.around.root;
        let is_absent = root.entry(&here) == Entry::Missing && root.is_git_ignored(&here);
        (is_absent && !others().any(is_over)).then_some(directory)
    })
}

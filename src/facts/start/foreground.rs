//! Which of the commands that start is the server: the first that certainly runs and does not end.
//!
//! What runs in the background serves beside it; where several serve, none is *the* server.

use crate::deployed::Deployed;
use crate::dockerfile::ast::Keyword;
use crate::facts::model::{Kept, Project, PythonPhase, ScriptFact, ServerFact, StartFact};
use crate::facts::start::image::server_of;
use crate::facts::start::{celery, written};
use crate::knowledge::images::PackageManager;
use crate::knowledge::programs::{self, Role, is_shell};
use crate::knowledge::servers::{self, Means, Server, ServerKind};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::shell::reserved;
use crate::span::Span;

/// What stands behind the first command that does not end runs when that one ends, if ever.
pub(crate) fn doubt_what_follows(starts: &mut [StartFact], scripts: &mut [ScriptFact]) {
    let holds = |start: &StartFact| {
        let command = &start.command;
        command.runs == Runs::Always
            && !command.is_background
            && !command.is_substitution
            && stays(command)
    };
    let Some(first) = starts.iter().position(holds) else {
        return;
    };
    for start in &mut starts[first + 1..] {
        // The other side of a pipe starts as well.
        if start.command.pipeline.0 == 0 {
            start.command.runs = Runs::Perhaps;
        }
    }
    for fact in scripts {
        if fact.before > first {
            fact.is_certain = false;
        }
    }
}

/// A command that runs until it is stopped, in the foreground.
pub(crate) fn stays(command: &Command) -> bool {
    if goes_to_background(command) || command.wrappers.iter().any(|name| name == "timeout") {
        return false;
    }
    let management = command.management_name();
    let name = command.name.as_deref().unwrap_or_default();
    let first = || command.operands.first().and_then(Arg::as_str);
    let row = match management {
        Some(management) => servers::by_management_command(management),
        None => servers::by_command(name),
    };
    if let Some(row) = row {
        let is_asked = |arg: &Arg| {
            arg.as_str()
                .is_none_or(|text| OptionWords::ServerAnswers.contains(text))
        };
        return !matches!(row.kind, ServerKind::Proxy | ServerKind::Manager)
            && !command.args.iter().any(is_asked);
    }
    match name {
        "sleep" => matches!(first(), Some("infinity" | "inf")),
        "tail" => command
            .flags
            .iter()
            .any(|flag| matches!(flag.name.as_str(), "-f" | "-F")),
        "celery" => celery::runs(command)
            .is_some_and(|word| OptionWords::CeleryRuns.contains(word) && word != "multi"),
        _ => false,
    }
}

/// A server that is told to leave the foreground on its command line.
pub(crate) fn goes_to_background(command: &Command) -> bool {
    let name = command.name.as_deref().unwrap_or_default();
    let Some(server) = servers::by_command(name) else {
        return name == "celery" && command.flag("--detach").is_some();
    };
    let is_given = |flag: &str| server.means(flag, Means::Background);
    let mut flags = command.flags.iter();
    flags.any(|flag| is_given(&flag.name) || is_given(&flag.written))
}

/// The server, or the servers where none is *the* server.
pub(crate) fn servers(
    p: &PythonPhase,
    image: usize,
    starts: &[StartFact],
    supervised: &[StartFact],
) -> (Option<ServerFact>, Vec<ServerFact>) {
    let may_be_called = |start: &&StartFact| {
        let command = &start.command;
        !command.is_passed_over && (command.function.is_none() || command.runs == Runs::Always)
    };
    let all: Vec<(&StartFact, &'static Server)> = starts
        .iter()
        .chain(supervised)
        .filter(may_be_called)
        .filter_map(|start| server_of(&start.command).map(|product| (start, product)))
        .collect();
    // A proxy, or what starts others, answers as well.
    let is_beside = |start: &StartFact| {
        let name = start.command.name.as_deref().unwrap_or_default();
        let row = servers::by_command(name);
        start.command.runs == Runs::Always
            && row.is_some_and(|row| matches!(row.kind, ServerKind::Proxy | ServerKind::Manager))
    };
    let shares = !supervised.is_empty() || starts.iter().any(is_beside);
    let fact = |(start, product): &(&StartFact, &'static Server)| ServerFact {
        shares,
        product,
        command: start.command.clone(),
        instruction: start.instruction,
        kept: kept(p, image, start, starts),
        own_line: start
            .kept
            .and_then(|_| is_child(start).then_some(start.command.span)),
    };
    let certain: Vec<_> = all
        .iter()
        .filter(|(start, _)| start.command.runs == Runs::Always)
        .collect();
    match certain.as_slice() {
        [] => {
            // The one that all branches agree on.
            let Some(first) = all.first() else {
                return (None, Vec::new());
            };
            let agree = all.iter().all(|(_, product)| *product == first.1);
            (agree.then(|| fact(first)), Vec::new())
        }
        [one] => (Some(fact(one)), Vec::new()),
        several => (None, several.iter().map(|one| fact(one)).collect()),
    }
}

/// What the shell that stays process 1 runs, when one does.
pub(crate) fn kept(
    p: &PythonPhase,
    image: usize,
    start: &StartFact,
    starts: &[StartFact],
) -> Option<Kept> {
    let command = &start.command;
    if command.is_background || goes_to_background(command) {
        return None;
    }
    if start.kept.is_some() {
        return start.kept;
    }
    let is_last = starts
        .last()
        .is_some_and(|last| last.command.span == command.span);
    let is_replaced = is_last && start.script.is_none() && is_replaced(p, image, start);
    (is_child(start) && !is_replaced).then_some(Kept {
        instruction: start.instruction,
        span: command.span,
        needs_shell: false,
    })
}

/// Another command stands behind a server that certainly starts, in the same script and in no other branch of it.
/// `exit`, what waits and the other side of its pipe do not count.
pub(crate) fn is_followed(p: &Project, image: usize, server: &ServerFact) -> bool {
    // What stands behind `exec` never runs.
    if server.command.wrappers.iter().any(|it| it == "exec") {
        return false;
    }
    let starts = &p.images[image].starts;
    let own = server.command.span;
    let Some(at) = starts.iter().position(|start| start.command.span == own) else {
        return false;
    };
    let script = starts[at].script;
    let follows = |start: &&StartFact| {
        let command = &start.command;
        start.script == script && command.pipeline.0 == 0 && !command.is_substitution
    };
    let Some(next) = starts[at + 1..].iter().find(follows) else {
        return false;
    };
    let is_end = next
        .command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::Closes));
    let other = next.command.span;
    if is_end || server.command.runs != Runs::Always || other.file != own.file {
        return false;
    }
    is_same_branch(p, image, own, other)
}

/// No end of a branch stands between two places of a file: the later one does not stand in the place of the first.
pub(crate) fn is_same_branch(p: &Project, image: usize, own: Span, other: Span) -> bool {
    let is_behind = own.file == other.file && own.end <= other.start;
    let between = is_behind.then(|| Span::new(own.file, own.end, other.start));
    let text = between.and_then(|span| written::at(p, image, span));
    text.is_some_and(|text| {
        let mut words = text.split(|c: char| c.is_whitespace() || c == ';');
        !text.contains(";;") && !words.any(reserved::ends_branch)
    })
}

/// A shell runs it and does not put it in its own place, as far as the command says.
pub(crate) fn is_child(start: &StartFact) -> bool {
    let command = &start.command;
    // `exec sh -c "server"` puts a shell in the place of the shell.
    let inner = command.wrappers.iter().rposition(|name| is_shell(name));
    let behind = inner.map_or(0, |at| at + 1);
    // In a pipe each command has a process of its own, and `exec` takes the place of that one.
    let is_exec = command.pipeline.1 <= 1
        && command.wrappers[behind..]
            .iter()
            .any(|wrapper| wrapper == "exec");
    (start.in_shell || inner.is_some()) && !is_exec
}

/// The shell puts the last command of its `-c` in its own place: bash does, the sh of Alpine does, the sh
/// of Debian does not (tried with bash 5.2, BusyBox 1.35, dash 0.5.12), and none does at the end of a file.
pub(crate) fn is_replaced(p: &PythonPhase, image: usize, start: &StartFact) -> bool {
    let command = &start.command;
    if start.script.is_some()
        || command.pipeline.1 > 1
        || command.is_background
        || command.runs != Runs::Always
    {
        return false;
    }
    let chain = &p.images[image].chain;
    let named = command
        .wrappers
        .iter()
        .rev()
        .find(|wrapper| is_shell(wrapper))
        .map(String::as_str);
    let by_instruction = || {
        let mut shells = chain.iter().filter_map(|stage| {
            p.dockerfile.instructions[p.stages[*stage].instructions.clone()]
                .iter()
                .rfind(|instruction| instruction.keyword == Keyword::Shell)
        });
        shells
            .next()
            .map(|shell| shell.rest.as_str().contains("bash"))
    };
    let is_bash = match named {
        Some(name) => name == "bash" || name == "zsh",
        None => by_instruction().unwrap_or(false),
    };
    let root = chain.last().map(|root| &p.stages[*root].base.knowledge);
    let is_busybox = named != Some("dash")
        && root.is_some_and(|base| base.package_manager == PackageManager::Apk);
    is_bash || is_busybox
}

/// The small process 1 that hands signals to its child alone, as the Dockerfile or every compose file names it.
pub(crate) fn init(p: &Project, image: usize) -> Option<&str> {
    let fact = &p.images[image];
    let entrypoint = fact
        .entrypoint
        .and_then(|stage| p.stages[stage].entrypoint.as_ref());
    let cmd = fact.cmd.and_then(|stage| p.stages[stage].cmd.as_ref());
    let first = entrypoint.or(cmd).filter(|process| process.is_json);
    let first = first.and_then(|process| process.words.first());
    let name = first.map(|word| word.as_str().rsplit('/').next().unwrap_or_default());
    if let Some(name) = name.filter(|name| programs::is(name, Role::Init)) {
        return Some(name);
    }
    let building = p.around.deployed.building();
    let has_init = |found: &Deployed| {
        let service = p.around.deployed.service(found);
        let keys = service.map_or(&[][..], |service| &service.keys);
        keys.iter().any(|key| key.as_str() == "init")
    };
    (building.len() > 0 && building.clone().all(has_init)).then_some("docker-init")
}

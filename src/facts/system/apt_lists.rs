//! The package lists that `apt-get update` fetches: what reads them, and where they are removed.

use crate::context::Certainty;
use crate::facts::build::at;
use crate::facts::build::copied::copied_all_before;
use crate::facts::build::joined::is_plain;
use crate::facts::build::manager::{Action, is_apt, package_action};
use crate::facts::build::opaque::may_clean;
use crate::facts::model::{BaseKind, BuildPhase, CommandFact, CopyFrom, PackageLists, Project};
use crate::facts::system::installed::{There, system};
use crate::knowledge::images::Family;
use crate::knowledge::words::{OptionWords, PackageWords};
use crate::shell::ast::{Arg, Command, Connector, Runs};
use crate::span::Span;

/// The widest indent that is taken over from the words of a list: behind that they are aligned with something.
const MAX_INDENT: usize = 8;

/// The first install of a later layer that reads the package lists which this command fetched.
pub(crate) fn lists_used_by(p: &Project, command: usize) -> Option<usize> {
    let is_install = |fact: &CommandFact| {
        package_action(&fact.command).is_some_and(|(_, action)| action == Action::Install)
    };
    let mut readers = readers(p, command).into_iter();
    readers.find(|&index| is_install(&p.commands[index]))
}

/// The first command of each later layer that installs or upgrades from the package lists which this command fetched.
pub(crate) fn readers(p: &Project, command: usize) -> Vec<usize> {
    let fact = &p.commands[command];
    let mut out = Vec::new();
    if package_action(&fact.command) != Some(("apt", Action::Update)) {
        return out;
    }
    let stages = &p.stages;
    for layer in &p.layers[fact.layer + 1..] {
        let range = layer.commands.clone();
        let mut commands = p.commands[range.clone()].iter().zip(range);
        let acts = |fact: &CommandFact| {
            package_action(&fact.command).is_some() || is_upgrade(&fact.command)
        };
        let Some((first, index)) = commands.find(|(fact, _)| acts(fact)) else {
            continue;
        };
        if layer.stage != fact.stage
            && !crate::facts::build::at::chain(stages, layer.stage).contains(&fact.stage)
        {
            continue;
        }
        match package_action(&first.command) {
            Some(("apt", Action::Install)) | None => out.push(index),
            // It fetches lists of its own, also for those behind it.
            Some(("apt", Action::Update)) if layer.stage == fact.stage => break,
            _ => {}
        }
    }
    out
}

/// A command of apt installs a package that is not there, from lists that nothing fetched: those of the base image are
/// empty. Gives the package.
pub(crate) fn lacks_lists(p: &Project, command: usize) -> Option<&str> {
    let fact = &p.commands[command];
    let layer = &p.layers[fact.layer];
    let is_install = package_action(&fact.command) == Some(("apt", Action::Install));
    if !is_install || layer.is_onbuild || updates(&fact.command) {
        return None;
    }
    let lists = lists(p)[command];
    let mut mounts = layer.mounts.iter();
    let are_lacking = matches!(lists, PackageLists::NeverFetched | PackageLists::Deleted);
    if !are_lacking || mounts.any(|mount| mount.target.starts_with("/var")) {
        return None;
    }
    let family = at::root(&p.stages, fact.stage).base.knowledge.family;
    let system = system(p, fact.stage, Some(command));
    let is_new = |name: &str| match &system {
        Some(system) => system.has(name) == There::No,
        None => {
            let is_tool = |words: PackageWords| words.contains(name);
            matches!(family, Family::Debian | Family::Ubuntu)
                && (is_tool(PackageWords::Interpreter)
                    || is_tool(PackageWords::Compiler)
                    || lists == PackageLists::NeverFetched && !is_of_bases(name))
        }
    };
    let mut own = p.packages[layer.packages.clone()]
        .iter()
        .filter(|package| package.command == command);
    own.find(|package| is_new(&package.name))
        .map(|package| package.name.as_str())
}

/// No package lists may be there before a command: the image has none, or is not known, or they were removed, also from
/// a cache that is mounted there, which the layer empties.
pub(crate) fn may_be_empty(p: &Project, command: usize) -> bool {
    let layer = &p.layers[p.commands[command].layer];
    let mut mounts = layer.mounts.iter();
    let is_mounted = mounts.any(|mount| mount.target.starts_with("/var/lib/apt"));
    let mut own = p.commands[layer.commands.clone()].iter();
    let state = lists(p)[command];
    let may_be_empty = matches!(
        state,
        PackageLists::NeverFetched | PackageLists::Deleted | PackageLists::Unknown
    );
    may_be_empty && (!is_mounted || own.any(|fact| removes_lists(&fact.command)))
}

/// The package lists before each command, found out when somebody first asks.
fn lists(p: &BuildPhase) -> &[PackageLists] {
    p.package_lists.get_or_init(|| {
        let mut all = vec![PackageLists::Unknown; p.commands.len()];
        let mut ends: Vec<PackageLists> = Vec::with_capacity(p.stages.len());
        let mut has_copies = vec![false; p.stages.len()];
        for copy in p
            .copies
            .iter()
            .filter(|copy| copy.from != CopyFrom::Context)
        {
            let target = copy.target.as_deref();
            has_copies[copy.stage] |=
                target.is_none_or(|target| target == "/" || target.starts_with("/var"));
        }
        for (i, stage) in p.stages.iter().enumerate() {
            let mut state = match stage.base.kind {
                BaseKind::Stage(parent) => ends[parent],
                _ if has_empty_lists(stage.base.knowledge.family) => PackageLists::NeverFetched,
                _ => PackageLists::Unknown,
            };
            if has_copies[i] {
                state = PackageLists::Unknown;
            }
            for layer in stage.layers.iter().map(|layer| &p.layers[*layer]) {
                if layer.is_opaque {
                    state = PackageLists::Unknown;
                }
                for command in layer.commands.clone() {
                    all[command] = state;
                    if !layer.is_onbuild {
                        state = after(&p.commands[command].command, state);
                    }
                }
            }
            ends.push(state);
        }
        all
    })
}

/// Images of the family are made with `/var/lib/apt/lists` empty.
fn has_empty_lists(family: Family) -> bool {
    use Family::{Debian, Python, Ubuntu, Uv};
    matches!(family, Python | Uv | Debian | Ubuntu)
}

/// An image of Debian or Ubuntu may be made with this package.
fn is_of_bases(name: &str) -> bool {
    let is_part = name.ends_with("-base") || name.starts_with("lib") && !name.ends_with("-dev");
    is_part || PackageWords::Base.contains(name)
}

/// The lists behind a command; unknown when it may do anything to them.
fn after(command: &Command, before: PackageLists) -> PackageLists {
    let Some(name) = command.name.as_deref() else {
        return PackageLists::Unknown;
    };
    if before == PackageLists::Unknown || may_clean(command) || adds_repository(name) {
        return PackageLists::Unknown;
    }
    if package_action(command) == Some(("apt", Action::Update)) || updates(command) {
        return PackageLists::There;
    }
    if is_apt(command) || before != PackageLists::There {
        return before;
    }
    if removes_lists(command) {
        PackageLists::Deleted
    } else {
        PackageLists::There
    }
}

fn removes_lists(command: &Command) -> bool {
    let names_lists = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        text.starts_with("/var/lib/apt/lists")
    };
    command.name.as_deref() == Some("rm")
        && command.runs == Runs::Always
        && command.args.iter().any(names_lists)
}

/// It adds a source of packages, and fetches the lists.
/// A command of the stages before one of them adds a repository: `add-apt-repository ppa:...`.
pub(crate) fn adds_repository_before(p: &BuildPhase, index: usize) -> bool {
    let stage = p.commands[index].stage;
    let mut before = p.commands[..index].iter();
    before.any(|fact| {
        let name = fact.command.name.as_deref();
        name.is_none_or(adds_repository) && at::is_part(&p.stages, fact.stage, stage)
    })
}

fn adds_repository(program: &str) -> bool {
    matches!(program, "add-apt-repository" | "apt-add-repository")
}

/// `apt-get install --update`, since apt 2.7: it fetches the lists first.
fn updates(command: &Command) -> bool {
    let is_given = |flag: &&str| command.flag(flag).is_some();
    is_apt(command) && ["--update", "-U"].iter().any(is_given)
}

fn is_upgrade(command: &Command) -> bool {
    is_apt(command)
        && command
            .subcommand()
            .is_some_and(|word| word.ends_with("upgrade"))
}

/// The command reads the lists, or may.
fn reads(command: &Command) -> bool {
    is_apt(command)
        && !command
            .subcommand()
            .is_some_and(|word| OptionWords::AptWithoutLists.contains(word))
}

/// Something reads the lists that this command fetched: another apt of its layer, or of a later one.
pub(crate) fn are_read(p: &Project, command: usize) -> bool {
    let layer = &p.layers[p.commands[command].layer];
    let mut later = p.commands[command + 1..layer.commands.end].iter();
    later.any(|later| reads(&later.command)) || lists_used_by(p, command).is_some()
}

/// The last command of apt in the layer of an update, and what joins the removal of the lists to it, in the style of
/// the layer.
pub(crate) fn removal(p: &Project, command: usize) -> Option<(Span, String)> {
    let layer = &p.layers[p.commands[command].layer];
    let file = p.dockerfile.file;
    let range = command..layer.commands.end;
    let uses_lists = |fact: &CommandFact| {
        // These fetch the lists again.
        let name = fact.command.name.as_deref();
        is_apt(&fact.command) || name.is_some_and(adds_repository)
    };
    let last = range.clone().rev().find(|&i| uses_lists(&p.commands[i]))?;
    let commands = &p.commands[range.clone()];
    let is_own = |fact: &CommandFact| fact.command.span.file == file;
    let (position, length) = p.commands[last].command.pipeline;
    if p.commands[last + 1..range.end].iter().any(fetches_again) {
        return None;
    }
    if layer.is_opaque
        || layer.is_onbuild
        || !commands.iter().all(|fact| is_plain(fact) && is_own(fact))
        || position + 1 < length
    {
        return None;
    }
    let instruction = &p.dockerfile.instructions[layer.instruction];
    let place = p.commands[last].command.span;
    let text = p.text.slice(Span::new(
        file,
        place.end,
        instruction.span.end.max(place.end),
    ));
    if !instruction.heredocs.is_empty() {
        // A line of its own, in a script that stops or has only one thing to do.
        return (text.starts_with('\n') && layer.has_errexit).then(|| {
            let start = p
                .text
                .slice(Span::new(file, instruction.span.start, place.start));
            let line = start.rsplit('\n').next().unwrap_or_default();
            let indent = if line.trim().is_empty() { line } else { "" };
            (place, format!("\n{indent}"))
        });
    }
    Some((place, joiner(p, layer.commands.clone(), last)?))
}

/// A program that fetches the lists itself: it adds a source of packages, installs what a browser needs, or is a
/// script. It may need another place for the removal.
fn fetches_again(fact: &CommandFact) -> bool {
    let name = fact.command.name.as_deref();
    matches!(name, None | Some("extrepo" | "playwright"))
        || name.is_some_and(crate::knowledge::programs::is_shell)
}

/// What joins one more command behind one of a RUN: as the others are joined, nearest first; else on a line of its
/// own where the RUN has several.
fn joiner(p: &Project, range: std::ops::Range<usize>, last: usize) -> Option<String> {
    let file = p.dockerfile.file;
    let between = |i: usize| {
        let (one, next) = (p.commands.get(i)?, p.commands.get(i + 1)?);
        let (from, to) = (one.command.span.end, next.command.span.start);
        let is_and =
            next.command.connector == Connector::And && range.contains(&(i + 1)) && from <= to;
        is_and.then(|| p.text.slice(Span::new(file, from, to)))
    };
    let in_lines = |text: &&str| text.contains('\n') && !text.contains('#');
    let near = [Some(last), last.checked_sub(1)];
    let mut near = near.into_iter().flatten().chain(range.clone());
    if let Some(joint) = near.find_map(|i| between(i).filter(in_lines)) {
        return Some(joint.to_owned());
    }
    let first = p.commands[range.start].command.span;
    let own = p.text.slice(Span::new(
        file,
        first.start,
        p.commands[last].command.span.end,
    ));
    if !own.contains('\n') {
        return Some(" && ".to_owned());
    }
    let indents = own.lines().skip(1).filter(|line| !line.trim().is_empty());
    let indent = indents
        .map(|line| &line[..line.len() - line.trim_start().len()])
        .min_by_key(|it| it.len());
    let indent = indent
        .filter(|it| (1..=MAX_INDENT).contains(&it.len()))
        .unwrap_or("    ");
    Some(format!(" {}\n{indent}&& ", p.dockerfile.escape))
}

/// The update of a layer that only updates, when a later layer installs with these lists.
pub(crate) fn only_updates(p: &Project, layer: usize) -> Option<usize> {
    let fact = &p.layers[layer];
    let [only] = &p.commands[fact.commands.clone()] else {
        return None;
    };
    let action =
        |command: &CommandFact| crate::facts::build::manager::package_action(&command.command);
    let update = crate::facts::build::manager::Action::Update;
    if fact.is_opaque || action(only) != Some(("apt", update)) {
        return None;
    }
    let user = crate::facts::system::apt_lists::lists_used_by(p, fact.commands.start)?;
    // Whoever changes an install changes the Dockerfile, and with it the copy: the lists are fetched again.
    let is_copied =
        copied_all_before(p, fact.commands.start).is_some() && context_has_dockerfile(p);
    // So it is where the packages stand in a file: `xargs apt-get install < apt.txt`, `$(cat apt.txt)`.
    let operands = &p.commands[user].command.operands;
    let is_listed = operands.iter().all(|operand| operand.as_str().is_none());
    let copies = p.stages[fact.stage]
        .copies
        .iter()
        .map(|copy| &p.copies[*copy]);
    let mut earlier = copies.filter(|copy| copy.from == CopyFrom::Context && copy.layer < layer);
    let is_list_copied = is_listed && earlier.next().is_some();
    (!is_copied && !is_list_copied).then_some(fact.commands.start)
}

/// The Dockerfile lies in its build context and is not kept out; so it is where the context is not known.
fn context_has_dockerfile(p: &Project) -> bool {
    let context = &p.around.context;
    match &context.dockerfile {
        Some(path) => context.ignored_by(path).is_none(),
        None => p.around.dockerfile.is_none() || context.certainty == Certainty::Unknown,
    }
}

//! Where the user of a container certainly may not write: directories that belong to root, with the rights that
//! WORKDIR, `mkdir`, COPY and the system give them.

use crate::compose::{Mount, MountKind};
use crate::context::{Origin, Owner};
use crate::dockerfile::ast::Keyword;
use crate::facts::build::{at, users};
use crate::facts::files::origin;
use crate::facts::model::{CommandFact, CopyFact, CopyFrom, Project};
use crate::facts::python::script_directories;
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{DirectoryWords, OptionWords};
use crate::shell::ast::{Arg, Command, OnFailure, Runs};
use crate::source::is_in;
use crate::span::{Span, Traced};

/// Commands of the stages of an image that are looked at.
const MAX_COMMANDS: usize = 2000;

/// The nearest directory on the way to `path` that is there, when the user certainly can make nothing in it: it belongs
/// to root, nobody else may write there, and nothing lies over it. `before`: as the command of that number finds it;
/// otherwise as it is when the image is started.
pub(crate) fn closed_directory(
    p: &Project,
    stage: usize,
    user: &str,
    path: &str,
    before: Option<usize>,
) -> Option<String> {
    if users::is_root_name(user) || is_open_place(path) {
        return None;
    }
    let chain = at::chain(&p.stages, stage);
    if before.is_none() {
        match cover(p, stage, path) {
            Cover::None => {}
            Cover::Empty(directory) => return Some(directory),
            Cover::Unknown => return None,
        }
    }
    let commands = commands_of(p, &chain, before)?;
    if is_brought_whole(p, &chain, path) {
        return None;
    }
    let is_root_group = in_group_of_root(p, &chain, user);
    let above = std::iter::successors(parent(path), |path| parent(path));
    for directory in above {
        let is_system = DirectoryWords::System.contains(directory);
        if changes_rights(p, &commands, directory) || changes_rights(p, &commands, path) {
            return None;
        }
        if is_system {
            return is_shut_by_system(directory).then(|| directory.to_owned());
        }
        if named_by_package(p, &chain, directory) {
            return None;
        }
        let found = origin::made(p, stage, directory, before);
        match found.origin {
            Origin::Directory(copied) => {
                let is_copied = copied.is_some();
                // Group of root: what the working copy gives its group, the image keeps.
                if is_copied && is_root_group || !is_of_root(p, &chain, directory, before) {
                    return None;
                }
                let is_root = match &found.owner {
                    Owner::Known(owner) => users::is_root_name(owner.split(':').next()?),
                    Owner::Unknown => true,
                };
                let is_before = is_made_before_copies(p, &chain, directory);
                return (is_root || is_before).then(|| directory.to_owned());
            }
            Origin::Missing | Origin::Ignored(..) => {}
            // What a command of root made belongs to root, and so does what lies around it.
            Origin::Generated if makes_for_root(p, &commands) => {}
            _ => return None,
        }
    }
    None
}

/// A step of the build that runs as another user than root, with nothing mounted, and whose failure ends the build.
pub(crate) fn is_unprivileged(p: &Project, fact: &CommandFact) -> bool {
    fact.runs_as_root == Some(false)
        && fact.command.run_as.is_none()
        && fact.command.on_failure == OnFailure::Stops
        && p.layers[fact.layer].mounts.is_empty()
}

/// The file that a RUN gives another mode or owner as a user who is neither root nor its owner: it came with a COPY
/// that names no owner.
pub(crate) fn refused_change(p: &Project, i: usize) -> Option<&Traced> {
    let fact = &p.commands[i];
    let command = &fact.command;
    let is_meant = matches!(command.name.as_deref(), Some("chmod" | "chown" | "chgrp"))
        && is_unprivileged(p, fact)
        && command.wrappers.is_empty()
        && command.runs == Runs::Always;
    if !is_meant {
        return None;
    }
    let chain = at::chain(&p.stages, fact.stage);
    let before = commands_of(p, &chain, Some(i))?;
    let mut operands = command
        .operands
        .iter()
        .skip(1)
        .filter_map(|it| it.text.as_ref());
    operands.find(|operand| {
        let text = operand.as_str();
        let path = at::path_of(p, fact, text).filter(|_| !text.contains(['*', '?', '[', '{']));
        path.is_some_and(|path| {
            let found = origin::made(p, fact.stage, &path, Some(i));
            let is_of_root =
                matches!(&found.owner, Owner::Known(owner) if users::is_root_name(owner));
            matches!(found.origin, Origin::Context(_))
                && is_of_root
                && !is_brought_whole(p, &chain, &path)
                && !changes_rights(p, &before, &path)
        })
    })
}

/// The virtual environment that root made and that an install fills as another user, who may write nothing there.
pub(crate) fn closed_environment(p: &Project, i: usize) -> Option<(&str, Span)> {
    let install = &p.installs[i];
    let fact = &p.commands[install.command];
    let command = &fact.command;
    let is_meant = is_unprivileged(p, fact) && command.wrappers.is_empty();
    let place = script_directories::of(p, install).filter(|_| is_meant)?;
    let chain = at::chain(&p.stages, install.stage);
    let mut made = chain.iter().flat_map(|stage| &p.marks.virtualenvs[*stage]);
    let (directory, maker) = made.find(|(directory, maker)| {
        *maker < install.command && is_in(&place.directory, directory)
    })?;
    let made = &p.commands[*maker];
    let is_between = |i: &usize| chain.contains(&p.commands[*i].stage);
    let between: Vec<usize> = (maker + 1..install.command).filter(is_between).collect();
    let is_unread = |i: &usize| {
        let fact = &p.commands[*i];
        p.layers[fact.layer].is_opaque || !is_read(&fact.command)
    };
    let is_of_root = made.runs_as_root == Some(true)
        && made.command.run_as.is_none()
        && between.len() <= MAX_COMMANDS
        && !between.iter().any(is_unread)
        && !changes_rights(p, &between, directory)
        && !is_brought_whole(p, &chain, directory);
    is_of_root.then_some((directory.as_str(), made.command.span))
}

/// A directory that certainly is not there when the image is started: nothing makes it, and nothing lies over it.
pub(crate) fn is_not_there(p: &Project, stage: usize, path: &str) -> bool {
    let chain = at::chain(&p.stages, stage);
    let first = path.split('/').nth(1).unwrap_or_default();
    let top = format!("/{first}");
    // What else a system has in its directories is not known.
    let is_own = DirectoryWords::Empty.contains(&top)
        || !DirectoryWords::System.contains(&top)
        || path.starts_with("/var/log/");
    path.starts_with('/')
        && is_own
        && !DirectoryWords::System.contains(path)
        && matches!(cover(p, stage, path), Cover::None)
        && commands_of(p, &chain, None).is_some()
        && !is_brought_whole(p, &chain, path)
        && !named_by_package(p, &chain, path)
        && matches!(origin::made(p, stage, path, None).origin, Origin::Missing)
}

fn parent(path: &str) -> Option<&str> {
    let (parent, _) = path.trim_end_matches('/').rsplit_once('/')?;
    match parent {
        "" if path.len() > 1 => Some("/"),
        "" => None,
        parent => Some(parent),
    }
}

/// Everybody may write there, or it is no place on a disk.
fn is_open_place(path: &str) -> bool {
    !path.starts_with('/') || DirectoryWords::Open.iter().any(|open| is_in(path, open))
}

/// A directory of the system in which only root makes anything.
fn is_shut_by_system(directory: &str) -> bool {
    directory != "/root" && !DirectoryWords::Open.contains(directory)
}

/// What lies over a path when the image is started.
enum Cover {
    /// Nothing, or a volume that takes the directory of the image over with its owner.
    None,
    /// A new volume where the image has nothing: its directory belongs to root.
    Empty(String),
    Unknown,
}

fn cover(p: &Project, stage: usize, path: &str) -> Cover {
    let mut instructions = p.dockerfile.instructions.iter();
    if instructions.any(|it| it.keyword == Keyword::Volume) {
        return Cover::Unknown;
    }
    // What is mounted in other words, or by whoever runs the same image under its name.
    let mut building = p.services.iter().filter(|it| it.builds_this);
    let is_more = |key: &str| matches!(key, "tmpfs" | "volumes_from" | "post_start");
    if building.any(|it| {
        it.compose(p)
            .is_some_and(|it| it.keys.iter().any(|key| is_more(key.as_str())))
    }) {
        return Cover::Unknown;
    }
    let mut others = p.around.deployed.all.iter().filter(|it| it.build.is_none());
    let is_over = |mount: &Mount| {
        mount
            .target
            .as_ref()
            .is_none_or(|it| is_in(path, it.as_str().trim_end_matches('/')))
    };
    if others.any(|it| it.mounts.iter().any(is_over)) {
        return Cover::Unknown;
    }
    let mounts = p.around.deployed.building().flat_map(|it| &it.mounts);
    let mut over = Vec::new();
    for mount in mounts {
        match mount
            .target
            .as_ref()
            .map(|it| it.as_str().trim_end_matches('/'))
        {
            None => return Cover::Unknown,
            Some(target) if is_in(path, target) => over.push((mount, target)),
            Some(_) => {}
        }
    }
    let Some((_, first)) = over.first() else {
        return Cover::None;
    };
    let is_plain = |(mount, target): &(&Mount, &str)| {
        let name = mount.source.as_ref().map(|it| it.as_str());
        mount.kind == MountKind::Named
            && target == first
            && !mount.is_read_only
            && name.is_some_and(|name| is_own_volume(p, name))
    };
    if !over.iter().all(is_plain) {
        return Cover::Unknown;
    }
    match origin::made(p, stage, first, None).origin {
        Origin::Directory(_) => Cover::None,
        Origin::Missing => Cover::Empty((*first).to_owned()),
        _ => Cover::Unknown,
    }
}

/// A volume that compose makes, with nothing said of what it is on, and that only this image fills.
pub(crate) fn is_own_volume(p: &Project, name: &str) -> bool {
    let compose = &p.around.deployed.compose;
    let mut plain = compose.files.iter().flat_map(|file| &file.plain_volumes);
    let is_plain = plain.any(|it| it == name);
    let mut others = p.services.iter().filter(|it| !it.builds_this);
    is_plain
        && !others.any(|it| {
            let mut mounts = it.deployed(p).mounts.iter();
            mounts.any(|mount| {
                mount.source.as_ref().is_some_and(|it| it.as_str() == name) && !mount.is_read_only
            })
        })
}

/// What the commands of the stages do to owners and modes is read.
pub(crate) fn are_read(p: &Project, chain: &[usize]) -> bool {
    commands_of(p, chain, None).is_some()
}

/// The commands that the image is made with, in order; `None` where one of them may do anything to owners and modes.
fn commands_of(p: &Project, chain: &[usize], before: Option<usize>) -> Option<Vec<usize>> {
    let is_meant = |i: &usize| {
        chain.contains(&p.commands[*i].stage) && before.is_none_or(|before| *i < before)
    };
    let commands: Vec<usize> = (0..p.commands.len()).filter(is_meant).collect();
    let may_be_anything = |i: &usize| {
        let fact = &p.commands[*i];
        p.layers[fact.layer].is_opaque || !is_read(&fact.command)
    };
    (commands.len() <= MAX_COMMANDS && !commands.iter().any(may_be_anything)).then_some(commands)
}

/// What a command does to owners and modes is read, or is nothing.
fn is_read(command: &Command) -> bool {
    let Some(name) = command.name.as_deref() else {
        return false;
    };
    let management = command.management_name();
    if name == "python" || management.is_some() {
        return management.is_some_and(|it| OptionWords::ManagementQuiet.contains(it));
    }
    let roles = [
        Role::Quiet,
        Role::Makes,
        Role::SetsRights,
        Role::KeepsOwners,
        Role::MakesHomes,
        Role::Rewrites,
    ];
    let mut evaluates = command.wrappers.iter();
    let is_plain = installers::rows(name).next().is_some()
        || roles.iter().any(|role| programs::is(name, *role))
        || programs::is(name, Role::Writes)
        || matches!(name, "" | "rm");
    is_plain && !matches!(name, "umask" | "perl") && !evaluates.any(|it| programs::is_shell(it))
}

/// A command may give the path to somebody, or let others write there.
fn changes_rights(p: &Project, commands: &[usize], path: &str) -> bool {
    commands.iter().any(|i| {
        let fact = &p.commands[*i];
        let command = &fact.command;
        let name = command.name.as_deref().unwrap_or_default();
        let concerns = |arg: &Arg| {
            let text = arg.as_str().and_then(|text| at::path_of(p, fact, text));
            text.is_none_or(|text| {
                let whole = text.split(['*', '?', '[', '{']).next().unwrap_or_default();
                let is_below = programs::is(name, Role::KeepsOwners) && is_in(&text, path);
                is_in(path, whole.trim_end_matches('/')) || is_below
            })
        };
        if command.is_searched() && programs::is(name, Role::SetsRights) {
            return true;
        }
        if programs::is(name, Role::MakesHomes) {
            let mut homes = command.flags.iter().filter(|flag| {
                OptionWords::HomeOfUser.contains(&flag.name)
                    || OptionWords::MovesHome.contains(&flag.name)
            });
            return homes.any(|flag| flag.value.as_ref().is_none_or(&concerns));
        }
        let named = match name {
            // Its options stand before what it makes.
            "install" | "setfacl" => &command.args[..],
            _ if command
                .flags
                .iter()
                .any(|it| it.name.starts_with("--reference")) =>
            {
                &command.operands[..]
            }
            _ if programs::is(name, Role::SetsRights) => command.operands.get(1..).unwrap_or(&[]),
            _ if programs::is(name, Role::KeepsOwners) => &command.operands[..],
            _ => &[],
        };
        named.iter().any(concerns)
    })
}

/// Everything was made by root: what commands left anywhere belongs to root.
fn makes_for_root(p: &Project, commands: &[usize]) -> bool {
    let mut all = commands.iter();
    all.all(|i| p.commands[*i].runs_as_root == Some(true))
}

/// A COPY of another stage or image, or an archive, brings what lies around the path, with the owners that it has
/// there; or a COPY gives what it brings other rights.
fn is_brought_whole(p: &Project, chain: &[usize], path: &str) -> bool {
    let mut copies = p.copies.iter().filter(|copy| chain.contains(&copy.stage));
    let around = parent(path).unwrap_or("/");
    copies.any(|copy| {
        let is_around = |target: &str| is_in(around, target) && around != target;
        let brings = copy.from != CopyFrom::Context || copy.keyword == Keyword::Add;
        let target = copy.target.as_deref();
        brings && target.is_none_or(is_around)
            || copy.chmod.is_some() && target.is_none_or(|target| is_in(around, target))
    })
}

/// A directory that WORKDIR, `mkdir` or COPY made is one of root, as far as its making goes.
fn is_of_root(p: &Project, chain: &[usize], directory: &str, before: Option<usize>) -> bool {
    let is_by_root = |stage: usize, instruction: usize| {
        let user = users::before(&p.stages, stage, instruction);
        user.is_some_and(|user| users::is_root(&user))
    };
    let stages = chain.iter().map(|stage| (*stage, &p.stages[*stage]));
    let workdirs = stages.flat_map(|(stage, fact)| {
        let own = fact.workdirs.iter();
        own.map(move |it| (stage, it.instruction, it.path.as_deref()))
    });
    let mut made = workdirs.filter(|(_, _, path)| path.is_none_or(|path| is_in(path, directory)));
    let is_meant = |i: &usize| before.is_none_or(|before| *i < before);
    let mut makers = (0..p.commands.len())
        .filter(is_meant)
        .map(|i| &p.commands[i])
        .filter(|fact| chain.contains(&fact.stage) && fact.command.name.as_deref() == Some("mkdir"))
        .filter(|fact| {
            let mut operands = fact.command.operands.iter();
            operands.any(|arg| {
                let path = arg.as_str().and_then(|text| at::path_of(p, fact, text));
                path.is_none_or(|path| is_in(&path, directory))
            })
        });
    let is_workdir_of_root = made.all(|(stage, instruction, _)| is_by_root(stage, instruction));
    let is_plain = |fact: &crate::facts::model::CommandFact| {
        let mode = fact
            .command
            .flags
            .iter()
            .any(|it| matches!(it.name.as_str(), "-m" | "--mode"));
        fact.runs_as_root == Some(true) && !mode
    };
    is_workdir_of_root && makers.all(is_plain)
}

/// WORKDIR or `mkdir` made the directory before any COPY filled it: COPY leaves the owner of a directory that is there
/// as it is.
fn is_made_before_copies(p: &Project, chain: &[usize], directory: &str) -> bool {
    let fills = |copy: &&CopyFact| {
        chain.contains(&copy.stage)
            && copy
                .target
                .as_deref()
                .is_none_or(|target| is_in(target, directory) || is_in(directory, target))
    };
    let first = p
        .copies
        .iter()
        .filter(fills)
        .min_by_key(|copy| (copy.stage, copy.instruction));
    let Some(first) = first else { return true };
    // What a COPY brings into a directory around it is its own.
    if first.target.as_deref() != Some(directory) {
        return false;
    }
    let mut workdirs = chain.iter().flat_map(|stage| {
        let own = p.stages[*stage].workdirs.iter();
        own.map(move |it| (*stage, it))
    });
    workdirs.any(|(stage, it)| {
        it.path.as_deref() == Some(directory)
            && (stage, it.instruction) < (first.stage, first.instruction)
    })
}

/// A package of the distribution may have made the directory, for a user of its own: it is called like it.
fn named_by_package(p: &Project, chain: &[usize], directory: &str) -> bool {
    let Some((_, name)) = directory.rsplit_once('/') else {
        return false;
    };
    let of_chain = p
        .packages
        .iter()
        .filter(|package| chain.contains(&package.stage));
    let mut names = of_chain.map(|package| package.name.as_str());
    names.any(|package| package.contains(name) || name.contains(package))
}

/// The user is in the group of root: a number that no account has, or `:0`.
fn in_group_of_root(p: &Project, chain: &[usize], user: &str) -> bool {
    let (name, group) = user.split_once(':').unwrap_or((user, ""));
    if !group.is_empty() {
        return users::is_root_name(group);
    }
    let is_number = name.bytes().all(|b| b.is_ascii_digit());
    let mut accounts = p.accounts.iter();
    is_number
        && !accounts
            .any(|it| chain.contains(&it.stage) && !it.is_group && it.id.as_deref() == Some(name))
}

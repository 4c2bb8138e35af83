//! Whether a package manager's download cache or lists stay in the layer.

use crate::facts::build::manager::{Action, is_apt, package_action};
use crate::facts::build::opaque::may_clean;
use crate::facts::build::variables::{Seen, seen};
use crate::facts::model::{BuildPhase, CommandFact, LayerFact, Maybe, Mount};
use crate::knowledge::package_caches::{self, PackageCache};
use crate::knowledge::words::{DirectoryWords, ValueWords};
use crate::shell::ast::{Arg, Command, Runs};

/// For each command whether its download cache stays in the layer, by its layer alone.
pub(crate) fn verdicts(p: &BuildPhase) -> Vec<Maybe<bool>> {
    let read = Read {
        p,
        configured: first_config(p),
    };
    let commands = 0..p.commands.len();
    commands.map(|at| read.cache_verdict(at)).collect()
}

/// The Dockerfile as it was read.
struct Read<'a> {
    p: &'a BuildPhase,
    /// The first COPY or ADD of a configuration of pip.
    configured: Option<usize>,
}

impl Read<'_> {
    fn cache_verdict(&self, at: usize) -> Maybe<bool> {
        let fact = &self.p.commands[at];
        let layer = &self.p.layers[fact.layer];
        let commands = &self.p.commands[layer.commands.clone()];
        let after = &self.p.commands[at + 1..layer.commands.end];
        match package_action(&fact.command) {
            Some(("apt", Action::Update)) if fact.command.runs == Runs::Perhaps => {
                return Maybe::Unknown;
            }
            Some(("apt", Action::Update)) => return apt_lists(layer, commands, after),
            Some(("apk", Action::Install)) => return apk_cache(layer, fact, after),
            Some(_) => return Maybe::Absent,
            None => {}
        }
        let Some(name) = fact.command.name.as_deref() else {
            return Maybe::Absent;
        };
        let Some(tool) = package_caches::of(name) else {
            return Maybe::Absent;
        };
        let Some(subcommand) = fact.command.subcommand.as_ref().and_then(Arg::as_str) else {
            return Maybe::Absent;
        };
        if !tool.subcommands.contains(&subcommand) {
            return Maybe::Absent;
        }
        self.tool_cache(at, layer, fact, tool, &commands[..fact.position], after)
    }

    fn tool_cache(
        &self,
        at: usize,
        layer: &LayerFact,
        fact: &CommandFact,
        tool: &PackageCache,
        before: &[CommandFact],
        after: &[CommandFact],
    ) -> Maybe<bool> {
        let command = &fact.command;
        if command
            .flags
            .iter()
            .any(|flag| tool.flags.contains(&flag.name.as_str()))
        {
            return Maybe::Known(false);
        }
        for name in tool.off {
            match seen(self.p, at, name) {
                Seen::Set(value) if is_yes(tool, value.as_str()) => return Maybe::Known(false),
                Seen::SetUnknown | Seen::Unknown => return Maybe::Unknown,
                Seen::Set(_) | Seen::Unset => {}
            }
        }
        if layer.mounts.iter().any(|mount| is_kept_out(mount, tool)) {
            return Maybe::Known(false);
        }
        for name in tool.moved {
            if seen(self.p, at, name) != Seen::Unset {
                return Maybe::Unknown;
            }
        }
        let emptied = after.iter().find_map(|later| {
            let purges = later.command.name.as_deref() == Some(tool.name)
                && tool.purge.iter().any(|words| {
                    later.command.subcommand.as_ref().and_then(Arg::as_str) == Some(words)
                        || command_text(&later.command).starts_with(words)
                });
            if purges {
                return Some(Maybe::Known(false));
            }
            removes(&later.command, |path| {
                let path = path.trim_end_matches(['*', '/']);
                tool.paths.iter().any(|part| path.contains(part))
                    || path.ends_with("/.cache")
                    || path.ends_with(".cache") && path.starts_with('~')
                    || matches!(path, "/root" | "/home" | "/tmp/pip-cache")
            })
        });
        if let Some(verdict) = emptied {
            return verdict;
        }
        let configured = before.iter().any(|earlier| {
            earlier.command.name.as_deref() == Some(tool.name)
                && earlier
                    .command
                    .subcommand
                    .as_ref()
                    .and_then(Arg::as_str)
                    .is_some_and(|word| word.starts_with("config"))
                // `poetry config virtualenvs.create false` says nothing of it.
                && earlier.command.args.iter().any(|word| {
                    let text = word.as_str();
                    text.is_none_or(|text| text.contains("cache") || text.contains("pkgs"))
                })
        });
        if configured
            || self.copies_config(layer, tool)
            || layer.is_opaque
            || !command.is_complete && has_unknown_flags(command)
        {
            return Maybe::Unknown;
        }
        if after.iter().any(|later| may_clean(&later.command)) {
            return Maybe::Unknown;
        }
        if command.runs == Runs::Perhaps {
            return Maybe::Unknown;
        }
        Maybe::Known(true)
    }

    /// A configuration file of the tool was copied before.
    fn copies_config(&self, layer: &LayerFact, tool: &PackageCache) -> bool {
        let first = self.configured.filter(|_| tool.name == "pip");
        first.is_some_and(|instruction| instruction < layer.instruction)
    }
}

/// The first COPY or ADD of a configuration of pip.
fn first_config(p: &BuildPhase) -> Option<usize> {
    let is_config = |text: &str| text.ends_with("pip.conf") || text.ends_with("pip.ini");
    let copy = p.copies.iter().find(|copy| {
        let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
        copy.target.as_deref().is_some_and(is_config)
            || sources.any(|text| is_config(text.as_str()))
    })?;
    Some(copy.instruction)
}

/// The value turns the cache off.
fn is_yes(tool: &PackageCache, value: &str) -> bool {
    if tool.only_yes {
        ValueWords::YesOfTool.contains(&value.to_ascii_lowercase())
    } else {
        !value.is_empty()
    }
}

fn command_text(command: &Command) -> String {
    let words: Vec<&str> = command.args.iter().filter_map(Arg::as_str).collect();
    words.join(" ")
}

fn has_unknown_flags(command: &Command) -> bool {
    command
        .args
        .iter()
        .any(|arg| arg.text.is_none() && (arg.prefix.is_empty() || arg.prefix.starts_with('-')))
}

/// A cache or tmpfs mount over the cache, or over any directory that could hold it.
fn is_kept_out(mount: &Mount, tool: &PackageCache) -> bool {
    if !matches!(mount.kind.as_str(), "cache" | "tmpfs") {
        return false;
    }
    let target = mount.target.trim_end_matches('/');
    target.is_empty()
        || tool.paths.iter().any(|part| target.contains(part))
        || target.ends_with("/.cache")
        || target == "/root"
        || target.contains(tool.name)
}

/// Whether a command removes a path that `is_path` accepts; unknown when an operand is.
fn removes(command: &Command, is_path: impl Fn(&str) -> bool) -> Option<Maybe<bool>> {
    let name = command.name.as_deref()?;
    // What `find` runs is looked at where `find` stands.
    let is_found = command.wrappers.last().is_some_and(|name| name == "find");
    if is_found || !matches!(name, "rm" | "find" | "rmdir") {
        return None;
    }
    let is_word = |word: &str| command.args.iter().any(|arg| arg.as_str() == Some(word));
    let mut unknown = false;
    if name == "find" && !is_word("-delete") {
        let runs = ["-exec", "-execdir", "-ok"].into_iter().any(is_word);
        if !runs {
            // What it prints may be removed by the command behind a pipe.
            return (command.pipeline.1 > 1).then_some(Maybe::Unknown);
        }
        if !is_word("rm") {
            return Some(Maybe::Unknown);
        }
    }
    for arg in &command.args {
        match arg.as_str() {
            Some(text) if is_path(text) => return Some(Maybe::Known(false)),
            Some(_) => {}
            // `$HOME/.cache`, `${PIP_CACHE_DIR}`: cannot be told apart.
            None => unknown = true,
        }
    }
    unknown.then_some(Maybe::Unknown)
}

fn apt_lists(layer: &LayerFact, commands: &[CommandFact], after: &[CommandFact]) -> Maybe<bool> {
    let over = |mount: &Mount| {
        matches!(mount.kind.as_str(), "cache" | "tmpfs")
            && (mount.target.is_empty() || DirectoryWords::AptLists.contains(&mount.target))
    };
    if layer.mounts.iter().any(over) {
        return Maybe::Known(false);
    }
    let mut verdict = None;
    if layer.is_onbuild {
        return Maybe::Unknown;
    }
    for later in after {
        let command = &later.command;
        let subcommand = command.subcommand.as_ref().and_then(Arg::as_str);
        if is_apt(command) && matches!(subcommand, Some("dist-clean" | "distclean")) {
            return Maybe::Known(false);
        }
        // An `apt-get update` after the removal fetches the lists again; its own verdict counts then.
        match removes(command, |path| {
            let path = path.trim_end_matches('*').trim_end_matches('/');
            DirectoryWords::AptLists.contains(path)
                || path.starts_with("/var/lib/apt/lists/")
                || path.starts_with("/var/lib/{")
                || path.contains("apt/lists")
        }) {
            Some(Maybe::Known(false)) => return Maybe::Known(false),
            Some(other) => verdict = Some(other),
            None => {}
        }
        if may_clean(command) {
            verdict = Some(Maybe::Unknown);
        }
    }
    if let Some(verdict) = verdict {
        return verdict;
    }
    if layer.is_opaque || commands.iter().any(|c| c.command.name.is_none()) {
        return Maybe::Unknown;
    }
    Maybe::Known(true)
}

fn apk_cache(layer: &LayerFact, fact: &CommandFact, after: &[CommandFact]) -> Maybe<bool> {
    // apk keeps no packages unless /etc/apk/cache exists, but `--update` and `apk update` leave the index.
    let command = &fact.command;
    if command.flags.iter().any(|flag| flag.name == "--no-cache") {
        return Maybe::Known(false);
    }
    let over = |mount: &Mount| {
        matches!(mount.kind.as_str(), "cache" | "tmpfs")
            && (mount.target.is_empty()
                || mount.target.contains("apk")
                || mount.target == "/var/cache")
    };
    if layer.mounts.iter().any(over) {
        return Maybe::Known(false);
    }
    for later in after {
        if let Some(verdict) = removes(&later.command, |path| {
            path.contains("/var/cache/apk") || path.trim_end_matches(['*', '/']) == "/var/cache"
        }) {
            return verdict;
        }
        if may_clean(&later.command) {
            return Maybe::Unknown;
        }
    }
    if layer.is_opaque || !command.is_complete {
        return Maybe::Unknown;
    }
    Maybe::Known(true)
}

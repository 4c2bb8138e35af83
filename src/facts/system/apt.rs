//! What apt is told by its configuration and its lists of sources, and dnf by its lists of repositories.

use crate::context::Presence;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::build::manager;
use crate::facts::build::opaque::may_clean;
use crate::facts::model::{AptMarks, BuildPhase, CommandFact, CopyFact, CopyFrom, Project};
use crate::knowledge::images::{Family, PackageManager};
use crate::knowledge::package_managers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::shell::ast::{Arg, Command, CommandFlag, Connector};
use crate::source::join;

/// The marks of every stage, found out when somebody first asks.
fn marks(p: &BuildPhase) -> &[AptMarks] {
    p.apt_marks.get_or_init(|| {
        let mut all = vec![AptMarks::default(); p.stages.len()];
        for (index, fact) in p.commands.iter().enumerate() {
            let marks = &mut all[fact.stage];
            if marks.configured.is_none() && configures_apt(&fact.command) {
                marks.configured = Some(index);
            }
            if marks.sources.is_some() && marks.added_source.is_some() {
                continue;
            }
            let may_be = may_clean(&fact.command);
            if marks.sources.is_none() && (may_be || writes_sources(&fact.command)) {
                marks.sources = Some(index);
            }
            if marks.added_source.is_none() && (may_be || adds_source(&fact.command)) {
                marks.added_source = Some(index);
            }
        }
        for copy in &p.copies {
            let marks = &mut all[copy.stage];
            let target = copy.target.as_deref();
            let may_be = |is_one: &dyn Fn(&str) -> bool| {
                target.is_none_or(|path| path == "/" && may_bring(p, copy, "etc") || is_one(path))
            };
            if may_be(&is_apt_config) {
                marks.copied_configuration.get_or_insert(copy.layer);
            }
            if may_be(&|path| {
                path == "/etc" || path.starts_with("/etc/apt") || path.starts_with("/etc/yum")
            }) {
                marks.copied_sources.get_or_insert(copy.layer);
            }
        }
        all
    })
}

/// What is copied to `/` may have a directory of this name in it.
fn may_bring(p: &BuildPhase, copy: &CopyFact, name: &str) -> bool {
    let is_without = |path: &str| match p.around.context.presence(path) {
        Presence::File { .. } => copy.keyword == Keyword::Copy,
        Presence::Directory => p.around.context.presence(&join(path, name)) == Presence::Missing,
        Presence::Missing | Presence::Unknown => false,
    };
    let mut sources = copy.sources.iter();
    copy.from != CopyFrom::Context
        || copy.has_parents
        || sources.any(|(_, text)| !text.as_ref().is_some_and(|text| is_without(text.as_str())))
}

fn is_apt_config(path: &str) -> bool {
    path.contains("/etc/apt/apt.conf") || path == "/etc/apt" || path == "/etc"
}

fn configures_apt(command: &Command) -> bool {
    let is_config = |arg: &Arg| is_apt_config(arg.as_str().unwrap_or(&arg.prefix));
    command
        .redirects
        .iter()
        .any(|redirect| redirect.target.as_ref().is_some_and(is_config))
        || command.name.as_deref().is_some_and(|name| {
            name == "tee" || programs::is(name, Role::Places) || programs::is(name, Role::Rewrites)
        }) && command.operands.iter().any(is_config)
}

fn writes_sources(command: &Command) -> bool {
    let mentions = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        text.contains("/etc/apt")
            || text.contains("archive.debian.org")
            || text.contains("sources.list")
            || text.contains("yum.repos.d")
            || text.contains("vault.centos.org")
    };
    let mut options = OptionWords::RepositoriesElsewhere.iter();
    let is_dnf = command.name.as_deref().and_then(package_managers::manager) == Some("dnf");
    let is_told = is_dnf && options.any(|name| command.flag(name).is_some());
    let configures = matches!(command.name.as_deref(), Some("rpm" | "yum-config-manager"))
        || is_dnf && command.subcommand() == Some("config-manager");
    is_told
        || configures
        || command.args.iter().any(mentions)
        || command
            .redirects
            .iter()
            .any(|redirect| redirect.target.as_ref().is_some_and(mentions))
}

/// A file of its own below `sources.list.d`, of a host that is not Debian's, or a script that comes through a pipe.
fn adds_source(command: &Command) -> bool {
    let is_shell = command.name.as_deref().is_some_and(programs::is_shell);
    if is_shell && command.connector == Connector::Pipe {
        return true;
    }
    let says = |arg: &Arg, text: &str| arg.as_str().unwrap_or(&arg.prefix).contains(text);
    let is_own = |arg: &Arg| says(arg, "sources.list.d/") && !says(arg, "debian.sources");
    let mut written = command.redirects.iter().filter_map(|it| it.target.as_ref());
    (written.any(is_own) || command.args.iter().any(is_own))
        && !command.args.iter().any(|arg| says(arg, "debian.org"))
}

/// An install takes what packages depend on, and nothing that they only recommend.
pub(crate) fn is_lean(p: &Project, command: usize) -> bool {
    let own = &p.commands[command].command;
    own.flag("--no-install-recommends").is_some()
        || refuses_recommended(own)
        || apt_is_configured(p, command) == Some(true)
}

/// `-o APT::Install-Recommends=false`: an option of apt's configuration on the command line.
pub(crate) fn refuses_recommended(command: &Command) -> bool {
    let is_it = |arg: &Arg| {
        let text = arg.as_str().unwrap_or_default().to_ascii_lowercase();
        let value = text.split_once("apt::install-recommends=");
        value.is_some_and(|(_, value)| ValueWords::No.contains(value.trim_matches('"')))
    };
    command.args.iter().any(is_it)
}

/// Something before a command of a stage writes apt's configuration, which may answer its questions
/// and turn recommended packages off; `None` when the base image may have done so.
pub(crate) fn apt_is_configured(p: &Project, index: usize) -> Option<bool> {
    let fact = &p.commands[index];
    let is_written = writes_apt_config(p, fact, index) || removes_recommended(p, index);
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    (is_written || base.family.has_plain_apt()).then_some(is_written)
}

/// A command of apt that changes packages stops to ask: no flag, configuration or pipe answers it; `None` where a word
/// is not known that may.
pub(crate) fn asks(p: &Project, index: usize) -> Option<bool> {
    let command = &p.commands[index].command;
    let mut flags = command.flags.iter();
    if command.connector == Connector::Pipe
        || flags.any(|flag| OptionWords::AptAnswers.contains(&flag.name))
    {
        return Some(false);
    }
    // `-qq` and `-q=2` are quiet enough to mean yes.
    let is_two = |flag: &CommandFlag| {
        let value = flag.value.as_ref().and_then(Arg::as_str);
        value.is_some_and(|value| value.trim_start_matches('=') == "2")
    };
    let quiet = command.flags.iter().filter(|flag| flag.name == "-q");
    if quiet.clone().count() > 1 || quiet.clone().any(is_two) {
        return Some(false);
    }
    let options = command.flags.iter().filter(|flag| flag.name == "-o");
    for value in options.filter_map(|flag| flag.value.as_ref()) {
        if value.as_str()?.contains("ssume") {
            return Some(false);
        }
    }
    let is_configured = apt_is_configured(p, index)?;
    (is_configured || command.is_complete).then_some(!is_configured)
}

/// A command is a package manager that its base image does not have; `None` where the image's is not known.
pub(crate) fn is_of_another_distribution(p: &Project, index: usize) -> Option<bool> {
    let fact = &p.commands[index];
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    let is_plain = matches!(
        base.family,
        Family::Python
            | Family::Debian
            | Family::Ubuntu
            | Family::Alpine
            | Family::BuildpackDeps
            | Family::Node
    );
    let program = fact.command.name.as_deref()?;
    let Some(own) = package_managers::manager(program).filter(|_| is_plain) else {
        return Some(false);
    };
    match base.package_manager {
        PackageManager::Apk => Some(own == "apt"),
        PackageManager::Apt => Some(own != "apt"),
        PackageManager::Unknown => None,
        PackageManager::Dnf | PackageManager::None => Some(false),
    }
}

/// A later command of the RUN takes off what was only recommended: `-o APT::AutoRemove::RecommendsImportant=false`.
fn removes_recommended(p: &Project, index: usize) -> bool {
    let layer = &p.layers[p.commands[index].layer];
    let later = layer.commands.clone().filter(|other| *other > index);
    later
        .map(|other| &p.commands[other].command)
        .any(|command| {
            let mut words = command.args.iter().filter_map(Arg::as_str);
            words.any(|word| {
                word.strip_prefix("APT::AutoRemove::RecommendsImportant=")
                    .is_some_and(|value| matches!(value, "false" | "0" | "no"))
            })
        })
}

fn writes_apt_config(p: &Project, fact: &CommandFact, index: usize) -> bool {
    at::sets_env(p, fact.stage, "APT_CONFIG")
        || at::chain(&p.stages, fact.stage).iter().any(|stage| {
            let marks = &marks(p)[*stage];
            marks.configured.is_some_and(|first| first < index)
                || marks
                    .copied_configuration
                    .is_some_and(|layer| layer < fact.layer)
        })
}

/// Something before a command of a stage adds a source of packages that is not Debian's, or may.
pub(crate) fn has_added_source(p: &Project, index: usize) -> bool {
    let chain = at::chain(&p.stages, p.commands[index].stage);
    let mut marks = chain.iter().map(|stage| &marks(p)[*stage]);
    marks.any(|marks| marks.added_source.is_some_and(|first| first < index))
}

/// Something before a command of a stage, or an option of its own, says where apt or dnf take packages from.
pub(crate) fn sources_changed(p: &Project, index: usize) -> bool {
    writes_sources(&p.commands[index].command) || sources_changed_before(p, index)
}

/// Something before a command writes them.
pub(crate) fn sources_changed_before(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let mut chain = at::chain(&p.stages, fact.stage).into_iter();
    chain.any(|stage| {
        let marks = &marks(p)[stage];
        marks.sources.is_some_and(|first| first < index)
            || marks.copied_sources.is_some_and(|layer| layer < fact.layer)
    })
}

/// A stage on a base installs packages of its suite by their names.
pub(crate) fn installs_from_suite(p: &Project, base: usize) -> bool {
    p.packages.iter().any(|package| {
        let fact = &p.commands[package.command];
        manager::is_apt(&fact.command)
            && at::is_part(&p.stages, base, fact.stage)
            && !sources_changed(p, package.command)
    })
}

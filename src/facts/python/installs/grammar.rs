//! The command lines of Python's installers: which files, names and groups a call asks for. It looks
//! at words and the environment only, never at files.

use crate::facts::build::manager::installer;
use crate::facts::build::variables;
use crate::facts::model::{CommandFact, FilesPhase};
use crate::knowledge::installers::{self, Asks, Dialect, Installer};
use crate::knowledge::package_indexes;
use crate::knowledge::words::FileWords;
use crate::python::requirements::Groups;
use crate::shell::ast::{Arg, Command};
use crate::span::Traced;

/// What a call asks for, as words.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) row: &'static Installer,
    pub(super) files: Vec<Arg>,
    pub(super) constraints: Vec<Arg>,
    pub(super) operands: Vec<Arg>,
    pub(super) editables: Vec<Arg>,
    /// Directories and addresses to look for packages in.
    pub(super) find_links: Vec<Arg>,
    pub(super) groups: Groups,
    pub(super) directory: Option<Arg>,
    pub(super) no_deps: bool,
    pub(super) uses_lock: bool,
    /// It installs what the project needs, and not the project.
    pub(super) leaves_project: bool,
    /// It writes the list to a file or builds wheels; something else installs them.
    pub(super) is_export: bool,
    /// Packages may come from elsewhere than the public index.
    pub(super) is_private: bool,
    /// Versions are bounded by something beside the requirements.
    pub(super) is_constrained: bool,
    /// All its words are known.
    pub(super) is_complete: bool,
}

/// Writes a list of requirements to standard output or a file.
pub(super) fn exports(command: &Command) -> bool {
    let subcommand = command.subcommand().unwrap_or_default();
    installer(command).is_some_and(|row| row.exports(subcommand))
}

/// Fetches or builds wheels, which something else installs.
pub(super) fn builds_wheels(command: &Command) -> bool {
    let subcommand = command.subcommand().unwrap_or_default();
    installer(command).is_some_and(|row| row.builds(subcommand))
}

/// What a command asks an installer for; `None` when it is none.
pub(super) fn asks(p: &FilesPhase, configured: &[bool], index: usize) -> Option<Asked> {
    let fact = &p.commands[index];
    let command = &fact.command;
    let row = installer(command).filter(|row| row.dialect != Dialect::Unread)?;
    if command.flag("--help").is_some() || command.flag("--version").is_some() {
        return None;
    }
    let subcommand = command.subcommand().unwrap_or_default();
    // `pipenv lock` writes a list only with `-r`.
    if row.dialect == Dialect::Pipenv
        && subcommand == "lock"
        && command.flag("--requirements").is_none()
    {
        return None;
    }
    let words = Words {
        p,
        index,
        row,
        command,
    };
    let mut is_complete = command.is_complete
        // `xargs pip install`: the rest of the operands comes from elsewhere.
        && !command.wrappers.iter().any(|wrapper| wrapper == "xargs")
        && !words.is_given(Asks::Other);
    let mut asked = Asked {
        row,
        files: words.values(Asks::List).collect(),
        constraints: words.values(Asks::Constraint).collect(),
        operands: Vec::new(),
        editables: words.values(Asks::Editable).collect(),
        find_links: words.values(Asks::Links).collect(),
        groups: words.groups(&mut is_complete),
        directory: command
            .flags
            .iter()
            .rev()
            .find(|flag| row.directory.contains(&flag.name))
            .and_then(|flag| flag.value.clone()),
        no_deps: words.is_on(Asks::NoDeps),
        uses_lock: !words.is_on(Asks::NoLock),
        leaves_project: words.leaves_project(),
        is_export: row.exports(subcommand) || row.builds(subcommand),
        is_private: command
            .flags
            .iter()
            .any(|flag| package_indexes::is_flag(&flag.name))
            || package_indexes::variables().any(|name| variables::may_be_set(p, index, name))
            || configured[fact.stage]
            || mounts_configuration(p, fact),
        is_constrained: installers::variables(Asks::Constraint)
            .any(|name| variables::may_be_set(p, index, name)),
        is_complete,
    };
    if row.takes_lists(subcommand) {
        asked.files.extend(command.operands.iter().cloned());
        if let Some(name) = row.default_list.filter(|_| asked.files.is_empty()) {
            let name = Traced::new(name, command.name_span);
            asked.files.push(Arg::whole(&name));
        }
    } else {
        asked.operands = command.operands.clone();
    }
    // Packages that are named beside those of the project.
    if row.dialect == Dialect::Pipenv {
        asked.is_complete &= asked.operands.is_empty() && asked.editables.is_empty();
    }
    Some(asked)
}

/// The options of a call, by what they ask for.
struct Words<'a> {
    p: &'a FilesPhase,
    index: usize,
    row: &'static Installer,
    command: &'a Command,
}

impl Words<'_> {
    /// An option asks for that.
    fn has(&self, asks: Asks) -> bool {
        let mut names = self.row.flags(asks);
        names.any(|name| self.command.flag(name).is_some())
    }

    /// An option asks for that, or something sets a variable that does.
    fn is_given(&self, asks: Asks) -> bool {
        let mut names = self.row.variables(asks);
        self.has(asks) || names.any(|name| variables::may_be_set(self.p, self.index, name))
    }

    /// The same of variables that switch something on: `0` does not.
    fn is_on(&self, asks: Asks) -> bool {
        let mut names = self.row.variables(asks);
        self.has(asks) || names.any(|name| variables::may_be_on(self.p, self.index, name))
    }

    /// Something keeps the project itself out, or only groups are asked for.
    fn leaves_project(&self) -> bool {
        let mut only = self.values(Asks::Only);
        self.is_on(Asks::NoProject)
            || self.has(Asks::OnlyDev)
            || only.any(|arg| arg.as_str() != Some("main"))
    }

    /// Values of options that may be repeated.
    fn values(&self, asks: Asks) -> impl Iterator<Item = Arg> {
        let is_asked = move |name: &str| self.row.flags(asks).any(|one| one == name);
        let flags = self.command.flags.iter();
        let flags = flags.filter(move |flag| is_asked(&flag.name));
        flags.filter_map(|flag| flag.value.clone())
    }

    /// The known ones of several, with commas or blanks between them; one that is not known clears `is_complete`.
    fn texts(&self, asks: Asks, is_complete: &mut bool) -> Vec<String> {
        let mut out = Vec::new();
        for arg in self.values(asks) {
            match arg.as_str() {
                Some(text) => {
                    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
                    out.extend(words.map(str::to_owned));
                }
                None => *is_complete = false,
            }
        }
        out
    }

    fn groups(&self, is_complete: &mut bool) -> Groups {
        let mut named = |asks| self.texts(asks, is_complete);
        let mut groups = Groups {
            extras: named(Asks::Extra),
            with: named(Asks::Group),
            without: named(Asks::Without),
            only: named(Asks::Only),
            only_project: self.is_on(Asks::OnlyProject),
            all_extras: self.is_on(Asks::AllExtras),
            all_groups: self.is_on(Asks::AllGroups) || self.is_on(Asks::AllGroupsBut),
            no_dev: self.is_on(Asks::NoDev),
            no_default: self.is_on(Asks::NoDefault),
            dev: self.is_on(Asks::Dev),
        };
        // `:all` of pdm.
        for names in [&mut groups.with, &mut groups.extras] {
            names.retain(|name| !name.starts_with(':'));
        }
        if self.is_on(Asks::OnlyDev) {
            groups.only.push("dev".to_owned());
        }
        if self.is_on(Asks::DevGroup) {
            groups.with.push("dev".to_owned());
        }
        // Old versions of poetry's plugin leave the groups out unless told otherwise.
        let subcommand = self.command.subcommand().unwrap_or_default();
        groups.no_default |= self.row.is_bare(subcommand) && groups.only.is_empty();
        groups
    }
}

/// A configuration of pip or uv, which may name another index.
fn is_configuration(text: &str) -> bool {
    FileWords::InstallerSettings.ends(text)
}

/// For each stage whether a configuration was copied into it, or is written there.
pub(super) fn configured(p: &FilesPhase) -> Vec<bool> {
    let mut all = vec![false; p.stages.len()];
    for copy in &p.copies {
        let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
        all[copy.stage] |= sources.any(|text| is_configuration(text.as_str()))
            || copy.target.as_deref().is_some_and(is_configuration);
    }
    for fact in &p.commands {
        let word = fact.command.subcommand();
        all[fact.stage] |= fact.command.name.as_deref() == Some("pip")
            && word.is_some_and(|word| word.starts_with("config"));
    }
    all
}

fn mounts_configuration(p: &FilesPhase, fact: &CommandFact) -> bool {
    let mut mounts = p.layers[fact.layer].mounts.iter();
    mounts.any(|mount| is_configuration(&mount.target))
}

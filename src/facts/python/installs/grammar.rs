//! The command lines of Python's installers: which files, names and groups a call asks for. It looks
//! at words and the environment only, never at files.

use crate::facts::build::manager::installer;
use crate::facts::build::variables;
use crate::facts::model::{CommandFact, FilesPhase};
use crate::knowledge::installers::{Dialect, Installer};
use crate::knowledge::package_indexes;
use crate::knowledge::words::{FileWords, VariableWords};
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
    pub(super) with_dev: bool,
    pub(super) uses_lock: bool,
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
    let mut asked = Asked {
        row,
        files: Vec::new(),
        constraints: values(command, &["--constraint", "--constraints"]),
        operands: Vec::new(),
        editables: values(command, &["--editable"]),
        find_links: values(command, &["--find-links"]),
        groups: Groups::default(),
        directory: command
            .flags
            .iter()
            .rev()
            .find(|flag| row.directory.contains(&flag.name))
            .and_then(|flag| flag.value.clone()),
        no_deps: has(command, "--no-deps"),
        with_dev: false,
        uses_lock: !has(command, "--skip-lock"),
        is_export: row.exports(subcommand) || row.builds(subcommand),
        is_private: command
            .flags
            .iter()
            .any(|flag| package_indexes::is_flag(&flag.name))
            || package_indexes::variables().any(|name| variables::may_be_set(p, index, name))
            || configured[fact.stage]
            || mounts_configuration(p, fact),
        is_constrained: ["PIP_CONSTRAINT", "UV_CONSTRAINT"]
            .iter()
            .any(|name| variables::may_be_set(p, index, name)),
        is_complete: command.is_complete,
    };
    // `xargs pip install`: the rest of the operands comes from elsewhere.
    asked.is_complete &= !command.wrappers.iter().any(|wrapper| wrapper == "xargs");
    match row.dialect {
        Dialect::Unread => {}
        Dialect::Pip => {
            asked.files = values(command, &["--requirement", "--requirements"]);
            if row.takes_lists(subcommand) {
                asked.files.extend(command.operands.iter().cloned());
                if let Some(name) = row.default_list.filter(|_| asked.files.is_empty()) {
                    let name = Traced::new(name, command.name_span);
                    asked.files.push(Arg::whole(&name));
                }
            } else {
                asked.operands = command.operands.clone();
            }
            asked.groups.with = texts(command, &["--group"], &mut asked.is_complete);
        }
        Dialect::Uv => uv(p, index, command, &mut asked),
        Dialect::Poetry => poetry(command, &mut asked),
        Dialect::Pdm => pdm(command, &mut asked),
        Dialect::Pipenv => {
            asked.with_dev = has(command, "--dev") || variables::may_be_on(p, index, "PIPENV_DEV");
            if !command.operands.is_empty() || !asked.editables.is_empty() {
                asked.is_complete = false;
            }
        }
    }
    Some(asked)
}

fn uv(p: &FilesPhase, index: usize, command: &Command, asked: &mut Asked) {
    let complete = &mut asked.is_complete;
    let groups = &mut asked.groups;
    groups.extras = texts(command, &["--extra"], complete);
    groups.all_extras = has(command, "--all-extras");
    groups.with = texts(command, &["--group"], complete);
    groups.without = texts(command, &["--no-group"], complete);
    groups.only = texts(command, &["--only-group"], complete);
    groups.all_groups = has(command, "--all-groups");
    groups.no_dev = has(command, "--no-dev");
    groups.no_default = has(command, "--no-default-groups");
    if has(command, "--only-dev") {
        groups.only.push("dev".to_owned());
    }
    if variables::may_be_set(p, index, "UV_NO_DEV") {
        groups.no_dev = true;
    }
    *complete &= !has(command, "--package")
        && !has(command, "--all-packages")
        && VariableWords::UvProject
            .iter()
            .all(|name| !variables::may_be_set(p, index, name));
}

fn poetry(command: &Command, asked: &mut Asked) {
    let complete = &mut asked.is_complete;
    let groups = &mut asked.groups;
    let listed = |values: Vec<String>| -> Vec<String> {
        values
            .iter()
            .flat_map(|value| value.split([',', ' ']))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    groups.extras = listed(texts(command, &["--extras"], complete));
    groups.all_extras = has(command, "--all-extras");
    groups.with = listed(texts(command, &["--with", "--group"], complete));
    groups.without = listed(texts(command, &["--without"], complete));
    groups.only = listed(texts(command, &["--only"], complete));
    groups.all_groups = has(command, "--all-groups");
    groups.no_dev = has(command, "--no-dev");
    // Old versions of the export plugin leave the groups out unless told otherwise.
    if command.subcommand() == Some("export") && groups.only.is_empty() {
        groups.no_default = true;
        if has(command, "--dev") {
            groups.with.push("dev".to_owned());
        }
    }
}

fn pdm(command: &Command, asked: &mut Asked) {
    let complete = &mut asked.is_complete;
    let groups = &mut asked.groups;
    let names: Vec<String> = texts(command, &["--group"], complete)
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::to_owned)
        .collect();
    groups.with = names
        .iter()
        .filter(|n| !n.starts_with(':'))
        .cloned()
        .collect();
    groups.extras = groups.with.clone();
    groups.without = texts(command, &["--without"], complete)
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::to_owned)
        .collect();
    groups.no_dev = has(command, "--prod") || has(command, "--no-dev");
}

fn has(command: &Command, name: &str) -> bool {
    command.flag(name).is_some()
}

/// Values of flags that may be repeated.
fn values(command: &Command, names: &[&str]) -> Vec<Arg> {
    command
        .flags
        .iter()
        .filter(|flag| names.contains(&flag.name.as_str()))
        .filter_map(|flag| flag.value.clone())
        .collect()
}

/// The known values; one that is not known clears `complete`.
fn texts(command: &Command, names: &[&str], complete: &mut bool) -> Vec<String> {
    let mut out = Vec::new();
    for arg in values(command, names) {
        match arg.as_str() {
            Some(text) => out.push(text.to_owned()),
            None => *complete = false,
        }
    }
    out
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

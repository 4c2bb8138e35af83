//! The command lines of Python's installers: which files, names and groups a call asks for. It looks
//! at words and the environment only, never at files.

use crate::facts::build::variables;
use crate::facts::model::{CommandFact, FilesPhase};
use crate::knowledge::given;
use crate::python::requirements::Groups;
use crate::shell::ast::{Arg, Command};
use crate::span::Traced;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Pip,
    PipSync,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
}

impl Tool {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::PipSync => "pip-sync",
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
            Self::Pipenv => "pipenv",
        }
    }
}

/// What a call asks for, as words.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) tool: Tool,
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
    matches!(
        (command.name.as_deref(), command.subcommand()),
        (Some("poetry" | "uv" | "pdm"), Some("export"))
            | (Some("pipenv"), Some("requirements" | "lock"))
            | (Some("uv"), Some("pip compile"))
            | (Some("pip-compile"), _)
    )
}

/// What a command asks an installer for; `None` when it is none.
pub(super) fn asks(p: &FilesPhase, index: usize) -> Option<Asked> {
    let fact = &p.commands[index];
    let command = &fact.command;
    let tool = match (command.name.as_deref()?, command.subcommand()) {
        ("pip", Some("install" | "wheel" | "download"))
        | ("uv", Some("pip install" | "pip sync" | "pip compile"))
        | ("pip-compile", _) => Tool::Pip,
        ("pip-sync", _) => Tool::PipSync,
        ("uv", Some("sync" | "export")) => Tool::Uv,
        ("poetry", Some("install" | "sync" | "export")) => Tool::Poetry,
        ("pdm", Some("install" | "sync" | "export")) => Tool::Pdm,
        ("pipenv", Some("install" | "sync" | "requirements" | "lock")) => Tool::Pipenv,
        _ => return None,
    };
    if command.flag("--help").is_some() || command.flag("--version").is_some() {
        return None;
    }
    let subcommand = command.subcommand().unwrap_or_default();
    // `pipenv lock` writes a list only with `-r`.
    if tool == Tool::Pipenv && subcommand == "lock" && command.flag("--requirements").is_none() {
        return None;
    }
    let mut asked = Asked {
        tool,
        files: Vec::new(),
        constraints: values(command, &["--constraint", "--constraints"]),
        operands: Vec::new(),
        editables: values(command, &["--editable"]),
        find_links: values(command, &["--find-links"]),
        groups: Groups::default(),
        directory: None,
        no_deps: has(command, "--no-deps"),
        with_dev: false,
        uses_lock: !has(command, "--skip-lock"),
        is_export: exports(command) || matches!(subcommand, "wheel" | "download"),
        is_private: command
            .flags
            .iter()
            .any(|flag| given::is_index_flag(&flag.name))
            || given::index_variables().any(|name| variables::may_be_set(p, index, name))
            || copies_configuration(p, fact),
        is_constrained: ["PIP_CONSTRAINT", "UV_CONSTRAINT"]
            .iter()
            .any(|name| variables::may_be_set(p, index, name)),
        is_complete: command.is_complete,
    };
    // `xargs pip install`: the rest of the operands comes from elsewhere.
    asked.is_complete &= !command.wrappers.iter().any(|wrapper| wrapper == "xargs");
    match tool {
        Tool::Pip | Tool::PipSync => {
            asked.files = values(command, &["--requirement", "--requirements"]);
            if tool == Tool::PipSync
                || matches!(subcommand, "pip sync" | "pip compile")
                || command.name.as_deref() == Some("pip-compile")
            {
                asked.files.extend(command.operands.iter().cloned());
                if tool == Tool::PipSync && asked.files.is_empty() {
                    let name = Traced::new("requirements.txt", command.name_span);
                    asked.files.push(Arg::whole(&name));
                }
            } else {
                asked.operands = command.operands.clone();
            }
            asked.groups.with = texts(command, &["--group"], &mut asked.is_complete);
        }
        Tool::Uv => uv(p, index, command, &mut asked),
        Tool::Poetry => poetry(command, &mut asked),
        Tool::Pdm => pdm(command, &mut asked),
        Tool::Pipenv => {
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
        && [
            "UV_PROJECT",
            "UV_WORKING_DIRECTORY",
            "UV_NO_GROUP",
            "UV_NO_DEFAULT_GROUPS",
        ]
        .iter()
        .all(|name| !variables::may_be_set(p, index, name));
    asked.directory = last(command, &["--project", "--directory"]);
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
    asked.directory = last(command, &["--directory", "--project"]);
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
    asked.directory = last(command, &["--project"]);
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

fn last(command: &Command, names: &[&str]) -> Option<Arg> {
    values(command, names).pop()
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

/// A configuration of pip or uv, which may name another index, was copied into the stage.
fn copies_configuration(p: &FilesPhase, fact: &CommandFact) -> bool {
    let is_configuration = |text: &str| {
        ["pip.conf", "pip.ini", "uv.toml", ".pypirc", ".netrc"]
            .iter()
            .any(|name| text.ends_with(name))
    };
    p.copies.iter().any(|copy| {
        copy.stage == fact.stage
            && (copy.sources.iter().any(|(_, text)| {
                text.as_ref()
                    .is_some_and(|text| is_configuration(text.as_str()))
            }) || copy.target.as_deref().is_some_and(is_configuration))
    }) || p.layers[fact.layer]
        .mounts
        .iter()
        .any(|mount| is_configuration(&mount.target))
        || p.commands.iter().any(|other| {
            other.stage == fact.stage
                && other.command.name.as_deref() == Some("pip")
                && other
                    .command
                    .subcommand()
                    .is_some_and(|word| word.starts_with("config"))
        })
}

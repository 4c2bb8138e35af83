//! Programs that install Python packages, by their command lines.

use super::texts::List;

/// How the command line of an installer and the files it names are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Requirements, and files with requirements.
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
    /// It may install anything.
    Unread,
}

/// A program, or those of its subcommands that are read alike.
#[derive(Debug)]
pub(crate) struct Installer {
    program: &'static str,
    pub dialect: Dialect,
    /// Its name in rules.
    pub called: &'static str,
    installs: List,
    exports: List,
    builds: List,
    lists: List,
    /// The file of requirements that it reads when none is given.
    pub default_list: Option<&'static str>,
    takes_project: List,
    /// The file that says what a project is.
    pub project: Option<&'static str>,
    /// The file with the versions of a project.
    pub lock: Option<&'static str>,
    /// Options that name the directory of the project.
    pub directory: List,
    makes: List,
    own: List,
}

static INSTALLERS: &[Installer] = include!(concat!(env!("OUT_DIR"), "/installers.rs"));

/// The subcommand is one of the list: itself, as one of a group, or any.
fn has(list: List, subcommand: &str) -> bool {
    list.iter().any(|word| match word.strip_suffix('*') {
        Some(group) => subcommand.starts_with(group.trim_end()),
        None => word == subcommand,
    })
}

/// What is known of a program.
pub(crate) fn rows(program: &str) -> impl Iterator<Item = &'static Installer> {
    INSTALLERS.iter().filter(move |row| row.program == program)
}

impl Installer {
    /// The subcommand writes a list of requirements to standard output or a file.
    #[must_use]
    pub(crate) fn exports(&self, subcommand: &str) -> bool {
        has(self.exports, subcommand)
    }

    /// The subcommand fetches or builds wheels, which something else installs.
    #[must_use]
    pub(crate) fn builds(&self, subcommand: &str) -> bool {
        has(self.builds, subcommand)
    }

    /// The operands of the subcommand are files of requirements.
    #[must_use]
    pub(crate) fn takes_lists(&self, subcommand: &str) -> bool {
        has(self.lists, subcommand)
    }

    /// The subcommand installs what a project lists, without being told so.
    #[must_use]
    pub(crate) fn takes_project(&self, subcommand: &str) -> bool {
        has(self.takes_project, subcommand)
    }
}

/// The installer that a command line is; `None`: it installs and lists nothing.
#[must_use]
pub(crate) fn asked(program: &str, subcommand: &str) -> Option<&'static Installer> {
    rows(program).find(|row| has(row.installs, subcommand))
}

/// The program installs Python packages, with one subcommand or another.
#[must_use]
pub(crate) fn is_installer(program: &str) -> bool {
    rows(program).next().is_some()
}

/// The command makes a virtual environment without being asked for one.
#[must_use]
pub(crate) fn makes_environment(program: &str, subcommand: &str) -> bool {
    rows(program).any(|row| has(row.makes, subcommand))
}

/// A word of the command makes an environment whose versions are its own.
#[must_use]
pub(crate) fn has_own_versions(program: &str, word: &str) -> bool {
    rows(program).any(|row| row.own.contains(word))
}

/// The lock of projects that are read so.
#[must_use]
pub(crate) fn lock(dialect: Dialect) -> Option<&'static str> {
    let mut rows = INSTALLERS.iter().filter(|row| row.dialect == dialect);
    rows.find_map(|row| row.lock)
}

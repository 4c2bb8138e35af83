//! Programs that install Python packages, by their command lines.

use super::Series;
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

/// What an option of an installer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// A file of requirements.
    List,
    /// A file of constraints.
    Constraint,
    /// A project, where it lies.
    Editable,
    /// A place to look for packages in.
    Links,
    /// Nothing but what is asked for.
    NoDeps,
    /// A group beside the default ones.
    Group,
    /// An extra beside the default ones.
    Extra,
    /// All groups but this one.
    Without,
    /// Nothing but this group.
    Only,
    /// Nothing but the group `dev`.
    OnlyDev,
    AllGroups,
    /// All but those that are to be left out.
    AllGroupsBut,
    AllExtras,
    /// No group for development.
    NoDev,
    /// No group that comes unasked.
    NoDefault,
    /// Packages for development too.
    Dev,
    /// The group `dev` too.
    DevGroup,
    /// Not the versions of the lock.
    NoLock,
    /// All but the project itself.
    NoProject,
    /// Nothing but the project itself.
    OnlyProject,
    /// Another project than the one of the directory, or a part of one.
    Other,
}

/// An option of an installer, or several that ask for the same.
#[derive(Debug)]
struct Flag {
    dialect: Dialect,
    names: List,
    means: Asks,
    variables: List,
}

/// Where an installer takes a Python from that the project allows, when its own is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pythons {
    /// The system may have one.
    Searches,
    /// It brings one.
    Fetches,
}

/// A program, or those of its subcommands that are read alike.
#[derive(Debug)]
pub(crate) struct Installer {
    program: &'static str,
    pub(crate) dialect: Dialect,
    /// Its name in rules.
    pub(crate) called: &'static str,
    installs: List,
    names: List,
    exports: List,
    builds: List,
    lists: List,
    /// The file of requirements that it reads when none is given.
    pub(crate) default_list: Option<&'static str>,
    takes_project: List,
    bare: List,
    /// The files that say what a project is.
    pub(crate) project: List,
    /// The file with the versions of a project.
    pub(crate) lock: Option<&'static str>,
    /// Options that name the directory of the project.
    pub(crate) directory: List,
    makes: List,
    environment: List,
    own: List,
    pub(crate) python: Option<Pythons>,
    /// Leaves out the group `dev`.
    pub(crate) leaves_dev: Option<&'static str>,
    /// Leaves out all groups that come unasked.
    pub(crate) leaves_all: Option<&'static str>,
    leaves_some: Option<&'static str>,
    /// The version before which groups cannot be told apart.
    pub(crate) groups_since: Option<Series>,
    /// The command that installs groups again that were left out.
    pub(crate) brings_back: Option<&'static str>,
}

static FLAGS: &[Flag] = include!(concat!(env!("OUT_DIR"), "/installer-flags.rs"));

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

/// Variables that ask for that, of any of them.
pub(crate) fn variables(asks: Asks) -> impl Iterator<Item = &'static str> {
    let flags = FLAGS.iter().filter(move |flag| flag.means == asks);
    flags.flat_map(|flag| flag.variables)
}

impl Installer {
    /// The word asks for an environment whose versions are its own.
    pub(crate) fn has_own_versions(&self, word: &str) -> bool {
        self.own.contains(word)
    }

    /// The options that ask for that; the first is the one to say.
    pub(crate) fn flags(&self, asks: Asks) -> impl Iterator<Item = &'static str> + use<> {
        let own = self.own_flags(asks);
        own.flat_map(|flag| flag.names)
    }

    /// The variables that ask for that.
    pub(crate) fn variables(&self, asks: Asks) -> impl Iterator<Item = &'static str> + use<> {
        let own = self.own_flags(asks);
        own.flat_map(|flag| flag.variables)
    }

    fn own_flags(&self, asks: Asks) -> impl Iterator<Item = &'static Flag> + use<> {
        let dialect = self.dialect;
        let own = FLAGS.iter().filter(move |flag| flag.dialect == dialect);
        own.filter(move |flag| flag.means == asks)
    }

    /// What is added to leave these groups out.
    #[must_use]
    pub(crate) fn leaves_some(&self, groups: &[&str]) -> Option<String> {
        let text = self.leaves_some?;
        if text.contains("GROUPS") {
            return Some(text.replace("GROUPS", &groups.join(",")));
        }
        let each = groups.iter().map(|group| text.replace("GROUP", group));
        Some(each.collect::<Vec<_>>().join(" "))
    }

    /// The subcommand leaves out all groups that are not asked for.
    #[must_use]
    pub(crate) fn is_bare(&self, subcommand: &str) -> bool {
        has(self.bare, subcommand)
    }

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

/// The operands of the command are names of packages to install.
#[must_use]
pub(crate) fn takes_names(program: &str, subcommand: &str) -> bool {
    rows(program).any(|row| has(row.names, subcommand))
}

/// The command makes a virtual environment without being asked for one.
#[must_use]
pub(crate) fn makes_environment(program: &str, subcommand: &str) -> bool {
    rows(program).any(|row| has(row.makes, subcommand))
}

/// The words of a command behind those that let it make an environment where the first path of them says.
pub(crate) fn environment<'a, 'b>(program: &str, words: &'a [&'b str]) -> Option<&'a [&'b str]> {
    let mut begins = rows(program).flat_map(|row| row.environment);
    begins.find_map(|begin| match begin {
        "*" => Some(words),
        begin => {
            let count = begin.split(' ').count();
            let (first, rest) = words.split_at_checked(count)?;
            begin.split(' ').eq(first.iter().copied()).then_some(rest)
        }
    })
}

/// The program installs Python packages, with one subcommand or another.
#[must_use]
pub(crate) fn is_installer(program: &str) -> bool {
    rows(program).any(|row| !row.installs.is_empty())
}

/// The files that say what a project is to one installer or another.
pub(crate) fn project_files() -> impl Iterator<Item = &'static str> {
    INSTALLERS.iter().flat_map(|row| row.project)
}

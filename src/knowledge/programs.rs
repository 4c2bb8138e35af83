//! Programs by what they do for the checks: which are shells, which switch the user, which write nothing.

use super::by_name::find_by_name;
use super::images::PackageManager;
use super::texts::List;

/// What a program does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads commands.
    Shell,
    /// Runs another program as another user.
    SwitchesUser,
    /// Runs others, as users of its own choice, or answers for them.
    Manages,
    /// Asks whether something else is up.
    Probe,
    /// Writes nothing into a project, or only where the system keeps its own.
    Quiet,
    /// Writes where it stands, or where it is told to.
    Writes,
    /// Unpacks archives into the directory it stands in.
    Unpacks,
    /// May put programs into an image in another way than by packages of the system.
    Brings,
    /// Python packages bring it too.
    InPypi,
    /// A small process 1 that hands signals to its one child.
    Init,
    /// Nobody runs it to see whether it works: when it fails, something is missing.
    InEarnest,
    /// Works with the system as root: cron, the services of the distribution.
    NeedsRoot,
    /// Answers at a port of the container for something else: a database, a proxy, a tunnel.
    Answers,
    /// Starts a database, or what may have one.
    StartsDatabase,
    /// Works off what an application has: its command line goes on behind its name.
    Application,
    /// Runs what a file or a text says.
    Evaluates,
    /// Changes the files that it is given, also where `find` gives them.
    Edits,
    /// Gives files another content.
    Rewrites,
    /// Sets variables without an assignment.
    SetsVariables,
    /// Only hands on what it reads or is given.
    HandsOn,
    /// Changes accounts in ways that are not read.
    EditsAccounts,
    /// Changes accounts where it is given one of their files.
    MayEditAccounts,
    /// Puts a file in another place.
    Places,
    /// Makes a program be there under another name, or no longer.
    Renames,
    /// Changes which packages of the system are there in ways that are not read.
    ChangesPackages,
    /// Compiles, or hands on to what does.
    Builds,
    /// Leaves a loop or a script.
    GivesUp,
    /// Stands behind a server only for the case that it ends.
    Closes,
    /// Says something and changes nothing.
    Speaks,
    /// Gives files an owner or a mode.
    SetsRights,
    /// Leaves the modes of files alone that are there.
    KeepsModes,
    /// What it puts somewhere may keep the owner that it had.
    KeepsOwners,
    /// Makes the files or directories that it is given.
    Makes,
    /// Makes a home directory for an account.
    MakesHomes,
    /// Connects to PostgreSQL.
    PostgresClient,
    /// Does not fail on purpose.
    Sure,
    /// Its words may look like operators of the shell.
    Tests,
    /// May install Python packages and does not say which.
    HidesInstalls,
    /// Brings another Python along.
    BringsPython,
    /// May put another Python or another pip in the place of the first.
    ChangesPython,
    /// Changes the shell that reads it and nothing else, so that it ends with it.
    ChangesShell,
}

#[derive(Debug)]
struct Program {
    name: &'static str,
    roles: &'static [Role],
}

static PROGRAMS: &[Program] = include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// Whether the program does that; no program that the table lacks does anything.
#[must_use]
pub(crate) fn is(name: &str, role: Role) -> bool {
    find_by_name!(PROGRAMS, name)(name).is_some_and(|row| row.roles.contains(&role))
}

/// The table has the program: what is called so is it, wherever an install put it.
#[must_use]
pub(crate) fn is_listed(name: &str) -> bool {
    find_by_name!(PROGRAMS, name)(name).is_some()
}

/// The program reads commands, from a script or a terminal.
#[must_use]
pub(crate) fn is_shell(name: &str) -> bool {
    is(name, Role::Shell)
}

/// A program of the system that a Python package calls.
#[derive(Debug)]
pub(crate) struct PackageProgram {
    name: &'static str,
    /// How it is imported.
    pub module: &'static str,
    pub program: &'static str,
    /// Other distributions that contain it.
    pub unless: &'static [&'static str],
}

static CALLED: &[PackageProgram] = include!(concat!(env!("OUT_DIR"), "/package-programs.rs"));

/// The program that a Python package is of no use without.
pub(crate) fn called_by(distribution: &str) -> Option<&'static PackageProgram> {
    super::find(CALLED, distribution, |row| row.name)
}

/// A program that Python packages bring.
#[derive(Debug)]
pub(crate) struct PythonProgram {
    name: &'static str,
    distributions: &'static [&'static str],
}

static OF_PYTHON: &[PythonProgram] = include!(concat!(env!("OUT_DIR"), "/python-programs.rs"));

/// Where the packages of distributions put a program.
#[derive(Debug)]
pub(crate) struct Place {
    name: &'static str,
    debian: Option<&'static str>,
    alpine: Option<&'static str>,
}

static PLACES: &[Place] = include!(concat!(env!("OUT_DIR"), "/program-places.rs"));

/// The directory into which the package of a distribution puts a program; `None` where that is not known.
pub(crate) fn place(program: &str, manager: PackageManager) -> Option<&'static str> {
    let row = super::find(PLACES, program, |row| row.name)?;
    match manager {
        PackageManager::Apt => row.debian,
        PackageManager::Apk => row.alpine,
        _ => None,
    }
}

/// The Python packages that bring a program, a server or another one; none where that is not known.
pub(crate) fn distributions(program: &str) -> &'static [&'static str] {
    let server = super::servers::by_command(program).map(|server| server.distributions);
    let own = || super::find(OF_PYTHON, program, |row| row.name).map(|row| row.distributions);
    let found = server.filter(|names| !names.is_empty()).or_else(own);
    found.unwrap_or_default()
}

/// A Python package that drives a browser which pip does not install.
#[derive(Debug)]
pub(crate) struct BrowserPackage {
    name: &'static str,
    /// The command that fetches one.
    pub fetches: &'static str,
    /// Words that show that one comes in another way.
    pub signs: List,
}

static BROWSERS: &[BrowserPackage] = include!(concat!(env!("OUT_DIR"), "/browser-packages.rs"));

/// What a Python package needs to have a browser.
pub(crate) fn drives_browser(distribution: &str) -> Option<&'static BrowserPackage> {
    super::find(BROWSERS, distribution, |row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_what_they_do() {
        assert!(PROGRAMS.is_sorted_by(|a, b| a.name < b.name));
        assert!(is_shell("dash") && !is_shell("python"));
        assert!(is("curl", Role::Probe) && is("curl", Role::Brings));
        assert!(is("[", Role::Quiet) && !is("make", Role::Quiet));
    }
}

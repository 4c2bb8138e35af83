//! What installs of Python packages ask for.

use crate::maps::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::OnceLock;

use crate::context::Pattern;
use crate::facts::model::{FilesPhase, Firsts, Maybe};
use crate::knowledge::Series;
use crate::knowledge::installers::Installer;
use crate::span::{Span, Traced};

/// A command that installs Python packages, or writes or builds what is installed.
#[derive(Debug)]
pub struct InstallFact {
    pub command: usize,
    pub stage: usize,
    /// The installer, with what is known of it.
    pub(crate) row: &'static Installer,
    /// It runs whenever the stage is built.
    pub is_certain: bool,
    /// Every word, file and directory it is given was known and found.
    pub is_followed: bool,
    /// It writes a list or builds wheels; something else installs them.
    pub is_export: bool,
    /// Packages may come from elsewhere than the public index.
    pub is_private: bool,
    /// A constraints file bounds versions too.
    pub is_constrained: bool,
    /// The lock file that the context has beside the project and that is not there when it runs.
    pub lock_left_out: Option<&'static str>,
    /// The files it is given and those that they include.
    pub targets: Vec<TargetFact>,
    /// What building the project needs, which the command certainly does not find.
    pub(crate) lacks: Vec<Lack>,
    /// The package of the project in `src`, where that is certainly not there yet and the backend installs the project
    /// without it.
    pub(crate) sourceless: Option<String>,
    /// Extras and groups as the command names them.
    pub groups: crate::python::requirements::Groups,
    /// Commands that wrote a list or built wheels for it.
    pub takes: Vec<Taken>,
    pub set: crate::python::requirements::RequirementSet,
    /// See [`crate::facts::python::hashes::first_without`].
    pub(crate) first_without_hash: OnceLock<Option<usize>>,
    /// What the only file of the project with the name says, for a requirements file that is not in the context: it is
    /// put there before the build. `None`: everything was found, or there is no such file.
    pub likely: Option<crate::python::requirements::RequirementSet>,
}

impl InstallFact {
    /// Tells its lists the Python that it installs for.
    pub(crate) fn is_for(&mut self, python: Option<Series>) {
        let parts = python.and_then(|it| u8::try_from(it.0).ok().zip(u8::try_from(it.1).ok()));
        self.set.is_for(parts);
        if let Some(likely) = &mut self.likely {
            likely.is_for(parts);
        }
    }
}

/// A file without which a project cannot be built, and that is not there.
#[derive(Debug, Clone)]
pub(crate) struct Lack {
    /// Below the project.
    pub(crate) path: String,
    /// Where the project names it.
    pub(crate) span: Span,
    /// The pattern of the ignore file that keeps it out.
    pub(crate) ignored: Option<Pattern>,
    /// See [`BuildNeed`](crate::python::requirements::BuildNeed).
    pub(crate) is_named: bool,
    /// The project has no such module anywhere.
    pub(crate) is_nowhere: bool,
}

/// What an install takes of the output of another command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The command that wrote the list or built the wheels.
    pub command: usize,
    /// All of it; otherwise only what the install asks for itself (`--find-links`).
    pub takes_all: bool,
    /// It is that very file or directory, and nothing took lines out of it.
    pub is_certain: bool,
}

/// Where programs lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scripts {
    /// Absolute. Of environments whose name the installer makes up, the directory above it.
    pub(crate) directory: String,
    pub(crate) kind: PlaceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    /// On every search path, or a place of the Dockerfile's choice: started by the interpreter that pip ran with.
    System,
    /// The home directory of a user.
    User,
    /// A virtual environment: started by its own interpreter.
    Environment,
    /// One whose name the installer makes up.
    Unnamed,
}

/// A requirements or constraints file that an install names.
#[derive(Debug, Clone)]
pub struct TargetFact {
    pub command: usize,
    /// As written, in the command or in the file that includes it.
    pub written: Traced,
    /// `None` when the working directory is not known.
    pub image_path: Option<String>,
    pub origin: crate::context::Origin,
    /// Below the root; `None` when there is no file to read.
    pub root_path: Option<String>,
    /// That file.
    pub file: Option<crate::span::FileId>,
    pub is_constraint: bool,
    /// The file that includes it; `None` for one on the command line.
    pub included_by: Option<crate::span::FileId>,
}

/// The Python packages that the commands of an image ask for.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Indices into `installs`, and into the requirements of each.
    pub items: Vec<(usize, usize)>,
    /// The installs all of whose requirements are among these.
    pub installs: Vec<usize>,
    /// Every list of direct requirements was read.
    pub is_complete: bool,
    /// Every package is listed, dependencies of dependencies too.
    pub is_closed: bool,
    /// What a name alone decides of them, where something asked.
    pub(crate) names: OnceLock<Names>,
    /// See [`Listed::has`].
    pub(crate) held: OnceLock<HashSet<(usize, usize)>>,
}

impl Listed {
    /// The requirement at a position of an install is among them. Asked when all are there.
    pub(crate) fn has(&self, install: usize, at: usize) -> bool {
        let held = self
            .held
            .get_or_init(|| self.items.iter().copied().collect());
        held.contains(&(install, at))
    }
}

/// The names of the packages that are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) all: HashSet<String>,
    /// None brings anything along but plain packages.
    pub(crate) are_plain: bool,
}

/// How the stages of a Dockerfile deal with caches of downloads.
#[derive(Debug, Default)]
pub(crate) struct CacheHabits {
    /// For each stage the first pip that leaves its cache, where a variable suits it better than flags.
    pub(crate) variables: Vec<Option<usize>>,
    /// What sets that variable in each stage, where something asked.
    pub(crate) edits: Vec<OnceLock<Option<(Span, String)>>>,
    /// For each stage the commands of pip that leave their cache, or may.
    pub(crate) pips: Vec<Vec<usize>>,
    /// The first command of a program in a stage that leaves its cache.
    pub(crate) firsts: HashMap<(usize, String), usize>,
}

/// What commands do to the Pythons of a Dockerfile, see [`crate::facts::python::marks`].
#[derive(Debug)]
pub(crate) struct PythonMarks {
    /// The Python of each stage.
    pub(crate) pythons: Vec<Option<Series>>,
    /// Of stages whose base image has a tag that moves from one Python to the next, the one that it means at least.
    pub(crate) moving: Vec<Option<Series>>,
    /// `pip uninstall`
    pub(crate) uninstalls: Firsts,
    /// What nobody can look into, or what activates an environment.
    pub(crate) unseen: Firsts,
    /// What makes a virtual environment unasked.
    pub(crate) environments: Firsts,
    /// What brings another Python, or tells pip something.
    pub(crate) changes: Firsts,
    /// The first layer of a stage in which a tool installs what a project lists.
    pub(crate) listed: HashMap<(usize, String), usize>,
    /// The commands that name a package to install, by its name.
    pub(crate) named: HashMap<String, Vec<usize>>,
    /// The virtual environments that the commands of each stage make, and which command does.
    pub(crate) virtualenvs: Vec<Vec<(String, usize)>>,
}

/// What is known when it is known what installs ask for.
#[derive(Debug)]
pub struct InstallPhase {
    /// The phase before.
    pub before: FilesPhase,
    pub(crate) marks: PythonMarks,
    /// Every command that installs Python packages.
    pub installs: Vec<InstallFact>,
    /// The last of them have more requirements than are read.
    pub(crate) has_too_many_requirements: bool,
}

impl Deref for InstallPhase {
    type Target = FilesPhase;

    fn deref(&self) -> &FilesPhase {
        &self.before
    }
}

/// What is known when it is known which Python packages there are.
#[derive(Debug)]
pub struct PythonPhase {
    /// The phase before.
    pub before: InstallPhase,
    /// The Python packages of each image.
    pub dependencies: Vec<Listed>,
    /// For each command whether it leaves its download cache in the image; absent when it is no package manager.
    pub leaves_cache: Vec<Maybe<bool>>,
}

impl Deref for PythonPhase {
    type Target = InstallPhase;

    fn deref(&self) -> &InstallPhase {
        &self.before
    }
}

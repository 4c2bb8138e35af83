//! What the commands of a Dockerfile install with Python's installers: each requirements file, project
//! and name that they are given, followed to the files of the build context.
//!
//! How requirements are read is [`crate::python::requirements`]'s business; nothing here judges.

mod building;
mod grammar;
mod outputs;
pub(crate) mod unsourced;

use std::sync::OnceLock;

use crate::maps::HashMap;

use grammar::{Asked, asks};

use crate::context::{Origin, Presence};
use crate::facts::build::{at, manager};
use crate::facts::files::origin;
use crate::facts::model::{CommandFact, FilesPhase, Firsts, InstallFact, Lack, Taken, TargetFact};
use crate::knowledge::installers::{self, Dialect, Installer};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::FileWords;
use crate::python::requirements::{
    Invocation, PipProject, RequirementSet, installed_by, read_requirements,
};
use crate::shell::ast::{Arg, Command, Runs};
use crate::source::Sources;
use crate::source::absolute;
use crate::span::{FileId, Span, Traced};

/// Directories, and entries of each, that are looked through for a file that is not in the context.
const MAX_DIRECTORIES: usize = 100;
const MAX_ENTRIES: usize = 200;

/// Requirements of all installs together; what is installed after them is not read.
const MAX_REQUIREMENTS: usize = 20_000;

/// Reads what every installing command asks for, and whether that is too much.
pub(crate) fn collect(p: &FilesPhase, sources: &Sources) -> (Vec<InstallFact>, bool) {
    let mut out = Vec::new();
    let mut left = MAX_REQUIREMENTS;
    let mut is_cut = false;
    let around = Around {
        writers: outputs::writers(p),
        environments: Firsts::new(&p.stages, &p.commands, makes_environment),
        configured: grammar::configured(p),
    };
    for index in 0..p.commands.len() {
        let Some(asked) = asks(p, &around.configured, index) else {
            continue;
        };
        is_cut |= left == 0;
        let install = Follower::new(p, sources, &around, index).follow(asked, is_cut);
        let set = &install.set;
        left = left.saturating_sub(set.requirements.len() + set.constraints.len());
        out.push(install);
    }
    (out, is_cut)
}

/// What all installs have in common.
struct Around {
    /// The commands that write lists or build wheels.
    writers: Vec<usize>,
    /// The commands that make an environment of conda: it has versions of its own, which pip leaves as they are.
    environments: Firsts,
    /// See [`grammar::configured`].
    configured: Vec<bool>,
}

/// Follows the words of one command to files.
struct Follower<'a> {
    p: &'a FilesPhase,
    sources: &'a Sources,
    around: &'a Around,
    command: usize,
    targets: Vec<TargetFact>,
    takes: Vec<Taken>,
    lacks: Vec<Lack>,
    sourceless: Option<String>,
    is_followed: bool,
    lock_left_out: Option<&'static str>,
    likely: Option<RequirementSet>,
    named_python: Option<Traced>,
}

impl<'a> Follower<'a> {
    fn new(p: &'a FilesPhase, sources: &'a Sources, around: &'a Around, command: usize) -> Self {
        Self {
            p,
            sources,
            around,
            command,
            targets: Vec::new(),
            takes: Vec::new(),
            lacks: Vec::new(),
            sourceless: None,
            is_followed: true,
            lock_left_out: None,
            likely: None,
            named_python: None,
        }
    }

    fn follow(mut self, asked: Asked, is_cut: bool) -> InstallFact {
        let stage = self.p.commands[self.command].stage;
        let row = asked.row;
        let is_export = asked.is_export;
        let groups = asked.groups.clone();
        let is_private = asked.is_private;
        let is_constrained = asked.is_constrained
            || !asked.constraints.is_empty()
            || self.around.environments.is_before(stage, self.command);
        self.is_followed &= asked.is_complete;
        let invocation = match row.dialect {
            _ if is_cut => None,
            Dialect::Pip | Dialect::Unread => self.pip(asked),
            _ => self.project(asked),
        };
        let mut set = match invocation {
            Some(invocation) => {
                let root = &self.p.around.root;
                installed_by(&invocation, self.sources, root)
            }
            None => {
                self.is_followed = false;
                RequirementSet::new()
            }
        };
        self.includes(&set);
        set.named_python = set.named_python.or(self.named_python);
        let fact = &self.p.commands[self.command];
        InstallFact {
            command: self.command,
            stage: fact.stage,
            row,
            is_certain: fact.command.runs == Runs::Always && !self.p.layers[fact.layer].is_onbuild,
            is_followed: self.is_followed,
            is_export,
            is_private: is_private || set.options.is_private(),
            is_constrained,
            lock_left_out: self.lock_left_out,
            targets: self.targets,
            takes: self.takes,
            lacks: self.lacks,
            sourceless: self.sourceless,
            groups,
            set,
            first_without_hash: OnceLock::new(),
            likely: self.likely,
        }
    }

    fn absolute(&self, path: &str) -> Option<String> {
        at::path_of(self.p, &self.p.commands[self.command], path)
    }

    /// A file that an option names, as a path below the root.
    fn file(&mut self, arg: &Arg, is_constraint: bool) -> Option<String> {
        let Some(written) = &arg.text else {
            self.is_followed = false;
            return None;
        };
        if written.as_str().contains("://") || written.as_str() == "-" {
            self.is_followed = false;
            return None;
        }
        let path = self.absolute(written.as_str());
        let origin = match &path {
            Some(path) => origin::as_command_sees(self.p, self.command, path),
            None => Origin::Unknown,
        };
        if !matches!(origin, Origin::Context(_) | Origin::Inline(_)) {
            let written = written.as_str();
            let lists = outputs::of_list(
                self.p,
                &self.around.writers,
                self.command,
                path.as_deref(),
                written,
            );
            if !lists.is_empty() {
                // The command that wrote it is an install of its own.
                self.is_followed &= lists.iter().all(|list| list.is_certain);
                self.takes.extend(lists);
                return None;
            }
        }
        let found = match &origin {
            Origin::Context(path) => self.p.around.context.below_root(path),
            _ => None,
        };
        let root = &self.p.around.root;
        let file = found
            .as_deref()
            .and_then(|path| root.read(self.sources, path).ok());
        self.is_followed &= file.is_some();
        if file.is_none() && !is_constraint {
            let likely = self.namesake(written.as_str());
            self.likely = self.likely.take().or(likely);
        }
        self.targets.push(TargetFact {
            command: self.command,
            written: written.clone(),
            image_path: path,
            origin,
            root_path: found.clone(),
            file,
            is_constraint,
            included_by: None,
        });
        found
    }

    /// What the only file of the project with that name says.
    fn namesake(&self, path: &str) -> Option<RequirementSet> {
        let name = path.rsplit('/').next()?;
        let root = &self.p.around.root;
        let mut directories = vec![String::new()];
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(directory) = directories.get(at).cloned() {
            at += 1;
            for entry in root.list(&directory, MAX_ENTRIES).iter() {
                let path = crate::source::join(&directory, entry);
                if entry == name {
                    found.push(path);
                } else if !entry.contains('.') && directories.len() < MAX_DIRECTORIES {
                    directories.push(path);
                }
            }
        }
        match found.as_slice() {
            [only] => Some(read_requirements(self.sources, root, only)),
            _ => None,
        }
    }

    /// The Python that uv looks for: `.python-version` in the project's directory.
    fn python_version(&self, place: &str) -> Option<Traced> {
        let directory = self.absolute(place)?;
        let path = absolute(&directory, ".python-version");
        let Origin::Context(path) = origin::as_command_sees(self.p, self.command, &path) else {
            return None;
        };
        let path = self.p.around.context.below_root(&path)?;
        let file = self.p.around.root.read(self.sources, &path).ok()?;
        let source = self.sources.get(file);
        let text = source.text.trim();
        let start = u32::try_from(source.text.find(text)?).ok()?;
        let end = start + u32::try_from(text.len()).ok()?;
        Some(Traced::new(text, Span::new(file, start, end)))
    }

    fn pip(&mut self, asked: Asked) -> Option<Invocation> {
        let mut files = Vec::new();
        let mut projects = Vec::new();
        for arg in &asked.files {
            match arg.as_str().filter(|text| is_project_file(text)) {
                Some(text) => match self.project_of_file(text) {
                    Some(project) => projects.push(project),
                    None => self.is_followed = false,
                },
                None => files.extend(self.file(arg, false)),
            }
        }
        let mut constraints = Vec::new();
        for arg in &asked.constraints {
            constraints.extend(self.file(arg, true));
        }
        self.wheels(&asked);
        let mut requirements: Vec<Traced> = Vec::new();
        for (arg, is_editable) in asked
            .operands
            .iter()
            .map(|arg| (arg, false))
            .chain(asked.editables.iter().map(|arg| (arg, true)))
        {
            let Some(text) = &arg.text else {
                self.is_followed = false;
                continue;
            };
            if is_editable && !text.as_str().contains("://") || is_path(text.as_str()) {
                match self.pip_project(text.as_str()) {
                    Some(project) => {
                        let place = text.as_str().split('[').next().unwrap_or_default();
                        self.lacks
                            .extend(self.lacking(asked.row, place, &project.directory));
                        self.sourceless = self.absolute(place).and_then(|place| {
                            let directory = &project.directory;
                            unsourced::package(
                                self.p,
                                self.sources,
                                self.command,
                                &place,
                                directory,
                            )
                        });
                        projects.push(project);
                    }
                    None => self.is_followed = false,
                }
            } else {
                requirements.push(text.clone());
            }
        }
        for group in &asked.groups.with {
            // `path/pyproject.toml:group`; without a path the one in the working directory.
            let (place, group) = group.rsplit_once(':').unwrap_or((".", group));
            let place = place.trim_end_matches("pyproject.toml");
            match self.project_directory(if place.is_empty() { "." } else { place }) {
                Some(directory) => projects.push(PipProject {
                    directory,
                    groups: vec![group.to_owned()],
                    is_groups_only: true,
                    ..PipProject::default()
                }),
                None => self.is_followed = false,
            }
        }
        Some(Invocation::Pip {
            files,
            constraints,
            requirements,
            projects,
            no_deps: asked.no_deps,
        })
    }

    /// What built the wheels that are given, all of them or as a place to look in.
    fn wheels(&mut self, asked: &Asked) {
        for arg in &asked.operands {
            let text = arg.as_str().unwrap_or(&arg.prefix);
            let (directory, name) = text.rsplit_once('/').unwrap_or((".", text));
            let is_all = name == "*" || name == "*.whl";
            if !is_all && !name.ends_with(".whl") {
                continue;
            }
            let directory = if directory.is_empty() { "/" } else { directory };
            self.take_wheels(directory, is_all);
        }
        for arg in &asked.find_links {
            if let Some(text) = arg.as_str().filter(|text| !text.contains("://")) {
                let text = text.to_owned();
                self.take_wheels(&text, false);
            }
        }
    }

    fn take_wheels(&mut self, directory: &str, takes_all: bool) {
        let Some(path) = self.absolute(directory) else {
            return;
        };
        let found = outputs::of_wheels(self.p, &self.around.writers, self.command, &path);
        self.takes
            .extend(found.into_iter().map(|taken| Taken { takes_all, ..taken }));
    }

    /// The project of a `pyproject.toml` that is given as a list.
    fn project_of_file(&self, text: &str) -> Option<PipProject> {
        let place = text.rsplit_once('/').map_or(".", |(parent, _)| parent);
        Some(PipProject {
            directory: self.project_directory(if place.is_empty() { "/" } else { place })?,
            ..PipProject::default()
        })
    }

    fn pip_project(&self, text: &str) -> Option<PipProject> {
        let (path, extras) = match text.split_once('[') {
            Some((path, rest)) => (
                path,
                rest.trim_end_matches(']')
                    .split(',')
                    .map(|extra| extra.trim().to_owned())
                    .collect(),
            ),
            None => (text, Vec::new()),
        };
        let is_archive = FileWords::PythonArchive.ends(path);
        if is_archive || path.contains(['*', '?']) {
            return None;
        }
        Some(PipProject {
            directory: self.project_directory(path)?,
            extras,
            ..PipProject::default()
        })
    }

    /// The directory below the root whose project lies at `path` of the image.
    fn project_directory(&self, path: &str) -> Option<String> {
        let directory = self.absolute(path)?;
        installers::project_files().find_map(|name| {
            let origin = origin::as_command_sees(self.p, self.command, &absolute(&directory, name));
            let Origin::Context(path) = origin else {
                return None;
            };
            let path = self.p.around.context.below_root(&path)?;
            let cut = path.rfind('/').unwrap_or(0);
            Some(path[..cut].to_owned())
        })
    }

    fn project(&mut self, asked: Asked) -> Option<Invocation> {
        let place = match &asked.directory {
            Some(arg) => arg.as_str()?,
            None => ".",
        };
        let directory = self.project_directory(place)?;
        self.lock_left_out = self.left_out(asked.row, place);
        if asked.row.dialect == Dialect::Uv {
            self.named_python = self.python_version(place);
        }
        // Nothing is known of the versions then.
        self.is_followed &= self.lock_left_out.is_none();
        if !asked.is_export && !asked.leaves_project {
            self.lacks = self.lacking(asked.row, place, &directory);
        }
        let groups = asked.groups;
        Some(Invocation::Project {
            installer: asked.row,
            directory,
            groups,
            uses_lock: asked.uses_lock,
        })
    }

    /// The lock of the project at `place` of the image, where the context has one and the image not.
    fn left_out(&self, row: &Installer, place: &str) -> Option<&'static str> {
        let (project, lock) = (row.project.iter().next()?, row.lock?);
        let directory = self.absolute(place)?;
        let origin =
            |name: &str| origin::as_command_sees(self.p, self.command, &absolute(&directory, name));
        let Origin::Context(project) = origin(project) else {
            return None;
        };
        let beside = crate::source::join(crate::source::parent(&project), lock);
        let exists = matches!(
            self.p.around.context.presence(&beside),
            Presence::File { .. }
        );
        let is_left_out = || matches!(origin(lock), Origin::Missing | Origin::Ignored(..));
        (exists && is_left_out()).then_some(lock)
    }

    /// Files that the files include must be in the image too, where the including one lies.
    fn includes(&mut self, set: &RequirementSet) {
        let mut places: HashMap<FileId, String> = HashMap::default();
        for target in &self.targets {
            if let (Some(file), Some(image)) = (target.file, &target.image_path) {
                places.insert(file, image.clone());
            }
        }
        for include in &set.includes {
            let Some(from) = places.get(&include.span.file) else {
                continue;
            };
            let written = self.sources.slice(include.span);
            if written.contains("://") || written.contains('$') {
                continue;
            }
            let parent = from.rsplit_once('/').map_or("/", |(parent, _)| parent);
            let image = absolute(if parent.is_empty() { "/" } else { parent }, &written);
            let origin = origin::as_command_sees(self.p, self.command, &image);
            if let Some(file) = include.file {
                places.entry(file).or_insert_with(|| image.clone());
            }
            self.targets.push(TargetFact {
                command: self.command,
                written: Traced::new(written, include.span),
                image_path: Some(image),
                origin,
                root_path: include.path.clone().filter(|_| include.file.is_some()),
                file: include.file,
                is_constraint: include.is_constraint,
                included_by: Some(include.span.file),
            });
        }
    }
}

/// A list of requirements that is the project's own file.
fn is_project_file(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    let mut pip = installers::rows("pip");
    pip.any(|row| row.project.contains(name))
}

/// An operand of pip that is a path and no name.
fn is_path(text: &str) -> bool {
    let bare = text.split('[').next().unwrap_or(text);
    bare == "."
        || bare == ".."
        || bare.starts_with(['/', '~'])
        || bare.starts_with("./")
        || bare.starts_with("../")
        || !bare.contains("://")
            && !bare.contains('@')
            && (bare.contains('/') || bare.ends_with(".whl") || bare.ends_with(".tar.gz"))
}

/// It makes an environment of conda.
fn makes_environment(fact: &CommandFact) -> bool {
    let name = fact.command.name.as_deref();
    name.is_some_and(|name| {
        installers::rows(name).any(|row| {
            let mut words = fact.command.args.iter().filter_map(Arg::as_str);
            words.any(|word| row.has_own_versions(word))
        })
    })
}

/// A command that may install Python packages without saying which: a script, another package
/// manager.
pub(crate) fn may_install(command: &Command) -> bool {
    if crate::facts::build::opaque::may_clean(command) {
        return true;
    }
    match command.name.as_deref() {
        None => true,
        Some(name) => {
            programs::is(name, Role::HidesInstalls)
                || name == "python" && command.management.is_none() && installs_itself(command)
                || manager::installer(command).is_some_and(|row| row.dialect == Dialect::Unread)
        }
    }
}

/// `python setup.py install`, `python some_script.py`.
fn installs_itself(command: &Command) -> bool {
    command
        .args
        .first()
        .is_none_or(|arg| arg.as_str().is_none_or(|text| text.ends_with(".py")))
}

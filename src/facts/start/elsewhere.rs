//! Programs that something which certainly runs calls by a path where an image certainly has none of that name: the
//! installs of their Python packages put them into another directory.

use std::cell::Cell;

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::{cron_jobs, origin};
use crate::facts::model::{PlaceKind, Project, StartFact};
use crate::facts::python::virtualenvs;
use crate::facts::start::commands;
use crate::facts::start::scheduled;
use crate::facts::start::script_place::{self, MAX_DEPTH, MAX_STAGES};
use crate::facts::system::installed::{self, There};
use crate::knowledge::images::Family;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::{Command, Runs};
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::span::{Span, Traced};

/// Where the images of Python have theirs.
const OF_PYTHON: &str = "/usr/local/bin";

/// A program that is called by its path and lies in another directory.
pub(crate) struct Elsewhere {
    /// The path by which it is called.
    pub(crate) path: Traced,
    /// The directory in which it certainly lies.
    pub(crate) directory: String,
}

/// The program of a command, or one that runs it, where the image certainly has it in another directory than the path
/// says.
pub(crate) fn of(p: &Project, image: usize, command: &Command) -> Option<Elsewhere> {
    let stage = p.images[image].stage;
    of_runners(p, stage, &command.runners).or_else(|| {
        let own = of_python_package(p, image, command);
        own.or_else(|| {
            let path = command.program.as_deref()?;
            Some(found(command, path, of_distribution(p, stage, path)?))
        })
    })
}

/// The first of the programs that run another one which lies elsewhere.
pub(crate) fn of_runners(p: &Project, stage: usize, runners: &[Traced]) -> Option<Elsewhere> {
    runners.iter().find_map(|word| {
        let directory = of_distribution(p, stage, word.as_str())?;
        let (path, directory) = (word.clone(), directory.to_owned());
        Some(Elsewhere { path, directory })
    })
}

/// The directory of a program that its package, or the base image, put into another one of those in which programs
/// are.
fn of_distribution(p: &Project, stage: usize, path: &str) -> Option<&'static str> {
    let (directory, name) = path.rsplit_once('/').filter(|_| path.starts_with('/'))?;
    let base = &at::root(&p.stages, stage).base.knowledge;
    let place = programs::place(name, base.package_manager)?;
    (DirectoryWords::Programs.contains(directory)
        && merged(place) != merged(directory)
        && !may_lie_at(p, stage, path)
        && commands::is_packaged(p, stage, name))
    .then_some(place)
}

/// A program of a Python package, or the image's Python.
fn of_python_package(p: &Project, image: usize, command: &Command) -> Option<Elsewhere> {
    let path = command
        .program
        .as_deref()
        .filter(|it| it.starts_with('/'))?;
    let (directory, name) = path.rsplit_once('/')?;
    let directory = merged(directory);
    let stage = p.images[image].stage;
    let family = at::root(&p.stages, stage).base.knowledge.family;
    let is_plain = matches!(
        family,
        Family::Python | Family::Debian | Family::Ubuntu | Family::Alpine | Family::Uv
    );
    if !is_plain || directory == "/usr/local/bin" && is_python(name) || may_lie_at(p, stage, path) {
        return None;
    }
    let is_python = is_python(name);
    let names = match (is_python, command.management.is_some()) {
        (true, true) => &["django"],
        // A module that it runs.
        (true, false) => programs::distributions(command.name.as_deref()?),
        (false, _) => programs::distributions(name),
    };
    if is_python && !is_without_packages(p, image, command, &directory) {
        return None;
    }
    if is_python && names.is_empty() {
        return lacks_python(p, stage, name, &directory).then(|| found(command, path, OF_PYTHON));
    }
    if names.is_empty() {
        return None;
    }
    let budget = Cell::new(MAX_STAGES);
    let brought = script_place::at_end(p, stage, names, MAX_DEPTH, &budget)?;
    let is_other = |it: &crate::facts::model::Brought| {
        let now = it.now.as_deref();
        it.made.kind != PlaceKind::Unnamed && now.is_some_and(|now| merged(now) != directory)
    };
    let first = brought.first()?.now.as_deref()?;
    brought
        .iter()
        .all(is_other)
        .then(|| found(command, path, first))
}

fn found(command: &Command, path: &str, directory: &str) -> Elsewhere {
    Elsewhere {
        path: Traced::new(path, command.name_span),
        directory: directory.to_owned(),
    }
}

/// Distributions have `/bin` and `/usr/bin` in one place.
fn merged(directory: &str) -> String {
    match directory {
        "/bin" | "/sbin" => format!("/usr{directory}"),
        other => other.trim_end_matches('/').to_owned(),
    }
}

/// `python`, `python3`, `python3.13`.
fn is_python(name: &str) -> bool {
    let rest = name.strip_prefix("python");
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The Dockerfile, or who starts the image, may have put something at a path.
fn may_lie_at(p: &Project, stage: usize, path: &str) -> bool {
    let twin = path.strip_prefix("/usr").map(str::to_owned);
    let twin = twin.unwrap_or_else(|| format!("/usr{path}"));
    [path, twin.as_str()].into_iter().any(|path| {
        let made = origin::made(p, stage, path, None).origin;
        !matches!(made, Origin::Missing) || origin::is_mounted(p, path)
    })
}

/// The Python of a directory, if there is one, has none of the packages that the installs of an image bring.
fn is_without_packages(p: &Project, image: usize, command: &Command, directory: &str) -> bool {
    let fact = &p.images[image];
    let family = at::root(&p.stages, fact.stage).base.knowledge.family;
    let is_told = at::sets_env(p, fact.stage, "PYTHONPATH")
        || command.assignments.iter().any(|it| it.name == "PYTHONPATH");
    let is_environment = || {
        let made = virtualenvs::virtualenvs(p, &fact.chain);
        made.iter()
            .any(|(path, _)| directory == format!("{path}/bin"))
    };
    // A pip that is called by that directory installs for its Python.
    let mut commands = p
        .commands
        .iter()
        .filter(|it| fact.chain.contains(&it.stage));
    let is_filled = commands.any(|it| {
        let program = it.command.program.as_deref().unwrap_or_default();
        let (called, _) = program.rsplit_once('/').unwrap_or_default();
        !called.is_empty() && merged(called) == directory
    });
    if is_filled {
        return false;
    }
    // That of the distribution is another one than the image's own.
    let is_another = !directory.starts_with("/usr") || family == Family::Python;
    is_another && !is_told && !is_environment()
}

/// The slim image of Python has no Python of the distribution, and no package brings one.
fn lacks_python(p: &Project, stage: usize, name: &str, directory: &str) -> bool {
    let packages = match name {
        "python" | "python2" => vec!["python-is-python3".to_owned()],
        name => vec![name.to_owned(), format!("{name}-minimal")],
    };
    let system = installed::system(p, stage, None);
    let chain = at::chain(&p.stages, stage);
    let may_link = |command: &Command| {
        let name = command.name.as_deref();
        name.is_none_or(|name| {
            programs::is(name, Role::Places) || programs::is(name, Role::BringsPython)
        })
    };
    let mut commands = p.commands.iter().filter(|fact| chain.contains(&fact.stage));
    directory == "/usr/bin"
        && system.is_some_and(|system| {
            let lacks = |package: &String| system.has(package) == There::No;
            packages.iter().all(lacks)
        })
        && !commands.any(|fact| may_link(&fact.command))
}

/// The Python that the first line of a script names by its path, where the image certainly has none there.
pub(crate) fn of_first_line(p: &Project, image: usize, line: &str) -> Option<&'static str> {
    let path = line.strip_prefix("#!")?.split_whitespace().next()?;
    let (directory, name) = path.rsplit_once('/').filter(|_| path.starts_with('/'))?;
    let stage = p.images[image].stage;
    let family = at::root(&p.stages, stage).base.knowledge.family;
    let lacks = is_python(name)
        && family == Family::Python
        && lacks_python(p, stage, name, &merged(directory))
        && !may_lie_at(p, stage, path);
    lacks.then_some(OF_PYTHON)
}

/// The program of a command that runs as a container starts.
pub(crate) fn of_start(
    p: &Project,
    image: usize,
    starts: &[StartFact],
    i: usize,
) -> Option<Elsewhere> {
    let command = &starts[i].command;
    let found = of(p, image, command)?;
    let (_, name) = found.path.as_str().rsplit_once('/')?;
    (!commands::may_be_made(starts, i, name)).then_some(found)
}

/// The first program that a job of a table of cron calls so.
pub(crate) fn of_cron(p: &Project, source: usize) -> Option<Elsewhere> {
    let fact = &p.sources[source];
    let cron = fact.cron_table.as_ref()?;
    let stage = p.copies[fact.copy].stage;
    if !scheduled::is_read(p, stage, cron) {
        return None;
    }
    let has = |image: &usize| at::is_part(&p.stages, stage, p.images[*image].stage);
    let image = (0..p.images.len()).find(has)?;
    cron.table.jobs.iter().find_map(|job| {
        let text = match cron.installed {
            Some(_) => job.clone(),
            None => cron_jobs::behind_user(job)?,
        };
        let script = shell::parse(&text, Dialect::Posix);
        let commands = script.commands(&UnknownVariables, &Options::default());
        let is_sure = |command: &&Command| {
            command.runs == Runs::Always && !command.is_condition && command.guard.is_none()
        };
        let first = commands.iter().find(|command| {
            let quiet = |name: &str| name == "cd" || programs::is(name, Role::SetsVariables);
            !command.name.as_deref().is_some_and(quiet)
        });
        of(p, image, first.filter(is_sure)?)
    })
}

/// The place of a path, for what marks it.
impl Elsewhere {
    pub(crate) fn span(&self) -> Span {
        self.path.span()
    }
}

//! What a supervisord starts: the configuration that it certainly reads, with the files that it includes, and its
//! programs as the commands that they are.

use crate::compose::split;
use crate::context::Origin;
use crate::context::glob::{Glob, has_wildcard};
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{Edited, PythonPhase, StartFact};
use crate::server::supervisor::{self, Program, Supervisor, Value};
use crate::shell::ast::{Arg, Assignment, Command};
use crate::shell::{self, Options, Var, Variables};
use crate::source::{Sources, absolute};
use crate::span::Traced;

/// Where it looks for its configuration when nothing names one, below the directory that it starts in and elsewhere
/// (<https://supervisord.org/configuration.html>).
const PLACES: [&str; 3] = [
    "supervisord.conf",
    "etc/supervisord.conf",
    "/etc/supervisord.conf",
];

/// What the package of Debian and Ubuntu has there includes all of [`INCLUDED_BY_DEBIAN`], and leaves the foreground.
const OF_DEBIAN: &str = "/etc/supervisor/supervisord.conf";
const INCLUDED_BY_DEBIAN: &str = "/etc/supervisor/conf.d/*.conf";

/// Files that are included are read up to this number.
const MAX_FILES: usize = 50;

/// A program that is started with supervisord.
pub(crate) struct Started {
    pub(crate) words: Vec<Traced>,
    pub(crate) commands: Vec<Command>,
    /// The variables of its own.
    pub(crate) given: Vec<Assignment>,
    pub(crate) run_as: Option<Arg>,
    pub(crate) directory: Option<String>,
}

/// The file that a supervisord reads, by its path in the image, and what it says with those that it includes.
pub(crate) fn config(
    p: &PythonPhase,
    stage: usize,
    start: &StartFact,
    sources: &Sources,
) -> Option<(String, Supervisor)> {
    let command = &start.command;
    let mut flags = command.flags.iter();
    let flag = flags.find(|flag| flag.name == "--configuration");
    if command.name.as_deref() != Some("supervisord") || !command.is_complete {
        return None;
    }
    let directory = start.directory.as_deref();
    let path = match flag {
        Some(flag) => {
            let value = flag.value.as_ref().and_then(Arg::as_str)?;
            match value.starts_with('/') {
                true => absolute("/", value),
                false => absolute(directory?, value),
            }
        }
        None => found(p, stage, directory)?,
    };
    let is_of_debian = path == OF_DEBIAN
        && is_made(p, stage, &path) == Some(false)
        && p.packages.iter().any(|package| {
            package.name == "supervisor" && at::is_part(&p.stages, package.stage, stage)
        });
    let mut config = match is_of_debian {
        true if is_untouched(p, stage, &path) => Supervisor {
            has_include: true,
            included: Value::Known(Traced::new(INCLUDED_BY_DEBIAN, command.name_span)),
            ..Supervisor::default()
        },
        true => return None,
        false => read(p, stage, &path, sources)?,
    };
    if config.has_include && include(p, stage, &path, &mut config, sources).is_some() {
        config.has_include = false;
    }
    Some((path, config))
}

/// The first of the places where there is a configuration.
fn found(p: &PythonPhase, stage: usize, directory: Option<&str>) -> Option<String> {
    let paths = PLACES
        .iter()
        .chain([&OF_DEBIAN])
        .map(|place| absolute(directory.unwrap_or("/"), place));
    let mut paths =
        paths.filter(|path| is_made(p, stage, path) != Some(false) || path == OF_DEBIAN);
    paths.next()
}

/// The Dockerfile puts something there; what its base image may have there counts for nothing, where that is a plain
/// one.
fn is_made(p: &PythonPhase, stage: usize, path: &str) -> Option<bool> {
    if origin::is_mounted(p, path) {
        return None;
    }
    match origin::made(p, stage, path, None).origin {
        Origin::Missing | Origin::Ignored(..) => Some(false),
        Origin::Unknown => None,
        _ => Some(true),
    }
}

fn is_untouched(p: &PythonPhase, stage: usize, path: &str) -> bool {
    let context = &p.around.context;
    p.files[stage].edited(context, path) != Edited::Text && !origin::is_mounted(p, path)
}

/// What a file of the image says that comes from the project.
fn read(p: &PythonPhase, stage: usize, path: &str, sources: &Sources) -> Option<Supervisor> {
    let Origin::Context(found) = origin::at_end(p, stage, path).origin else {
        return None;
    };
    if !is_untouched(p, stage, path) {
        return None;
    }
    let file = p.around.context.read(sources, &found).ok()?;
    Some(supervisor::read(file, &sources.get(file).text))
}

/// Reads the files that a configuration includes into it; `None` where they are not all known.
fn include(
    p: &PythonPhase,
    stage: usize,
    path: &str,
    config: &mut Supervisor,
    sources: &Sources,
) -> Option<()> {
    let here = path.rsplit_once('/')?.0;
    let included = match &config.included {
        Value::Open(text) => {
            let get = |name: &str| (name == "here").then(|| Traced::new(here, text.span()));
            config.included.filled(&get)
        }
        other => other.clone(),
    };
    let mut files = Vec::new();
    for pattern in included.known()?.as_str().split_whitespace() {
        let pattern = absolute(here, pattern);
        let (directory, name) = pattern.rsplit_once('/')?;
        if has_wildcard(directory) {
            return None;
        }
        let glob = Glob::path(name)?;
        let fs = &p.files[stage].fs;
        let listing = fs.listing(&p.around.context, directory, fs.effects.len());
        if !listing.is_closed && has_wildcard(name) || origin::is_mounted(p, directory) {
            return None;
        }
        if !has_wildcard(name) {
            files.push(pattern);
            continue;
        }
        // As in a shell, a star stands for no dot at the beginning.
        let names = listing.names.iter();
        let names = names.filter(|it| !it.starts_with('.') && glob.matches(it));
        files.extend(names.map(|name| format!("{directory}/{name}")));
    }
    if files.len() > MAX_FILES {
        return None;
    }
    let read = files.iter().map(|path| read(p, stage, path, sources));
    let all: Vec<Supervisor> = read.collect::<Option<_>>()?;
    for other in all {
        config.include(other);
    }
    Some(())
}

/// The programs that are started with supervisord, in their order, and whether that is all that it starts. `None` where
/// it is not known which they are, or which variables they are given.
pub(crate) fn programs(
    path: &str,
    config: &Supervisor,
    start: &StartFact,
    env: &dyn Variables,
) -> Option<(Vec<Started>, bool)> {
    if config.has_include {
        return None;
    }
    let here = path.rsplit_once('/')?.0;
    let own = match config
        .directory
        .filled(&|name| variable(name, here, None, env))
    {
        Value::Absent => start.directory.clone(),
        Value::Known(path) => Some(absolute(
            start.directory.as_deref().unwrap_or("/"),
            path.as_str(),
        )),
        Value::Open(_) | Value::Unknown => None,
    };
    let shared = given(&config.environment, &|name| variable(name, here, None, env))?;
    let mut is_all = !config.has_others;
    let mut out = Vec::new();
    for program in &config.programs {
        let get = |name: &str| variable(name, here, Some(program), env);
        match program.is_started() {
            Some(true) => {}
            Some(false) => continue,
            None => {
                is_all = false;
                continue;
            }
        }
        let command = program.command.filled(&get);
        let words = command
            .known()
            .and_then(split)
            .filter(|words| !words.is_empty());
        let Some(words) = words else {
            is_all = false;
            continue;
        };
        let mut all = shared.clone();
        all.extend(given(&program.environment, &get)?);
        let directory = match program.directory.filled(&get) {
            Value::Absent => own.clone(),
            Value::Known(path) => own.as_deref().map_or_else(
                || {
                    path.as_str()
                        .starts_with('/')
                        .then(|| absolute("/", path.as_str()))
                },
                |own| Some(absolute(own, path.as_str())),
            ),
            Value::Open(_) | Value::Unknown => None,
        };
        out.push(Started {
            commands: shell::exec_form(&words, env, &Options::default()),
            words,
            given: all,
            run_as: match program.user.filled(&get) {
                Value::Absent => None,
                Value::Known(user) => Some(Arg::whole(&user)),
                Value::Open(user) => Some(unknown(&user)),
                Value::Unknown => Some(unknown(&program.name)),
            },
            directory,
        });
    }
    Some((out, is_all))
}

/// A word that is not known.
fn unknown(place: &Traced) -> Arg {
    Arg {
        text: None,
        prefix: String::new(),
        ..Arg::whole(place)
    }
}

/// What stands in a value for one of its variables.
fn variable(
    name: &str,
    here: &str,
    program: Option<&Program>,
    env: &dyn Variables,
) -> Option<Traced> {
    if let Some(name) = name.strip_prefix("ENV_") {
        return match env.get(name) {
            Var::Known(value) => Some(value),
            Var::Unset | Var::Unknown => None,
        };
    }
    let program = program?;
    match name {
        "here" => Some(Traced::new(here, program.name.span())),
        "program_name" => Some(program.name.clone()),
        _ => None,
    }
}

/// The variables of an `environment`; `None` where it is not known which they are.
fn given(value: &Value, get: &dyn Fn(&str) -> Option<Traced>) -> Option<Vec<Assignment>> {
    let (text, is_open) = match value {
        Value::Absent => return Some(Vec::new()),
        Value::Known(text) => (text, false),
        Value::Open(text) => (text, true),
        Value::Unknown => return None,
    };
    let pairs = supervisor::pairs(text)?.into_iter();
    let pairs = pairs.map(|(name, value)| {
        let value = match is_open {
            true => Value::Open(value.clone()).filled(get).known().cloned(),
            false => Some(value),
        };
        Assignment {
            name: name.as_str().to_owned(),
            name_span: name.span(),
            span: name.span(),
            value,
        }
    });
    Some(pairs.collect())
}

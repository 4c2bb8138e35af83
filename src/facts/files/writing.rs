//! What programs leave in a file system that write where they stand, or where they are told to.
//!
//! Their options are not read one by one: every word may be a place. What is left over is said to be
//! generated, never missing.

use crate::maps::HashMap;

use crate::context::image::ImageFs;
use crate::facts::model::BuildPhase;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{OptionWords, VariableWords};
use crate::shell::ast::{Arg, Command};
use crate::source::absolute;
use crate::span::Span;

/// Most places that variables name for one program; what has more may write anywhere.
const MAX_TOLD: usize = 32;

/// Variables that name places for several programs.
const FOR_ALL: [&str; 2] = ["VIRTUAL_ENV", "WORKON_HOME"];

/// Places that variables of the Dockerfile name for programs: `UV_PROJECT_ENVIRONMENT` for `uv`.
#[derive(Debug)]
pub(crate) struct Told(HashMap<String, Places>);

/// Absolute paths; and whether one is not known, so that it may be any.
#[derive(Debug, Default)]
struct Places {
    paths: Vec<String>,
    is_open: bool,
}

impl Places {
    fn add(&mut self, value: Option<&str>) {
        match value {
            Some(path) if !path.starts_with('/') || self.paths.iter().any(|one| one == path) => {}
            Some(path) if self.paths.len() < MAX_TOLD => self.paths.push(path.to_owned()),
            _ => self.is_open = true,
        }
    }
}

impl Told {
    /// What ENV, ARG and `export` say in any stage: rather too much than too little.
    pub(crate) fn of(p: &BuildPhase) -> Self {
        let mut told = Self(HashMap::default());
        for env in &p.envs {
            told.add(
                env.name.as_str(),
                env.value.as_ref().map(|value| value.as_str()),
            );
        }
        for arg in p.stages.iter().flat_map(|stage| &stage.args) {
            told.add(
                arg.name.as_str(),
                arg.value.known().map(|value| value.as_str()),
            );
        }
        for fact in &p.commands {
            if fact.command.name.as_deref() == Some("export") {
                for arg in &fact.command.args {
                    if let Some((name, value)) = arg.prefix.split_once('=') {
                        told.add(name, arg.as_str().map(|_| value));
                    }
                }
            }
        }
        told
    }

    fn add(&mut self, name: &str, value: Option<&str>) {
        if value.is_none() && !VariableWords::PlaceEnding.ends(name) {
            return;
        }
        let key = match name.split_once('_') {
            _ if FOR_ALL.contains(&name) => String::new(),
            Some((program, _)) => program.to_ascii_lowercase(),
            None => return,
        };
        self.0.entry(key).or_default().add(value);
    }

    /// Marks what a program may have written where variables told it to.
    pub(crate) fn mark(&self, command: &Command, fs: &mut ImageFs, span: Span) {
        let Some(name) = command.name.as_deref() else {
            return;
        };
        if !programs::is(name, Role::Writes) {
            return;
        }
        for places in ["", name].iter().filter_map(|key| self.0.get(*key)) {
            if places.is_open {
                fs.unknown_all(span);
            }
            for path in &places.paths {
                fs.opaque(path, span);
            }
        }
        for own in &command.assignments {
            match own.value.as_ref().map(|value| value.as_str()) {
                Some(path) if path.starts_with('/') => fs.opaque(path, span),
                Some(_) => {}
                None => fs.unknown_all(span),
            }
        }
    }
}

/// A program brings files and leaves the modes alone of those that are there, unless it runs something else.
pub(crate) fn keeps_modes(command: &Command) -> bool {
    let mut words = command.operands.iter().map(Arg::as_str);
    let runs = words.any(|word| word.is_none_or(|word| matches!(word, "run" | "build" | "tool")));
    let name = command.name.as_deref();
    name.is_some_and(|name| programs::is(name, Role::KeepsModes)) && !runs
}

/// An installer sets what it keeps for its user, or says something: `poetry config virtualenvs.create false`.
pub(crate) fn only_configures(command: &Command) -> bool {
    let mut args = command.args.iter().map(Arg::as_str);
    let first = command.args.first().and_then(Arg::as_str);
    let is_quiet = first.is_some_and(|word| OptionWords::InstallerQuiet.contains(word));
    let name = command.name.as_deref();
    name.is_some_and(|name| programs::is(name, Role::KeepsModes))
        && is_quiet
        && !args.any(|word| matches!(word, None | Some("--local" | "-l")))
}

/// Marks what a command may have written. A program that is not known may write anything.
pub(crate) fn mark(command: &Command, directory: Option<&str>, fs: &mut ImageFs, span: Span) {
    let writes = command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::Writes));
    let Some(directory) = directory.filter(|_| writes) else {
        fs.unknown_all(span);
        return;
    };
    let is_at_top = directory == "/";
    if !is_at_top {
        fs.opaque(directory, span);
    }
    let mut is_told = false;
    for arg in &command.args {
        match arg.as_str() {
            Some(text) => is_told |= word(text, directory, fs, span),
            None => unknown(arg, fs, span),
        }
    }
    let unpacks = command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::Unpacks));
    if is_at_top && unpacks && !is_told {
        fs.opaque("/", span);
    }
}

/// A word that may name what is written; whether it names a directory elsewhere.
fn word(text: &str, directory: &str, fs: &mut ImageFs, span: Span) -> bool {
    if let Some((_, name)) = text.rsplit_once("://") {
        // What is fetched gets the last name of its address.
        if directory == "/" {
            let name = name.split(['?', '#']).next().unwrap_or(name);
            let name = name.trim_end_matches('/').rsplit('/').next();
            let name = name.unwrap_or_default();
            let cut = name.strip_suffix(".git").unwrap_or(name);
            for name in [name, cut] {
                fs.opaque(&absolute("/", name), span);
            }
        }
        return false;
    }
    // `--prefix=/opt`, `-C/opt`, `of=/file`
    let place = match text.split_once('=') {
        Some((_, place)) => place,
        None if text.starts_with('-') => text.find('/').map_or("", |at| &text[at..]),
        None => text,
    };
    if place.starts_with('~') {
        fs.opaque("/root", span);
        fs.opaque("/home", span);
        return true;
    }
    if place.is_empty() || place.starts_with('-') {
        return false;
    }
    if place == "/" {
        fs.opaque("/", span);
        return true;
    }
    let place = absolute(directory, place);
    if place != "/" {
        fs.opaque(&place, span);
    }
    text.starts_with('/') || text.contains("=/") || text.starts_with("-C/")
}

/// A word that is not known, but perhaps how it begins.
fn unknown(arg: &Arg, fs: &mut ImageFs, span: Span) {
    let prefix = arg.prefix.as_str();
    let prefix = prefix.split_once('=').map_or(prefix, |(_, place)| place);
    match prefix.rfind('/') {
        Some(at) if prefix.starts_with('/') && at > 0 => fs.opaque(&prefix[..at], span),
        _ => fs.unknown_all(span),
    }
}

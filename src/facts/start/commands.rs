//! What can be told of a command that runs when a container starts: whether the image has it, whether
//! the shell knows its syntax, whether a loop around it ever ends.

use crate::context::Origin;
use crate::facts::build::{at, manager};
use crate::facts::files::origin;
use crate::facts::model::{
    CommandFact, Fate, LayerFact, Project, ScriptFact, ServiceFact, StartFact,
};
use crate::facts::start::dash;
use crate::facts::start::gains;
use crate::facts::start::placed;
use crate::facts::start::plain_python::{self, PYTHON};
use crate::facts::system::apt;
use crate::knowledge::images::{Base, Family, PackageManager};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{DirectoryWords, PackageWords};
use crate::knowledge::{commands, packages};
use crate::shell::ast::{Arg, Command, Connector, Runs};
use crate::source::absolute;
use crate::span::{Span, Traced};

/// Suites whose packages the tables follow; what they say of one is a hint for the others.
const SUITES: [&str; 2] = ["trixie", "bookworm"];

fn base(p: &Project, stage: usize) -> Option<&Base> {
    let root = *at::chain(&p.stages, stage).last()?;
    Some(&p.stages[root].base.knowledge)
}

/// The package that brings a program, by the name it has there.
pub(crate) fn package_of(p: &Project, stage: usize, program: &str) -> Option<&'static str> {
    let manager = base(p, stage)?.package_manager;
    commands::packages(program, manager)?.first().copied()
}

/// Endings of the names of scripts, which packages hardly put into the search path.
const SCRIPTS: [&str; 2] = [".sh", ".py"];

/// The script of the image that a bare name means, in the directory where the command starts: only the search path is
/// looked through, and nothing puts it there.
pub(crate) fn only_beside(p: &Project, stage: usize, start: &StartFact) -> Option<String> {
    let program = start.command.program.as_deref()?;
    let is_script = SCRIPTS.iter().any(|ending| program.ends_with(ending));
    if program.contains('/') || !is_script || start.script.is_some() {
        return None;
    }
    // A module of Python reads its script itself: `python -m debugpy manage.py`.
    let mut wrappers = start.command.wrappers.iter();
    if wrappers.any(|wrapper| wrapper.starts_with("python ")) {
        return None;
    }
    let families = [
        Family::Python,
        Family::Debian,
        Family::Ubuntu,
        Family::Alpine,
    ];
    base(p, stage).filter(|base| families.contains(&base.family))?;
    let directory = start.directory.as_deref()?;
    let path = absolute(directory, program);
    let is_file = |origin: Origin| matches!(origin, Origin::Context(_) | Origin::Inline(_));
    if !is_file(origin::at_end(p, stage, &path).origin) {
        return None;
    }
    let named = at::added_to_path(p, stage, usize::MAX);
    let added: Vec<String> = named.iter().cloned().collect::<Option<_>>()?;
    let own = DirectoryWords::Programs.iter().map(str::to_owned);
    let mut searched = own.chain(added.iter().cloned());
    let is_there = |directory: String| {
        let found = origin::at_end(p, stage, &absolute(&directory, program)).origin;
        directory == *start.directory.as_deref().unwrap_or_default()
            || !matches!(found, Origin::Missing | Origin::Unknown)
    };
    let chain = at::chain(&p.stages, stage);
    let is_opaque =
        |layer: &LayerFact| chain.contains(&layer.stage) && (layer.is_opaque || layer.is_onbuild);
    // A command that names it may put it anywhere, unless it only changes it.
    let moves = |fact: &CommandFact| {
        let command = &fact.command;
        let name = command.name.as_deref().unwrap_or_default();
        let is_change = matches!(name, "chmod" | "chown") || programs::is(name, Role::Rewrites);
        let names = |arg: &Arg| arg.as_str().is_none_or(|text| text.contains(program));
        chain.contains(&fact.stage) && !is_change && command.args.iter().any(names)
    };
    let mut copies = p.copies.iter().filter(|copy| chain.contains(&copy.stage));
    let is_brought = searched.any(is_there)
        || p.layers.iter().any(is_opaque)
        || p.commands.iter().any(moves)
        || copies.any(|copy| placed::may_bring(p, copy, &named, program));
    (!is_brought).then_some(path)
}

/// Whether an image has a program of the system. Only false where the base is known not to have it and
/// everything that is installed is known not to bring it.
pub(crate) fn is_installed(p: &Project, stage: usize, program: &str) -> Option<bool> {
    if programs::is(program, Role::InPypi) {
        return None;
    }
    is_of_system(p, stage, program)
}

/// The same where no Python package brings the program.
pub(crate) fn is_of_system(p: &Project, stage: usize, program: &str) -> Option<bool> {
    let base = base(p, stage)?;
    let brought_by = commands::packages(program, base.package_manager)?;
    if commands::is_in_base(program, base.family, base.flavour)? {
        return Some(true);
    }
    if program == PYTHON && plain_python::may_be_there(p, stage) {
        return None;
    }
    let chain = at::chain(&p.stages, stage);
    for directory in DirectoryWords::own_programs() {
        let path = format!("{directory}/{program}");
        if !matches!(
            origin::at_end(p, stage, &path).origin,
            Origin::Missing | Origin::Unknown
        ) {
            return Some(true);
        }
    }
    let mut layers = p.layers.iter().filter(|layer| chain.contains(&layer.stage));
    if layers.any(|layer| layer.is_opaque || layer.is_onbuild) {
        return None;
    }
    let copies = p.copies.iter().filter(|copy| chain.contains(&copy.stage));
    let searched = at::added_to_path(p, stage, usize::MAX);
    if copies
        .into_iter()
        .any(|copy| placed::may_bring(p, copy, &searched, program))
    {
        return None;
    }
    let mut commands = p.commands.iter().filter(|fact| chain.contains(&fact.stage));
    let is_open = |command: &Command| {
        let installs = matches!(
            manager::package_action(command),
            Some((_, manager::Action::Install))
        );
        installs && !command.is_complete
    };
    if commands.any(|fact| placed::may_install_programs(&fact.command) || is_open(&fact.command)) {
        return None;
    }
    let mut is_sure = true;
    for package in p
        .packages
        .iter()
        .filter(|package| chain.contains(&package.stage))
    {
        let name = package.name.as_str();
        let is_it = |wanted: &str| {
            name == wanted
                || name.strip_prefix(wanted).is_some_and(|rest| {
                    rest.starts_with('-') || rest.bytes().all(|b| b.is_ascii_digit())
                })
        };
        if brought_by.iter().any(|wanted| is_it(wanted)) {
            match package.fate {
                Fate::Left => return Some(true),
                // Named in a removal, it is gone; what else is installed may bring it again.
                Fate::RemovedInLayer(_) | Fate::RemovedLater(_) => continue,
                Fate::Unknown => return None,
            }
        }
        if base.package_manager == PackageManager::Apt {
            match SUITES.iter().find_map(|suite| packages::pulls(name, suite)) {
                Some(pulled) => {
                    let is_lean = apt::is_lean(p, package.command);
                    let more = (!is_lean).then_some(pulled.recommended).into_iter();
                    let mut all = pulled.always.iter().chain(more.flatten());
                    if all.any(|one| brought_by.contains(&one)) {
                        return Some(true);
                    }
                }
                None => is_sure &= brings_no_programs(name),
            }
        } else {
            is_sure &= brings_no_programs(name);
        }
    }
    is_sure.then_some(false)
}

/// ENV has the search path lead to a file of that name that the project brings.
pub(crate) fn is_own(p: &Project, stage: usize, program: &str) -> bool {
    let added = at::added_to_path(p, stage, usize::MAX);
    added.iter().flatten().any(|directory| {
        let found = origin::at_end(p, stage, &absolute(directory, program)).origin;
        matches!(found, Origin::Context(_) | Origin::Inline(_))
    })
}

/// Libraries, headers and compilers.
fn brings_no_programs(package: &str) -> bool {
    package.starts_with("lib")
        || package.ends_with("-dev")
        || package.starts_with("python3")
        || package.starts_with("fonts-")
        || PackageWords::StartsNothing.contains(package)
}

/// The packages of the distribution certainly bring a program, or its base image has it, and nothing else may.
pub(crate) fn is_packaged(p: &Project, stage: usize, program: &str) -> bool {
    let chain = at::chain(&p.stages, stage);
    let mut layers = p.layers.iter().filter(|layer| chain.contains(&layer.stage));
    let mut copies = p.copies.iter().filter(|copy| chain.contains(&copy.stage));
    let mut commands = p.commands.iter().filter(|fact| chain.contains(&fact.stage));
    let searched = at::added_to_path(p, stage, usize::MAX);
    let mut directories = DirectoryWords::own_programs();
    let is_placed = directories.any(|directory| {
        let found = origin::made(p, stage, &format!("{directory}/{program}"), None);
        !matches!(found.origin, Origin::Missing)
    });
    !is_placed
        && !layers.any(|layer| layer.is_opaque || layer.is_onbuild)
        && !copies.any(|copy| placed::may_bring(p, copy, &searched, program))
        && !commands.any(|fact| placed::may_install_programs(&fact.command))
        && is_of_system(p, stage, program) == Some(true)
}

/// What runs before may bring the program, or the script calls a function by that name.
pub(crate) fn may_be_made(starts: &[StartFact], at: usize, name: &str) -> bool {
    let installs = |start: &StartFact| gains::brings_programs(&start.command);
    let is_function = |start: &StartFact| start.command.function.as_deref() == Some(name);
    let upto = starts.get(..=at).unwrap_or(starts);
    let is_led = name == PYTHON && plain_python::may_be_led(upto);
    is_led || starts[..at].iter().any(installs) || starts.iter().any(is_function)
}

/// The only test of a loop that goes on until it succeeds, when nothing in the loop lets the script go on without.
pub(crate) fn hangs(p: &Project, image: Option<usize>, starts: &[StartFact], at: usize) -> bool {
    let Some(first) = starts.get(at) else {
        return false;
    };
    let command = &first.command;
    let is_alone = command.is_condition
        && command.loop_depth == 1
        && command.runs == Runs::Always
        && command.connector == Connector::Sequence
        && command.pipeline.1 == 1
        && !command.is_substitution
        && command.wrappers.iter().all(|wrapper| wrapper != "timeout");
    if !is_alone {
        return false;
    }
    let own = |start: &&StartFact| start.script == first.script && start.command.loop_depth > 0;
    let rest = || starts[at + 1..].iter().take_while(own);
    // Another test of the same loop.
    if rest().next().is_some_and(|next| {
        next.command.is_condition
            && matches!(next.command.connector, Connector::Or | Connector::And)
    }) {
        return false;
    }
    // With `exit 1` the start fails as well.
    let gives_up = |start: &StartFact| match start.command.name.as_deref() {
        Some("exit") => start
            .command
            .args
            .first()
            .and_then(Arg::as_str)
            .is_none_or(|code| code == "0"),
        None => true,
        Some(name) if programs::is(name, Role::GivesUp) => true,
        Some(_) => start
            .command
            .wrappers
            .iter()
            .any(|wrapper| wrapper == "exec"),
    };
    // Up to the test of the next loop.
    let mut body =
        rest().take_while(|next| !(next.command.is_condition && next.command.runs == Runs::Always));
    if body.any(gives_up) {
        return false;
    }
    let Some(image) = image else {
        return false;
    };
    let span = command.span;
    let before = crate::facts::start::written::before(p, image, span).unwrap_or_default();
    let before = before.trim_end();
    before.ends_with("until")
        || before.ends_with('!') && before[..before.len() - 1].trim_end().ends_with("while")
}

/// The ENV that decides a test before a command.
pub(crate) fn switch(p: &Project, starts: &[StartFact], command: &Command) -> Option<usize> {
    let guard = command.guard?;
    let test = starts.iter().find(|start| start.command.span == guard)?;
    let texts = test.command.args.iter().filter_map(|arg| arg.text.as_ref());
    let places: Vec<Span> = texts
        .flat_map(Traced::pieces)
        .map(|(_, span)| span)
        .collect();
    p.envs.iter().position(|env| {
        let value = env.value.as_ref().map(Traced::span);
        let is_in = |whole: Span| {
            places
                .iter()
                .any(|place| !place.is_empty() && whole.contains(*place))
        };
        is_in(env.raw.span()) || value.is_some_and(is_in)
    })
}

/// The test of a loop that asks for something else and never gives up: its body only speaks and sleeps.
pub(crate) fn waits_without_end(starts: &[StartFact], at: usize) -> bool {
    let Some(first) = starts.get(at) else {
        return false;
    };
    let command = &first.command;
    let is_probe = command
        .name
        .as_deref()
        .is_some_and(|name| programs::is(name, Role::Probe));
    if !command.is_condition
        || command.loop_depth != 1
        || command.runs != Runs::Always
        || !is_probe
        || command.wrappers.iter().any(|wrapper| wrapper == "timeout")
        || command.connector != Connector::Sequence
        || has_limit(command)
    {
        return false;
    }
    let mut sleeps = false;
    for next in &starts[at + 1..] {
        let other = &next.command;
        if next.script != first.script
            || other.loop_depth == 0
            || (other.is_condition && other.runs == Runs::Always)
        {
            break;
        }
        match other.name.as_deref() {
            Some("sleep") => sleeps = true,
            Some(name) if programs::is(name, Role::Speaks) => {}
            _ => return false,
        }
    }
    sleeps
}

/// `--retry`, `-w`: the program itself waits, perhaps not for ever. It says nothing of the loop, but the
/// loop may rely on it.
fn has_limit(command: &Command) -> bool {
    command.pipeline.1 > 1
}

/// What of a command only bash understands, in a script that Debian's sh (dash) reads; `None` when
/// nothing is, or another shell may read it.
pub(crate) fn bash_only(
    p: &Project,
    stage: usize,
    script: &ScriptFact,
    command: &Command,
) -> Option<(&'static str, Span)> {
    if !dash::is_for_dash(p, stage, script) {
        return None;
    }
    let is_sliced = |arg: &&Arg| {
        let text = text_at(p, Some(script), arg.span).unwrap_or_default();
        !text.contains('\'') && ["${@:", "${*:"].iter().any(|it| has_slice(text, it))
    };
    if let Some(arg) = command.args.iter().find(is_sliced) {
        return Some(("${@:...}", arg.span));
    }
    dash::bash_only(command, &|span| text_at(p, Some(script), span))
}

/// `${@:2}`, not `${@:-none}`.
fn has_slice(text: &str, start: &str) -> bool {
    let rest = text.split_once(start).map(|(_, rest)| rest.trim_start());
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '$'))
}

/// The text at a place of the file that the command stands in.
fn text_at<'a>(p: &'a Project, script: Option<&'a ScriptFact>, span: Span) -> Option<&'a str> {
    if let Some(text) = script.and_then(|script| script.text.as_ref()) {
        let whole = text.span();
        let is_whole = whole.file == span.file
            && whole.start <= span.start
            && (whole.end - whole.start) as usize == text.len();
        if is_whole {
            let from = (span.start - whole.start) as usize;
            return text
                .as_str()
                .get(from..from + (span.end - span.start) as usize);
        }
    }
    let own = p.dockerfile.instructions.first()?.span.file;
    if span.file != own {
        return None;
    }
    p.text.text.get(span.start as usize..span.end as usize)
}

/// Words written as a variable alone, without quotes, that holds an address: `$DATABASE_URL`.
pub(crate) fn split_urls(
    p: &Project,
    script: Option<&ScriptFact>,
    start: &StartFact,
) -> Vec<(String, Span)> {
    if start.script.is_none() && !start.in_shell {
        return Vec::new();
    }
    let mut found = Vec::new();
    for arg in &start.command.args {
        if arg.is_quoted {
            continue;
        }
        let Some(word) = text_at(p, script, arg.word) else {
            continue;
        };
        let is_url = |name: &str| name.ends_with("_URL") || name.ends_with("_DSN") || name == "URL";
        if variable_alone(word).is_some_and(is_url) {
            found.push((word.to_owned(), arg.word));
        }
    }
    found
}

/// The name in `$NAME` or `${NAME}`.
fn variable_alone(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?.trim_start_matches('{');
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(name.len());
    matches!(&name[end..], "" | "}").then_some(&name[..end])
}

/// The scheme of an address that a client of PostgreSQL is given, where it is not one that libpq reads.
pub(crate) fn refused_url(
    p: &Project,
    image: usize,
    service: Option<usize>,
    script: Option<&ScriptFact>,
    start: &StartFact,
) -> Option<Traced> {
    let name = start.command.name.as_deref()?;
    if !programs::is(name, Role::PostgresClient) {
        return None;
    }
    // Of the services that this image runs in with what it starts by itself, or of the one that starts it.
    let runs_it = |fact: &&ServiceFact| fact.image == Some(image) && fact.run.is_none();
    let services: Vec<&ServiceFact> = match service {
        Some(service) => vec![&p.services[service]],
        None => p.services.iter().filter(runs_it).collect(),
    };
    let scheme = |text: &Traced| {
        let end = text.as_str().find("://")?;
        let is_read = matches!(&text.as_str()[..end], "postgres" | "postgresql");
        (!is_read).then(|| text.slice(0..end))
    };
    start.command.args.iter().find_map(|arg| {
        if let Some(text) = &arg.text {
            return scheme(text);
        }
        let word = text_at(p, script, arg.word)?.trim_matches('"');
        let name = variable_alone(word)?;
        services.iter().find_map(|fact| {
            let env = &fact.deployed(p).env;
            let value = env.get(name).filter(|var| !var.may_vary)?.value.clone()?;
            scheme(&value)
        })
    })
}

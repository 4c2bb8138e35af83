//! Programs that a script of their makers installs, and shells that know what conda makes of itself: what a RUN finds
//! of both. Knows nothing of packages.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::build::variables::{self, Seen};
use crate::facts::model::{CommandFact, Project};
use crate::facts::start::placed;
use crate::knowledge::images::{DefaultUser, Family};
use crate::knowledge::maker_scripts::{self, MakerScript};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::span::Span;

/// The directory that a script of its makers has put the program of a command into, where the search path certainly
/// does not lead, with the place of the script.
pub(crate) fn off_path(p: &Project, command: usize) -> Option<(String, Span)> {
    let fact = &p.commands[command];
    let name = fact.command.name.as_deref()?;
    let is_plain = fact.command.wrappers.is_empty()
        && fact.command.program.as_deref() == Some(name)
        && fact.command.function.is_none()
        && maker_scripts::of(name).next().is_some();
    if !is_plain || !is_plain_system(p, fact.stage) {
        return None;
    }
    let is_before = |stage: usize| at::is_part(&p.stages, stage, fact.stage);
    let before = || {
        let all = p.commands[..command].iter().enumerate();
        all.filter(|(_, earlier)| is_before(earlier.stage))
    };
    let (at, row) = before().find_map(|(at, earlier)| {
        let row = maker_scripts::of(name).find(|row| fetches(row, &earlier.command))?;
        Some((at, row))
    })?;
    let script = &p.commands[at];
    let directory = directory(p, at, row)?;
    // The search path that images have by themselves.
    if DirectoryWords::Programs.contains(&directory) {
        return None;
    }
    let is_searched = |one: &Option<String>| one.as_deref().is_none_or(|it| it == directory);
    let mut added = at::added_to_path(p, fact.stage, p.layers[fact.layer].instruction).into_iter();
    let is_named = p.marks.named.get(name).is_some_and(|all| !all.is_empty());
    let packages = || p.packages.iter().filter(|it| is_before(it.stage));
    let of_package = packages().any(|package| package.name.contains(name));
    let is_unseen = p.layers.iter().enumerate().any(|(layer, one)| {
        one.is_opaque && is_before(one.stage) && layer < fact.layer && layer != script.layer
    });
    let is_off = script.command.runs == Runs::Always
        && !added.any(|one| is_searched(&one))
        && !is_named
        && !of_package
        && !is_unseen
        && !placed::is_copied_to_path(p, command)
        && !before().any(|(_, earlier)| may_lead(earlier, fact, &directory, row));
    is_off.then_some((directory, script.command.span))
}

/// It fetches that script, to run it at once or later.
fn fetches(row: &MakerScript, command: &Command) -> bool {
    let mut args = command.args.iter().filter_map(Arg::as_str);
    args.any(|arg| {
        let address = arg.split_once("://").map_or(arg, |(_, rest)| rest);
        address.trim_end_matches('/') == row.address
    })
}

/// Where the script puts the program; `None` where a variable or an option may say otherwise.
fn directory(p: &Project, script: usize, row: &MakerScript) -> Option<String> {
    let fact = &p.commands[script];
    let layer = &p.layers[fact.layer];
    let text = p
        .text
        .slice(p.dockerfile.instructions[layer.instruction].span);
    let is_told =
        |name: &str| text.contains(name) || variables::seen(p, script, name) != Seen::Unset;
    let has_home = at::sets_env(p, fact.stage, "HOME") || text.contains("HOME=");
    if has_home || row.moved_by.iter().any(is_told) {
        return None;
    }
    match row
        .home
        .map(|name| (name, variables::seen(p, script, name)))
    {
        Some((_, Seen::Set(home))) if home.as_str().starts_with('/') => {
            let home = home.as_str().trim_end_matches('/');
            Some(match row.below {
                Some(below) => format!("{home}/{below}"),
                None => home.to_owned(),
            })
        }
        Some((name, Seen::Unset)) if !text.contains(name) => of_root(fact, row),
        None => of_root(fact, row),
        _ => None,
    }
}

fn of_root(fact: &CommandFact, row: &MakerScript) -> Option<String> {
    (fact.runs_as_root == Some(true)).then(|| format!("/root/{}", row.directory))
}

/// A command that may put the program into another place, or let its own RUN look for it there.
fn may_lead(
    earlier: &CommandFact,
    later: &CommandFact,
    directory: &str,
    row: &MakerScript,
) -> bool {
    let command = &earlier.command;
    let Some(name) = command.name.as_deref() else {
        return true;
    };
    let is_of_script = fetches(row, command);
    let names = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        text.contains(directory) || text.contains("/bin") && !is_of_script
    };
    let is_beside = earlier.layer == later.layer;
    let reads = programs::is(name, Role::Evaluates) || matches!(name, "exec" | "alias");
    let sets = |name: &str| matches!(name, "PATH" | "BASH_ENV" | "ENV");
    let assigns = command.assignments.iter().any(|one| sets(&one.name))
        || command.args.iter().any(|arg| arg.prefix.contains("PATH="));
    programs::is(name, Role::Places)
        || command.args.iter().any(names)
        || is_beside && (reads || assigns)
        || command.redirects.iter().any(|it| it.operator == "<")
}

/// A system image of which is known that RUN starts a plain shell, and what it has.
fn is_plain_system(p: &Project, stage: usize) -> bool {
    let base = &at::root(&p.stages, stage).base.knowledge;
    let is_known = match base.family {
        Family::Python | Family::Debian | Family::Ubuntu => true,
        // Those of others have a shell of their own.
        Family::Conda => base.user == DefaultUser::Root,
        _ => false,
    };
    let sets = |name: &str| at::sets_env(p, stage, name);
    is_known && !sets("BASH_ENV") && !sets("ENV") && !has_own_shell(p, stage)
}

/// SHELL names a shell that reads files of its own before each RUN, or no shell.
fn has_own_shell(p: &Project, stage: usize) -> bool {
    let is_own = |word: &str| {
        let is_long = word.starts_with("--");
        let letters = word.strip_prefix('-').unwrap_or_default();
        let is_short = letters.contains('l') || letters.contains('i');
        is_long || is_short || word.contains("conda") || word.contains("mamba")
    };
    at::chain(&p.stages, stage).iter().any(|part| {
        let own = &p.dockerfile.instructions[p.stages[*part].instructions.clone()];
        let mut shells = own.iter().filter(|it| it.keyword == Keyword::Shell);
        shells.any(|shell| {
            let text = shell.rest.as_str();
            let mut words =
                text.split(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '[' | ']'));
            !text.contains("sh") || words.any(is_own)
        })
    })
}

/// `conda activate` in a RUN whose shell certainly does not know it: it is a function that a file of conda's makes, and
/// nothing has read that.
pub(crate) fn lacks_activation(p: &Project, command: usize) -> Option<bool> {
    let fact = &p.commands[command];
    let written = &fact.command;
    let name = written.name.as_deref()?;
    if !maker_scripts::activates(name) || written.subcommand() != Some("activate") {
        return Some(false);
    }
    let is_plain = written.wrappers.is_empty()
        && written.program.as_deref() == Some(name)
        && written.function.is_none();
    let layer = &p.layers[fact.layer];
    let may_read = |earlier: &CommandFact| {
        let name = earlier.command.name.as_deref();
        let reads = |name: &str| programs::is(name, Role::Evaluates) || name == "exec";
        name.is_none_or(reads) || earlier.command.function.is_some()
    };
    let mut before = p.commands[layer.commands.start..command].iter();
    let text = p
        .text
        .slice(p.dockerfile.instructions[layer.instruction].span);
    let is_read = before.any(may_read) || text.contains("conda.sh") || text.contains("hook");
    (is_plain && is_plain_system(p, fact.stage)).then_some(!is_read)
}

//! Copies that take the bundle of a frontend from another directory than its bundler makes.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::{frontends, origin};
use crate::facts::model::{CommandFact, CopyFrom, FilesPhase};
use crate::knowledge::words::FileWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::source::{Entry, absolute, join};
use crate::span::{Span, Traced};

/// The bundle that a copy from another stage misses: the directory where that is, and the source that is not.
pub(crate) fn elsewhere(p: &FilesPhase, copy: usize) -> Option<(String, Span)> {
    let CopyFrom::Stage(stage) = p.copies[copy].from else {
        return None;
    };
    let own = || {
        p.commands
            .iter()
            .enumerate()
            .filter(|(_, it)| it.stage == stage)
    };
    let mut runs = own().filter(|(_, it)| frontends::runs_script(&it.command));
    let (at, run) = runs.next().filter(|_| runs.next().is_none())?;
    let is_known = |it: &CommandFact| {
        let command = &it.command;
        frontends::installs_packages(command) || frontends::runs_script(command)
    };
    let is_plain = own().all(|(_, it)| is_known(it) && it.command.runs == Runs::Always);
    let mut copies = p.stages[stage].copies.iter().map(|it| &p.copies[*it]);
    if !is_plain || !copies.all(|it| it.from == CopyFrom::Context) {
        return None;
    }
    let inside = at::directory_of(p, run)?;
    let list = absolute(&inside, "package.json");
    let Origin::Context(path) = origin::as_command_sees(p, at, &list) else {
        return None;
    };
    let frontend = p.frontends.iter().find(|it| it.path == path)?;
    let name = name_of(&run.command)?;
    let made = *frontend.bundles.get(name)?;
    let parent = path.strip_suffix("package.json")?.trim_end_matches('/');
    let context = &p.around.context;
    let is_missed = |text: &Traced| {
        let whole = absolute("/", text.as_str());
        let below = whole.strip_prefix(inside.trim_end_matches('/'))?;
        let first = below.trim_matches('/').split('/').next()?;
        let here = join(parent, first);
        let is_absent = context.entry(&here) == Entry::Missing
            && (context.ignored_by(&here).is_some() || !context.is_git_ignored(&here));
        (first != made && FileWords::BundleDirectory.contains(first) && is_absent).then_some(())
    };
    let mut sources = p.copies[copy].sources.iter();
    let (span, _) = sources.find(|(_, text)| text.as_ref().and_then(is_missed).is_some())?;
    Some((absolute(&inside, made), *span))
}

/// The script that `npm run` calls.
fn name_of(command: &Command) -> Option<&str> {
    let is_alone = command.operands.len() == 1 && command.is_complete;
    command
        .operands
        .first()
        .and_then(Arg::as_str)
        .filter(|_| is_alone)
}

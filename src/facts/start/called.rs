//! Programs by which a start command begins, or that it is, and that its image certainly does not have.

use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{Project, StartFact};
use crate::facts::start::commands;
use crate::knowledge::words::DirectoryWords;
use crate::span::Traced;

/// A program that is called and is not there.
pub(crate) struct Lacking {
    /// As it is called.
    pub(crate) word: Traced,
    /// The package of the distribution that contains it.
    pub(crate) package: &'static str,
}

/// The first program of a start command that the image certainly lacks: one that runs it, such as an init, or its own.
pub(crate) fn lacking(
    p: &Project,
    stage: usize,
    starts: &[StartFact],
    at: usize,
) -> Option<Lacking> {
    let command = &starts[at].command;
    runner_lacking(p, stage, &command.runners, starts, at).or_else(|| {
        let (path, name) = (command.program.as_deref()?, command.name.as_deref()?);
        let is_plain = path.rsplit('/').next() == Some(name);
        let word = Traced::new(path, command.name_span);
        is_plain.then(|| of_word(p, stage, &word, starts, at))?
    })
}

/// The first of the programs that run another one which the image certainly lacks; `at`: how many commands start
/// before.
pub(crate) fn runner_lacking(
    p: &Project,
    stage: usize,
    runners: &[Traced],
    starts: &[StartFact],
    at: usize,
) -> Option<Lacking> {
    let mut runners = runners.iter();
    runners.find_map(|word| of_word(p, stage, word, starts, at))
}

fn of_word(
    p: &Project,
    stage: usize,
    word: &Traced,
    starts: &[StartFact],
    at: usize,
) -> Option<Lacking> {
    let path = word.as_str();
    let name = path.rsplit('/').next()?;
    let package = commands::package_of(p, stage, name)?;
    let is_lacking = is_searched(p, stage, path)
        && commands::is_installed(p, stage, name) == Some(false)
        && !commands::may_be_made(starts, at, name);
    let word = word.clone();
    is_lacking.then_some(Lacking { word, package })
}

/// The search path leads to it, or it is called where distributions have programs and nothing else puts it.
fn is_searched(p: &Project, stage: usize, path: &str) -> bool {
    let Some((directory, _)) = path.rsplit_once('/') else {
        return true;
    };
    let made = || origin::made(p, stage, path, None).origin;
    DirectoryWords::Programs.contains(directory)
        && matches!(made(), Origin::Missing)
        && !origin::is_mounted(p, path)
}

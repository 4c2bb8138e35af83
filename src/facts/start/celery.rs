//! What the command line of celery says that its release does not read.

use crate::facts::model::{Project, StartFact};
use crate::facts::python::releases;
use crate::knowledge::Series;
use crate::knowledge::words::OptionWords;
use crate::shell::ast::Arg;
use crate::span::Traced;

/// The first release whose options stand before its subcommand only, and the oldest Python that gets it unasked.
const STRICT: (&str, Series) = ("5.0", Series(3, 7));

/// An option of celery itself behind its subcommand, where the image's release takes it before that only.
pub(crate) fn misplaced<'a>(p: &Project, image: usize, start: &'a StartFact) -> Option<&'a Traced> {
    let command = &start.command;
    let subcommand = command.subcommand.as_ref()?;
    let is_strict = OptionWords::CeleryStrict.contains(subcommand.as_str()?);
    if command.name.as_deref() != Some("celery") || !is_strict {
        return None;
    }
    let at = command
        .args
        .iter()
        .position(|arg| arg.span == subcommand.span)?;
    let is_own = |arg: &&Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        let name = text.split('=').next().unwrap_or(text);
        OptionWords::CeleryOwn.contains(name)
    };
    // Behind `--` everything is an operand.
    let rest = command.args[at + 1..].iter();
    let found = rest
        .take_while(|arg| arg.as_str() != Some("--"))
        .find(is_own)?;
    let (from, python) = STRICT;
    let is_strict = releases::has_since(p, image, "celery", from, python) == Some(true);
    found.text.as_ref().filter(|_| is_strict)
}

//! Numbers of compose files that YAML makes others of before a container or a build gets them.

use crate::compose::{Pair, Service};
use crate::knowledge::words::VariableWords;
use crate::span::Traced;

/// A variable of a service, or an argument of its build, and what its value becomes.
pub(crate) struct Changed<'p> {
    pub(crate) name: &'p Traced,
    pub(crate) written: &'p Traced,
    pub(crate) becomes: String,
}

/// The first variable or argument whose value certainly arrives as another one that matters: another number, or the
/// name of a release without its last digit.
pub(crate) fn changed(service: &Service) -> Option<Changed<'_>> {
    let build = service.build.iter().flat_map(|build| &build.args);
    let mut all = service.environment.iter().chain(build);
    all.find_map(of_pair)
}

fn of_pair(pair: &Pair) -> Option<Changed<'_>> {
    let written = &pair.value.as_ref()?.scalar;
    // `- NAME=010` is a text.
    let is_item = written.text.span().start <= pair.key.span().end + 1;
    let becomes = written.as_changed_number().filter(|_| !is_item)?;
    let text = written.as_str();
    let is_other = text.parse::<f64>().ok() != becomes.parse::<f64>().ok();
    let is_name = VariableWords::NamesRelease.is_within(&pair.key.as_str().to_ascii_uppercase());
    (is_other || is_name).then_some(Changed {
        name: &pair.key,
        written: &written.text,
        becomes,
    })
}

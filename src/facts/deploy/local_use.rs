//! Whether an image answers nobody but the machine that runs it.

use crate::compose::is_own;
use crate::facts::model::{DeployPhase, ImageFact};
use crate::python::settings::Settings;
use crate::python::settings::verdicts::{self, Answer};

/// Whether every image serves with `runserver`, and its settings let only the machine's own names through: by
/// ALLOWED_HOSTS, which with DEBUG on and nothing in it means the same.
pub(crate) fn answers_only_itself(p: &DeployPhase) -> bool {
    let is_local = |(at, image): (usize, &ImageFact)| {
        let server = image.server.as_ref();
        let mut settings = p.settings.iter().filter(|fact| fact.image == at);
        server.is_some_and(|server| server.product.is_for_development())
            && settings
                .next()
                .is_some_and(|fact| refuses_others(&fact.settings))
    };
    !p.images.is_empty() && p.images.iter().enumerate().all(is_local)
}

fn refuses_others(settings: &Settings) -> bool {
    match verdicts::texts(settings, "ALLOWED_HOSTS") {
        Answer::Known(hosts) if !hosts.value.is_open && !hosts.value.entries.is_empty() => {
            let mut names = hosts.value.entries.iter();
            names.all(|(name, _)| is_own(name.trim_start_matches('.')))
        }
        Answer::Known(hosts) if hosts.value.is_open => false,
        Answer::Known(_) | Answer::Unassigned => {
            matches!(verdicts::debug(settings), Answer::Known(debug) if debug.value)
        }
        Answer::Env(_) | Answer::Unknown => false,
    }
}

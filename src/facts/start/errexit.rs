//! What `set -e` would change in a script that starts, and where it is written.

use crate::maps::HashSet;

use crate::compose::Service;
use crate::facts::model::{Project, ScriptFact, ServiceFact, StartFact};
use crate::facts::start::image::server_of;
use crate::facts::start::{celery, service};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::Command;
use crate::span::Span;

/// A command that may fail on purpose, and whose failure ends the script only under `set -e`.
pub(crate) fn may_fail(start: &StartFact) -> bool {
    let command = &start.command;
    let counts = start.hides_failure || command.is_substitution || command.pipeline.1 > 1;
    counts && !command.is_condition && !is_sure(command)
}

fn is_sure(command: &Command) -> bool {
    if server_of(command).is_some() {
        return true;
    }
    if let Some(management) = &command.management {
        return management
            .as_str()
            .is_some_and(|name| OptionWords::ManagementSure.contains(name));
    }
    match command.name.as_deref() {
        Some("mkdir") => command
            .flags
            .iter()
            .any(|flag| matches!(flag.name.as_str(), "-p" | "--parents")),
        Some("rm") => command.flags.iter().any(|flag| flag.name == "-f"),
        Some("celery") => celery::is_worker(command),
        Some(name) => name.is_empty() || programs::is(name, Role::Sure),
        None => false,
    }
}

/// Whether a command may come before the database of its stack is ready, and is not started again when it fails:
/// nothing before it waits, and a compose service that runs it neither waits for the health of another one nor
/// restarts.
pub(crate) fn comes_early<'a>(
    p: &'a Project,
    runs: impl Fn(&'a ServiceFact) -> bool,
    starts: &[StartFact],
    at: usize,
) -> bool {
    let waits = |start: &StartFact| {
        let command = &start.command;
        let management = command.management_name();
        let names = || command.name.as_deref().into_iter().chain(management);
        command.is_condition && command.loop_depth > 0
            || names().any(|name| {
                name == "sleep"
                    || name == "dockerize"
                    || name.contains("wait")
                    || programs::is(name, Role::Probe)
            })
    };
    if starts.iter().take(at).any(waits) {
        return false;
    }
    let holds = |service: &Service| {
        let restarts = service.restart.as_ref().and_then(|text| text.as_str());
        let mut conditions = service
            .depends_on
            .iter()
            .filter_map(|it| it.condition.as_ref());
        restarts.is_some_and(|text| text != "no")
            || conditions.any(|text| text.as_str() != Some("service_started"))
    };
    // Platforms start again what ends.
    let holds = |fact: &ServiceFact| fact.compose(p).is_none_or(holds);
    let has_engine = |fact: &&ServiceFact| fact.compose(p).and_then(service::engine).is_some();
    let with_database: HashSet<usize> = p
        .services
        .iter()
        .filter(has_engine)
        .map(|fact| fact.deployed(p).group)
        .collect();
    let mut services = p.services.iter().filter(|fact| runs(fact));
    services.any(|fact| with_database.contains(&fact.deployed(p).group) && !holds(fact))
}

/// The text that puts `set -e` at the head of a script, and the place behind which it is written.
pub(crate) fn line(script: &ScriptFact) -> Option<(Span, &'static str)> {
    let text = script.text.as_ref()?;
    script.dialect?;
    let body = text.as_str();
    if body.contains('\r') || !script.errors.is_empty() || body.is_empty() {
        return None;
    }
    if !body.starts_with("#!") {
        return Some((text.span_of(0..0), "set -e\n"));
    }
    let end = body.find('\n')?;
    Some((text.span_of(0..end), "\nset -e"))
}

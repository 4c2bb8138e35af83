//! Variables without which the settings cannot be loaded, and that one service of several with the same image is not
//! given.

use crate::facts::model::{Project, ServiceFact, StartFact};
use crate::facts::start::foreground;
use crate::facts::start::image::server_of;
use crate::shell::ast::Runs;
use crate::span::{Span, Traced};

/// A variable that a service lacks.
pub(crate) struct Lacking<'p> {
    pub(crate) name: &'p str,
    /// Where the settings read it.
    pub(crate) read: Span,
    /// A service of the stack that runs the same image and is given it.
    pub(crate) other: &'p Traced,
}

/// The first variable that a service certainly lacks and that its process cannot start without.
pub(crate) fn of(p: &Project, i: usize) -> Option<Lacking<'_>> {
    let fact = &p.services[i];
    let (compose, deployed) = (fact.compose(p)?, fact.deployed(p));
    let settings = &fact.settings(p)?.settings;
    let is_whole = deployed.env.is_closed
        && !deployed.has_unread_env_file
        && compose.extends.is_none()
        && fact.is_known(p)
        && fact.stack(p).is_some_and(|stack| stack.is_complete);
    let chooses = deployed.env.get("DJANGO_SETTINGS_MODULE").is_some();
    if !is_whole || chooses || !settings.env_files.is_empty() || !settings.stops.is_empty() {
        return None;
    }
    let starts: &[StartFact] = match &fact.run {
        Some(run) => &run.starts,
        None => &p.images[fact.image?].starts,
    };
    let loads = |start: &StartFact| {
        let command = &start.command;
        let is_django = command.management_name().is_some()
            || server_of(command).is_some()
            || command.name.as_deref() == Some("celery") && foreground::stays(command);
        is_django && command.runs == Runs::Always && !command.is_condition
    };
    if !starts.iter().any(loads) {
        return None;
    }
    let others = p.services.iter().filter(|other| {
        let is_same = other.image == fact.image && other.deployed(p).group == deployed.group;
        is_same && !std::ptr::eq(*other, fact)
    });
    let others: Vec<&ServiceFact> = others.collect();
    let required = settings.required_env.iter();
    let mut required = required.filter(|it| it.is_certain && !it.is_set);
    required.find_map(|one| {
        let name = one.name.as_str();
        if deployed.env.get(name).is_some() || starts.iter().any(|start| may_set(start, name)) {
            return None;
        }
        let mut given = others.iter().map(|other| other.deployed(p));
        let other = given.find(|other| other.env.get(name).is_some())?;
        Some(Lacking {
            name,
            read: one.span,
            other: &other.name,
        })
    })
}

/// A command that may give the variable to what follows it.
fn may_set(start: &StartFact, name: &str) -> bool {
    let command = &start.command;
    let is_plain = |wrapper: &String| {
        matches!(wrapper.as_str(), "exec" | "sh" | "bash") || wrapper.starts_with("python")
    };
    matches!(
        command.name.as_deref(),
        None | Some("." | "source" | "export" | "eval")
    ) || command.assignments.iter().any(|it| it.name == name)
        || !command.wrappers.iter().all(is_plain)
}
